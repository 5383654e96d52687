//! NAT gateways.
use super::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::{network_interface, route_table, tag};
use crate::engine::clock;
use crate::request::RequestContext;
use vpclab_cloud::nat_gateway::CreateNatGateway;
use vpclab_cloud::{NatGateway, NatGatewayState, Refusal};
use vpclab_wire::{Timestamp, WireError, ec2};

const FILTERS: &[&str] = &["nat-gateway-id", "state", "subnet-id", "tag-key", "tag:", "vpc-id"];

/// `CreateNatGateway`: answers `pending`; it is available, or failed, already.
pub async fn create_nat_gateway(cx: &RequestContext, req: ec2::CreateNatGatewayRequest) -> Result<ec2::CreateNatGatewayResult, WireError> {
    let is_public = match req.connectivity_type.as_deref() {
        None | Some("public") => true,
        Some("private") => false,
        Some(other) => return Err(invalid_value(format!("Value ({other}) for parameter connectivityType is invalid."))),
    };
    let allocation = match &req.allocation_id {
        Some(_) if !is_public => {
            return Err(invalid_combination("The parameter AllocationId cannot be used with a private NAT gateway"));
        }
        None if is_public => return Err(missing("AllocationId")),
        given => given.as_deref().map(parse_id).transpose()?,
    };
    let subnet = req.subnet_id.as_deref().ok_or_else(|| missing("SubnetId"))?;
    let arguments = (subnet, &req.allocation_id, &req.private_ip_address, is_public, &req.tag_specifications);
    let input = CreateNatGateway {
        client_token: route_table::token(req.client_token.as_deref(), &arguments)?,
        subnet: parse_id(subnet)?,
        allocation,
        private_ip: req.private_ip_address.as_deref().map(|text| network_interface::parse_address(text, "privateIpAddress")).transpose()?,
        tags: tag::of_specifications(&req.tag_specifications, "natgateway")?,
    };
    let made = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_nat_gateway(c, input)?;
            Ok(cloud.nat_gateways.get(&id).map(|gateway| show(gateway)))
        })
        .await?;
    let nat_gateway = made.map(|made| ec2::NatGateway {
        state: Some("pending".into()),
        failure_code: None,
        failure_message: None,
        delete_time: None,
        ..made
    });
    Ok(ec2::CreateNatGatewayResult { client_token: req.client_token, nat_gateway })
}

/// `DeleteNatGateway`.
pub async fn delete_nat_gateway(cx: &RequestContext, req: ec2::DeleteNatGatewayRequest) -> Result<ec2::DeleteNatGatewayResult, WireError> {
    let id = parse_id(&req.nat_gateway_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_nat_gateway(c, &id)).await?;
    Ok(ec2::DeleteNatGatewayResult { nat_gateway_id: Some(id.to_string()) })
}

/// `DescribeNatGateways`.
pub async fn describe_nat_gateways(
    cx: &RequestContext,
    req: ec2::DescribeNatGatewaysRequest,
) -> Result<ec2::DescribeNatGatewaysResult, WireError> {
    let filters = Filters::new(&req.filter, FILTERS)?;
    let ids = parse_ids(&req.nat_gateway_ids)?;
    let (cloud, now) = (cx.snapshot(), clock());
    let seen = cloud.nat_gateways.values().filter(|found| found.scope == cx.scope && found.is_shown(now));
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::NatGatewayNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(found, name)));
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let nat_gateways = page.items.into_iter().map(|gateway| show(gateway)).collect();
    Ok(ec2::DescribeNatGatewaysResult { nat_gateways, next_token: page.next_token })
}

fn show(gateway: &NatGateway) -> ec2::NatGateway {
    let public = gateway.address.public.as_ref();
    let (failure, status) = match &gateway.state {
        NatGatewayState::Failed { code, message } => (Some((code, message)), "failed"),
        NatGatewayState::Available | NatGatewayState::Deleted => (None, "succeeded"),
    };
    ec2::NatGateway {
        create_time: Some(Timestamp::from_millis(gateway.created.0)),
        delete_time: gateway.ended.map(|at| Timestamp::from_millis(at.0)),
        failure_code: failure.map(|(code, _)| code.clone()),
        failure_message: failure.map(|(_, message)| message.clone()),
        nat_gateway_addresses: vec![ec2::NatGatewayAddress {
            allocation_id: public.map(|public| public.allocation.to_string()),
            network_interface_id: gateway.address.interface.as_ref().map(ToString::to_string),
            private_ip: gateway.address.private_ip.map(|ip| ip.to_string()),
            public_ip: public.map(|public| public.ip.to_string()),
            association_id: public.and_then(|public| public.association.as_ref()).map(ToString::to_string),
            is_primary: Some(true),
            status: Some(status.into()),
        }],
        nat_gateway_id: Some(gateway.id.to_string()),
        state: Some(gateway.state.name().into()),
        subnet_id: Some(gateway.subnet.to_string()),
        vpc_id: Some(gateway.vpc.to_string()),
        tags: tag::set(&gateway.tags),
        connectivity_type: Some(gateway.connectivity().into()),
    }
}

fn values(gateway: &NatGateway, name: &str) -> Vec<String> {
    match name {
        "nat-gateway-id" => vec![gateway.id.to_string()],
        "state" => vec![gateway.state.name().into()],
        "subnet-id" => vec![gateway.subnet.to_string()],
        "vpc-id" => vec![gateway.vpc.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! Interface VPC endpoints and the services they lead to.
use super::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, chosen, page};
use super::network_interface::{groups, parse_address};
use super::{route_table, tag};
use crate::request::RequestContext;
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::vpc_endpoint::{
    CreateVpcEndpoint, DEFAULT_POLICY, ModifyVpcEndpoint, PolicyChange, check_service, private_dns_by_default,
};
use vpclab_cloud::{Cloud, EndpointState, Refusal, Region, SubnetId, VpcEndpoint, VpcEndpointId};
use vpclab_wire::{Timestamp, WireError, ec2};

pub mod services;

/// What a describe call can be filtered by.
const FILTERS: &[&str] = &[
    "ip-address-type",
    "service-name",
    "service-region",
    "tag:",
    "tag-key",
    "vpc-endpoint-id",
    "vpc-endpoint-state",
    "vpc-endpoint-type",
    "vpc-id",
];

/// `CreateVpcEndpoint`: answers `pending`; the endpoint serves already.
pub async fn create_vpc_endpoint(
    cx: &RequestContext,
    req: ec2::CreateVpcEndpointRequest,
) -> Result<ec2::CreateVpcEndpointResult, WireError> {
    let input = new_endpoint(&cx.scope.region, &req)?;
    let vpc_endpoint = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_vpc_endpoint(c, input)?;
            Ok(cloud.vpc_endpoints.get(&id).map(|endpoint| shown(cloud, endpoint, EndpointState::Pending)))
        })
        .await?;
    Ok(ec2::CreateVpcEndpointResult { vpc_endpoint, client_token: req.client_token })
}

/// What a request for a new endpoint asks of the cloud.
pub(crate) fn new_endpoint(region: &Region, req: &ec2::CreateVpcEndpointRequest) -> Result<CreateVpcEndpoint, WireError> {
    let token = route_table::token(req.client_token.as_deref(), &ec2::CreateVpcEndpointRequest { client_token: None, ..req.clone() })?;
    let vpc = parse_id(&req.vpc_id)?;
    let service_name = req.service_name.clone().ok_or_else(|| missing("ServiceName"))?;
    check_type(req)?;
    check_service(region, &service_name).map_err(|refusal| errors::word(&refusal))?;
    let kind = req.vpc_endpoint_type.as_deref().unwrap_or("Gateway");
    let has_gateway = ["s3", "dynamodb"].iter().any(|service| service_name == format!("com.amazonaws.{region}.{service}"));
    if kind == "Gateway" && has_gateway {
        return Err(errors::word(&Refusal::GatewayEndpointNotBuilt(service_name)));
    }
    if kind != "Interface" {
        return Err(invalid(format!("Endpoint type ({kind}) does not match available service types ([Interface]).")));
    }
    if let Some(text) = &req.policy_document {
        check_enforced(region, &service_name, text)?;
    }
    Ok(CreateVpcEndpoint {
        vpc,
        service_name,
        subnets: subnets(req)?,
        security_groups: parse_ids(&req.security_group_ids)?,
        policy: req.policy_document.as_deref().map(policy).transpose()?,
        private_dns: req.private_dns_enabled.unwrap_or_else(private_dns_by_default),
        client_token: token,
        tags: tag::of_specifications(&req.tag_specifications, "vpc-endpoint")?,
    })
}

/// `ModifyVpcEndpoint`.
pub async fn modify_vpc_endpoint(
    cx: &RequestContext,
    req: ec2::ModifyVpcEndpointRequest,
) -> Result<ec2::ModifyVpcEndpointResult, WireError> {
    let id = parse_id(&req.vpc_endpoint_id)?;
    if !req.add_route_table_ids.is_empty() || !req.remove_route_table_ids.is_empty() {
        return Err(only_gateway());
    }
    let reset = req.reset_policy == Some(true);
    let policy = match req.policy_document.as_deref() {
        Some(_) if reset => return Err(invalid_combination("ResetPolicy and PolicyDocument may not be specified on the same request")),
        Some(text) => {
            let cloud = cx.snapshot();
            // One that is not of this account and region is not there: the change says so.
            if let Some(found) = cloud.vpc_endpoints.get(&id).filter(|found| found.scope == cx.scope) {
                check_enforced(&cx.scope.region, &found.service_name, text)?;
            }
            PolicyChange::Set(policy(text)?)
        }
        None if reset => PolicyChange::Reset,
        None => PolicyChange::Keep,
    };
    let change = ModifyVpcEndpoint {
        add_subnets: parse_ids(&req.add_subnet_ids)?,
        remove_subnets: parse_ids(&req.remove_subnet_ids)?,
        add_groups: parse_ids(&req.add_security_group_ids)?,
        remove_groups: parse_ids(&req.remove_security_group_ids)?,
        policy,
        private_dns: req.private_dns_enabled,
    };
    cx.change(errors::word, |cloud, c| cloud.modify_vpc_endpoint(c, &id, change)).await?;
    Ok(ec2::ModifyVpcEndpointResult { return_: Some(true) })
}

/// `DeleteVpcEndpoints`: each id for itself.
pub async fn delete_vpc_endpoints(
    cx: &RequestContext,
    req: ec2::DeleteVpcEndpointsRequest,
) -> Result<ec2::DeleteVpcEndpointsResult, WireError> {
    let ids: Vec<VpcEndpointId> = parse_ids(&req.vpc_endpoint_ids)?;
    if ids.is_empty() {
        return Err(missing("VpcEndpointId"));
    }
    let ids: BTreeSet<_> = ids.into_iter().collect();
    let refused = cx
        .change(errors::word, |cloud, c| {
            Ok(ids.iter().filter_map(|id| Some((id, cloud.delete_vpc_endpoint(c, id).err()?))).collect::<Vec<_>>())
        })
        .await?;
    let unsuccessful = refused.into_iter().map(|(id, refusal)| {
        let worded = errors::word(&refusal);
        // In this list the code of an unknown endpoint is an older one.
        let code = if matches!(refusal, Refusal::VpcEndpointNotFound(_)) { "InvalidVpcEndpoint.NotFound".into() } else { worded.code };
        ec2::UnsuccessfulItem {
            resource_id: Some(id.to_string()),
            error: Some(ec2::UnsuccessfulItemError { code: Some(code.into_owned()), message: Some(worded.message) }),
        }
    });
    Ok(ec2::DeleteVpcEndpointsResult { unsuccessful: unsuccessful.collect() })
}

/// `DescribeVpcEndpoints`.
pub async fn describe_vpc_endpoints(
    cx: &RequestContext,
    req: ec2::DescribeVpcEndpointsRequest,
) -> Result<ec2::DescribeVpcEndpointsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.vpc_endpoint_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.vpc_endpoints.values().filter(|found| found.scope == cx.scope);
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::VpcEndpointNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(found, name)));
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), 1..=1000)?;
    Ok(ec2::DescribeVpcEndpointsResult {
        vpc_endpoints: page.items.into_iter().map(|endpoint| shown(&cloud, endpoint, endpoint.state)).collect(),
        next_token: page.next_token,
    })
}

/// Parameters that the type of endpoint does not have.
fn check_type(req: &ec2::CreateVpcEndpointRequest) -> Result<(), WireError> {
    let has_subnets = !req.subnet_ids.is_empty() || !req.subnet_configurations.is_empty();
    match req.vpc_endpoint_type.as_deref().unwrap_or("Gateway") {
        "Interface" if !req.route_table_ids.is_empty() => Err(only_gateway()),
        "Gateway" if has_subnets => Err(invalid("Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.")),
        "Gateway" if !req.security_group_ids.is_empty() => {
            Err(invalid("Security group IDs are only supported for Interface type VPC Endpoints."))
        }
        "Gateway" if req.private_dns_enabled == Some(true) => {
            Err(invalid("Private DNS can only be enabled for Interface type VPC Endpoints."))
        }
        "Interface" | "Gateway" | "GatewayLoadBalancer" | "Resource" | "ServiceNetwork" => Ok(()),
        other => Err(invalid_value(format!("Value ({other}) for parameter VpcEndpointType is invalid."))),
    }
}

/// The subnets of a request with the addresses asked for.
fn subnets(req: &ec2::CreateVpcEndpointRequest) -> Result<BTreeMap<SubnetId, Option<std::net::Ipv4Addr>>, WireError> {
    let mut subnets: BTreeMap<SubnetId, _> = parse_ids(&req.subnet_ids)?.into_iter().map(|id| (id, None)).collect();
    for configuration in &req.subnet_configurations {
        let id: SubnetId = parse_id(configuration.subnet_id.as_deref().ok_or_else(|| missing("SubnetConfiguration.SubnetId"))?)?;
        let ip = configuration.ipv4.as_deref().map(|text| parse_address(text, "Ipv4")).transpose()?;
        match subnets.get_mut(&id) {
            Some(pinned) => *pinned = ip,
            None => return Err(invalid(format!("The subnet {id} of a subnet configuration is not among the subnet IDs of the request"))),
        }
    }
    Ok(subnets)
}

/// A policy that EC2 would store, as it was sent.
pub(crate) fn policy(text: &str) -> Result<String, WireError> {
    match vpclab_policy::validate_endpoint_policy(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(why) => Err(errors::word(&Refusal::InvalidPolicyDocument(why.to_string()))),
    }
}

/// Endpoint services that a lab runs: what their endpoints let through is not judged by the endpoint's policy, so it must let everything through.
pub const RUN: &[&str] = &["cloudformation", "ec2", "ecr.api", "lambda", "logs", "s3", "ssm", "sts"];

/// That a policy is one that the endpoint of a service obeys: any of execute-api, and of a service that nobody answers for; full access
/// of the others.
pub(crate) fn check_enforced(region: &Region, service_name: &str, text: &str) -> Result<(), WireError> {
    let judged = service_name.strip_prefix(&format!("com.amazonaws.{region}.")).is_none_or(|service| !RUN.contains(&service));
    let full = || serde_json::from_str(text).is_ok_and(|document: serde_json::Value| is_full_access(&document));
    if judged || full() {
        return Ok(());
    }
    let message = format!(
        "vpclab does not enforce a VPC endpoint policy of '{service_name}' yet, and takes none but full access: \
         Allow, Principal *, Action * and Resource *"
    );
    Err(WireError::new(400, "UnsupportedOperation", message))
}

/// One statement or several, each of which allows everyone everything.
fn is_full_access(document: &serde_json::Value) -> bool {
    let all = |value: &serde_json::Value| match value {
        serde_json::Value::Array(list) => list.iter().any(|one| one == "*"),
        one => one == "*",
    };
    let is_full = |statement: &serde_json::Value| {
        let principal = &statement["Principal"];
        statement["Effect"] == "Allow"
            && (all(principal) || all(&principal["AWS"]))
            && all(&statement["Action"])
            && all(&statement["Resource"])
            && statement.get("Condition").is_none()
    };
    match &document["Statement"] {
        serde_json::Value::Array(list) => !list.is_empty() && list.iter().all(is_full),
        one => is_full(one),
    }
}

fn only_gateway() -> WireError {
    invalid("Route table IDs are only supported for Gateway type VPC Endpoint.")
}

fn invalid(message: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameter", message)
}

fn state(state: EndpointState) -> &'static str {
    match state {
        EndpointState::Pending => "pending",
        EndpointState::Available => "available",
    }
}

/// An endpoint as answers show it.
fn shown(cloud: &Cloud, endpoint: &VpcEndpoint, as_state: EndpointState) -> ec2::VpcEndpoint {
    let groups = groups(cloud, &endpoint.security_groups).into_iter();
    ec2::VpcEndpoint {
        vpc_endpoint_id: Some(endpoint.id.to_string()),
        vpc_endpoint_type: Some("Interface".into()),
        vpc_id: Some(endpoint.vpc.to_string()),
        service_name: Some(endpoint.service_name.clone()),
        state: Some(state(as_state).into()),
        policy_document: Some(endpoint.policy.clone().unwrap_or_else(|| DEFAULT_POLICY.into())),
        subnet_ids: endpoint.interfaces.keys().map(ToString::to_string).collect(),
        groups: groups.map(|group| ec2::SecurityGroupIdentifier { group_id: group.group_id, group_name: group.group_name }).collect(),
        ip_address_type: Some("ipv4".into()),
        dns_options: Some(ec2::DnsOptions { dns_record_ip_type: Some("ipv4".into()), ..Default::default() }),
        private_dns_enabled: Some(endpoint.private_dns_enabled),
        requester_managed: Some(false),
        network_interface_ids: endpoint.interfaces.values().map(ToString::to_string).collect(),
        dns_entries: dns_entries(cloud, endpoint),
        creation_timestamp: Some(Timestamp::from_millis(endpoint.created.0)),
        tags: tag::set(&endpoint.tags),
        owner_id: Some(endpoint.scope.account.to_string()),
        service_region: Some(endpoint.scope.region.to_string()),
        ..Default::default()
    }
}

/// The regional public name, the zonal ones, then the private name and its wildcard. Templates count on the first place.
pub(crate) fn dns_entries(cloud: &Cloud, endpoint: &VpcEndpoint) -> Vec<ec2::DnsEntry> {
    let interfaces = endpoint.interfaces.values().filter_map(|id| cloud.network_interfaces.get(id));
    let zones: BTreeSet<&str> = interfaces.map(|interface| interface.availability_zone.as_str()).collect();
    let public = std::iter::once(endpoint.regional_name()).chain(zones.into_iter().map(|zone| endpoint.zonal_name(zone)));
    let private = endpoint.private_names().into_iter().filter(|_| endpoint.private_dns_enabled);
    let entry = |name, zone| ec2::DnsEntry { dns_name: Some(name), hosted_zone_id: Some(zone) };
    public.map(|name| entry(name, endpoint.public_zone())).chain(private.map(|name| entry(name, endpoint.private_zone()))).collect()
}

/// What an endpoint has for a filter.
fn values(endpoint: &VpcEndpoint, filter: &str) -> Vec<String> {
    let value = match filter {
        "ip-address-type" => "ipv4".into(),
        "service-name" => endpoint.service_name.clone(),
        "service-region" => endpoint.scope.region.to_string(),
        "vpc-endpoint-id" => endpoint.id.to_string(),
        // The API reference writes states with a capital, answers without: either is asked for.
        "vpc-endpoint-state" => {
            let name = state(endpoint.state);
            let (first, rest) = name.split_at(1);
            return vec![name.into(), format!("{}{rest}", first.to_ascii_uppercase())];
        }
        "vpc-endpoint-type" => "Interface".into(),
        "vpc-id" => endpoint.vpc.to_string(),
        _ => return Vec::new(),
    };
    vec![value]
}

#[cfg(test)]
mod tests;

//! Elastic IP addresses.
use super::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use super::filters::Filters;
use super::{network_interface, tag};
use crate::request::RequestContext;
use std::net::Ipv4Addr;
use vpclab_cloud::public_address::{AddressTarget, AssociateAddress};
use vpclab_cloud::{AllocationId, Cloud, NetworkInterface, PublicAddress, Refusal, Scope, zone};
use vpclab_wire::{WireError, ec2};

const FILTERS: &[&str] = &[
    "allocation-id",
    "association-id",
    "domain",
    "instance-id",
    "network-border-group",
    "network-interface-id",
    "network-interface-owner-id",
    "private-ip-address",
    "public-ip",
    "tag-key",
    "tag:",
];

/// The pool whose addresses Amazon owns.
const POOL: &str = "amazon";

/// `AllocateAddress`.
pub async fn allocate_address(cx: &RequestContext, req: ec2::AllocateAddressRequest) -> Result<ec2::AllocateAddressResult, WireError> {
    let tags = tag::of_specifications(&req.tag_specifications, "elastic-ip")?;
    let (id, ip) = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.allocate_address(c, tags)?;
            let ip = cloud.elastic_address(&c.scope, &id)?.ip;
            Ok((id, ip))
        })
        .await?;
    Ok(ec2::AllocateAddressResult {
        allocation_id: Some(id.to_string()),
        public_ipv4_pool: Some(POOL.into()),
        network_border_group: Some(cx.scope.region.to_string()),
        domain: Some("vpc".into()),
        public_ip: Some(ip.to_string()),
    })
}

/// `AssociateAddress`.
pub async fn associate_address(cx: &RequestContext, req: ec2::AssociateAddressRequest) -> Result<ec2::AssociateAddressResult, WireError> {
    let allocation = match (&req.allocation_id, &req.public_ip) {
        (Some(id), None) => parse_id(id)?,
        (None, Some(ip)) => allocation_of(&cx.snapshot(), &cx.scope, ip)?,
        (None, None) => return Err(missing("AllocationId")),
        (Some(_), Some(_)) => return Err(invalid_combination("You may specify public IP or allocation id, but not both in the same call")),
    };
    let target = match (&req.network_interface_id, &req.instance_id) {
        (Some(id), None) => AddressTarget::Interface(parse_id(id)?),
        (None, Some(id)) => AddressTarget::Instance(parse_id(id)?),
        (None, None) => return Err(missing("InstanceId or NetworkInterfaceId")),
        (Some(_), Some(_)) => {
            return Err(invalid_combination("You may specify instance id or network interface id, but not both in the same call"));
        }
    };
    let private_ip =
        req.private_ip_address.as_deref().map(|text| network_interface::parse_address(text, "privateIpAddress")).transpose()?;
    let input = AssociateAddress { allocation, target, private_ip, allow_reassociation: req.allow_reassociation };
    let id = cx.change(errors::word, |cloud, c| cloud.associate_address(c, input)).await?;
    Ok(ec2::AssociateAddressResult { association_id: Some(id.to_string()) })
}

/// `DisassociateAddress`.
pub async fn disassociate_address(cx: &RequestContext, req: ec2::DisassociateAddressRequest) -> Result<(), WireError> {
    let id = match (&req.association_id, &req.public_ip) {
        (Some(id), None) => parse_id(id)?,
        (None, Some(ip)) => {
            let cloud = cx.snapshot();
            let allocation = allocation_of(&cloud, &cx.scope, ip)?;
            let address = cloud.elastic_address(&cx.scope, &allocation).map_err(|refusal| errors::word(&refusal))?;
            // An address without an association is left as it is.
            let Some(at) = &address.association else { return Ok(()) };
            at.id.clone()
        }
        (None, None) => return Err(missing("AssociationId")),
        (Some(_), Some(_)) => {
            return Err(invalid_combination("You may specify public IP or association id, but not both in the same call"));
        }
    };
    cx.change(errors::word, |cloud, c| cloud.disassociate_address(c, &id)).await
}

/// `ReleaseAddress`.
pub async fn release_address(cx: &RequestContext, req: ec2::ReleaseAddressRequest) -> Result<(), WireError> {
    let Some(id) = &req.allocation_id else {
        return Err(match req.public_ip {
            Some(_) => invalid_value("You must specify an allocation id when releasing a VPC elastic IP address"),
            None => missing("AllocationId"),
        });
    };
    let id = parse_id(id)?;
    cx.change(errors::word, |cloud, c| cloud.release_address(c, &id)).await
}

/// `DescribeAddresses`.
pub async fn describe_addresses(
    cx: &RequestContext,
    req: ec2::DescribeAddressesRequest,
) -> Result<ec2::DescribeAddressesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let cloud = cx.snapshot();
    let mut ids: Vec<AllocationId> = parse_ids(&req.allocation_ids)?;
    for id in &ids {
        cloud.elastic_address(&cx.scope, id).map_err(|refusal| errors::word(&refusal))?;
    }
    for ip in &req.public_ips {
        ids.push(allocation_of(&cloud, &cx.scope, ip)?);
    }
    let own = cloud.public_addresses.values().filter(|found| found.scope == cx.scope);
    let chosen = own.filter(|found| found.allocation.as_ref().is_some_and(|id| ids.is_empty() || ids.contains(id)));
    let addresses = chosen.filter(|found| filters.pass(&found.tags, |name| values(&cloud, found, name)));
    Ok(ec2::DescribeAddressesResult { addresses: addresses.map(|address| show(&cloud, address)).collect() })
}

/// The public name of an interface's public address: there is one while both DNS attributes of the VPC are on.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
pub(super) fn public_name(cloud: &Cloud, interface: &NetworkInterface, ip: Ipv4Addr) -> String {
    let named = cloud.vpcs.get(&interface.vpc).is_some_and(|vpc| vpc.private_dns_possible());
    if named { zone::public_dns_name(&interface.scope.region, ip) } else { String::new() }
}

/// Who owns a public address: the account, or `amazon` for a lent one.
pub(super) fn owner(address: &PublicAddress) -> String {
    if address.allocation.is_some() { address.scope.account.to_string() } else { "amazon".into() }
}

fn allocation_of(cloud: &Cloud, scope: &Scope, ip: &str) -> Result<AllocationId, WireError> {
    let parsed = network_interface::parse_address(ip, "publicIp")?;
    let found = cloud.public_addresses.get(&parsed).filter(|found| &found.scope == scope);
    let allocation = found.and_then(|found| found.allocation.clone());
    allocation.ok_or_else(|| errors::word(&Refusal::AddressNotFound(parsed)))
}

fn show(cloud: &Cloud, address: &PublicAddress) -> ec2::Address {
    let at = address.association.as_ref();
    let interface = at.and_then(|at| cloud.network_interfaces.get(&at.interface));
    ec2::Address {
        allocation_id: address.allocation.as_ref().map(ToString::to_string),
        association_id: at.map(|at| at.id.to_string()),
        domain: Some("vpc".into()),
        network_interface_id: at.map(|at| at.interface.to_string()),
        network_interface_owner_id: at.map(|_| address.scope.account.to_string()),
        private_ip_address: at.map(|at| at.private_ip.to_string()),
        tags: tag::set(&address.tags),
        public_ipv4_pool: Some(POOL.into()),
        network_border_group: Some(address.scope.region.to_string()),
        instance_id: interface.and_then(|found| found.attachment.as_ref()).map(|found| found.instance.to_string()),
        public_ip: Some(address.ip.to_string()),
    }
}

fn values(cloud: &Cloud, address: &PublicAddress, name: &str) -> Vec<String> {
    let shown = show(cloud, address);
    let value = match name {
        "allocation-id" => shown.allocation_id,
        "association-id" => shown.association_id,
        "domain" => shown.domain,
        "instance-id" => shown.instance_id,
        "network-border-group" => shown.network_border_group,
        "network-interface-id" => shown.network_interface_id,
        "network-interface-owner-id" => shown.network_interface_owner_id,
        "private-ip-address" => shown.private_ip_address,
        "public-ip" => shown.public_ip,
        _ => None,
    };
    value.into_iter().collect()
}

#[cfg(test)]
mod tests;

//! Network ACLs.
use super::errors::{self, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::{route_table, tag};
use crate::request::RequestContext;
use vpclab_cloud::network_acl::CreateNetworkAcl;
use vpclab_cloud::{Cloud, IpProtocol, NetworkAcl, NetworkAclEntry, NetworkAclId, Refusal, Subnet};
use vpclab_wire::{WireError, ec2};

pub mod entry;

const FILTERS: &[&str] = &[
    "association.association-id",
    "association.network-acl-id",
    "association.subnet-id",
    "default",
    "entry.cidr",
    "entry.egress",
    "entry.icmp.code",
    "entry.icmp.type",
    "entry.port-range.from",
    "entry.port-range.to",
    "entry.protocol",
    "entry.rule-action",
    "entry.rule-number",
    "network-acl-id",
    "owner-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

/// `CreateNetworkAcl`.
pub async fn create_network_acl(cx: &RequestContext, req: ec2::CreateNetworkAclRequest) -> Result<ec2::CreateNetworkAclResult, WireError> {
    let input = CreateNetworkAcl {
        vpc: parse_id(&req.vpc_id)?,
        client_token: route_table::token(req.client_token.as_deref(), &(&req.vpc_id, &req.tag_specifications))?,
        tags: tag::of_specifications(&req.tag_specifications, "network-acl")?,
    };
    let network_acl = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_network_acl(c, input)?;
            Ok(cloud.network_acls.get(&id).map(|acl| show(cloud, acl)))
        })
        .await?;
    Ok(ec2::CreateNetworkAclResult { network_acl, client_token: req.client_token })
}

/// `DeleteNetworkAcl`.
pub async fn delete_network_acl(cx: &RequestContext, req: ec2::DeleteNetworkAclRequest) -> Result<(), WireError> {
    let id = parse_id(&req.network_acl_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_network_acl(c, &id)).await
}

/// `ReplaceNetworkAclAssociation`.
pub async fn replace_network_acl_association(
    cx: &RequestContext,
    req: ec2::ReplaceNetworkAclAssociationRequest,
) -> Result<ec2::ReplaceNetworkAclAssociationResult, WireError> {
    let (association, acl) = (parse_id(&req.association_id)?, parse_id(&req.network_acl_id)?);
    let new = cx.change(errors::word, |cloud, c| cloud.replace_network_acl_association(c, &association, &acl)).await?;
    Ok(ec2::ReplaceNetworkAclAssociationResult { new_association_id: Some(new.to_string()) })
}

/// `DescribeNetworkAcls`.
pub async fn describe_network_acls(
    cx: &RequestContext,
    req: ec2::DescribeNetworkAclsRequest,
) -> Result<ec2::DescribeNetworkAclsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids: Vec<NetworkAclId> = parse_ids(&req.network_acl_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.network_acls.values().filter(|acl| acl.scope == cx.scope);
    let mut found = chosen(seen, |acl| &acl.id, &ids, Refusal::NetworkAclNotFound)?;
    found.retain(|acl| filters.pass(&acl.tags, |name| property(&cloud, acl, name)));
    let page = page(found, |acl| acl.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let network_acls = page.items.into_iter().map(|acl| show(&cloud, acl)).collect();
    Ok(ec2::DescribeNetworkAclsResult { network_acls, next_token: page.next_token })
}

fn subnets<'a>(cloud: &'a Cloud, acl: &'a NetworkAcl) -> impl Iterator<Item = &'a Subnet> {
    cloud.subnets.values().map(AsRef::as_ref).filter(|subnet: &&Subnet| subnet.network_acl == acl.id)
}

/// The entries of an ACL and the closing `*` of each direction, which denies.
fn entries(acl: &NetworkAcl) -> Vec<ec2::NetworkAclEntry> {
    let mut all = Vec::new();
    for egress in [true, false] {
        let mut own: Vec<&NetworkAclEntry> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
        own.sort_by_key(|entry| entry.number);
        all.extend(own.into_iter().map(show_entry));
        all.push(ec2::NetworkAclEntry {
            cidr_block: Some("0.0.0.0/0".into()),
            egress: Some(egress),
            protocol: Some("-1".into()),
            rule_action: Some("deny".into()),
            rule_number: Some(32767),
            ..Default::default()
        });
    }
    all
}

fn show_entry(entry: &NetworkAclEntry) -> ec2::NetworkAclEntry {
    let is_icmp = entry.protocol == IpProtocol::ICMP;
    let ports = entry.ports.map(|ports| (ports.from, ports.to));
    ec2::NetworkAclEntry {
        cidr_block: Some(entry.cidr.to_string()),
        egress: Some(entry.egress),
        icmp_type_code: ports.filter(|_| is_icmp).map(|(kind, code)| ec2::IcmpTypeCode { type_: Some(kind), code: Some(code) }),
        ipv6_cidr_block: None,
        port_range: ports.filter(|_| !is_icmp).map(|(from, to)| ec2::PortRange { from: Some(from), to: Some(to) }),
        protocol: Some(match entry.protocol {
            IpProtocol::All => "-1".to_owned(),
            IpProtocol::Number(number) => number.to_string(),
        }),
        rule_action: Some(if entry.allow { "allow" } else { "deny" }.into()),
        rule_number: Some(entry.number.into()),
    }
}

fn show(cloud: &Cloud, acl: &NetworkAcl) -> ec2::NetworkAcl {
    let associations = subnets(cloud, acl).map(|subnet| ec2::NetworkAclAssociation {
        network_acl_association_id: Some(subnet.network_acl_association.to_string()),
        network_acl_id: Some(acl.id.to_string()),
        subnet_id: Some(subnet.id.to_string()),
    });
    ec2::NetworkAcl {
        associations: associations.collect(),
        entries: entries(acl),
        is_default: Some(acl.is_default),
        network_acl_id: Some(acl.id.to_string()),
        tags: tag::set(&acl.tags),
        vpc_id: Some(acl.vpc.to_string()),
        owner_id: Some(acl.scope.account.to_string()),
    }
}

fn property(cloud: &Cloud, acl: &NetworkAcl, name: &str) -> Vec<String> {
    let of_entries = |of: fn(ec2::NetworkAclEntry) -> Option<String>| entries(acl).into_iter().filter_map(of).collect();
    match name {
        "association.association-id" => subnets(cloud, acl).map(|subnet| subnet.network_acl_association.to_string()).collect(),
        "association.network-acl-id" => subnets(cloud, acl).map(|_| acl.id.to_string()).collect(),
        "association.subnet-id" => subnets(cloud, acl).map(|subnet| subnet.id.to_string()).collect(),
        "default" => vec![acl.is_default.to_string()],
        "entry.cidr" => of_entries(|entry| entry.cidr_block),
        "entry.egress" => of_entries(|entry| entry.egress.map(|egress| egress.to_string())),
        "entry.icmp.code" => of_entries(|entry| entry.icmp_type_code?.code.map(|code| code.to_string())),
        "entry.icmp.type" => of_entries(|entry| entry.icmp_type_code?.type_.map(|kind| kind.to_string())),
        "entry.port-range.from" => of_entries(|entry| entry.port_range?.from.map(|port| port.to_string())),
        "entry.port-range.to" => of_entries(|entry| entry.port_range?.to.map(|port| port.to_string())),
        "entry.protocol" => of_entries(|entry| entry.protocol),
        "entry.rule-action" => of_entries(|entry| entry.rule_action),
        "entry.rule-number" => of_entries(|entry| entry.rule_number.map(|number| number.to_string())),
        "network-acl-id" => vec![acl.id.to_string()],
        "owner-id" => vec![acl.scope.account.to_string()],
        "vpc-id" => vec![acl.vpc.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! Network interfaces.
use super::errors::{self, invalid_value, parse_id, parse_ids};
use super::filters::{Filters, chosen, page};
use super::{address, route_table, tag};
use crate::request::RequestContext;
use std::net::Ipv4Addr;
use vpclab_cloud::network_interface::CreateNetworkInterface;
use vpclab_cloud::{Attachment, Cloud, InterfaceKind, NetworkInterface, Refusal, Region, SecurityGroupId, zone};
use vpclab_wire::{Timestamp, WireError, ec2};

pub mod attribute;

/// What a describe call can be filtered by.
const FILTERS: &[&str] = &[
    "addresses.association.owner-id",
    "addresses.association.public-ip",
    "addresses.primary",
    "addresses.private-ip-address",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-dns-name",
    "association.public-ip",
    "attachment.attach-time",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "mac-address",
    "network-interface-id",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "tag:",
    "tag-key",
    "vpc-id",
];

/// `CreateNetworkInterface`.
pub async fn create_network_interface(
    cx: &RequestContext,
    req: ec2::CreateNetworkInterfaceRequest,
) -> Result<ec2::CreateNetworkInterfaceResult, WireError> {
    let arguments = (&req.subnet_id, &req.description, &req.private_ip_address, &req.groups, &req.tag_specifications);
    let input = CreateNetworkInterface {
        client_token: route_table::token(req.client_token.as_deref(), &arguments)?,
        subnet: parse_id(&req.subnet_id)?,
        private_ip: req.private_ip_address.as_deref().map(|text| parse_address(text, "privateIpAddress")).transpose()?,
        security_groups: parse_ids(&req.groups)?,
        description: description(req.description.unwrap_or_default())?,
        tags: tag::of_specifications(&req.tag_specifications, "network-interface")?,
    };
    let network_interface = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_network_interface(c, input)?;
            Ok(cloud.network_interfaces.get(&id).map(|interface| shown(cloud, interface)))
        })
        .await?;
    // EC2 shows `pending` here, for an interface that is as good as ready.
    let network_interface = network_interface.map(|made| ec2::NetworkInterface { status: Some("pending".into()), ..made });
    Ok(ec2::CreateNetworkInterfaceResult { network_interface, client_token: req.client_token })
}

/// `DeleteNetworkInterface`.
pub async fn delete_network_interface(cx: &RequestContext, req: ec2::DeleteNetworkInterfaceRequest) -> Result<(), WireError> {
    let id = parse_id(&req.network_interface_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_network_interface(c, &id)).await
}

/// `DescribeNetworkInterfaces`.
pub async fn describe_network_interfaces(
    cx: &RequestContext,
    req: ec2::DescribeNetworkInterfacesRequest,
) -> Result<ec2::DescribeNetworkInterfacesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.network_interface_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.network_interfaces.values().filter(|found| found.scope == cx.scope);
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::NetworkInterfaceNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(&cloud, found, name)));
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), 5..=1000)?;
    Ok(ec2::DescribeNetworkInterfacesResult {
        network_interfaces: page.items.into_iter().map(|interface| shown(&cloud, interface)).collect(),
        next_token: page.next_token,
    })
}

/// An IPv4 address of a request.
///
/// # Errors
/// Text that is none.
pub fn parse_address(text: &str, parameter: &str) -> Result<Ipv4Addr, WireError> {
    text.parse().map_err(|_| invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. Invalid IPv4 address.")))
}

/// A description of an interface: at most 255 characters.
///
/// # Errors
/// A longer one.
pub fn description(text: String) -> Result<String, WireError> {
    if text.chars().count() > 255 {
        return Err(invalid_value("Invalid value for parameter description. Its length is limited to 255 characters."));
    }
    Ok(text)
}

/// Security groups as answers name them.
#[must_use]
pub fn groups<'a>(cloud: &Cloud, ids: impl IntoIterator<Item = &'a SecurityGroupId>) -> Vec<ec2::GroupIdentifier> {
    let name = |id: &SecurityGroupId| cloud.security_groups.get(id).map(|group| group.name.clone());
    ids.into_iter().map(|id| ec2::GroupIdentifier { group_id: Some(id.to_string()), group_name: name(id) }).collect()
}

/// The private name of an interface: it has one while both DNS attributes of its VPC are on.
#[must_use]
pub fn private_name(cloud: &Cloud, interface: &NetworkInterface) -> Option<String> {
    let named = cloud.vpcs.get(&interface.vpc).is_some_and(|vpc| vpc.private_dns_possible());
    named.then(|| zone::private_dns_name(&interface.scope.region, interface.private_ip))
}

/// `02:ab:…`
#[must_use]
pub fn mac(interface: &NetworkInterface) -> String {
    interface.mac.map(|byte| format!("{byte:02x}")).join(":")
}

/// The id of a zone, such as `apne2-az1`.
#[must_use]
pub fn zone_id(region: &Region, name: &str) -> Option<String> {
    zone::zones(region).into_iter().find(|zone| zone.name == name).map(|zone| zone.id)
}

fn status(interface: &NetworkInterface) -> &'static str {
    if interface.is_in_use() { "in-use" } else { "available" }
}

fn kind(interface: &NetworkInterface) -> &'static str {
    match interface.kind {
        InterfaceKind::Customer => "interface",
        InterfaceKind::VpcEndpoint(_) => "vpc_endpoint",
        InterfaceKind::NatGateway(_) => "nat_gateway",
        InterfaceKind::Lambda => "lambda",
    }
}

/// An interface as answers show it.
#[must_use]
pub fn shown(cloud: &Cloud, interface: &NetworkInterface) -> ec2::NetworkInterface {
    let private_dns_name = private_name(cloud, interface);
    let association = association(cloud, interface);
    let address = ec2::NetworkInterfacePrivateIpAddress {
        association: association.clone(),
        primary: Some(true),
        private_dns_name: private_dns_name.clone(),
        private_ip_address: Some(interface.private_ip.to_string()),
    };
    ec2::NetworkInterface {
        association,
        attachment: attachment(cloud, interface),
        availability_zone: Some(interface.availability_zone.clone()),
        availability_zone_id: zone_id(&interface.scope.region, &interface.availability_zone),
        description: Some(interface.description.clone()),
        groups: groups(cloud, &interface.security_groups),
        interface_type: Some(kind(interface).into()),
        mac_address: Some(mac(interface)),
        network_interface_id: Some(interface.id.to_string()),
        owner_id: Some(interface.scope.account.to_string()),
        private_dns_name,
        private_ip_address: Some(interface.private_ip.to_string()),
        private_ip_addresses: vec![address],
        requester_id: requester(interface).map(Into::into),
        requester_managed: Some(interface.is_requester_managed()),
        source_dest_check: Some(interface.source_dest_check),
        status: Some(status(interface).into()),
        subnet_id: Some(interface.subnet.to_string()),
        tag_set: tag::set(&interface.tags),
        vpc_id: Some(interface.vpc.to_string()),
        deny_all_igw_traffic: Some(interface.is_requester_managed()),
        ..Default::default()
    }
}

/// Its public address.
fn association(cloud: &Cloud, interface: &NetworkInterface) -> Option<ec2::NetworkInterfaceAssociation> {
    let found = cloud.public_address_of(&interface.id)?;
    Some(ec2::NetworkInterfaceAssociation {
        allocation_id: found.allocation.as_ref().map(ToString::to_string),
        association_id: found.allocation.as_ref().and(found.association.as_ref()).map(|at| at.id.to_string()),
        ip_owner_id: Some(address::owner(found)),
        public_dns_name: Some(address::public_name(cloud, interface, found.ip)),
        public_ip: Some(found.ip.to_string()),
    })
}

/// The service that keeps the interface.
fn requester(interface: &NetworkInterface) -> Option<&'static str> {
    interface.is_requester_managed().then_some("amazon-aws")
}

fn attachment(cloud: &Cloud, interface: &NetworkInterface) -> Option<ec2::NetworkInterfaceAttachment> {
    let attached = |since: i64| ec2::NetworkInterfaceAttachment {
        attach_time: Some(Timestamp::from_millis(since)),
        status: Some("attached".into()),
        network_card_index: Some(0),
        ..Default::default()
    };
    match (&interface.kind, &interface.attachment) {
        (InterfaceKind::NatGateway(gateway), _) => Some(ec2::NetworkInterfaceAttachment {
            attachment_id: Some(interface.id.as_str().replacen("eni-", "ela-attach-", 1)),
            delete_on_termination: Some(false),
            device_index: Some(1),
            instance_owner_id: requester(interface).map(Into::into),
            ..attached(cloud.nat_gateways.get(gateway).map_or(0, |gateway| gateway.created.0))
        }),
        // The endpoint's side of the attachment has the digits of the interface's id.
        (InterfaceKind::VpcEndpoint(endpoint), _) => Some(ec2::NetworkInterfaceAttachment {
            attachment_id: Some(interface.id.as_str().replacen("eni-", "ela-attach-", 1)),
            delete_on_termination: Some(false),
            device_index: Some(1),
            instance_owner_id: requester(interface).map(Into::into),
            ..attached(cloud.vpc_endpoints.get(endpoint).map_or(0, |endpoint| endpoint.created.0))
        }),
        (InterfaceKind::Lambda, _) => Some(ec2::NetworkInterfaceAttachment {
            attachment_id: Some(interface.id.as_str().replacen("eni-", "ela-attach-", 1)),
            delete_on_termination: Some(false),
            device_index: Some(1),
            instance_owner_id: requester(interface).map(Into::into),
            status: Some("attached".into()),
            network_card_index: Some(0),
            ..Default::default()
        }),
        (InterfaceKind::Customer, Some(attachment)) => Some(ec2::NetworkInterfaceAttachment {
            attachment_id: Some(attachment.id.to_string()),
            delete_on_termination: Some(attachment.delete_on_termination),
            device_index: Some(i32::from(attachment.device_index)),
            instance_id: Some(attachment.instance.to_string()),
            instance_owner_id: Some(interface.scope.account.to_string()),
            ..attached(attachment.since.0)
        }),
        (InterfaceKind::Customer, None) => None,
    }
}

/// What an interface has for a filter.
#[must_use]
pub fn values(cloud: &Cloud, interface: &NetworkInterface, filter: &str) -> Vec<String> {
    if let Some(field) = filter.strip_prefix("attachment.") {
        return attachment(cloud, interface).map_or_else(Vec::new, |found| attachment_values(found, interface.attachment.as_ref(), field));
    }
    if let Some(field) = filter.strip_prefix("association.").or_else(|| filter.strip_prefix("addresses.association.")) {
        return association(cloud, interface).map_or_else(Vec::new, |found| association_values(found, field));
    }
    let one = |value: &dyn ToString| vec![value.to_string()];
    match filter {
        "addresses.primary" => one(&true),
        "addresses.private-ip-address" | "private-ip-address" => one(&interface.private_ip),
        "availability-zone" => one(&interface.availability_zone),
        "availability-zone-id" => zone_id(&interface.scope.region, &interface.availability_zone).into_iter().collect(),
        "description" => one(&interface.description),
        "group-id" => interface.security_groups.iter().map(ToString::to_string).collect(),
        "group-name" => groups(cloud, &interface.security_groups).into_iter().filter_map(|group| group.group_name).collect(),
        "interface-type" => one(&kind(interface)),
        "mac-address" => one(&mac(interface)),
        "network-interface-id" => one(&interface.id),
        "owner-id" => one(&interface.scope.account),
        "private-dns-name" => private_name(cloud, interface).into_iter().collect(),
        "requester-id" => requester(interface).map(Into::into).into_iter().collect(),
        "requester-managed" => one(&interface.is_requester_managed()),
        "source-dest-check" => one(&interface.source_dest_check),
        "status" => one(&status(interface)),
        "subnet-id" => one(&interface.subnet),
        "vpc-id" => one(&interface.vpc),
        _ => Vec::new(),
    }
}

fn association_values(found: ec2::NetworkInterfaceAssociation, field: &str) -> Vec<String> {
    let value = match field {
        "allocation-id" => found.allocation_id,
        "association-id" => found.association_id,
        "ip-owner-id" | "owner-id" => found.ip_owner_id,
        "public-dns-name" => found.public_dns_name,
        "public-ip" => found.public_ip,
        _ => None,
    };
    value.into_iter().collect()
}

fn attachment_values(found: ec2::NetworkInterfaceAttachment, attachment: Option<&Attachment>, field: &str) -> Vec<String> {
    let value = match field {
        "attach-time" => found.attach_time.map(|time| time.to_string()),
        "attachment-id" => found.attachment_id,
        "delete-on-termination" => found.delete_on_termination.map(|on| on.to_string()),
        "device-index" => found.device_index.map(|index| index.to_string()),
        "instance-id" => attachment.map(|attachment| attachment.instance.to_string()),
        "instance-owner-id" => found.instance_owner_id,
        "status" => found.status,
        _ => None,
    };
    value.into_iter().collect()
}

#[cfg(test)]
mod tests;

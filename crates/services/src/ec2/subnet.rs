//! Subnets.
use super::errors::{self, invalid_combination, missing, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::tag;
use super::vpc::parse_cidr;
use crate::request::RequestContext;
use vpclab_cloud::subnet::{CreateSubnet, ZoneChoice};
use vpclab_cloud::{Cloud, Refusal, Subnet, SubnetId, zone};
use vpclab_wire::{WireError, ec2};

const FILTERS: &[&str] = &[
    "availability-zone",
    "availability-zone-id",
    "availabilityZone",
    "availabilityZoneId",
    "available-ip-address-count",
    "cidr",
    "cidr-block",
    "cidrBlock",
    "default-for-az",
    "defaultForAz",
    "enable-dns64",
    "ipv6-native",
    "map-customer-owned-ip-on-launch",
    "map-public-ip-on-launch",
    "owner-id",
    "state",
    "subnet-arn",
    "subnet-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

/// `CreateSubnet`.
pub async fn create_subnet(cx: &RequestContext, req: ec2::CreateSubnetRequest) -> Result<ec2::CreateSubnetResult, WireError> {
    let cidr = req.cidr_block.as_deref().ok_or_else(|| missing("cidrBlock"))?;
    let zone = match (req.availability_zone, req.availability_zone_id) {
        (None, None) => None,
        (Some(name), None) => Some(ZoneChoice::Name(name)),
        (None, Some(id)) => Some(ZoneChoice::Id(id)),
        (Some(_), Some(_)) => {
            return Err(invalid_combination("The parameters availabilityZone and availabilityZoneId may not be used together."));
        }
    };
    let input = CreateSubnet {
        vpc: parse_id(&req.vpc_id)?,
        cidr: parse_cidr(cidr)?,
        zone,
        tags: tag::of_specifications(&req.tag_specifications, "subnet")?,
    };
    let subnet = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_subnet(c, input)?;
            let made = cloud.subnets.get(&id).map(|subnet| show(cloud, subnet));
            made.ok_or(Refusal::SubnetNotFound(id))
        })
        .await?;
    Ok(ec2::CreateSubnetResult { subnet: Some(subnet) })
}

/// `DeleteSubnet`.
pub async fn delete_subnet(cx: &RequestContext, req: ec2::DeleteSubnetRequest) -> Result<(), WireError> {
    let id = parse_id(&req.subnet_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_subnet(c, &id)).await
}

/// `ModifySubnetAttribute`.
pub async fn modify_subnet_attribute(cx: &RequestContext, req: ec2::ModifySubnetAttributeRequest) -> Result<(), WireError> {
    let id = parse_id(&req.subnet_id)?;
    let on = req.map_public_ip_on_launch.and_then(|attribute| attribute.value).ok_or_else(|| missing("mapPublicIpOnLaunch"))?;
    cx.change(errors::word, |cloud, c| cloud.modify_subnet_map_public_ip(c, &id, on)).await
}

/// `DescribeSubnets`.
pub async fn describe_subnets(cx: &RequestContext, req: ec2::DescribeSubnetsRequest) -> Result<ec2::DescribeSubnetsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids: Vec<SubnetId> = parse_ids(&req.subnet_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.subnets.values().filter(|subnet| subnet.scope == cx.scope);
    let mut found = chosen(seen, |subnet| &subnet.id, &ids, Refusal::SubnetNotFound)?;
    found.retain(|subnet| filters.pass(&subnet.tags, |name| property(&cloud, subnet, name)));
    let page = page(found, |subnet| subnet.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let subnets = page.items.into_iter().map(|subnet| show(&cloud, subnet)).collect();
    Ok(ec2::DescribeSubnetsResult { next_token: page.next_token, subnets })
}

/// The account-independent id of the zone of that name: `apne2-az1`.
pub(crate) fn zone_id(scope: &vpclab_cloud::Scope, name: &str) -> Option<String> {
    zone::zones(&scope.region).into_iter().find(|zone| zone.name == name).map(|zone| zone.id)
}

fn arn(subnet: &Subnet) -> String {
    format!("arn:aws:ec2:{}:{}:subnet/{}", subnet.scope.region, subnet.scope.account, subnet.id)
}

fn show(cloud: &Cloud, subnet: &Subnet) -> ec2::Subnet {
    ec2::Subnet {
        availability_zone_id: zone_id(&subnet.scope, &subnet.availability_zone),
        map_customer_owned_ip_on_launch: Some(false),
        owner_id: Some(subnet.scope.account.to_string()),
        assign_ipv6_address_on_creation: Some(false),
        ipv6_cidr_block_association_set: Vec::new(),
        tags: tag::set(&subnet.tags),
        subnet_arn: Some(arn(subnet)),
        enable_dns64: Some(false),
        ipv6_native: Some(false),
        private_dns_name_options_on_launch: Some(ec2::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some("ip-name".into()),
            enable_resource_name_dns_a_record: Some(false),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        subnet_id: Some(subnet.id.to_string()),
        state: Some("available".into()),
        vpc_id: Some(subnet.vpc.to_string()),
        cidr_block: Some(subnet.cidr.to_string()),
        available_ip_address_count: i32::try_from(cloud.available_addresses(subnet)).ok(),
        availability_zone: Some(subnet.availability_zone.clone()),
        default_for_az: Some(false),
        map_public_ip_on_launch: Some(subnet.map_public_ip_on_launch),
    }
}

fn property(cloud: &Cloud, subnet: &Subnet, name: &str) -> Vec<String> {
    match name {
        "availability-zone" | "availabilityZone" => vec![subnet.availability_zone.clone()],
        "availability-zone-id" | "availabilityZoneId" => zone_id(&subnet.scope, &subnet.availability_zone).into_iter().collect(),
        "available-ip-address-count" => vec![cloud.available_addresses(subnet).to_string()],
        "cidr" | "cidr-block" | "cidrBlock" => vec![subnet.cidr.to_string()],
        "default-for-az" | "defaultForAz" | "enable-dns64" | "ipv6-native" | "map-customer-owned-ip-on-launch" => vec!["false".into()],
        "map-public-ip-on-launch" => vec![subnet.map_public_ip_on_launch.to_string()],
        "owner-id" => vec![subnet.scope.account.to_string()],
        "state" => vec!["available".into()],
        "subnet-arn" => vec![arn(subnet)],
        "subnet-id" => vec![subnet.id.to_string()],
        "vpc-id" => vec![subnet.vpc.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

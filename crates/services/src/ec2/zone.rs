//! Regions and availability zones.
use super::errors::invalid_value;
use super::filters::Filters;
use crate::request::RequestContext;
use vpclab_cloud::{Tags, zone};
use vpclab_wire::{WireError, ec2};

/// The regions that AWS has opened to every account from the start; the others are to be opted into, which an account of a lab has.
/// Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
const ALWAYS_ON: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// `DescribeAvailabilityZones`. A lab has no local or wavelength zones, so `AllAvailabilityZones` adds none.
pub async fn describe_availability_zones(
    cx: &RequestContext,
    req: ec2::DescribeAvailabilityZonesRequest,
) -> Result<ec2::DescribeAvailabilityZonesResult, WireError> {
    let known = [
        "group-name",
        "message",
        "opt-in-status",
        "parent-zone-id",
        "parent-zone-name",
        "region-name",
        "state",
        "zone-id",
        "zone-name",
        "zone-type",
    ];
    let filters = Filters::new(&req.filters, &known)?;
    let region = &cx.scope.region;
    let zones = zone::zones(region);
    for (asked, is_one) in [
        (&req.zone_names, (|zone, name| zone.name == *name) as fn(&zone::AvailabilityZone, &String) -> bool),
        (&req.zone_ids, |zone, id| zone.id == *id),
    ] {
        if let Some(unknown) = asked.iter().find(|asked| !zones.iter().any(|zone| is_one(zone, asked))) {
            return Err(invalid_value(format!("Invalid availability zone: [{unknown}]")));
        }
    }
    let group = format!("{region}-zg-1");
    let shown = zones.into_iter().filter(|zone| {
        (req.zone_names.is_empty() || req.zone_names.contains(&zone.name))
            && (req.zone_ids.is_empty() || req.zone_ids.contains(&zone.id))
            && filters.pass(&Tags::new(), |name| match name {
                "group-name" => vec![group.clone()],
                "opt-in-status" => vec!["opt-in-not-required".into()],
                "region-name" => vec![region.to_string()],
                "state" => vec!["available".into()],
                "zone-id" => vec![zone.id.clone()],
                "zone-name" => vec![zone.name.clone()],
                "zone-type" => vec!["availability-zone".into()],
                _ => Vec::new(),
            })
    });
    let availability_zones = shown
        .map(|zone| ec2::AvailabilityZone {
            opt_in_status: Some("opt-in-not-required".into()),
            region_name: Some(region.to_string()),
            zone_name: Some(zone.name),
            zone_id: Some(zone.id),
            group_name: Some(group.clone()),
            network_border_group: Some(region.to_string()),
            zone_type: Some("availability-zone".into()),
            state: Some("available".into()),
            ..Default::default()
        })
        .collect();
    Ok(ec2::DescribeAvailabilityZonesResult { availability_zones })
}

/// `DescribeAccountAttributes`: only VPCs, none of them a default one; and the quotas that hold in a lab.
pub async fn describe_account_attributes(
    _: &RequestContext,
    req: ec2::DescribeAccountAttributesRequest,
) -> Result<ec2::DescribeAccountAttributesResult, WireError> {
    let addresses = vpclab_cloud::public_address::MAX_ADDRESSES.to_string();
    let groups = vpclab_cloud::network_interface::MAX_GROUPS.to_string();
    let all = [
        ("supported-platforms", "VPC"),
        ("default-vpc", "none"),
        ("vpc-max-security-groups-per-interface", groups.as_str()),
        ("vpc-max-elastic-ips", addresses.as_str()),
    ];
    if let Some(unknown) = req.attribute_names.iter().find(|asked| !all.iter().any(|(name, _)| name == asked)) {
        return Err(invalid_value(format!("Value ({unknown}) for parameter attributeName is invalid. Unknown account attribute.")));
    }
    let asked = all.iter().filter(|(name, _)| req.attribute_names.is_empty() || req.attribute_names.iter().any(|asked| asked == name));
    let attribute = |(name, value): &(&str, &str)| ec2::AccountAttribute {
        attribute_name: Some((*name).into()),
        attribute_values: vec![ec2::AccountAttributeValue { attribute_value: Some((*value).into()) }],
    };
    Ok(ec2::DescribeAccountAttributesResult { account_attributes: asked.map(attribute).collect() })
}

/// `DescribeRegions`. Every region served is open to every account, so `AllRegions` adds none.
pub async fn describe_regions(_: &RequestContext, req: ec2::DescribeRegionsRequest) -> Result<ec2::DescribeRegionsResult, WireError> {
    let filters = Filters::new(&req.filters, &["endpoint", "opt-in-status", "region-name"])?;
    let all = zone::REGIONS;
    if let Some(unknown) = req.region_names.iter().find(|name| !all.contains(&name.as_str())) {
        return Err(invalid_value(format!("Invalid region name: {unknown}")));
    }
    let mut regions = Vec::new();
    for name in all.iter().filter(|name| req.region_names.is_empty() || req.region_names.iter().any(|asked| asked == *name)) {
        let opt_in = if ALWAYS_ON.contains(name) { "opt-in-not-required" } else { "opted-in" };
        let endpoint = format!("ec2.{name}.amazonaws.com");
        let passes = filters.pass(&Tags::new(), |filter| match filter {
            "endpoint" => vec![endpoint.clone()],
            "opt-in-status" => vec![opt_in.into()],
            "region-name" => vec![(*name).into()],
            _ => Vec::new(),
        });
        if passes {
            regions.push(ec2::Region {
                opt_in_status: Some(opt_in.into()),
                region_name: Some((*name).into()),
                endpoint: Some(endpoint),
                ..Default::default()
            });
        }
    }
    Ok(ec2::DescribeRegionsResult { regions })
}

#[cfg(test)]
mod tests;

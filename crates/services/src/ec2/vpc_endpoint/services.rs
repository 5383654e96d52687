//! The endpoint services of a region.
use super::{Filters, page};
use crate::ec2::errors;
use crate::request::RequestContext;
use vpclab_cloud::vpc_endpoint::{check_service, host_of, private_names, service_id, services};
use vpclab_cloud::{Region, Tags, zone};
use vpclab_wire::{WireError, ec2};

/// What the call can be filtered by.
const FILTERS: &[&str] = &["owner", "service-name", "service-region", "service-type", "supported-ip-address-types", "tag:", "tag-key"];

/// `DescribeVpcEndpointServices`.
pub async fn describe_vpc_endpoint_services(
    cx: &RequestContext,
    req: ec2::DescribeVpcEndpointServicesRequest,
) -> Result<ec2::DescribeVpcEndpointServicesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let region = &cx.scope.region;
    for name in &req.service_names {
        check_service(region, name).map_err(|refusal| errors::word(&refusal))?;
    }
    let here = req.service_regions.is_empty() || req.service_regions.iter().any(|asked| asked == region.as_str());
    let asked = |name: &String| req.service_names.is_empty() || req.service_names.contains(name);
    let there = services(region).into_iter().filter(|name| here && asked(name));
    let found: Vec<_> = there.filter(|service| filters.pass(&Tags::new(), |name| values(region, service, name))).collect();
    let page = page(found, Clone::clone, req.max_results, req.next_token.as_deref(), 1..=1000)?;
    Ok(ec2::DescribeVpcEndpointServicesResult {
        service_details: page.items.iter().map(|service| detail(region, service)).collect(),
        service_names: page.items,
        next_token: page.next_token,
    })
}

fn detail(region: &Region, name: &str) -> ec2::ServiceDetail {
    let service = name.strip_prefix(&format!("com.amazonaws.{region}.")).unwrap_or(name);
    // With a wildcard beside the apex the wildcard is shown.
    let private = private_names(service, region).pop();
    let zones = zone::zones(region);
    ec2::ServiceDetail {
        service_name: Some(name.to_owned()),
        service_id: Some(service_id(name)),
        service_type: vec![ec2::ServiceTypeDetail { service_type: Some("Interface".into()) }],
        service_region: Some(region.to_string()),
        availability_zones: zones.iter().map(|zone| zone.name.clone()).collect(),
        availability_zone_ids: zones.into_iter().map(|zone| zone.id).collect(),
        owner: Some("amazon".into()),
        base_endpoint_dns_names: vec![format!("{}.{region}.vpce.amazonaws.com", host_of(service))],
        private_dns_names: vec![ec2::PrivateDnsDetails { private_dns_name: private.clone() }],
        private_dns_name: private,
        vpc_endpoint_policy_supported: Some(true),
        acceptance_required: Some(false),
        manages_vpc_endpoints: Some(false),
        private_dns_name_verification_state: Some("verified".into()),
        supported_ip_address_types: vec!["ipv4".into()],
        ..Default::default()
    }
}

fn values(region: &Region, service: &str, filter: &str) -> Vec<String> {
    match filter {
        "owner" => vec!["amazon".into()],
        "service-name" => vec![service.to_owned()],
        "service-region" => vec![region.to_string()],
        "service-type" => vec!["Interface".into()],
        "supported-ip-address-types" => vec!["ipv4".into()],
        _ => Vec::new(),
    }
}

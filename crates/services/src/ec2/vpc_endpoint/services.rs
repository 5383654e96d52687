//! The endpoint services of a region: `execute-api`.
use super::{Filters, page};
use crate::ec2::errors;
use crate::request::RequestContext;
use vpclab_cloud::vpc_endpoint::{check_service, execute_api, service_id};
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
    let found: Vec<_> = std::iter::once(region).filter(|region| here && filters.pass(&Tags::new(), |name| values(region, name))).collect();
    let page = page(found, |region| execute_api(region), req.max_results, req.next_token.as_deref(), 1..=1000)?;
    Ok(ec2::DescribeVpcEndpointServicesResult {
        service_names: page.items.iter().map(|region| execute_api(region)).collect(),
        service_details: page.items.iter().map(|region| detail(region)).collect(),
        next_token: page.next_token,
    })
}

fn detail(region: &Region) -> ec2::ServiceDetail {
    let private = format!("*.execute-api.{region}.amazonaws.com");
    let zones = zone::zones(region);
    ec2::ServiceDetail {
        service_name: Some(execute_api(region)),
        service_id: Some(service_id(region)),
        service_type: vec![ec2::ServiceTypeDetail { service_type: Some("Interface".into()) }],
        service_region: Some(region.to_string()),
        availability_zones: zones.iter().map(|zone| zone.name.clone()).collect(),
        availability_zone_ids: zones.into_iter().map(|zone| zone.id).collect(),
        owner: Some("amazon".into()),
        base_endpoint_dns_names: vec![format!("execute-api.{region}.vpce.amazonaws.com")],
        private_dns_name: Some(private.clone()),
        private_dns_names: vec![ec2::PrivateDnsDetails { private_dns_name: Some(private) }],
        vpc_endpoint_policy_supported: Some(true),
        acceptance_required: Some(false),
        manages_vpc_endpoints: Some(false),
        private_dns_name_verification_state: Some("verified".into()),
        supported_ip_address_types: vec!["ipv4".into()],
        ..Default::default()
    }
}

fn values(region: &Region, filter: &str) -> Vec<String> {
    match filter {
        "owner" => vec!["amazon".into()],
        "service-name" => vec![execute_api(region)],
        "service-region" => vec![region.to_string()],
        "service-type" => vec!["Interface".into()],
        "supported-ip-address-types" => vec!["ipv4".into()],
        _ => Vec::new(),
    }
}

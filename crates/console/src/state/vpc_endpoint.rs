//! Interface VPC endpoints.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::{EndpointState, vpc_endpoint::DEFAULT_POLICY};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.vpc_endpoints.values().map(|endpoint| {
        let subnets: Vec<Value> = endpoint
            .interfaces
            .iter()
            .map(|(subnet, interface)| {
                let address = asked.cloud.network_interfaces.get(interface).map(|found| found.private_ip.to_string());
                let zone = asked.cloud.subnets.get(subnet).map(|found| found.availability_zone.as_str());
                json!({"SubnetId": subnet.as_str(), "AvailabilityZone": zone, "NetworkInterfaceId": interface.as_str(), "PrivateIpAddress": address})
            })
            .collect();
        let zonal: Vec<String> = endpoint
            .interfaces
            .keys()
            .filter_map(|subnet| asked.cloud.subnets.get(subnet).map(|found| endpoint.zonal_name(&found.availability_zone)))
            .collect();
        item(&endpoint.scope, &endpoint.tags, json!({
            "VpcEndpointId": endpoint.id.as_str(),
            "VpcId": endpoint.vpc.as_str(),
            "ServiceName": endpoint.service_name,
            "State": match endpoint.state { EndpointState::Pending => "pending", EndpointState::Available => "available" },
            "PrivateDnsEnabled": endpoint.private_dns_enabled,
            "PolicyDocument": endpoint.policy.as_deref().unwrap_or(DEFAULT_POLICY),
            "GroupIds": endpoint.security_groups.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
            "Subnets": subnets,
            "RegionalName": endpoint.regional_name(),
            "ZonalNames": zonal,
            "PrivateNames": if endpoint.private_dns_enabled { endpoint.private_names() } else { Vec::new() },
            "CreationTimestamp": endpoint.created.0,
        }))
    }))
}

//! Network interfaces.
use super::{Asked, Items, item};
use serde_json::json;
use vpclab_cloud::InterfaceKind;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.network_interfaces.values().map(|interface| {
        let (kind, owner) = match &interface.kind {
            InterfaceKind::Customer => ("interface", interface.attachment.as_ref().map(|attachment| attachment.instance.as_str())),
            InterfaceKind::VpcEndpoint(id) => ("vpc_endpoint", Some(id.as_str())),
            InterfaceKind::NatGateway(id) => ("nat_gateway", Some(id.as_str())),
            InterfaceKind::Lambda => ("lambda", None),
        };
        let mac: Vec<String> = interface.mac.iter().map(|byte| format!("{byte:02x}")).collect();
        item(
            &interface.scope,
            &interface.tags,
            json!({
                "NetworkInterfaceId": interface.id.as_str(),
                "VpcId": interface.vpc.as_str(),
                "SubnetId": interface.subnet.as_str(),
                "AvailabilityZone": interface.availability_zone,
                "PrivateIpAddress": interface.private_ip.to_string(),
                "MacAddress": mac.join(":"),
                "GroupIds": interface.security_groups.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
                "InterfaceType": kind,
                "UsedBy": owner,
                "SourceDestCheck": interface.source_dest_check,
                "Description": interface.description,
                "Status": if interface.is_in_use() { "in-use" } else { "available" },
            }),
        )
    }))
}

//! Instances.
use super::{Asked, Items, item};
use serde_json::json;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.instances.values().filter(|instance| instance.is_shown(asked.now)).map(|instance| {
        let interface = instance.interface.as_ref().and_then(|id| asked.cloud.network_interfaces.get(id));
        item(&instance.scope, &instance.tags, json!({
            "InstanceId": instance.id.as_str(),
            "State": instance.state.name(),
            "StateReason": instance.state_reason,
            "InstanceType": instance.instance_type,
            "ImageId": instance.image.as_str(),
            "VpcId": instance.vpc.as_str(),
            "SubnetId": instance.subnet.as_str(),
            "AvailabilityZone": interface.map(|found| found.availability_zone.as_str()),
            "NetworkInterfaceId": instance.interface.as_ref().map(|id| id.as_str()),
            "PrivateIpAddress": interface.map(|found| found.private_ip.to_string()),
            "GroupIds": interface.map(|found| found.security_groups.iter().map(|id| id.as_str()).collect::<Vec<_>>()).unwrap_or_default(),
            "KeyName": instance.key_name,
            "LaunchTime": instance.launched.0,
        }))
    }))
}

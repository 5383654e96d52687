//! Subnets.
use super::{Asked, Items, item};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let mut used: BTreeMap<&str, u64> = BTreeMap::new();
    for interface in asked.cloud.network_interfaces.values() {
        *used.entry(interface.subnet.as_str()).or_default() += 1;
    }
    Box::new(asked.cloud.subnets.values().map(move |subnet| {
        let size = 1_u64 << (32 - u32::from(subnet.cidr.prefix_len()).min(32));
        // The first four addresses and the last are AWS's own.
        let free = size.saturating_sub(5).saturating_sub(used.get(subnet.id.as_str()).copied().unwrap_or(0));
        item(
            &subnet.scope,
            &subnet.tags,
            json!({
                "SubnetId": subnet.id.as_str(),
                "VpcId": subnet.vpc.as_str(),
                "CidrBlock": subnet.cidr.to_string(),
                "AvailabilityZone": subnet.availability_zone,
                "AvailableIpAddressCount": free,
                "MapPublicIpOnLaunch": subnet.map_public_ip_on_launch,
                "NetworkAclId": subnet.network_acl.as_str(),
            }),
        )
    }))
}

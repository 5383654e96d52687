//! Network ACLs with their entries.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::network_acl::NetworkAclEntry;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.network_acls.values().map(|acl| {
        let subnets = asked.cloud.subnets.values().filter(|subnet| subnet.network_acl == acl.id);
        let mut entries: Vec<&NetworkAclEntry> = acl.entries.iter().collect();
        entries.sort_by_key(|entry| (entry.egress, entry.number));
        item(
            &acl.scope,
            &acl.tags,
            json!({
                "NetworkAclId": acl.id.as_str(),
                "VpcId": acl.vpc.as_str(),
                "IsDefault": acl.is_default,
                "SubnetIds": subnets.map(|subnet| subnet.id.as_str()).collect::<Vec<_>>(),
                "Entries": entries.into_iter().map(entry).collect::<Vec<_>>(),
            }),
        )
    }))
}

fn entry(entry: &NetworkAclEntry) -> Value {
    json!({
        "RuleNumber": entry.number,
        "Egress": entry.egress,
        "RuleAction": if entry.allow { "allow" } else { "deny" },
        "Protocol": entry.protocol.name(),
        "CidrBlock": entry.cidr.to_string(),
        "FromPort": entry.ports.map(|ports| ports.from),
        "ToPort": entry.ports.map(|ports| ports.to),
    })
}

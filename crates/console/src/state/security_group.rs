//! Security groups with their rules.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::{Direction, RulePeer, SecurityGroupRule};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.security_groups.values().map(|group| {
        item(
            &group.scope,
            &group.tags,
            json!({
                "GroupId": group.id.as_str(),
                "GroupName": group.name,
                "Description": group.description,
                "VpcId": group.vpc.as_str(),
                "Rules": group.rules.iter().map(rule).collect::<Vec<_>>(),
            }),
        )
    }))
}

fn rule(rule: &SecurityGroupRule) -> Value {
    let peer = match &rule.peer {
        RulePeer::Ipv4(cidr) => json!({"CidrIpv4": cidr.to_string()}),
        RulePeer::Ipv6(cidr) => json!({"CidrIpv6": cidr.to_string()}),
        RulePeer::Group { group, account, peering } => json!({
            "ReferencedGroupId": group.as_str(), "ReferencedOwnerId": account.as_str(), "PeeringId": peering.as_ref().map(|id| id.as_str())}),
    };
    json!({
        "SecurityGroupRuleId": rule.id.as_str(),
        "IsEgress": match rule.direction { Direction::Egress => true, Direction::Ingress => false },
        "IpProtocol": rule.protocol.name(),
        "FromPort": rule.ports.map(|ports| ports.from),
        "ToPort": rule.ports.map(|ports| ports.to),
        "Description": rule.description,
        "Peer": peer,
    })
}

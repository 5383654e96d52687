//! VPC peering connections, seen from both sides.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::PeeringSide;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.peerings.values().map(|peering| {
        item(
            &peering.requester.scope,
            &peering.requester.tags,
            json!({
                "VpcPeeringConnectionId": peering.id.as_str(),
                "Status": peering.status_at(asked.now).code(),
                "RequesterVpcInfo": side(&peering.requester),
                "AccepterVpcInfo": side(&peering.accepter),
                "ExpirationTime": peering.expires.0,
            }),
        )
    }))
}

fn side(side: &PeeringSide) -> Value {
    json!({
        "OwnerId": side.scope.account.as_str(),
        "Region": side.scope.region.as_str(),
        "VpcId": side.vpc.as_str(),
        "CidrBlocks": side.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "AllowDnsResolutionFromRemoteVpc": side.allow_dns_resolution,
        "Tags": side.tags,
    })
}

//! Peering connections as fixes: accept the one that waits, or make a new one with the routes of both sides.
use super::{Ends, route_command};
use crate::Fix;
use ipnet::Ipv4Net;
use serde_json::json;
use vpclab_cloud::{NetworkInterface, Route, RouteTable, VpcId, VpcPeeringConnection};

/// Accepts a request, in the accepter's account and region.
pub(super) fn accept(peering: &VpcPeeringConnection) -> Fix {
    let (id, side) = (&peering.id, &peering.accepter.scope);
    Fix::new(&side.account, format!("accept {id}"))
        .command(format!("aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id {id} --region {}", side.region))
        .property("AWS::EC2::VPCPeeringConnection", id, "PeerRoleArn", json!("a role of the accepter, where it is another account"))
}

impl Ends<'_> {
    /// A new peering connection between the two ends' VPCs, accepted, and the routes both ways. The same fix whichever of the two
    /// routes or hops is asked.
    pub(super) fn new_peering(&self, _from: &VpcId) -> Option<Fix> {
        let cloud = self.cloud();
        let client = self.client.interface()?;
        let destination = self.destination?;
        let (near, far) = (cloud.vpcs.get(&client.vpc)?, cloud.vpcs.get(&destination.vpc)?);
        if near.id == far.id {
            return None;
        }
        let mut create = format!("pcx=$(aws ec2 create-vpc-peering-connection --vpc-id {} --peer-vpc-id {}", near.id, far.id);
        let mut properties = json!({"VpcId": near.id.as_str(), "PeerVpcId": far.id.as_str()});
        let members = properties.as_object_mut()?;
        if near.scope.region != far.scope.region {
            create += &format!(" --peer-region {}", far.scope.region);
            members.insert("PeerRegion".to_owned(), json!(far.scope.region.as_str()));
        }
        let mut in_account = String::new();
        if near.scope.account != far.scope.account {
            create += &format!(" --peer-owner-id {}", far.scope.account);
            members.insert("PeerOwnerId".to_owned(), json!(far.scope.account.as_str()));
            in_account = format!("  # in account {}", far.scope.account);
        }
        create += &format!(" --query VpcPeeringConnection.VpcPeeringConnectionId --output text --region {})", near.scope.region);
        let region = &far.scope.region;
        let mut fix = Fix::new(&near.scope.account, format!("peer {} with {} anew, with the routes of both sides", near.id, far.id))
            .command(create)
            .command(format!(
                "aws ec2 wait vpc-peering-connection-exists --vpc-peering-connection-ids \"$pcx\" --region {region}{in_account}"
            ))
            .command(format!("aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id \"$pcx\" --region {region}{in_account}"))
            .property("AWS::EC2::VPCPeeringConnection", format!("{} {}", near.id, far.id), "", properties);
        for (at, other, note) in [(&**client, destination, ""), (destination, &**client, in_account.as_str())] {
            let table = self.walk.judge.route_table_of(cloud.subnets.get(&at.subnet)?)?;
            let block = replaced(table, other).unwrap_or(cloud.subnets.get(&other.subnet)?.cidr);
            fix = fix.command(format!("{}{note}", route_command(table, block, "\"$pcx\""))).property(
                "AWS::EC2::Route",
                format!("{} {block}", table.id),
                "",
                json!({"RouteTableId": table.id.as_str(), "DestinationCidrBlock": block.to_string(), "VpcPeeringConnectionId": "the new one"}),
            );
        }
        Some(fix)
    }
}

/// The block of the route that takes the packets now, if it is of a peering connection: the new connection takes its place.
fn replaced(table: &RouteTable, to: &NetworkInterface) -> Option<Ipv4Net> {
    let matching = table.routes.iter().filter(|route| route.destination.contains(&to.private_ip));
    let chosen: &Route = matching.max_by_key(|route| route.destination.prefix_len())?;
    matches!(chosen.target, vpclab_cloud::RouteTarget::Peering(_)).then_some(chosen.destination)
}

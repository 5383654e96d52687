//! `AWS::EC2::VPCPeeringConnection`. One to a VPC of the same account is accepted by itself, in whichever region.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcpeeringconnection.html>
use super::{attributes, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::peering::new_peering;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, PeeringStatus, VpcPeeringConnectionId};
use vpclab_wire::ec2;

/// The type.
pub struct Peering;

impl ResourceType for Peering {
    fn served(&self) -> &'static [&'static str] {
        &["PeerOwnerId", "PeerRegion", "PeerRoleArn", "PeerVpcId", "Tags", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let request = ec2::CreateVpcPeeringConnectionRequest {
            vpc_id: properties.required("VpcId")?,
            peer_vpc_id: Some(properties.required("PeerVpcId")?),
            peer_owner_id: properties.text("PeerOwnerId")?,
            peer_region: properties.text("PeerRegion")?,
            ..Default::default()
        };
        let input = vpclab_cloud::peering::CreateVpcPeeringConnection { tags: want.tags()?, ..new_peering(&request).map_err(wire_by_ec2)? };
        let id = cloud.create_vpc_peering_connection(c, input).map_err(by_ec2)?;
        accept(cloud, c, &id, properties.text("PeerRoleArn")?.as_deref())?;
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let id: VpcPeeringConnectionId = physical(is.physical)?;
        // The other side may have ended it.
        if cloud.peerings.get(&id).is_none_or(|peering| peering.status_at(c.now).is_over()) {
            return Ok(());
        }
        cloud.delete_vpc_peering_connection(c, &id).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

/// Accepts the request in the peer's account and region: as its owner, or by the role that the owner of another account gave.
fn accept(cloud: &mut Cloud, c: &mut Context, id: &VpcPeeringConnectionId, role: Option<&str>) -> Result<(), Failure> {
    let Some(peering) = cloud.peerings.get(id).cloned() else { return Ok(()) };
    if peering.status == PeeringStatus::Failed {
        return Err(Failure::new(
            "InvalidRequest",
            "Failed to create. StatusCode: failed. StatusMessage: Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
        ));
    }
    let peer = &peering.accepter.scope;
    if peer.account != c.scope.account {
        let Some(role) = role else {
            let message = format!("PeerRoleArn is required for a VPC of another account ({}): it is the role that accepts", peer.account);
            return Err(Failure::invalid(message));
        };
        let known = cloud.roles.values().any(|one| one.arn() == role && role.split(':').nth(4) == Some(peer.account.as_str()));
        if !known {
            return Err(Failure::new(
                "AccessDenied",
                format!("The role {role} cannot be assumed: the account {} has no such role", peer.account),
            ));
        }
    }
    let own = std::mem::replace(&mut c.scope, peer.clone());
    let accepted = cloud.accept_vpc_peering_connection(c, id).map_err(by_ec2);
    c.scope = own;
    accepted
}

//! Subnets.
use crate::{NetworkAclAssociationId, NetworkAclId, Scope, SubnetId, Tags, VpcId};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// The name of its availability zone.
    pub availability_zone: String,
    /// `MapPublicIpOnLaunch`. Recorded; there is no internet in a lab.
    pub map_public_ip_on_launch: bool,
    /// The network ACL it is associated with.
    pub network_acl: NetworkAclId,
    /// That association's id.
    pub network_acl_association: NetworkAclAssociationId,
    /// Its tags.
    pub tags: Tags,
}

impl Subnet {
    /// The address of the VPC router in the subnet: base + 1.
    #[must_use]
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()).wrapping_add(1))
    }
    /// Whether AWS keeps the address for itself: the first four and the last of the block.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
    #[must_use]
    pub fn is_reserved(&self, ip: Ipv4Addr) -> bool {
        let offset = u32::from(ip).wrapping_sub(u32::from(self.cidr.network()));
        offset < 4 || ip == self.cidr.broadcast()
    }
}

//! The plan: what the kernel has to hold for a [`Cloud`](vpclab_cloud::Cloud), as data.
//!
//! Everything in it is derived from AWS ids, so that the same cloud gives the same plan, and a device name or a rule's comment
//! in `nft list ruleset` leads back to the resource.
mod difference;
mod from_cloud;

pub use difference::{Step, difference};
pub use from_cloud::plan;

use ipnet::Ipv4Net;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};
use vpclab_cloud::{NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcId, VpcPeeringConnectionId};
use vpclab_packet::{AclRule, Gates};

/// MTU inside a VPC and over a peering in one region.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html>
pub const VPC_MTU: u32 = 9001;
/// MTU of inter-region peering and of interface endpoints.
pub const NARROW_MTU: u32 = 8500;

/// What the kernel has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// One router per VPC.
    pub routers: BTreeMap<VpcId, Router>,
    /// The interfaces that have a network namespace.
    pub interfaces: BTreeMap<NetworkInterfaceId, Interface>,
    /// The active peering connections.
    pub peerings: BTreeMap<VpcPeeringConnectionId, Peering>,
}

/// The router of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Router {
    /// The VPC's CIDR blocks.
    pub cidrs: BTreeSet<Ipv4Net>,
    /// Addresses at which the platform answers: the resolver's two and the instance metadata's.
    pub platform: BTreeSet<Ipv4Addr>,
    /// Its subnets.
    pub subnets: BTreeMap<SubnetId, Subnet>,
    /// Its route tables.
    pub route_tables: BTreeMap<RouteTableId, RouteTable>,
    /// Its network ACLs.
    pub network_acls: BTreeMap<NetworkAclId, NetworkAcl>,
    /// Its security groups.
    pub security_groups: BTreeMap<SecurityGroupId, Gates>,
    /// The addresses of every group that a rule here refers to, those of peered VPCs included.
    pub members: BTreeMap<SecurityGroupId, BTreeSet<Ipv4Addr>>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its block.
    pub cidr: Ipv4Net,
    /// The interface group of its interfaces in the router.
    pub group: u32,
    /// The route table that serves it.
    pub route_table: RouteTableId,
    /// The network ACL that serves it.
    pub network_acl: NetworkAclId,
}

impl Subnet {
    /// The router's address in it: base + 1.
    #[must_use]
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.cidr.network()).wrapping_add(1))
    }
}

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Its number in the kernel, also the packet mark that leads to it.
    pub number: u32,
    /// Its routes.
    pub routes: BTreeMap<Ipv4Net, Target>,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Inside the VPC.
    Local,
    /// Over an active peering.
    Peering(VpcPeeringConnectionId),
    /// To an interface that takes packets for others, at its address.
    Interface(NetworkInterfaceId, Ipv4Addr),
    /// Nowhere: its target is gone, not active, or has nothing behind it as a gateway to an internet that a lab does not have.
    Blackhole,
}

/// A network ACL; entries in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkAcl {
    /// Into the subnet.
    pub ingress: Vec<AclRule>,
    /// Out of the subnet.
    pub egress: Vec<AclRule>,
}

/// What an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A running instance's.
    Instance,
    /// An interface endpoint's.
    Endpoint,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// What it is.
    pub kind: Kind,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its MAC address.
    pub mac: [u8; 6],
    /// Its security groups.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether packets from addresses not its own are dropped.
    pub source_dest_check: bool,
    /// Whether its flows are logged.
    pub logged: bool,
}

impl Interface {
    /// Whether the same device serves both. Groups, the source check and the logging live in the packet filter.
    #[must_use]
    pub fn is_same_device(&self, other: &Self) -> bool {
        (&self.vpc, &self.subnet, self.kind, self.address, self.mac) == (&other.vpc, &other.subnet, other.kind, other.address, other.mac)
    }
}

/// An active peering connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The two sides.
    pub sides: [Side; 2],
    /// 9001 in a region, 8500 between regions.
    pub mtu: u32,
}

/// One side of a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The VPC.
    pub vpc: VpcId,
    /// The blocks whose addresses may come from it.
    pub cidrs: BTreeSet<Ipv4Net>,
}

impl Peering {
    /// The other side, seen from a VPC.
    #[must_use]
    pub fn other(&self, vpc: &VpcId) -> Option<&Side> {
        match &self.sides {
            [one, two] if &one.vpc == vpc => Some(two),
            [one, two] if &two.vpc == vpc => Some(one),
            _ => None,
        }
    }
}

/// The router's device for an interface: `e` and the end of its id.
#[must_use]
pub fn interface_device(id: &NetworkInterfaceId) -> String {
    device('e', id.as_str())
}

/// The routers' device for a peering: `p` and the end of its id.
#[must_use]
pub fn peering_device(id: &VpcPeeringConnectionId) -> String {
    device('p', id.as_str())
}

/// Linux allows 15 characters; the last 14 digits of an id tell it apart.
fn device(letter: char, id: &str) -> String {
    let digits = id.rsplit('-').next().unwrap_or_default();
    let kept = digits.get(digits.len().saturating_sub(14)..).unwrap_or(digits);
    format!("{letter}{kept}")
}

/// Numbers for things that AWS names by ids: taken from the id, so that a number stays when neighbours come and go; the next
/// free one on the (rare) clash. The lowest numbers are the kernel's.
pub(crate) fn numbers<'a, I: Ord + AsRef<str> + 'a>(ids: impl Iterator<Item = &'a I>) -> BTreeMap<&'a I, u32> {
    const LOWEST: u32 = 1024;
    let mut taken = BTreeSet::new();
    ids.map(|id| {
        let digits = id.as_ref().rsplit('-').next().unwrap_or_default();
        let kept = digits.get(digits.len().saturating_sub(7)..).unwrap_or(digits);
        let mut number = LOWEST + u32::from_str_radix(kept, 16).unwrap_or(0);
        while !taken.insert(number) {
            number += 1;
        }
        (id, number)
    })
    .collect()
}

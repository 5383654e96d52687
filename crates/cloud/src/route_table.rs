//! Route tables, routes and associations.
use crate::{
    RouteTableAssociationId, RouteTableId, Scope, SubnetId, Tags, VpcId, VpcPeeringConnectionId,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its routes; the `local` ones of the VPC's CIDR blocks come first.
    pub routes: Vec<Route>,
    /// What it is associated with.
    pub associations: Vec<RouteTableAssociation>,
    /// Its tags.
    pub tags: Tags,
}

/// One route; whether it is `active` or a `blackhole` depends on its target's state now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The destination.
    pub destination: Ipv4Net,
    /// Where the packets go.
    pub target: RouteTarget,
    /// `CreateRouteTable` rather than `CreateRoute`.
    pub from_table: bool,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RouteTarget {
    /// Inside the VPC.
    Local,
    /// Through a VPC peering connection.
    Peering(VpcPeeringConnectionId),
}

/// A route table's association with a subnet, or with the VPC as its main table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// Its id.
    pub id: RouteTableAssociationId,
    /// The subnet; `None` says that this is the VPC's main table.
    pub subnet: Option<SubnetId>,
}

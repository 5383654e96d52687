//! Route tables, routes and associations.
use crate::{
    ClientToken, Cloud, Context, InternetGatewayId, NatGatewayId, NetworkInterfaceId, Refusal, RouteTableAssociationId, RouteTableId,
    Scope, Subnet, SubnetId, Tags, Vpc, VpcId, VpcPeeringConnectionId,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod association;
mod target;
#[cfg(test)]
mod tests;

/// The most route tables of a VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_TABLES: usize = 200;
/// The most routes of a table, `local` ones included.
pub const MAX_ROUTES: usize = 500;

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
    /// The idempotency token it was made with.
    #[serde(default)]
    pub client_token: Option<ClientToken>,
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
    /// To an internet gateway: lost, as a lab has no internet.
    InternetGateway(InternetGatewayId),
    /// To a NAT gateway: lost likewise.
    NatGateway(NatGatewayId),
    /// To a network interface, whose instance passes packets on if its source/destination check is off.
    Interface(NetworkInterfaceId),
}

/// A route table's association with a subnet, or with the VPC as its main table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// Its id.
    pub id: RouteTableAssociationId,
    /// The subnet; `None` says that this is the VPC's main table.
    pub subnet: Option<SubnetId>,
}

/// Whether packets that a route matches get anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteState {
    /// `active`
    Active,
    /// `blackhole`: the target is gone or not ready.
    Blackhole,
}

/// What `CreateRouteTable` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRouteTable {
    /// The VPC.
    pub vpc: VpcId,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

impl RouteTable {
    /// A table of a VPC with the `local` routes of its blocks, and no association.
    #[must_use]
    pub(crate) fn of_vpc(id: RouteTableId, vpc: &Vpc) -> Self {
        let local = |cidr| Route { destination: cidr, target: RouteTarget::Local, from_table: true };
        Self {
            id,
            scope: vpc.scope.clone(),
            vpc: vpc.id.clone(),
            routes: vpc.cidrs.iter().map(|block| local(block.cidr)).collect(),
            associations: Vec::new(),
            client_token: None,
            tags: Tags::new(),
        }
    }

    fn at(&self, destination: Ipv4Net) -> Option<usize> {
        self.routes.iter().position(|route| route.destination == destination)
    }
}

impl Cloud {
    /// The table that a subnet's packets follow: the one it is associated with, else the main one.
    #[must_use]
    pub fn route_table_of(&self, subnet: &Subnet) -> Option<&Arc<RouteTable>> {
        let explicit = |table: &&Arc<RouteTable>| table.associations.iter().any(|found| found.subnet.as_ref() == Some(&subnet.id));
        let main = || self.vpcs.get(&subnet.vpc).and_then(|vpc| self.route_tables.get(&vpc.main_route_table));
        self.route_tables.values().find(explicit).or_else(main)
    }

    /// `CreateRouteTable`.
    ///
    /// # Errors
    /// An unknown VPC, too many tables, a token used otherwise.
    pub fn create_route_table(&mut self, cx: &mut Context, input: CreateRouteTable) -> Result<RouteTableId, Refusal> {
        let made = self.route_tables.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        let vpc = self.visible_vpc(&cx.scope, &input.vpc)?;
        if self.route_tables.values().filter(|table| table.vpc == vpc.id).count() >= MAX_TABLES {
            return Err(Refusal::RouteTableLimit(vpc.id.clone()));
        }
        let id = RouteTableId::fresh(&mut cx.ids);
        let table = RouteTable { client_token: input.client_token, tags: input.tags, ..RouteTable::of_vpc(id.clone(), vpc) };
        self.route_tables.insert(id.clone(), Arc::new(table));
        Ok(id)
    }

    /// `DeleteRouteTable`.
    ///
    /// # Errors
    /// An unknown table, the main one, or one that subnets are associated with.
    pub fn delete_route_table(&mut self, cx: &mut Context, id: &RouteTableId) -> Result<(), Refusal> {
        if !self.visible_route_table(&cx.scope, id)?.associations.is_empty() {
            return Err(Refusal::DependencyViolation { resource: format!("routeTable '{id}'") });
        }
        self.route_tables.remove(id);
        Ok(())
    }

    /// `CreateRoute`.
    ///
    /// # Errors
    /// An unknown table or peering, a peering of other VPCs, a destination that is taken or inside the VPC, too many routes.
    pub fn create_route(
        &mut self,
        cx: &mut Context,
        table: &RouteTableId,
        destination: Ipv4Net,
        target: RouteTarget,
    ) -> Result<(), Refusal> {
        let destination = destination.trunc();
        let mut changed = RouteTable::clone(self.visible_route_table(&cx.scope, table)?);
        self.check_target(cx, &changed, destination, &target)?;
        if changed.at(destination).is_some() {
            return Err(Refusal::RouteAlreadyExists(destination));
        }
        if changed.routes.len() >= MAX_ROUTES {
            return Err(Refusal::RouteLimit(table.clone()));
        }
        changed.routes.push(Route { destination, target, from_table: false });
        self.route_tables.insert(table.clone(), Arc::new(changed));
        Ok(())
    }

    /// `ReplaceRoute`.
    ///
    /// # Errors
    /// As [`Cloud::create_route`], and when there is no route of that destination.
    pub fn replace_route(
        &mut self,
        cx: &mut Context,
        table: &RouteTableId,
        destination: Ipv4Net,
        target: RouteTarget,
    ) -> Result<(), Refusal> {
        let destination = destination.trunc();
        let mut changed = RouteTable::clone(self.visible_route_table(&cx.scope, table)?);
        let Some(route) = changed.at(destination).and_then(|at| changed.routes.get_mut(at)) else {
            return Err(Refusal::InvalidParameterValue(format!(
                "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
            )));
        };
        if route.target != target {
            route.target = target.clone();
            route.from_table = false;
            self.check_target(cx, &changed, destination, &target)?;
        }
        self.route_tables.insert(table.clone(), Arc::new(changed));
        Ok(())
    }

    /// `DeleteRoute`.
    ///
    /// # Errors
    /// An unknown table or route, or a `local` route.
    pub fn delete_route(&mut self, cx: &mut Context, table: &RouteTableId, destination: Ipv4Net) -> Result<(), Refusal> {
        let destination = destination.trunc();
        let mut changed = RouteTable::clone(self.visible_route_table(&cx.scope, table)?);
        let Some(at) = changed.at(destination) else {
            return Err(Refusal::RouteNotFound { cidr: destination, table: table.clone() });
        };
        if changed.routes.get(at).is_some_and(|route| route.target == RouteTarget::Local) {
            return Err(Refusal::InvalidParameterValue(format!("cannot remove local route {destination} in route table {table}")));
        }
        changed.routes.remove(at);
        self.route_tables.insert(table.clone(), Arc::new(changed));
        Ok(())
    }
}

//! Route tables and peering connections: longest prefix, both ways, and not beyond the peer.
use super::{Fact, Ruling, Tracer, is_live};
use crate::{Cause, Judge, StepKind};
use ipnet::Ipv4Net;
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{NetworkInterface, PeeringSide, Route, RouteTable, RouteTarget, Timestamp, VpcId, VpcPeeringConnection};

/// Where a route leads.
enum Lead<'a> {
    /// Into the own VPC.
    Local,
    /// Over a peering connection to its other side.
    Peering(&'a Arc<VpcPeeringConnection>),
    /// Not to the address.
    Nowhere(Ruling),
}

impl<'a> Tracer<'a> {
    /// Looks an address up in the table of an interface's subnet and follows the route. The VPC in which the packet then is; for the
    /// reply only whether it comes back matters.
    pub(crate) fn route(&mut self, kind: StepKind, from: &NetworkInterface, to: Ipv4Addr) -> Option<VpcId> {
        let judge = self.judge;
        let subnet = judge.cloud().subnets.get(&from.subnet)?;
        let table = judge.route_table_of(subnet)?;
        let (chosen, passed_over) = look_up(table, to);
        let lead = self.lead(table, chosen.as_ref(), to);
        let ruling = match &lead {
            Lead::Nowhere(ruling) => ruling.clone(),
            Lead::Local | Lead::Peering(_) => Ruling::Pass,
        };
        let is_back = kind == StepKind::ReturnRoute;
        // A reply that a route carries into another network than the client's is lost.
        let ruling = match (&lead, is_back, self.home()) {
            (Lead::Local, true, Some(home)) if home != from.vpc => Ruling::Block(Cause::NoRouteToDestination),
            (Lead::Peering(peering), true, home) if !self.leads_home(peering, &from.vpc, home.as_ref()) => {
                Ruling::Block(Cause::NoRouteToDestination)
            }
            _ => ruling,
        };
        let passes = ruling == Ruling::Pass;
        self.hop(kind, ruling, Fact::Route { table: table.id.clone(), subnet: subnet.id.clone(), to, chosen, passed_over });
        match lead {
            Lead::Local => Some(from.vpc.clone()),
            Lead::Peering(peering) => {
                let (_, peer) = peering.sides(&from.vpc)?;
                // The reply's connection is asked once more only where it is another.
                let was_asked =
                    self.hops.iter().any(|hop| matches!(&hop.fact, Fact::Peering { peering: seen, .. } if seen.id == peering.id));
                match (was_asked, is_back) {
                    (true, _) => {}
                    (false, true) if !passes => {}
                    (false, true) => self.peering(peering, &peer.vpc, &from.vpc),
                    (false, false) => self.peering(peering, &from.vpc, &peer.vpc),
                }
                // A connection that does not carry the address is judged; then the way goes on to where the packet is meant to go.
                let holds = self.judge.cloud().vpcs.get(&peer.vpc).is_some_and(|vpc| vpc.contains(to));
                if holds || is_back { Some(peer.vpc.clone()) } else { self.meant(&from.vpc, to) }
            }
            Lead::Nowhere(_) if is_back => None,
            Lead::Nowhere(_) => {
                let meant = self.meant(&from.vpc, to)?;
                // As if a route led there: by the connection that there is.
                if let Some(peering) = between(self.judge, &from.vpc, &meant, self.flow.now) {
                    self.peering(peering, &from.vpc, &meant);
                }
                Some(meant)
            }
        }
    }

    /// The client's VPC, where it has one.
    fn home(&self) -> Option<VpcId> {
        match self.flow.start {
            super::Start::Interface(client) => Some(client.vpc.clone()),
            super::Start::Peering(_) => None,
        }
    }

    /// Whether a peering connection leads from a VPC to the client.
    fn leads_home(&self, peering: &VpcPeeringConnection, from: &VpcId, home: Option<&VpcId>) -> bool {
        match (self.flow.start, home) {
            (super::Start::Peering(id), _) => id == &peering.id,
            (super::Start::Interface(_), Some(home)) => peering.sides(from).is_some_and(|(_, peer)| &peer.vpc == home),
            (super::Start::Interface(_), None) => false,
        }
    }

    fn lead(&self, table: &RouteTable, chosen: Option<&Route>, to: Ipv4Addr) -> Lead<'a> {
        let cloud = self.judge.cloud();
        let block = |cause| Lead::Nowhere(Ruling::Block(cause));
        let Some(route) = chosen else { return block(Cause::NoRouteToDestination) };
        match &route.target {
            RouteTarget::Local => Lead::Local,
            RouteTarget::Peering(id) => match cloud.peerings.get(id) {
                Some(peering) if peering.sides(&table.vpc).is_some() && !peering.status_at(self.flow.now).is_over() => {
                    Lead::Peering(peering)
                }
                _ => block(Cause::BadStateRoute),
            },
            // Neither leads to a private address; a lab has no internet behind them.
            RouteTarget::InternetGateway(_) | RouteTarget::NatGateway(_) => block(Cause::NoRouteToDestination),
            RouteTarget::Interface(id) => match cloud.network_interfaces.get(id) {
                Some(at) if at.vpc != table.vpc || !is_live(self.judge, at) => block(Cause::BadStateRoute),
                None => block(Cause::BadStateRoute),
                Some(at) if at.source_dest_check => block(Cause::EniSourceDestCheckRestriction),
                Some(at) => Lead::Nowhere(Ruling::Unknown(format!("whether what runs at {} passes packets for {to} on", at.id))),
            },
        }
    }

    /// The VPC that a packet is meant for when no route takes it there: the one that is known to have the address, else this one, else a
    /// peer that has it.
    fn meant(&self, from: &VpcId, to: Ipv4Addr) -> Option<VpcId> {
        let cloud = self.judge.cloud();
        if let Some(known) = self.flow.towards {
            return Some(known.clone());
        }
        let holds = |vpc: &VpcId| cloud.vpcs.get(vpc).is_some_and(|vpc| vpc.contains(to));
        if holds(from) {
            return Some(from.clone());
        }
        let peers = cloud.peerings.values().filter(|peering| !peering.status_at(self.flow.now).is_over());
        let mut peers = peers.filter_map(|peering| peering.sides(from)).map(|(_, peer)| &peer.vpc);
        peers.find(|peer| holds(peer)).cloned()
    }

    /// Asks a peering connection: it is active, and carries packets from the client's VPC's own addresses to the destination's.
    pub(crate) fn peering(&mut self, peering: &Arc<VpcPeeringConnection>, from: &VpcId, to: &VpcId) {
        let status = peering.status_at(self.flow.now);
        let side = |vpc: &VpcId| peering.sides(vpc).map(|(own, _)| self.blocks(vpc, own)).unwrap_or_default();
        let foreign = [(self.flow.source, side(from)), (self.flow.destination, side(to))]
            .into_iter()
            .find(|(address, blocks)| !blocks.iter().any(|block| block.contains(address)));
        let ruling = if !peering.is_active_at(self.flow.now) {
            Ruling::Block(Cause::BadState)
        } else if foreign.is_some() {
            Ruling::Block(Cause::PcxRequiresAddressInVpcCidr)
        } else {
            Ruling::Pass
        };
        let fact = Fact::Peering { peering: Arc::clone(peering), status, vpcs: (from.clone(), to.clone()), foreign };
        self.hop(StepKind::Peering, ruling, fact);
    }

    /// The blocks of one side: those of the VPC now, or what the connection says of a VPC that is not known.
    pub(crate) fn blocks(&self, vpc: &VpcId, side: &PeeringSide) -> Vec<Ipv4Net> {
        match self.judge.cloud().vpcs.get(vpc) {
            Some(vpc) => vpc.cidrs.iter().map(|block| block.cidr).collect(),
            None => side.cidrs.clone(),
        }
    }
}

/// The peering connection between two VPCs that carries their packets, or could: an active one before one that waits.
pub(crate) fn between<'j>(judge: &'j Judge, one: &VpcId, two: &VpcId, now: Timestamp) -> Option<&'j Arc<VpcPeeringConnection>> {
    let links = |peering: &&Arc<VpcPeeringConnection>| peering.sides(one).is_some_and(|(_, peer)| &peer.vpc == two);
    let usable = judge.cloud().peerings.values().filter(links).filter(|peering| !peering.status_at(now).is_over());
    usable.max_by_key(|peering| peering.is_active_at(now))
}

/// The most specific route to an address, and the less specific ones that also match, most specific first.
fn look_up(table: &RouteTable, to: Ipv4Addr) -> (Option<Route>, Vec<Route>) {
    let mut matching: Vec<&Route> = table.routes.iter().filter(|route| route.destination.contains(&to)).collect();
    matching.sort_by_key(|route| std::cmp::Reverse(route.destination.prefix_len()));
    let mut matching = matching.into_iter().cloned();
    (matching.next(), matching.collect())
}

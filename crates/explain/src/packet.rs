//! The packets' whole way, there and back: groups, network ACLs, routes, peering, the interface that has the address, and the reply.
//!
//! [`trace`] follows the first packet of a flow and its reply and says at every hop what rules there and why, as data. A hop that blocks
//! does not end the trace: it goes on to where the packet would go once that is mended. It reads the [`Cloud`](vpclab_cloud::Cloud)
//! and shares with the data plane the meaning of a rule ([`vpclab_packet::Traffic`]) and nothing else.
mod acl;
mod follow;
mod gate;
mod mend;
mod route;

pub(crate) use follow::{Arrived, follow};

use crate::{Cause, Judge, StepKind};
use ipnet::Ipv4Net;
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{
    Direction, InstanceState, InterfaceKind, NetworkAclId, NetworkInterface, PeeringStatus, Route, RouteTableId, SecurityGroupId,
    SecurityGroupRuleId, SubnetId, Timestamp, VpcId, VpcPeeringConnection, VpcPeeringConnectionId,
};
use vpclab_packet::{Header, Span};

/// The ports from which Linux opens connections, and to which replies come.
pub const CLIENT_PORTS: Span = Span { low: 32_768, high: 60_999 };

/// A flow to be traced.
#[derive(Clone, Debug)]
pub struct Flow<'a> {
    /// Where its packets start.
    pub start: Start<'a>,
    /// The address they come from.
    pub source: Ipv4Addr,
    /// The address they go to.
    pub destination: Ipv4Addr,
    /// Protocol and destination port.
    pub header: Header,
    /// The ports from which they may come.
    pub source_ports: Span,
    /// The VPC that has the destination, if that is known beforehand: where the trace goes on when no route leads there.
    pub towards: Option<&'a VpcId>,
    /// When.
    pub now: Timestamp,
}

/// Where packets start.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// At an interface.
    Interface(&'a Arc<NetworkInterface>),
    /// Behind a peering connection.
    Peering(&'a VpcPeeringConnectionId),
}

/// What became of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Every hop, first there, then back.
    pub hops: Vec<Hop>,
    /// The interface that has the destination.
    pub destination: Option<Arc<NetworkInterface>>,
    /// What was traced.
    pub header: Header,
}

impl Trace {
    /// The destination port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.header.number
    }
}

/// What one hop says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Which.
    pub kind: StepKind,
    /// Whether the packet passes.
    pub ruling: Ruling,
    /// What it is, and what decides.
    pub fact: Fact,
}

/// Whether a packet passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It does.
    Pass,
    /// It does not.
    Block(Cause),
    /// It hangs on something that is not known: this.
    Unknown(String),
}

/// What decides at a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The groups of an interface.
    Groups {
        /// The interface.
        interface: Arc<NetworkInterface>,
        /// Out of it or into it.
        direction: Direction,
        /// The other side.
        remote: Ipv4Addr,
        /// The rule that lets the packet pass.
        rule: Option<(SecurityGroupId, SecurityGroupRuleId)>,
    },
    /// The network ACL of a subnet.
    Acl {
        /// The ACL.
        acl: NetworkAclId,
        /// The subnet.
        subnet: SubnetId,
        /// Out of the subnet rather than into it.
        egress: bool,
        /// The other side.
        remote: Ipv4Addr,
        /// The ports it was asked about.
        ports: Span,
        /// The entry that decides for each piece of these ports; 32767 is the closing `*`.
        entries: Vec<(Span, vpclab_packet::AclDecision)>,
    },
    /// A route table.
    Route {
        /// The table.
        table: RouteTableId,
        /// The subnet that it serves.
        subnet: SubnetId,
        /// The address that is looked up.
        to: Ipv4Addr,
        /// The route with the longest prefix.
        chosen: Option<Route>,
        /// Routes that match and are less specific.
        passed_over: Vec<Route>,
    },
    /// A peering connection.
    Peering {
        /// The connection.
        peering: Arc<VpcPeeringConnection>,
        /// Its status.
        status: PeeringStatus,
        /// The VPC that the packet comes from, and the one it goes to.
        vpcs: (VpcId, VpcId),
        /// The address that it does not carry, and the blocks that it carries on that side.
        foreign: Option<(Ipv4Addr, Vec<Ipv4Net>)>,
    },
    /// The interface that has the address.
    Interface {
        /// The address.
        address: Ipv4Addr,
        /// The VPC.
        vpc: Option<VpcId>,
        /// The interface.
        interface: Option<Arc<NetworkInterface>>,
    },
}

/// Follows the first packet of a flow, and its reply.
#[must_use]
pub fn trace(judge: &Judge, flow: &Flow<'_>) -> Trace {
    Tracer { judge, flow, hops: Vec::with_capacity(12) }.run()
}

/// Whether packets can start and end at an interface now: it is an endpoint's, a function's, or a running instance's.
#[must_use]
pub fn is_live(judge: &Judge, interface: &NetworkInterface) -> bool {
    match (&interface.kind, &interface.attachment) {
        (InterfaceKind::VpcEndpoint(_) | InterfaceKind::Lambda, _) => true,
        (InterfaceKind::NatGateway(_), _) | (InterfaceKind::Customer, None) => false,
        (InterfaceKind::Customer, Some(at)) => {
            judge.cloud().instances.get(&at.instance).is_some_and(|instance| instance.state == InstanceState::Running)
        }
    }
}

pub(crate) struct Tracer<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) flow: &'a Flow<'a>,
    pub(crate) hops: Vec<Hop>,
}

impl<'a> Tracer<'a> {
    fn run(mut self) -> Trace {
        let there = match self.flow.start {
            Start::Interface(interface) => self.out_of(interface),
            Start::Peering(id) => self.in_by(id),
        };
        let destination = self.towards_destination(there.as_ref());
        if let Some(destination) = &destination {
            self.back(destination);
        }
        Trace { hops: self.hops, destination, header: self.flow.header }
    }

    pub(crate) fn hop(&mut self, kind: StepKind, ruling: Ruling, fact: Fact) {
        self.hops.push(Hop { kind, ruling, fact });
    }

    /// Whether both ends lie in one subnet of a VPC: network ACLs are not asked.
    fn is_in_one_subnet(&self, subnet: &SubnetId) -> bool {
        let cidr = self.judge.cloud().subnets.get(subnet).map(|subnet| subnet.cidr);
        cidr.is_some_and(|cidr| cidr.contains(&self.flow.source) && cidr.contains(&self.flow.destination))
    }

    /// Out of the client's interface and subnet. The VPC in which the packet then is.
    fn out_of(&mut self, from: &Arc<NetworkInterface>) -> Option<VpcId> {
        let Flow { destination, header, .. } = *self.flow;
        self.groups(StepKind::EgressGroups, from, Direction::Egress, destination, header);
        if !self.is_in_one_subnet(&from.subnet) {
            self.acl(StepKind::AclOut, &from.subnet, true, destination, Span { low: header.number, high: header.number });
        }
        self.route(StepKind::Route, from, destination)
    }

    /// Into a VPC from behind a peering connection.
    fn in_by(&mut self, id: &VpcPeeringConnectionId) -> Option<VpcId> {
        let peering = self.judge.cloud().peerings.get(id)?;
        let sides = [&peering.requester, &peering.accepter];
        let outside = sides.iter().find(|side| self.blocks(&side.vpc, side).iter().any(|block| block.contains(&self.flow.source)));
        let near = |other: &str| sides.iter().find(|side| side.vpc.as_str() != other).map(|side| side.vpc.clone());
        match outside {
            Some(outside) => {
                let to = near(outside.vpc.as_str())?;
                self.peering(peering, &outside.vpc.clone(), &to);
                Some(to)
            }
            // No side has the address: judged as coming from the side that does not have the destination.
            None => {
                let holds = |vpc: &VpcId| self.judge.cloud().vpcs.get(vpc).is_some_and(|vpc| vpc.contains(self.flow.destination));
                let to = sides.iter().map(|side| &side.vpc).find(|vpc| holds(vpc))?.clone();
                let from = near(to.as_str())?;
                self.peering(peering, &from, &to);
                Some(to)
            }
        }
    }

    /// Into the destination's subnet and interface.
    fn towards_destination(&mut self, vpc: Option<&VpcId>) -> Option<Arc<NetworkInterface>> {
        let Flow { source, destination, header, .. } = *self.flow;
        let found = vpc.and_then(|vpc| self.judge.interface_at(vpc, destination)).cloned();
        let Some(interface) = found else {
            let fact = Fact::Interface { address: destination, vpc: vpc.cloned(), interface: None };
            self.hop(StepKind::DestinationInterface, Ruling::Block(Cause::NoSuchAddress), fact);
            return None;
        };
        if !self.is_in_one_subnet(&interface.subnet) {
            self.acl(StepKind::AclIn, &interface.subnet, false, source, Span { low: header.number, high: header.number });
        }
        let ruling = match &interface.kind {
            InterfaceKind::VpcEndpoint(_) if (header.protocol, header.number) != (6, 443) => Ruling::Block(Cause::EndpointPortNotServed),
            _ if !is_live(self.judge, &interface) => Ruling::Block(Cause::NoSuchAddress),
            _ => Ruling::Pass,
        };
        let fact = Fact::Interface { address: destination, vpc: vpc.cloned(), interface: Some(Arc::clone(&interface)) };
        self.hop(StepKind::DestinationInterface, ruling, fact);
        self.groups(StepKind::IngressGroups, &interface, Direction::Ingress, source, header);
        Some(interface)
    }

    /// The reply. Groups let it pass, as the flow is tracked; network ACLs and routes are asked again.
    fn back(&mut self, from: &NetworkInterface) {
        let Flow { source, destination, source_ports, start, .. } = *self.flow;
        let one_subnet = self.is_in_one_subnet(&from.subnet);
        if !one_subnet {
            self.acl(StepKind::ReturnAclOut, &from.subnet, true, source, source_ports);
        }
        self.route(StepKind::ReturnRoute, from, source);
        if let (Start::Interface(client), false) = (start, one_subnet) {
            self.acl(StepKind::ReturnAclIn, &client.subnet, false, destination, source_ports);
        }
    }
}

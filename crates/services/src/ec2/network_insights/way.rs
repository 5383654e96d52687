//! The ends of a path, and how much of a trace its owner is told: what is of the owner's networks, up to the end that was asked for.
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Cloud, IpProtocol, NetworkInterface, NetworkInterfaceId, Scope, VpcId, VpcPeeringConnection, VpcPeeringConnectionId};
use vpclab_explain::packet::{Fact, Hop, Ruling, Trace};
use vpclab_explain::{Cause, StepKind};

/// What a path that names no port is asked with first: the port of endpoints.
pub(super) const FIRST_PORT: u16 = 443;
/// The other ports of such a path are tried one by one where rules begin or end: at most these.
const MOST_PORTS: usize = 256;

/// An end of a path.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// An interface: an instance's, an endpoint's, or itself.
    Interface(Arc<NetworkInterface>),
    /// A peering connection: what comes from behind it, or goes there.
    Peering(VpcPeeringConnectionId),
}

/// What stands at an id; `None` when there is nothing, or nothing with a network. Of an endpoint's interfaces it is the one that has the
/// address, where there is one.
pub(super) fn end(cloud: &Cloud, id: &str, address: Option<Ipv4Addr>) -> Option<End> {
    let found = |id: &NetworkInterfaceId| cloud.network_interfaces.get(id).cloned();
    let prefix = id.rsplit_once('-').map_or("", |(prefix, _)| prefix);
    match prefix {
        "i" => found(cloud.instances.get(id)?.interface.as_ref()?).map(End::Interface),
        "eni" => found(&id.parse().ok()?).map(End::Interface),
        "vpce" => {
            let all: Vec<Arc<NetworkInterface>> = cloud.vpc_endpoints.get(id)?.interfaces.values().filter_map(found).collect();
            let has = all.iter().find(|interface| Some(interface.private_ip) == address);
            has.or(all.first()).cloned().map(End::Interface)
        }
        "pcx" => cloud.peerings.get(id).map(|peering| End::Peering(peering.id.clone())),
        _ => None,
    }
}

/// Whether an address is one that packets to an end may have: behind a peering connection any, of an interface its own.
pub(super) fn has_address(cloud: &Cloud, id: &str, address: Ipv4Addr) -> bool {
    match end(cloud, id, Some(address)) {
        Some(End::Interface(interface)) => interface.private_ip == address,
        Some(End::Peering(_)) => true,
        None => false,
    }
}

/// A trace as a path's owner is told it. It ends at the peering connection, when that is the destination. Where it leads into a network of
/// another, or to something else than the destination, it ends before that, and says that there is no such destination.
pub(super) fn told(cloud: &Cloud, scope: &Scope, to: Option<&End>, address: Ipv4Addr, mut trace: Trace) -> Trace {
    let is_reached = match to {
        Some(End::Peering(wanted)) => {
            let at = trace.hops.iter().position(|hop| matches!(&hop.fact, Fact::Peering { peering, .. } if &peering.id == wanted));
            if let Some(at) = at {
                trace.hops.truncate(at + 1);
                trace.destination = None;
            }
            at.is_some()
        }
        Some(End::Interface(wanted)) => trace.destination.as_ref().is_some_and(|found| found.id == wanted.id),
        None => false,
    };
    let is_arrival = |hop: &Hop| matches!(hop.kind, StepKind::AclIn | StepKind::DestinationInterface);
    let strays = |hop: &Hop| !is_own(cloud, scope, &hop.fact) || (!is_reached && is_arrival(hop));
    let astray = trace.hops.iter().position(strays);
    if astray.is_none() && is_reached {
        return trace;
    }
    let vpc = trace.hops.iter().find_map(|hop| match &hop.fact {
        Fact::Interface { vpc: Some(vpc), .. } if is_vpc_of(cloud, scope, vpc) => Some(vpc.clone()),
        _ => None,
    });
    trace.hops.truncate(astray.unwrap_or(trace.hops.len()));
    trace.hops.push(Hop {
        kind: StepKind::DestinationInterface,
        ruling: Ruling::Block(Cause::NoSuchAddress),
        fact: Fact::Interface { address, vpc, interface: None },
    });
    trace.destination = None;
    trace
}

/// Whether what decides at a hop is of an account and region; a peering connection is of both its sides.
fn is_own(cloud: &Cloud, scope: &Scope, fact: &Fact) -> bool {
    match fact {
        Fact::Groups { interface, .. } => &interface.scope == scope,
        Fact::Acl { subnet, .. } => cloud.subnets.get(subnet).is_some_and(|subnet| &subnet.scope == scope),
        Fact::Route { table, .. } => cloud.route_tables.get(table).is_some_and(|table| &table.scope == scope),
        Fact::Peering { peering, .. } => is_side_of(peering, scope),
        Fact::Interface { interface, vpc, .. } => {
            interface.as_ref().is_none_or(|interface| &interface.scope == scope)
                && vpc.as_ref().is_none_or(|vpc| is_vpc_of(cloud, scope, vpc))
        }
    }
}

fn is_side_of(peering: &VpcPeeringConnection, scope: &Scope) -> bool {
    [&peering.requester, &peering.accepter].iter().any(|side| &side.scope == scope)
}

fn is_vpc_of(cloud: &Cloud, scope: &Scope, vpc: &VpcId) -> bool {
    cloud.vpcs.get(vpc).is_some_and(|vpc| &vpc.scope == scope)
}

/// The ports at which something may change on a way: where the rules of its groups and network ACLs begin, and right behind them.
pub(super) fn candidates(cloud: &Cloud, protocol: u8, way: &Trace) -> Vec<u16> {
    let mut rules = Vec::new();
    for hop in &way.hops {
        match &hop.fact {
            Fact::Groups { interface, .. } => {
                let groups = interface.security_groups.iter().filter_map(|id| cloud.security_groups.get(id));
                rules.extend(groups.flat_map(|group| &group.rules).map(|rule| (rule.protocol, rule.ports)));
            }
            Fact::Acl { acl, .. } => {
                let entries = cloud.network_acls.get(acl).into_iter().flat_map(|acl| &acl.entries);
                rules.extend(entries.map(|entry| (entry.protocol, entry.ports)));
            }
            Fact::Route { .. } | Fact::Peering { .. } | Fact::Interface { .. } => {}
        }
    }
    let named = rules.into_iter().filter(|(of, _)| *of == IpProtocol::Number(protocol)).filter_map(|(_, ports)| ports);
    let edges = named.flat_map(|ports| [ports.from, ports.to.saturating_add(1)]).filter_map(|edge| u16::try_from(edge).ok());
    let mut all: Vec<u16> = edges.filter(|edge| *edge > 0).chain([1, 1024]).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST_PORTS);
    all
}

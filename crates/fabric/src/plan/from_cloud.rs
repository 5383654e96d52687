//! The plan of a cloud.
#[cfg(test)]
mod tests;

use super::{Interface, Kind, NARROW_MTU, NetworkAcl, Peering, Plan, RouteTable, Router, Side, Subnet, Target, VPC_MTU, numbers};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};
use vpclab_cloud::{
    Cloud, Direction, InstanceState, InterfaceKind, NetworkInterface, RouteTarget, RulePeer, SecurityGroup, SecurityGroupId, VpcId,
};
use vpclab_packet::{AclRule, Gates, Peer, Rule, Traffic};

/// The resolver's link-local address, the same in every VPC.
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);

/// What the kernel has to hold for a cloud.
#[must_use]
pub fn plan(cloud: &Cloud) -> Plan {
    let peerings: BTreeMap<_, _> = cloud
        .peerings
        .iter()
        .filter(|(_, peering)| peering.is_active())
        .filter(|(_, peering)| cloud.vpcs.contains_key(&peering.requester.vpc) && cloud.vpcs.contains_key(&peering.accepter.vpc))
        .map(|(id, peering)| {
            let side = |side: &vpclab_cloud::PeeringSide| Side {
                vpc: side.vpc.clone(),
                cidrs: cloud.vpcs.get(&side.vpc).into_iter().flat_map(|vpc| vpc.cidrs.iter().map(|block| block.cidr)).collect(),
            };
            let mtu = if peering.is_inter_region() { NARROW_MTU } else { VPC_MTU };
            (id.clone(), Peering { sides: [side(&peering.requester), side(&peering.accepter)], mtu })
        })
        .collect();
    let mut plan = Plan { peerings, ..Plan::default() };
    for (id, interface) in &cloud.network_interfaces {
        if let Some(kind) = kind(cloud, interface) {
            plan.interfaces.insert(
                id.clone(),
                Interface {
                    vpc: interface.vpc.clone(),
                    subnet: interface.subnet.clone(),
                    kind,
                    address: interface.private_ip,
                    mac: interface.mac,
                    security_groups: interface.security_groups.clone(),
                    source_dest_check: interface.source_dest_check,
                    logged: cloud.flow_logs_on(interface).next().is_some(),
                },
            );
        }
    }
    plan.routers = cloud.vpcs.iter().map(|(id, _)| (id.clone(), Router::default())).collect();
    fill_routers(cloud, &mut plan);
    plan
}

/// Endpoints' and functions' interfaces and those of running instances have a namespace; the address of any other is a black hole.
fn kind(cloud: &Cloud, interface: &NetworkInterface) -> Option<Kind> {
    match (&interface.kind, &interface.attachment) {
        (InterfaceKind::VpcEndpoint(_), _) => Some(Kind::Endpoint),
        // Functions live in it as instances live in theirs.
        (InterfaceKind::Lambda, _) => Some(Kind::Instance),
        (InterfaceKind::NatGateway(_), _) | (InterfaceKind::Customer, None) => None,
        (InterfaceKind::Customer, Some(attachment)) => {
            let instance = cloud.instances.get(&attachment.instance)?;
            (instance.state == InstanceState::Running).then_some(Kind::Instance)
        }
    }
}

fn fill_routers(cloud: &Cloud, plan: &mut Plan) {
    for (id, vpc) in &cloud.vpcs {
        if let Some(router) = plan.routers.get_mut(id) {
            router.cidrs = vpc.cidrs.iter().map(|block| block.cidr).collect();
            router.platform = [vpc.resolver_address(), RESOLVER].into();
        }
    }
    let table_numbers = numbers(cloud.route_tables.keys());
    for (id, table) in &cloud.route_tables {
        let routes = table.routes.iter().map(|route| {
            let target = match &route.target {
                RouteTarget::Local => Target::Local,
                RouteTarget::Peering(peering) if plan.peerings.get(peering).is_some_and(|link| link.other(&table.vpc).is_some()) => {
                    Target::Peering(peering.clone())
                }
                // An interface with the check drops what is not for its own address: all that a route leads to it.
                RouteTarget::Interface(id) => match plan.interfaces.get(id) {
                    Some(at) if at.vpc == table.vpc && !at.source_dest_check => Target::Interface(id.clone(), at.address),
                    _ => Target::Blackhole,
                },
                RouteTarget::Peering(_) | RouteTarget::InternetGateway(_) | RouteTarget::NatGateway(_) => Target::Blackhole,
            };
            (route.destination, target)
        });
        let planned = RouteTable { number: table_numbers.get(id).copied().unwrap_or_default(), routes: routes.collect() };
        if let Some(router) = plan.routers.get_mut(&table.vpc) {
            router.route_tables.insert(id.clone(), planned);
        }
    }
    for (id, acl) in &cloud.network_acls {
        if let Some(router) = plan.routers.get_mut(&acl.vpc) {
            router.network_acls.insert(id.clone(), network_acl(acl));
        }
    }
    let own_tables: BTreeMap<_, _> = cloud
        .route_tables
        .iter()
        .flat_map(|(id, table)| table.associations.iter().filter_map(move |association| Some((association.subnet.as_ref()?, id))))
        .collect();
    let subnet_numbers = numbers(cloud.subnets.keys());
    for (id, subnet) in &cloud.subnets {
        let (Some(vpc), Some(router)) = (cloud.vpcs.get(&subnet.vpc), plan.routers.get_mut(&subnet.vpc)) else { continue };
        let planned = Subnet {
            cidr: subnet.cidr,
            group: subnet_numbers.get(id).copied().unwrap_or_default(),
            route_table: own_tables.get(id).map_or_else(|| vpc.main_route_table.clone(), |table| (*table).clone()),
            network_acl: subnet.network_acl.clone(),
        };
        router.subnets.insert(id.clone(), planned);
    }
    for (id, group) in &cloud.security_groups {
        let members = group.rules.iter().filter_map(|rule| match &rule.peer {
            RulePeer::Group { group: referenced, .. } => Some((referenced.clone(), members(cloud, plan, &group.vpc, referenced))),
            RulePeer::Ipv4(_) | RulePeer::Ipv6(_) => None,
        });
        let members: Vec<_> = members.collect();
        if let Some(router) = plan.routers.get_mut(&group.vpc) {
            router.members.extend(members);
            router.security_groups.insert(id.clone(), gates(group));
        }
    }
}

fn network_acl(acl: &vpclab_cloud::NetworkAcl) -> NetworkAcl {
    let of = |egress: bool| {
        let mut rules: Vec<AclRule> = acl
            .entries
            .iter()
            .filter(|entry| entry.egress == egress)
            .filter_map(|entry| {
                let traffic = Traffic::of(entry.protocol, entry.ports)?;
                Some(AclRule { number: entry.number, allow: entry.allow, cidr: entry.cidr, traffic })
            })
            .collect();
        rules.sort();
        rules
    };
    NetworkAcl { ingress: of(false), egress: of(true) }
}

fn gates(group: &SecurityGroup) -> Gates {
    let of = |direction: Direction| {
        let rules = group.rules.iter().filter(|rule| rule.direction == direction).filter_map(|rule| {
            let peer = match &rule.peer {
                RulePeer::Ipv4(cidr) => Peer::Cidr(cidr.trunc()),
                RulePeer::Ipv6(_) => return None,
                RulePeer::Group { group, .. } => Peer::Group(group.clone()),
            };
            Some(Rule { id: rule.id.clone(), traffic: Traffic::of(rule.protocol, rule.ports)?, peer })
        });
        rules.collect()
    };
    Gates { ingress: of(Direction::Ingress), egress: of(Direction::Egress) }
}

/// The private addresses of the interfaces that carry a group, as a VPC may refer to it: a group of its own, or of a VPC
/// peered in the same region while the peering is active. A stale reference matches nothing.
/// Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
fn members(cloud: &Cloud, plan: &Plan, here: &VpcId, referenced: &SecurityGroupId) -> BTreeSet<Ipv4Addr> {
    let Some(group) = cloud.security_groups.get(referenced) else { return BTreeSet::new() };
    let region = |id: &VpcId| cloud.vpcs.get(id).map(|vpc| &vpc.scope.region);
    let is_peered = || plan.peerings.values().any(|peering| peering.other(here).is_some_and(|other| other.vpc == group.vpc));
    if &group.vpc != here && !(region(here) == region(&group.vpc) && is_peered()) {
        return BTreeSet::new();
    }
    plan.interfaces.values().filter(|interface| interface.security_groups.contains(referenced)).map(|interface| interface.address).collect()
}

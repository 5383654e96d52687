//! Which established flows end with a change.
//!
//! A flow that AWS tracks outlives the removal of its rule; one that it leaves untracked does not. The kernel tracks all, so
//! the entries of the latter are removed. Those of an interface that is gone are removed too: its address may be used again.
use super::router::RouterHost;
use crate::{
    netlink::conntrack,
    plan::{Interface, Kind, Plan},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::Ipv4Addr,
};
use vpclab_cloud::{Direction, SecurityGroupId, VpcId};
use vpclab_packet::{Gates, severed};

pub(super) fn cut(host: &mut RouterHost, vpc: &VpcId, old: &Plan, new: &Plan) -> io::Result<()> {
    let here = |interface: &&Interface| &interface.vpc == vpc;
    let mut gone: BTreeSet<Ipv4Addr> = old.interfaces.values().filter(here).map(|interface| interface.address).collect();
    let shrunk = shrunk_groups(old, new, vpc);
    let mut changed: BTreeMap<Ipv4Addr, (Gates, Gates)> = BTreeMap::new();
    for (id, after) in new.interfaces.iter().filter(|(_, interface)| here(interface)) {
        gone.remove(&after.address);
        let Some(before) = old.interfaces.get(id) else { continue };
        let may_lose = before.security_groups.iter().any(|group| shrunk.contains(group) || !after.security_groups.contains(group));
        if may_lose && after.kind == Kind::Instance {
            changed.insert(after.address, (gates(old, before), gates(new, after)));
        }
    }
    if gone.is_empty() && changed.is_empty() {
        return Ok(());
    }
    let empty = BTreeMap::new();
    let members = new.routers.get(vpc).map_or(&empty, |router| &router.members);
    let is_member = |group: &SecurityGroupId, address: Ipv4Addr| members.get(group).is_some_and(|all| all.contains(&address));
    let endpoints = endpoints(new, vpc);
    let mut flows = conntrack::list(&mut host.netfilter)?;
    flows.retain(|tracked| {
        let flow = tracked.flow;
        let ends = |address, other: Ipv4Addr, direction| {
            changed.get(&address).is_some_and(|(was, is)| !endpoints.contains(&other) && severed(was, is, direction, flow, &is_member))
        };
        gone.contains(&flow.source)
            || gone.contains(&flow.destination)
            || ends(flow.destination, flow.source, Direction::Ingress)
            || ends(flow.source, flow.destination, Direction::Egress)
    });
    conntrack::forget(&mut host.netfilter, &flows)
}

/// The groups that lost a rule. Only through these, and through leaving a group, can an interface lose a permission that an
/// untracked flow had: those rules name 0.0.0.0/0, not the members of a group.
fn shrunk_groups<'a>(old: &'a Plan, new: &Plan, vpc: &VpcId) -> BTreeSet<&'a SecurityGroupId> {
    let after = new.routers.get(vpc).map(|router| &router.security_groups);
    let lost = |was: &Gates, is: &Gates| {
        was.ingress.iter().any(|rule| !is.ingress.contains(rule)) || was.egress.iter().any(|rule| !is.egress.contains(rule))
    };
    let before = old.routers.get(vpc).into_iter().flat_map(|router| &router.security_groups);
    before.filter(|(id, was)| after.and_then(|groups| groups.get(*id)).is_none_or(|is| lost(was, is))).map(|(id, _)| id).collect()
}

/// The rules that hold for an interface.
fn gates(plan: &Plan, interface: &Interface) -> Gates {
    let mut all = Gates::default();
    let groups = plan.routers.get(&interface.vpc).map(|router| &router.security_groups);
    for group in groups.into_iter().flat_map(|groups| interface.security_groups.iter().filter_map(|id| groups.get(id))) {
        all.ingress.extend(group.ingress.iter().cloned());
        all.egress.extend(group.egress.iter().cloned());
    }
    all
}

/// The addresses of the endpoints that a VPC reaches; flows with them are always tracked.
fn endpoints(plan: &Plan, vpc: &VpcId) -> BTreeSet<Ipv4Addr> {
    let reached: BTreeSet<&VpcId> =
        plan.peerings.values().filter_map(|peering| peering.other(vpc)).map(|side| &side.vpc).chain([vpc]).collect();
    let found = plan.interfaces.values().filter(|interface| interface.kind == Kind::Endpoint && reached.contains(&interface.vpc));
    found.map(|interface| interface.address).collect()
}

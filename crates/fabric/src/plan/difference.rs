//! From one plan to another: the steps, in an order that never opens a gate before its rules are there.
#[cfg(test)]
mod tests;

use super::{Interface, Peering, Plan, Router, Target};
use ipnet::Ipv4Net;
use std::{collections::BTreeMap, fmt, net::Ipv4Addr};
use vpclab_cloud::{NetworkInterfaceId, RouteTableId, SubnetId, VpcId, VpcPeeringConnectionId};

/// One change of the kernel's state. Each can be repeated: making what exists replaces it, removing what is gone is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A route goes.
    RemoveRoute {
        /// The router.
        vpc: VpcId,
        /// The kernel's table.
        table: u32,
        /// The destination.
        to: Ipv4Net,
    },
    /// A route table is no longer looked up.
    RemoveTable {
        /// The router.
        vpc: VpcId,
        /// The kernel's table.
        table: u32,
    },
    /// A peering's link goes.
    RemovePeering(VpcPeeringConnectionId, Peering),
    /// An interface and its namespace go.
    RemoveInterface(NetworkInterfaceId, Interface),
    /// An address of the router goes.
    RemoveAddress {
        /// The router.
        vpc: VpcId,
        /// The address.
        address: Ipv4Addr,
    },
    /// A VPC's router goes.
    RemoveRouter(VpcId),
    /// A VPC's router comes.
    AddRouter(VpcId),
    /// The packet filter of a VPC's router becomes what the new plan says.
    Filter(VpcId),
    /// An address of the router comes.
    AddAddress {
        /// The router.
        vpc: VpcId,
        /// The address.
        address: Ipv4Addr,
    },
    /// An interface and its namespace come.
    AddInterface(NetworkInterfaceId, Interface, super::Subnet),
    /// A peering's link comes.
    AddPeering(VpcPeeringConnectionId, Peering),
    /// A route table is looked up for the packets of its subnets.
    AddTable {
        /// The router.
        vpc: VpcId,
        /// The kernel's table.
        table: u32,
    },
    /// A route comes or changes.
    AddRoute {
        /// The router.
        vpc: VpcId,
        /// The kernel's table.
        table: u32,
        /// The destination.
        to: Ipv4Net,
        /// Where it leads.
        target: Target,
    },
    /// Established flows that AWS would not have tracked, and that the new rules do not permit, are cut.
    Cut(VpcId),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemoveRoute { vpc, table, to } => write!(f, "{vpc}: remove route {to} from table {table}"),
            Self::RemoveTable { vpc, table } => write!(f, "{vpc}: remove route table {table}"),
            Self::RemovePeering(id, _) => write!(f, "remove peering {id}"),
            Self::RemoveInterface(id, interface) => write!(f, "{}: remove interface {id}", interface.vpc),
            Self::RemoveAddress { vpc, address } => write!(f, "{vpc}: remove router address {address}"),
            Self::RemoveRouter(vpc) => write!(f, "{vpc}: remove router"),
            Self::AddRouter(vpc) => write!(f, "{vpc}: add router"),
            Self::Filter(vpc) => write!(f, "{vpc}: set packet filter"),
            Self::AddAddress { vpc, address } => write!(f, "{vpc}: add router address {address}"),
            Self::AddInterface(id, interface, _) => write!(f, "{}: add interface {id} {}", interface.vpc, interface.address),
            Self::AddPeering(id, peering) => write!(f, "add peering {id}, mtu {}", peering.mtu),
            Self::AddTable { vpc, table } => write!(f, "{vpc}: add route table {table}"),
            Self::AddRoute { vpc, table, to, target } => write!(f, "{vpc}: add route {to} to table {table}: {target:?}"),
            Self::Cut(vpc) => write!(f, "{vpc}: cut untracked flows"),
        }
    }
}

/// The steps from what is to what shall be.
#[must_use]
pub fn difference(old: &Plan, new: &Plan) -> Vec<Step> {
    let gone_peerings = old.peerings.iter().filter(|(id, peering)| new.peerings.get(*id) != Some(peering));
    let new_peerings = new.peerings.iter().filter(|(id, peering)| old.peerings.get(*id) != Some(peering));
    let empty = Router::default();
    let mut steps = Vec::new();

    for (vpc, router) in &old.routers {
        let after = new.routers.get(vpc);
        let (was, is) = (tables(router), after.map(tables).unwrap_or_default());
        if after.is_some() {
            for (table, routes) in &was {
                let kept = is.get(table);
                let gone = routes.keys().filter(|to| kept.is_none_or(|kept| !kept.contains_key(*to)));
                steps.extend(gone.map(|to| Step::RemoveRoute { vpc: vpc.clone(), table: *table, to: **to }));
                if kept.is_none() {
                    steps.push(Step::RemoveTable { vpc: vpc.clone(), table: *table });
                }
            }
        }
    }
    steps.extend(gone_peerings.map(|(id, peering)| Step::RemovePeering(id.clone(), peering.clone())));
    let gone = old.interfaces.iter().filter(|(id, was)| new.interfaces.get(*id).is_none_or(|is| is_another(was, is, old, new)));
    steps.extend(gone.map(|(id, interface)| Step::RemoveInterface(id.clone(), interface.clone())));
    for (vpc, router) in &old.routers {
        match new.routers.get(vpc) {
            None => steps.push(Step::RemoveRouter(vpc.clone())),
            Some(after) => {
                let kept = addresses(after);
                let gone = addresses(router).into_iter().filter(|address| !kept.contains(address));
                steps.extend(gone.map(|address| Step::RemoveAddress { vpc: vpc.clone(), address }));
            }
        }
    }

    steps.extend(new.routers.keys().filter(|vpc| !old.routers.contains_key(*vpc)).cloned().map(Step::AddRouter));
    let refiltered: Vec<&VpcId> = new.routers.keys().filter(|vpc| filter_input(old, vpc) != filter_input(new, vpc)).collect();
    steps.extend(refiltered.iter().map(|vpc| Step::Filter((*vpc).clone())));
    for (vpc, router) in &new.routers {
        let had = addresses(old.routers.get(vpc).unwrap_or(&empty));
        let come = addresses(router).into_iter().filter(|address| !had.contains(address));
        steps.extend(come.map(|address| Step::AddAddress { vpc: vpc.clone(), address }));
    }
    let come = new.interfaces.iter().filter(|(id, is)| old.interfaces.get(*id).is_none_or(|was| is_another(was, is, old, new)));
    let come: Vec<_> = come.collect();
    steps.extend(come.iter().filter_map(|(id, interface)| {
        let subnet = new.routers.get(&interface.vpc)?.subnets.get(&interface.subnet)?;
        Some(Step::AddInterface((*id).clone(), (*interface).clone(), subnet.clone()))
    }));
    let mut relinked: Vec<&VpcPeeringConnectionId> = Vec::new();
    for (id, peering) in new_peerings {
        relinked.push(id);
        steps.push(Step::AddPeering(id.clone(), peering.clone()));
    }
    for (vpc, router) in &new.routers {
        let was = tables(old.routers.get(vpc).unwrap_or(&empty));
        for (table, routes) in tables(router) {
            let before = was.get(&table);
            for (to, target) in routes {
                // The kernel drops a device's routes with the device, also when it comes back in the same plan.
                let lost = match target {
                    Target::Peering(id) => relinked.contains(&id),
                    Target::Interface(id, _) => come.iter().any(|(new, _)| *new == id),
                    Target::Local | Target::Blackhole => false,
                };
                if lost || before.and_then(|before| before.get(to)) != Some(&target) {
                    steps.push(Step::AddRoute { vpc: vpc.clone(), table, to: *to, target: target.clone() });
                }
            }
            if before.is_none() {
                steps.push(Step::AddTable { vpc: vpc.clone(), table });
            }
        }
    }
    steps.extend(refiltered.into_iter().filter(|vpc| old.routers.contains_key(*vpc)).cloned().map(Step::Cut));
    steps
}

fn tables(router: &Router) -> BTreeMap<u32, BTreeMap<&Ipv4Net, &Target>> {
    router.route_tables.values().map(|table| (table.number, table.routes.iter().collect())).collect()
}

fn addresses(router: &Router) -> std::collections::BTreeSet<Ipv4Addr> {
    router.subnets.values().map(super::Subnet::gateway).chain(router.platform.iter().copied()).collect()
}

/// Whether the device has to be made anew.
fn is_another(was: &Interface, is: &Interface, old: &Plan, new: &Plan) -> bool {
    let place = |plan: &Plan, interface: &Interface| {
        let subnet = plan.routers.get(&interface.vpc).and_then(|router| router.subnets.get(&interface.subnet));
        subnet.map(|subnet| (subnet.cidr, subnet.group))
    };
    !was.is_same_device(is) || place(old, was) != place(new, is)
}

/// What of a router the packet filter depends on; routes are not of it.
fn filter_input<'a>(plan: &'a Plan, vpc: &VpcId) -> impl PartialEq + use<'a> {
    let router = plan.routers.get(vpc).map(|router| {
        let number = |id: &RouteTableId| router.route_tables.get(id).map(|table| table.number);
        let subnets: BTreeMap<&SubnetId, _> = router
            .subnets
            .iter()
            .map(|(id, subnet)| (id, (subnet.cidr, subnet.group, number(&subnet.route_table), &subnet.network_acl)))
            .collect();
        (subnets, &router.platform, &router.network_acls, &router.security_groups, &router.members)
    });
    let interfaces: Vec<_> = plan.interfaces.iter().filter(|(_, interface)| &interface.vpc == vpc).collect();
    let peerings: Vec<_> = plan.peerings.iter().filter_map(|(id, peering)| Some((id, peering.other(vpc)?))).collect();
    (router, interfaces, peerings)
}

//! Which sources nothing tells apart.
//!
//! Two sources of a subnet with the same groups differ to the rules of the network and to policies only by their address, and to those
//! only where some CIDR holds one of them and not the other.
use super::Place;
use crate::{Judge, Source};
use ipnet::Ipv4Net;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use vpclab_cloud::{InstanceState, InterfaceKind, NetworkInterface, RulePeer, SubnetId};
use vpclab_policy::parse_json;

/// What is known of all CIDRs of a snapshot.
pub(crate) struct Classes {
    nets: BTreeSet<Ipv4Net>,
    /// A policy looks at addresses otherwise than by CIDR: each address is its own class.
    by_address: bool,
}

/// What tells sources apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    place: Place,
    is_function: bool,
    state: Option<u8>,
    checks_source: bool,
    nets: Vec<Ipv4Net>,
    /// The same of a function's other interfaces.
    others: Vec<(Place, Vec<Ipv4Net>)>,
    alone: Option<String>,
}

impl Classes {
    pub(crate) fn of(judge: &Judge) -> Self {
        let cloud = judge.cloud();
        let mut found = Self { nets: BTreeSet::new(), by_address: false };
        for group in cloud.security_groups.values() {
            found.nets.extend(group.rules.iter().filter_map(|rule| match rule.peer {
                RulePeer::Ipv4(net) => Some(net),
                _ => None,
            }));
        }
        found.nets.extend(cloud.network_acls.values().flat_map(|acl| acl.entries.iter().map(|entry| entry.cidr)));
        found.nets.extend(cloud.route_tables.values().flat_map(|table| table.routes.iter().map(|route| route.destination)));
        found.nets.extend(judge.unknowns().destinations());
        for endpoint in cloud.vpc_endpoints.values() {
            found.read(endpoint.policy.as_deref());
        }
        // Deployments that a stage serves, and what would be deployed next.
        for api in cloud.rest_apis.values() {
            found.read(api.settings.policy.as_deref());
            for stage in cloud.stages_of(&api.id) {
                let served = cloud.deployments.get(&(api.id.clone(), stage.deployment.clone()));
                let policy = served.and_then(|served| served.snapshot.settings.policy.as_deref());
                if policy != api.settings.policy.as_deref() {
                    found.read(policy);
                }
            }
        }
        found
    }

    /// The CIDRs that a policy names.
    fn read(&mut self, policy: Option<&str>) {
        let Some(document) = policy.and_then(|text| parse_json(text).ok()) else { return };
        let statements = match document.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        let conditions = statements.into_iter().filter_map(|statement| statement.get("Condition")?.as_object());
        for (operator, keys) in conditions.flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                self.by_address |= values.to_string().to_ascii_lowercase().contains("${aws:vpcsourceip");
                if !key.eq_ignore_ascii_case("aws:VpcSourceIp") {
                    continue;
                }
                if !operator.contains("IpAddress") {
                    self.by_address |= operator != "Null";
                    continue;
                }
                let values = match values {
                    Value::Array(list) => list.iter().collect(),
                    one => vec![one],
                };
                let net = |text: &str| text.parse::<Ipv4Net>().ok().or_else(|| text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from));
                self.nets.extend(values.into_iter().filter_map(|value| net(value.as_str()?)));
            }
        }
        // In a resource, a variable may stand too.
        self.by_address |= policy.is_some_and(|text| text.to_ascii_lowercase().contains("${aws:vpcsourceip"));
    }

    /// Sources by what tells them apart, each with its place.
    pub(super) fn groups(&self, judge: &Judge, sources: &[Source]) -> Vec<(Place, Vec<Source>)> {
        let mut inside: BTreeMap<SubnetId, Vec<Ipv4Net>> = BTreeMap::new();
        let mut groups: BTreeMap<Class, Vec<Source>> = BTreeMap::new();
        for source in sources {
            let (Some(place), Some(interface)) = (judge.place(source), judge.interface_of(source)) else { continue };
            let mut nets = |of: &NetworkInterface| -> Vec<Ipv4Net> {
                let all = inside.entry(of.subnet.clone()).or_insert_with(|| self.inside(judge, &of.subnet));
                all.iter().copied().filter(|net| net.contains(&of.private_ip)).collect()
            };
            let own = nets(&interface);
            let others = crate::client::others(judge.cloud(), source);
            let others = others.iter().filter_map(|id| judge.cloud().network_interfaces.get(id));
            let others = others.map(|other| (Place::of(other), nets(other))).collect();
            let class = Class { nets: own, others, ..self.class(judge, source, place, &interface) };
            groups.entry(class).or_default().push(source.clone());
        }
        groups.into_iter().map(|(class, sources)| (class.place, sources)).collect()
    }

    /// Sources in groups that nothing tells apart; those outside of the snapshot's networks each by itself.
    pub(crate) fn of_all(&self, judge: &Judge, sources: &[Source]) -> Vec<Vec<Source>> {
        let (known, others): (Vec<_>, Vec<_>) = sources.iter().cloned().partition(|source| judge.interface_of(source).is_some());
        let groups = self.groups(judge, &known).into_iter().map(|(_, sources)| sources);
        groups.chain(others.into_iter().map(|source| vec![source])).collect()
    }

    /// The CIDRs that hold a part of a subnet.
    fn inside(&self, judge: &Judge, subnet: &SubnetId) -> Vec<Ipv4Net> {
        let Some(block) = judge.cloud().subnets.get(subnet).map(|subnet| subnet.cidr) else { return Vec::new() };
        self.nets.iter().copied().filter(|net| net.prefix_len() > block.prefix_len() && block.contains(&net.network())).collect()
    }

    /// What tells a source apart beside the CIDRs that hold its addresses.
    fn class(&self, judge: &Judge, source: &Source, place: Place, interface: &NetworkInterface) -> Class {
        let id = match source {
            Source::Instance(id) => id.to_string(),
            Source::Function(scope, name) => vpclab_cloud::function::function_arn(scope, name),
            Source::Interface(id) => id.to_string(),
            Source::Address { ip, .. } => ip.to_string(),
        };
        let others = crate::client::others(judge.cloud(), source).iter().map(|other| other.as_str());
        let unknown = [id.as_str(), interface.id.as_str()].into_iter().chain(others).any(|id| !judge.unknowns().about(id).is_empty());
        let state = match source {
            Source::Instance(id) => judge.cloud().instances.get(id).map(|instance| match instance.state {
                InstanceState::Running => 0,
                InstanceState::Stopped => 1,
                InstanceState::Terminated => 2,
            }),
            Source::Function(..) | Source::Interface(_) | Source::Address { .. } => None,
        };
        Class {
            place,
            is_function: interface.kind == InterfaceKind::Lambda,
            state,
            checks_source: interface.source_dest_check,
            nets: Vec::new(),
            others: Vec::new(),
            // An interface by itself may belong to anything.
            alone: (unknown || self.by_address || matches!(source, Source::Interface(_))).then_some(id),
        }
    }
}

impl Judge {
    /// The interface that a source's packets leave by.
    pub(crate) fn interface_of(&self, source: &Source) -> Option<Arc<NetworkInterface>> {
        let cloud = self.cloud();
        let id = match source {
            Source::Instance(id) => cloud.instances.get(id)?.interface.clone()?,
            Source::Function(scope, name) => {
                cloud.functions.get(&(scope.clone(), name.clone()))?.latest.vpc.as_ref()?.interfaces.first()?.clone()
            }
            Source::Interface(id) => id.clone(),
            Source::Address { .. } => return None,
        };
        cloud.network_interfaces.get(&id).cloned()
    }
}

//! An analysis: the whole-path evaluator's hops in the API's words.
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>
use super::component::{Names, header, route, sent};
use super::way::{self, End, FIRST_PORT, candidates, end};
use std::net::Ipv4Addr;
use vpclab_cloud::network_insights::{AclRule, Explanation, Findings, GroupRule, NetworkInsightsPath, PathAsked, PathComponent, Ports};
use vpclab_cloud::{
    Cloud, Direction, InstanceState, InterfaceKind, IpProtocol, NetworkAclId, NetworkInterface, PortRange, RulePeer, SecurityGroupId,
    SecurityGroupRuleId, Timestamp,
};
use vpclab_explain::packet::{CLIENT_PORTS, Fact, Flow, Hop, Ruling, Start, Trace, trace};
use vpclab_explain::{Cause, Judge, StepKind};
use vpclab_packet::{Header, Span};

const TCP: u8 = 6;

/// Looks at a path.
///
/// # Errors
/// Why the analysis fails: an end is gone, or the path does not say which address is meant.
pub(crate) fn analyse(cloud: &Cloud, path: &NetworkInsightsPath, now: Timestamp) -> Result<Findings, String> {
    let asked = &path.asked;
    let gone = |id: &str| format!("The resource {id} does not exist, or has no network interface.");
    let start = end(cloud, &asked.source, asked.source_ip).ok_or_else(|| gone(&asked.source))?;
    let to = asked.destination.as_deref().map(|id| end(cloud, id, asked.destination_ip).ok_or_else(|| gone(id))).transpose()?;
    let judge = Judge::new(cloud, None);
    let source = match (&start, asked.source_ip) {
        (_, Some(ip)) => ip,
        (End::Interface(interface), None) => interface.private_ip,
        (End::Peering(id), None) => return Err(format!("A path that starts at {id} needs a source IP address.")),
    };
    let destination = match (&to, asked.destination_ip) {
        (_, Some(ip)) => ip,
        (Some(End::Interface(interface)), None) => interface.private_ip,
        (Some(End::Peering(id)), None) => return Err(format!("A path that ends at {id} needs a destination IP address.")),
        (None, None) => return Err("The path has no destination.".to_owned()),
    };
    let towards = match &to {
        Some(End::Interface(interface)) => Some(&interface.vpc),
        Some(End::Peering(_)) | None => None,
    };
    let begin = match &start {
        End::Interface(interface) => Start::Interface(interface),
        End::Peering(id) => Start::Peering(id),
    };
    let flow = |port: u16| Flow {
        start: begin,
        source,
        destination,
        header: Header { protocol: asked.protocol, number: port },
        source_ports: CLIENT_PORTS,
        towards,
        now,
    };
    let seen = |port| way::told(cloud, &path.scope, to.as_ref(), destination, trace(&judge, &flow(port)));
    let passes = |trace: &Trace| !trace.hops.iter().any(|hop| matches!(hop.ruling, Ruling::Block(_)));
    let port = asked.destination_port.unwrap_or(FIRST_PORT);
    let first = (port, seen(port));
    // A path that names no port is there when a packet to any port gets through.
    let (port, trace) = if asked.destination_port.is_some() || passes(&first.1) {
        first
    } else {
        let others = candidates(cloud, asked.protocol, &first.1).into_iter().map(|port| (port, seen(port)));
        let mut others = others.filter(|(_, trace)| passes(trace));
        others.next().unwrap_or(first)
    };
    Ok(Told { cloud, names: Names { cloud, scope: &path.scope }, asked, source, destination, port, now }.findings(&start, &trace))
}

struct Told<'a> {
    cloud: &'a Cloud,
    names: Names<'a>,
    asked: &'a PathAsked,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    port: u16,
    now: Timestamp,
}

impl Told<'_> {
    fn findings(&self, start: &End, trace: &Trace) -> Findings {
        let asleep = match start {
            End::Interface(interface) if !self.is_live(interface) => Some(self.asleep(interface)),
            End::Interface(_) | End::Peering(_) => None,
        };
        let explanations: Vec<Explanation> = asleep.into_iter().chain(trace.hops.iter().filter_map(|hop| self.explanation(hop))).collect();
        let unknown: Vec<&str> =
            trace.hops.iter().filter_map(|hop| if let Ruling::Unknown(why) = &hop.ruling { Some(why.as_str()) } else { None }).collect();
        let warning = (!unknown.is_empty()).then(|| format!("Not known: {}", unknown.join("; ")));
        if !explanations.is_empty() {
            return Findings { explanations, warning, ..Findings::default() };
        }
        let (back, forward): (Vec<&Hop>, Vec<&Hop>) = trace.hops.iter().partition(|hop| is_return(hop.kind));
        let first = match start {
            End::Interface(interface) => self.ends(interface, false),
            End::Peering(_) => Vec::new(),
        };
        let last = trace.destination.as_ref().map(|interface| self.ends(interface, true)).unwrap_or_default();
        let there = first.iter().cloned().chain(forward.into_iter().flat_map(|hop| self.components(hop))).chain(last.iter().cloned());
        let mut forward: Vec<PathComponent> = there.collect();
        let turned = |list: &[PathComponent]| {
            list.iter().rev().cloned().map(|one| PathComponent { inbound: None, outbound: None, ..one }).collect::<Vec<_>>()
        };
        let home = turned(&last).into_iter().chain(back.into_iter().flat_map(|hop| self.components(hop))).chain(turned(&first));
        let mut back: Vec<PathComponent> = if last.is_empty() { Vec::new() } else { home.collect() };
        let ports = |port| Ports { from: port, to: port };
        let client = Ports { from: CLIENT_PORTS.low, to: CLIENT_PORTS.high };
        sent(&mut forward, &header(self.source, self.destination, client, ports(self.port), self.asked.protocol));
        sent(&mut back, &header(self.destination, self.source, ports(self.port), client, self.asked.protocol));
        Findings { found: true, forward, back, explanations: Vec::new(), warning }
    }

    fn is_live(&self, interface: &NetworkInterface) -> bool {
        let running = |id| self.cloud.instances.get(id).is_some_and(|instance| instance.state == InstanceState::Running);
        match (&interface.kind, &interface.attachment) {
            (InterfaceKind::VpcEndpoint(_) | InterfaceKind::Lambda, _) => true,
            (InterfaceKind::NatGateway(_), _) | (InterfaceKind::Customer, None) => false,
            (InterfaceKind::Customer, Some(at)) => running(&at.instance),
        }
    }

    /// That nothing runs at an interface: its instance is not running, or it has none.
    fn asleep(&self, interface: &NetworkInterface) -> Explanation {
        let names = &self.names;
        let instance = interface.attachment.as_ref().map(|at| &at.instance);
        let state = instance.and_then(|id| self.cloud.instances.get(id)).map(|instance| instance.state.name());
        Explanation {
            code: Cause::BadState.code().to_owned(),
            component: Some(instance.map_or_else(|| names.interface(interface), |id| names.instance(id))),
            interface: Some(names.interface(interface)),
            state: Some(state.unwrap_or("available").to_owned()),
            vpc: Some(names.vpc(&interface.vpc)),
            ..Explanation::default()
        }
    }

    /// An end of the path: what the interface belongs to, and the interface.
    fn ends(&self, interface: &NetworkInterface, is_destination: bool) -> Vec<PathComponent> {
        let names = &self.names;
        let owner = match (&interface.kind, &interface.attachment) {
            (InterfaceKind::VpcEndpoint(id), _) => Some(names.endpoint(id)),
            (_, Some(attachment)) => Some(names.instance(&attachment.instance)),
            (InterfaceKind::Customer | InterfaceKind::Lambda | InterfaceKind::NatGateway(_), None) => None,
        };
        let mut own = names.plain(names.interface(interface));
        own.attached_to.clone_from(&owner);
        own.subnet = Some(names.subnet(&interface.subnet));
        own.vpc = Some(names.vpc(&interface.vpc));
        let mut both: Vec<PathComponent> = owner.map(|owner| names.plain(owner)).into_iter().chain([own]).collect();
        if is_destination {
            both.reverse();
        }
        both
    }

    /// What a hop that lets the packet pass is on the path. The interfaces at the ends are told apart from it.
    fn components(&self, hop: &Hop) -> Option<PathComponent> {
        let names = &self.names;
        match &hop.fact {
            Fact::Groups { interface, rule, .. } => {
                let (group, rule) = rule.as_ref()?;
                let mut one = names.plain(names.group(group));
                one.group_rule = self.group_rule(group, rule);
                one.vpc = Some(names.vpc(&interface.vpc));
                Some(one)
            }
            Fact::Acl { acl, subnet, egress, entries, .. } => {
                let mut one = names.plain(names.acl(acl));
                one.acl_rule = entries.first().and_then(|(_, decision)| self.acl_rule(acl, *egress, decision.number));
                one.attached_to = Some(names.subnet(subnet));
                one.vpc = self.cloud.subnets.get(subnet).map(|subnet| names.vpc(&subnet.vpc));
                Some(one)
            }
            Fact::Route { table, chosen, .. } => {
                let found = self.cloud.route_tables.get(table)?;
                let mut one = names.plain(names.table(table));
                one.route = chosen.as_ref().map(|chosen| route(self.cloud, found, chosen, self.now));
                one.vpc = Some(names.vpc(&found.vpc));
                Some(one)
            }
            Fact::Peering { peering, vpcs, .. } => {
                let mut one = names.plain(names.peering(&peering.id));
                one.vpcs = Some((names.vpc(&vpcs.0), names.vpc(&vpcs.1)));
                Some(one)
            }
            Fact::Interface { .. } => None,
        }
    }

    /// What a hop that blocks says.
    fn explanation(&self, hop: &Hop) -> Option<Explanation> {
        let Ruling::Block(cause) = &hop.ruling else { return None };
        let names = &self.names;
        let way = |egress: bool| Some(if egress { "egress" } else { "ingress" }.to_owned());
        let mut one = Explanation { code: cause.code().to_owned(), ..Explanation::default() };
        match &hop.fact {
            Fact::Groups { interface, direction, .. } => {
                one.direction = way(*direction == Direction::Egress);
                one.interface = Some(names.interface(interface));
                one.security_groups = interface.security_groups.iter().map(|group| names.group(group)).collect();
                one.subnet = Some(names.subnet(&interface.subnet));
                one.vpc = Some(names.vpc(&interface.vpc));
            }
            Fact::Acl { acl, subnet, egress, ports, entries, .. } => {
                one.direction = way(*egress);
                one.acl = Some(names.acl(acl));
                one.acl_rule = entries
                    .iter()
                    .find(|(_, decision)| !decision.allow)
                    .and_then(|(_, decision)| self.acl_rule(acl, *egress, decision.number));
                one.subnet = Some(names.subnet(subnet));
                one.vpc = self.cloud.subnets.get(subnet).map(|subnet| names.vpc(&subnet.vpc));
                (one.port, one.ports) = told(*ports);
            }
            Fact::Route { table, subnet, to, chosen, .. } => {
                let found = self.cloud.route_tables.get(table)?;
                one.route_table = Some(names.table(table));
                one.route = chosen.as_ref().map(|chosen| route(self.cloud, found, chosen, self.now));
                one.subnet = Some(names.subnet(subnet));
                one.vpc = Some(names.vpc(&found.vpc));
                one.address = Some(to.to_string());
                one.destination = self.asked.destination.as_deref().and_then(|id| names.any(id));
            }
            Fact::Peering { peering, status, foreign, .. } => {
                one.peering = Some(names.peering(&peering.id));
                one.component.clone_from(&one.peering);
                if *cause == Cause::BadState {
                    one.state = Some(status.code().to_owned());
                }
                if let Some((address, blocks)) = foreign {
                    one.address = Some(address.to_string());
                    one.cidrs = blocks.iter().map(ToString::to_string).collect();
                }
            }
            // The analyser's words for an address at which nothing runs, and for one that nobody has.
            Fact::Interface { interface: Some(interface), .. } if *cause == Cause::NoSuchAddress => return Some(self.asleep(interface)),
            Fact::Interface { address, vpc, interface } => {
                if *cause == Cause::NoSuchAddress {
                    "NO_POSSIBLE_DESTINATION".clone_into(&mut one.code);
                }
                one.address = Some(address.to_string());
                one.interface = interface.as_ref().map(|interface| names.interface(interface));
                one.component.clone_from(&one.interface);
                one.vpc = vpc.as_ref().map(|vpc| names.vpc(vpc));
                (one.port, one.protocols) = (Some(self.port), vec![if self.asked.protocol == TCP { "tcp" } else { "udp" }.to_owned()]);
            }
        }
        Some(one)
    }

    fn group_rule(&self, group: &SecurityGroupId, rule: &SecurityGroupRuleId) -> Option<GroupRule> {
        let found = self.cloud.security_groups.get(group)?.rules.iter().find(|found| &found.id == rule)?;
        let (cidr, referenced) = match &found.peer {
            RulePeer::Ipv4(cidr) => (Some(cidr.to_string()), None),
            RulePeer::Ipv6(cidr) => (Some(cidr.to_string()), None),
            RulePeer::Group { group, .. } => (None, Some(group.to_string())),
        };
        let egress = found.direction == Direction::Egress;
        Some(GroupRule { cidr, egress, group: referenced, ports: ports_of(found.ports), protocol: protocol(found.protocol) })
    }

    fn acl_rule(&self, acl: &NetworkAclId, egress: bool, number: u16) -> Option<AclRule> {
        let found = self.cloud.network_acls.get(acl)?;
        let entry = found.entries.iter().find(|entry| entry.egress == egress && entry.number == number);
        Some(match entry {
            Some(entry) => AclRule {
                cidr: entry.cidr.to_string(),
                egress,
                ports: ports_of(entry.ports),
                protocol: protocol(entry.protocol),
                allow: entry.allow,
                number,
            },
            // The closing `*`.
            None => AclRule { cidr: "0.0.0.0/0".to_owned(), egress, ports: None, protocol: "all".to_owned(), allow: false, number },
        })
    }
}

fn is_return(kind: StepKind) -> bool {
    matches!(kind, StepKind::ReturnAclOut | StepKind::ReturnRoute | StepKind::ReturnAclIn)
}

fn told(ports: Span) -> (Option<u16>, Vec<Ports>) {
    if ports.low == ports.high { (Some(ports.low), Vec::new()) } else { (None, vec![Ports { from: ports.low, to: ports.high }]) }
}

fn ports_of(ports: Option<PortRange>) -> Option<Ports> {
    let ports = ports?;
    Some(Ports { from: u16::try_from(ports.from).ok()?, to: u16::try_from(ports.to).ok()? })
}

/// `all`, `tcp`, `udp`, `icmp`, or the number.
fn protocol(protocol: IpProtocol) -> String {
    match protocol {
        IpProtocol::All => "all".to_owned(),
        IpProtocol::Number(6) => "tcp".to_owned(),
        IpProtocol::Number(17) => "udp".to_owned(),
        IpProtocol::Number(1) => "icmp".to_owned(),
        IpProtocol::Number(other) => other.to_string(),
    }
}

//! The packets' way of a call, written down as steps.
use super::{CLIENT_PORTS, Fact, Flow, Hop, Ruling, Start, Trace, mend, trace};
use crate::client::{At, Client};
use crate::{Blocker, Cause, EvidenceKind, Outcome, Step, StepKind, resolve::Target, walk::Walk};
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Direction, InterfaceKind, Route, RouteTarget, VpcEndpoint};
use vpclab_packet::{Header, Span};

const TCP: u8 = 6;
const HTTPS: u16 = 443;
const GROUPS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html";
const ACLS: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html";
const REPLIES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports";
const ROUTES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html";
const PEERINGS: &str = "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html";
const ENDPOINTS: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html";

/// A connection that an endpoint's interface took.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    /// The endpoint.
    pub(crate) endpoint: Arc<VpcEndpoint>,
    /// The client's address as the endpoint sees it.
    pub(crate) peer: Ipv4Addr,
}

/// Follows the connection's packets. `None` when no endpoint is known that takes it.
pub(crate) fn follow(walk: &mut Walk<'_>, client: &Client, target: Option<&Target>) -> Option<Arrived> {
    let Some(target) = target.filter(|target| !target.addresses.is_empty()) else {
        walk.skip(StepKind::Route, "no address is known to go to", ROUTES);
        return None;
    };
    // What a client sends to itself never leaves it.
    if let Some(own) = target.addresses.iter().find(|to| to.is_loopback() || (**to == client.address && client.interface().is_some())) {
        let step = Step::new(StepKind::DestinationInterface, format!("{own} is the client itself"), ENDPOINTS);
        walk.unknown(step.with(EvidenceKind::Address, own, ""), format!("what listens at the client on port {}", walk.call.url.port));
        return None;
    }
    let traces: Vec<(Ipv4Addr, Trace)> = target.addresses.iter().map(|to| (*to, traced(walk, client, *to, target))).collect();
    // Clients try every address of a name in turn; the first that takes the connection serves.
    let main = traces.iter().position(|(_, trace)| !trace.hops.iter().any(|hop| matches!(hop.ruling, Ruling::Block(_)))).unwrap_or(0);
    for (_, (to, trace)) in traces.iter().enumerate().filter(|(at, _)| *at != main) {
        let blocked = trace.hops.iter().filter_map(|hop| told(walk, client, *to, trace, hop).1);
        for mut blocker in blocked.collect::<Vec<_>>() {
            blocker.detail = format!("by way of {to}, another address of the name: {}", blocker.detail);
            walk.warn(blocker);
        }
    }
    let (to, trace) = traces.get(main)?;
    for hop in &trace.hops {
        let (step, blocker) = told(walk, client, *to, trace, hop);
        if let Some(missing) = doubt(walk, hop) {
            walk.unknown(step, missing);
            continue;
        }
        match (&hop.ruling, blocker) {
            (Ruling::Pass, _) => walk.pass(step),
            (Ruling::Unknown(missing), warning) => {
                walk.unknown(step, missing.clone());
                warning.into_iter().for_each(|warning| walk.warn(warning));
            }
            (Ruling::Block(_), Some(blocker)) => walk.block(step, Outcome::Timeout, blocker),
            (Ruling::Block(_), None) => walk.unknown(step, "why it is blocked"),
        }
    }
    let interface = trace.destination.as_ref()?;
    let InterfaceKind::VpcEndpoint(id) = &interface.kind else {
        let step = Step::new(StepKind::Tls, format!("{} is no endpoint's interface", interface.id), ENDPOINTS).with(
            EvidenceKind::NetworkInterface,
            &interface.id,
            "",
        );
        walk.unknown(step, format!("what listens at {to} on port {}", walk.call.url.port));
        return None;
    };
    let endpoint = Arc::clone(walk.judge.cloud().vpc_endpoints.get(id)?);
    Some(Arrived { endpoint, peer: client.address })
}

/// What is not known and could decide a hop: a route that would be chosen, a rule that may allow what no known one does.
fn doubt(walk: &Walk<'_>, hop: &Hop) -> Option<String> {
    let unknowns = walk.judge.unknowns();
    match &hop.fact {
        Fact::Route { table, to, chosen, .. } => {
            unknowns.routes_to(table, *to, chosen.as_ref().map(|route| route.destination.prefix_len())).next().map(str::to_owned)
        }
        Fact::Groups { interface, direction, rule: None, .. } => {
            interface.security_groups.iter().find_map(|group| unknowns.rules_of(group, *direction).first()).cloned()
        }
        _ => None,
    }
}

/// The way to one address. To a port that an endpoint does not serve it is followed as the call by HTTPS would go: nobody should be told to
/// open another port for it.
fn traced(walk: &Walk<'_>, client: &Client, to: Ipv4Addr, target: &Target) -> Trace {
    let start = match &client.at {
        At::Interface(interface) => Start::Interface(interface),
        At::Outside(peering) => Start::Peering(peering),
    };
    let by_port = |number: u16| {
        let flow = Flow {
            start,
            source: client.address,
            destination: to,
            header: Header { protocol: TCP, number },
            source_ports: CLIENT_PORTS,
            towards: target.vpc.as_ref(),
            now: walk.call.now,
        };
        trace(walk.judge, &flow)
    };
    let not_served = Ruling::Block(Cause::EndpointPortNotServed);
    let asked = by_port(walk.call.url.port);
    if !asked.hops.iter().any(|hop| hop.ruling == not_served) {
        return asked;
    }
    let mut mended = by_port(HTTPS);
    mended.hops.iter_mut().filter(|hop| hop.kind == StepKind::DestinationInterface).for_each(|hop| hop.ruling = not_served.clone());
    mended
}

/// A hop as a step, and as a blocker where it is one or could be.
fn told(walk: &Walk<'_>, client: &Client, to: Ipv4Addr, trace: &Trace, hop: &Hop) -> (Step, Option<Blocker>) {
    let step = step(walk.call.url.port, trace.port(), hop);
    let cause = match (&hop.ruling, &hop.fact) {
        (Ruling::Block(cause), _) => *cause,
        // Some ports pass and some do not: what mends that is worth telling.
        (Ruling::Unknown(_), Fact::Acl { .. }) => Cause::SubnetAclRestriction,
        (Ruling::Pass | Ruling::Unknown(_), _) => return (step, None),
    };
    let mut blocker = Blocker::of(&step, cause, step.summary.clone());
    blocker.fixes = mend::fixes(walk, client, to, trace, hop);
    (step, Some(blocker))
}

fn step(asked: u16, port: u16, hop: &Hop) -> Step {
    match &hop.fact {
        Fact::Groups { interface, direction, remote, rule } => {
            let (way, of) = match direction {
                Direction::Egress => ("out of", "to"),
                Direction::Ingress => ("into", "from"),
            };
            let summary = match rule {
                Some((group, rule)) => format!("{rule} of {group} lets TCP {port} {of} {remote} {way} {}", interface.id),
                None => {
                    let groups: Vec<&str> = interface.security_groups.iter().map(|group| group.as_str()).collect();
                    format!("no rule of {} lets TCP {port} {of} {remote} {way} {}", groups.join(", "), interface.id)
                }
            };
            let mut step = Step::new(hop.kind, summary, GROUPS).with(EvidenceKind::NetworkInterface, &interface.id, "");
            match rule {
                Some((group, rule)) => {
                    step = step.with(EvidenceKind::SecurityGroup, group, "").with(EvidenceKind::SecurityGroupRule, rule, "allows");
                }
                None => {
                    for group in &interface.security_groups {
                        step = step.with(EvidenceKind::SecurityGroup, group, "no rule allows it");
                    }
                }
            }
            step
        }
        Fact::Acl { acl, subnet, egress, remote, ports, entries } => {
            acl_step(hop, acl.as_str(), subnet.as_str(), *egress, *remote, *ports, entries)
        }
        Fact::Route { table, subnet, to, chosen, passed_over } => {
            let summary = match (chosen, &hop.ruling) {
                (None, _) => format!("{table} of {subnet} has no route to {to}"),
                (Some(route), Ruling::Block(Cause::BadStateRoute)) => format!("{} of {table} is a black hole", route_text(route)),
                (Some(route), Ruling::Block(Cause::NoRouteToDestination)) => {
                    format!("{} of {table} does not lead to {to}", route_text(route))
                }
                (Some(route), Ruling::Block(_)) => {
                    format!("{} of {table}: the interface drops what is not for its own address", route_text(route))
                }
                (Some(route), Ruling::Pass | Ruling::Unknown(_)) => format!("{} of {table} takes {to}", route_text(route)),
            };
            let mut step = Step::new(hop.kind, summary, ROUTES).with(EvidenceKind::Subnet, subnet, "");
            step = match chosen {
                Some(route) => step.with(EvidenceKind::RouteTable, table, format!("chosen: {}", route_text(route))),
                None => step.with(EvidenceKind::RouteTable, table, "no route matches"),
            };
            for route in passed_over {
                step = step.with(EvidenceKind::RouteTable, table, format!("less specific: {}", route_text(route)));
            }
            step
        }
        Fact::Peering { peering, status, vpcs, foreign } => {
            let (id, status) = (&peering.id, status.code());
            let summary = match foreign {
                Some((address, blocks)) if hop.ruling != Ruling::Block(Cause::BadState) => {
                    let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
                    format!("{id} does not carry {address}: only {} at that side; peering is not transitive", blocks.join(", "))
                }
                _ => format!("{id} from {} to {} is {status}", vpcs.0, vpcs.1),
            };
            Step::new(hop.kind, summary, PEERINGS).with(EvidenceKind::Peering, id, status).with(EvidenceKind::Vpc, &vpcs.0, "").with(
                EvidenceKind::Vpc,
                &vpcs.1,
                "",
            )
        }
        Fact::Interface { address, vpc, interface } => {
            let place = vpc.as_ref().map(|vpc| format!(" in {vpc}")).unwrap_or_default();
            let summary = match (interface, &hop.ruling) {
                (None, _) => format!("no interface{place} has {address}"),
                (Some(one), Ruling::Block(Cause::EndpointPortNotServed)) => {
                    format!("{} is an endpoint's: it takes TCP 443, not {asked}", one.id)
                }
                (Some(one), Ruling::Block(_)) => format!("{} has {address}, and nothing runs there", one.id),
                (Some(one), Ruling::Pass | Ruling::Unknown(_)) => format!("{} has {address}{place}", one.id),
            };
            let mut step = Step::new(hop.kind, summary, ENDPOINTS).with(EvidenceKind::Address, address, "");
            if let Some(one) = interface {
                step = step.with(EvidenceKind::NetworkInterface, &one.id, "");
                if let InterfaceKind::VpcEndpoint(id) = &one.kind {
                    step = step.with(EvidenceKind::VpcEndpoint, id, "");
                }
            }
            step
        }
    }
}

fn acl_step(
    hop: &Hop,
    acl: &str,
    subnet: &str,
    egress: bool,
    remote: Ipv4Addr,
    ports: Span,
    entries: &[(Span, vpclab_packet::AclDecision)],
) -> Step {
    let (way, of) = if egress { ("out of", "to") } else { ("into", "from") };
    let is_reply = matches!(hop.kind, StepKind::ReturnAclOut | StepKind::ReturnAclIn);
    let what = if ports.low == ports.high { format!("TCP {}", ports.low) } else { format!("replies to TCP {}-{}", ports.low, ports.high) };
    let number = |number: u16| if number == 32_767 { "*".to_owned() } else { number.to_string() };
    let verb = match &hop.ruling {
        Ruling::Pass => "allows",
        Ruling::Block(_) => "denies",
        Ruling::Unknown(_) => "allows only a part of",
    };
    let by =
        entries.iter().find(|(_, decision)| decision.allow == (hop.ruling == Ruling::Pass)).map(|(_, decision)| number(decision.number));
    let by = by.unwrap_or_default();
    let summary = format!("entry {by} of {acl} {verb} {what} {of} {remote} {way} {subnet}");
    let mut step = Step::new(hop.kind, summary, if is_reply { REPLIES } else { ACLS }).with(EvidenceKind::Subnet, subnet, "");
    for (span, decision) in entries.iter().take(8) {
        let verb = if decision.allow { "allows" } else { "denies" };
        step = step.with(EvidenceKind::NetworkAcl, acl, format!("entry {} {verb} {}-{}", number(decision.number), span.low, span.high));
    }
    step
}

pub(super) fn route_text(route: &Route) -> String {
    let target = match &route.target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::Peering(id) => id.to_string(),
        RouteTarget::InternetGateway(id) => id.to_string(),
        RouteTarget::NatGateway(id) => id.to_string(),
        RouteTarget::Interface(id) => id.to_string(),
    };
    format!("the route {} -> {target}", route.destination)
}

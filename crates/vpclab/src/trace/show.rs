//! A packet's way in words: rules by their ids, routes by the route table that was asked.
use super::leg::{End, Gate, Leg};
use serde_json::{Value, json};
use std::{fmt::Write as _, net::Ipv4Addr};
use vpclab_cloud::{Direction, NetworkInterfaceId, SecurityGroupId, VpcId};
use vpclab_fabric::{
    Plan,
    plan::{Router, Target, interface_device, peering_device},
};
use vpclab_packet::Header;

/// A packet's way as JSON.
pub fn describe(leg: &Leg, vpc: &VpcId, plan: &Plan, at: i64) -> Value {
    let header = leg.header;
    let mut steps: Vec<Value> = Vec::new();
    let last = leg.gates.len().saturating_sub(1);
    let route = || route(leg, vpc, plan);
    let mut routed = false;
    for (number, (gate, why)) in leg.gates.iter().enumerate() {
        let passed = leg.end != End::Dropped || number < last;
        if *gate >= Gate::AclIn && *gate != Gate::Platform && !routed {
            steps.push(json!({"gate": Gate::Route.name(), "passed": true, "by": route()}));
            routed = true;
        }
        let by = match gate {
            Gate::SourceCheck if passed => place(&leg.came_by, plan),
            Gate::SourceCheck => format!("{}: the source address {} is not its own", place(&leg.came_by, plan), header.source),
            Gate::Route => route(),
            Gate::GroupsOut | Gate::GroupsIn => rule(leg, *gate, why, vpc, plan),
            Gate::AclOut | Gate::AclIn | Gate::Platform => why.clone(),
        };
        steps.push(json!({"gate": gate.name(), "passed": passed, "by": by}));
    }
    let outcome = match leg.end {
        End::Dropped => "dropped",
        End::Taken => "taken by the router",
        End::Left if leg.left_by.as_deref().is_some_and(|device| device.starts_with('p')) => "over the peering",
        End::Left => "delivered",
    };
    json!({
        "time": at, "vpc": vpc.as_str(), "from": place(&leg.came_by, plan),
        "to": leg.left_by.as_deref().map(|device| place(device, plan)),
        "protocol": header.protocol, "source": header.source, "sourcePort": header.source_port,
        "destination": header.destination, "destinationPort": header.destination_port,
        "flags": flags(header.tcp_flags), "bytes": header.length, "steps": steps, "outcome": outcome,
    })
}

/// The interface or the peering behind a router's device.
fn place(device: &str, plan: &Plan) -> String {
    let interface = plan.interfaces.keys().find(|id| interface_device(id) == device).map(ToString::to_string);
    let peering = || plan.peerings.keys().find(|id| peering_device(id) == device).map(ToString::to_string);
    interface.or_else(peering).unwrap_or_else(|| device.to_owned())
}

/// The route that was taken, or why there was none.
fn route(leg: &Leg, vpc: &VpcId, plan: &Plan) -> String {
    let to = leg.header.destination;
    let Some(router) = plan.routers.get(vpc) else { return String::new() };
    let table = leg.mark.and_then(|mark| router.route_tables.iter().find(|(_, table)| table.number == mark));
    let Some((id, table)) = table else {
        return match leg.end {
            End::Dropped => format!("nothing in {vpc} has the address {to}; a peering leads to no other network"),
            End::Left | End::Taken => "local".to_owned(),
        };
    };
    let best = table.routes.iter().filter(|(block, _)| block.contains(&to)).max_by_key(|(block, _)| block.prefix_len());
    match best {
        None => format!("{id} has no route to {to}"),
        Some((block, Target::Local)) if leg.end == End::Dropped && is_last(leg, Gate::Route) => {
            format!("{id} {block} -> local, and nothing there has the address {to}")
        }
        Some((block, Target::Local)) => format!("{id} {block} -> local"),
        Some((block, Target::Peering(peering))) => format!("{id} {block} -> {peering}"),
        Some((block, Target::Interface(interface, _))) => format!("{id} {block} -> {interface}"),
        Some((block, Target::Blackhole)) => format!("{id} {block} -> black hole"),
    }
}

fn is_last(leg: &Leg, gate: Gate) -> bool {
    leg.gates.last().is_some_and(|(last, _)| *last == gate)
}

/// The security group rule that let a packet pass; the filter itself knows the group, as its rules are elements of one set.
fn rule(leg: &Leg, gate: Gate, why: &str, vpc: &VpcId, plan: &Plan) -> String {
    let (direction, remote) = match gate {
        Gate::GroupsOut => (Direction::Egress, leg.header.destination),
        _ => (Direction::Ingress, leg.header.source),
    };
    let Ok(group) = why.parse::<SecurityGroupId>() else {
        return if why.contains(": no security group rule") { nobody(why, plan) } else { why.to_owned() };
    };
    let header = Header { protocol: leg.header.protocol, number: leg.header.destination_port };
    let found = plan.routers.get(vpc).and_then(|router| {
        let is_member = |group: &SecurityGroupId, address: Ipv4Addr| is_member(router, group, address);
        router.security_groups.get(&group)?.allowing(direction, remote, header, &is_member).map(|rule| rule.id.to_string())
    });
    // The type of an ICMP packet is not told.
    found.filter(|_| matches!(header.protocol, 6 | 17)).map_or_else(|| why.to_owned(), |rule| format!("{group} {rule}"))
}

fn is_member(router: &Router, group: &SecurityGroupId, address: Ipv4Addr) -> bool {
    router.members.get(group).is_some_and(|members| members.contains(&address))
}

/// `eni-…: no security group rule lets it in`, with the groups that were asked.
fn nobody(why: &str, plan: &Plan) -> String {
    let interface = why.split(':').next().and_then(|id| id.parse::<NetworkInterfaceId>().ok());
    let groups = interface.and_then(|id| plan.interfaces.get(&id)).map(|interface| &interface.security_groups);
    let groups: Vec<&str> = groups.into_iter().flatten().map(|group| group.as_str()).collect();
    format!("{why} ({})", groups.join(" "))
}

fn flags(flags: u8) -> String {
    let names = [(2, "SYN"), (16, "ACK"), (8, "PSH"), (1, "FIN"), (4, "RST")];
    let set: Vec<&str> = names.into_iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| name).collect();
    set.join(" ")
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A line of the trace for people.
pub fn text(value: &Value) -> String {
    if let Some(message) = value.get("message").and_then(Value::as_str) {
        return message.to_owned();
    }
    let number = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    let protocol = match number("protocol") {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        other => format!("protocol {other}"),
    };
    let end = |address: &str, port: &str| match number(port) {
        0 => word(value, address).to_owned(),
        port => format!("{}:{port}", word(value, address)),
    };
    let (source, destination) = (end("source", "sourcePort"), end("destination", "destinationPort"));
    let mut out = format!("{protocol} {source} -> {destination} {}", word(value, "flags")).trim_end().to_owned();
    let _ = write!(out, "\n  {} from {}", word(value, "vpc"), word(value, "from"));
    for step in value.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let verdict = if step.get("passed") == Some(&Value::Bool(true)) { "pass" } else { "DROP" };
        let _ = write!(out, "\n    {verdict}  {:<20} {}", word(step, "gate"), word(step, "by"));
    }
    let to = word(value, "to");
    let _ = match (word(value, "outcome"), to) {
        (outcome @ "dropped", _) | (outcome, "") => write!(out, "\n    {outcome}"),
        (outcome, to) => write!(out, "\n    {outcome} {to}"),
    };
    out
}

/// What is the same for packets that go the same way.
pub fn way(value: &Value) -> String {
    let parts = ["vpc", "from", "to", "source", "sourcePort", "destination", "destinationPort", "steps", "outcome", "message"];
    parts.iter().filter_map(|name| value.get(name)).map(Value::to_string).collect::<Vec<_>>().join(" ")
}

//! The table of a VPC's router. One base chain per stage, because `accept` ends only the base chain it stands in: with one
//! chain for all, a security group's egress rule would skip the other side's ingress rules. The stages stand in AWS's order: the
//! sender's groups, its network ACL, the receiver's network ACL, its groups.
mod flows;
mod network_acl;

use super::{
    Chain, Element, Field, Hook, Look, Maps, Part, Point, Rule, Table, Verdict, address_key, device_key, disjoint::disjoint, padded,
};
use crate::plan::{Interface, Kind, Plan, Router, interface_device, peering_device};
use flows::Flows;
pub use flows::prefix;
use ipnet::Ipv4Net;
use network_acl::network_acl;
use std::net::Ipv4Addr;
use vpclab_cloud::{Direction, NetworkInterfaceId, SecurityGroupId, VpcId};
use vpclab_packet::{Gates, Peer, Span, Traffic};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;

/// The table of a VPC's router, as the plan wants it.
#[must_use]
pub fn compile(plan: &Plan, vpc: &VpcId) -> Table {
    let mut table = Table::default();
    let Some(router) = plan.routers.get(vpc) else { return table };
    let flows = Flows::of(plan, vpc);
    stages(&mut table, flows);
    platform(&mut table, router);
    subnets(&mut table, router);
    peerings(&mut table, plan, vpc);
    for (id, acl) in &router.network_acls {
        network_acl(&mut table, id.as_str(), acl, flows);
    }
    for (id, gates) in &router.security_groups {
        security_group(&mut table, router, id, Direction::Ingress, gates);
        security_group(&mut table, router, id, Direction::Egress, gates);
    }
    for (id, interface) in plan.interfaces.iter().filter(|(_, interface)| &interface.vpc == vpc) {
        network_interface(&mut table, router, id, interface, flows);
    }
    flows::log(&mut table, plan, vpc, flows);
    table
}

fn accept() -> Part {
    Part::Decide(Verdict::Accept)
}

fn refuse(why: &str, drop: Verdict) -> Rule {
    Rule::new([Part::Count, Part::Decide(drop)]).because(why)
}

/// Devices whose name begins with a letter: `e` for interfaces, `p` for peerings.
fn devices(look: Look, letter: &[u8]) -> Part {
    Part::Between(look, letter.to_vec(), letter.to_vec())
}

fn exactly(look: Look, bytes: &[u8]) -> Part {
    Part::Between(look, bytes.to_vec(), bytes.to_vec())
}

fn stages(table: &mut Table, flows: Flows) {
    table.set("route_table_of", &[Field::Group], false, Some(Maps::Mark));
    table.set("own_source", &[Field::Device, Field::Address], false, None);
    table.set("other_source", &[Field::Device, Field::Address], true, None);
    table.set("platform", &[Field::Address], false, None);
    table.set("same_subnet", &[Field::Address, Field::Address], true, None);
    for map in ["acl_out_of", "acl_into"] {
        table.set(map, &[Field::Group], false, Some(Maps::Verdict));
    }
    for map in ["interface_out", "interface_in"] {
        table.set(map, &[Field::Device], false, Some(Maps::Verdict));
    }
    let mut base = |name: &str, point, priority, accept, rules: Vec<Rule>| {
        table.chains.insert(name.to_owned(), Chain { hook: Some(Hook { point, priority, accept }), rules });
    };
    let named = |set: &str| set.to_owned();
    let from = || vec![Look::InDevice, Look::Source];
    base(
        "raw",
        Point::Prerouting,
        -300,
        true,
        vec![
            Rule::new([devices(Look::InDevice, b"lo\0"), accept()]),
            Rule::new([Part::NotIpv4, Part::Count, Part::Decide(Verdict::Drop)]).because("only IPv4"),
            Rule::new([Part::MarkOf(Look::InGroup, named("route_table_of"))]).because("route table of the subnet"),
            Rule::new([Part::Ipv4, Part::In(from(), named("own_source")), accept()]),
            Rule::new([Part::Ipv4, Part::In(from(), named("other_source")), accept()]),
            refuse("source check", flows.drop(Direction::Egress)),
        ],
    );
    // Platform services: neither groups nor ACLs filter them; only the VPC's own interfaces reach them.
    let to_platform = |protocol: u8, port: u16| {
        Rule::new([
            devices(Look::InDevice, b"e"),
            Part::Ipv4,
            exactly(Look::Protocol, &[protocol]),
            exactly(Look::Port, &port.to_be_bytes()),
            Part::In(vec![Look::Destination], named("platform")),
            accept(),
        ])
    };
    base(
        "input",
        Point::Input,
        0,
        false,
        vec![
            Rule::new([devices(Look::InDevice, b"lo\0"), accept()]),
            to_platform(UDP, 53).because("resolver"),
            to_platform(TCP, 53).because("resolver"),
            to_platform(TCP, 80).because("instance metadata"),
            // The router answers no ping, as AWS's does not.
            refuse("not for the router", Verdict::Drop),
        ],
    );
    base(
        "s1_sg_out",
        Point::Forward,
        -20,
        false,
        vec![
            established(),
            Rule::new([Part::VerdictOf(Look::InDevice, named("interface_out"))]),
            Rule::new([devices(Look::InDevice, b"p"), accept()]).because("judged in its own VPC"),
            refuse("no interface", flows.drop(Direction::Egress)),
        ],
    );
    base(
        "s2_nacl_out",
        Point::Forward,
        -15,
        false,
        vec![
            same_subnet().because("network ACLs stand between subnets"),
            Rule::new([Part::VerdictOf(Look::InGroup, named("acl_out_of"))]),
            Rule::new([devices(Look::InDevice, b"p"), accept()]).because("judged in its own VPC"),
            refuse("no network ACL", flows.drop(Direction::Egress)),
        ],
    );
    base(
        "s3_nacl_in",
        Point::Forward,
        -10,
        false,
        vec![
            same_subnet().because("network ACLs stand between subnets"),
            Rule::new([Part::VerdictOf(Look::OutGroup, named("acl_into"))]),
            Rule::new([devices(Look::OutDevice, b"p"), accept()]).because("to be judged in its own VPC"),
            refuse("no network ACL", flows.drop(Direction::Ingress)),
        ],
    );
    base(
        "s4_sg_in",
        Point::Forward,
        -5,
        false,
        vec![
            established(),
            Rule::new([Part::VerdictOf(Look::OutDevice, named("interface_in"))]),
            Rule::new([devices(Look::OutDevice, b"p"), accept()]).because("to be judged in its own VPC"),
            refuse("no interface", flows.drop(Direction::Ingress)),
        ],
    );
}

fn same_subnet() -> Rule {
    Rule::new([Part::Ipv4, Part::In(vec![Look::Source, Look::Destination], "same_subnet".to_owned()), accept()])
}

fn established() -> Rule {
    Rule::new([Part::Established, accept()]).because("tracked flow")
}

fn platform(table: &mut Table, router: &Router) {
    let set = table.set("platform", &[Field::Address], false, None);
    for address in &router.platform {
        set.add(address_key(*address), Element::default());
    }
}

fn ends(cidr: Ipv4Net) -> (Vec<u8>, Vec<u8>) {
    (address_key(cidr.network()), address_key(cidr.broadcast()))
}

fn subnets(table: &mut Table, router: &Router) {
    for (id, subnet) in &router.subnets {
        let group = subnet.group.to_ne_bytes().to_vec();
        let (low, high) = ends(subnet.cidr);
        table.set("same_subnet", &[Field::Address, Field::Address], true, None).add_range(
            low.repeat(2),
            high.repeat(2),
            Element::comment(id.as_str()),
        );
        if let Some(number) = router.route_tables.get(&subnet.route_table).map(|table| table.number) {
            let element = Element { mark: Some(number), comment: format!("{id} {}", subnet.route_table), ..Element::default() };
            table.set("route_table_of", &[Field::Group], false, Some(Maps::Mark)).add(group.clone(), element);
        }
        if router.network_acls.contains_key(&subnet.network_acl) {
            for (map, direction) in [("acl_out_of", "out"), ("acl_into", "in")] {
                let verdict = Some(Verdict::Goto(format!("{}_{direction}", subnet.network_acl)));
                let element = Element { verdict, comment: id.as_str().to_owned(), ..Element::default() };
                table.set(map, &[Field::Group], false, Some(Maps::Verdict)).add(group.clone(), element);
            }
        }
    }
}

fn peerings(table: &mut Table, plan: &Plan, vpc: &VpcId) {
    let set = table.set("other_source", &[Field::Device, Field::Address], true, None);
    for (id, peering) in &plan.peerings {
        let Some(other) = peering.other(vpc) else { continue };
        for cidr in &other.cidrs {
            let (low, high) = ends(*cidr);
            let device = device_key(&peering_device(id));
            set.add_range([device.clone(), low].concat(), [device, high].concat(), Element::comment(format!("{id} {}", other.vpc)));
        }
    }
}

/// The conditions that a rule's traffic stands for.
fn traffic_parts(traffic: Traffic) -> Vec<Part> {
    let numbers = |protocol: u8, look: Look, span: Span| {
        let mut parts = vec![exactly(Look::Protocol, &[protocol])];
        if span != Span::ALL {
            parts.push(Part::Between(look, span.low.to_be_bytes().to_vec(), span.high.to_be_bytes().to_vec()));
        }
        parts
    };
    match traffic {
        Traffic::All => Vec::new(),
        Traffic::Tcp(span) => numbers(TCP, Look::Port, span),
        Traffic::Udp(span) => numbers(UDP, Look::Port, span),
        Traffic::Icmp(span) => numbers(ICMP, Look::IcmpTypeCode, span),
        Traffic::Protocol(number) => vec![exactly(Look::Protocol, &[number])],
    }
}

fn remote(direction: Direction) -> Look {
    match direction {
        Direction::Ingress => Look::Source,
        Direction::Egress => Look::Destination,
    }
}

fn group_chain(id: &SecurityGroupId, direction: Direction) -> String {
    format!("{id}_{}", word(direction))
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    }
}

/// CIDR rules are elements of sets, so that their number costs nothing; a rule that refers to a group is a rule on its own.
fn security_group(table: &mut Table, router: &Router, id: &SecurityGroupId, direction: Direction, gates: &Gates) {
    let rules = match direction {
        Direction::Ingress => &gates.ingress,
        Direction::Egress => &gates.egress,
    };
    let chain = group_chain(id, direction);
    let look = remote(direction);
    let by_cidr = |pick: &dyn Fn(Traffic) -> Option<Span>| {
        disjoint(rules.iter().filter_map(|rule| match &rule.peer {
            Peer::Cidr(cidr) => pick(rule.traffic).map(|span| (*cidr, span, rule.id.to_string())),
            Peer::Group(_) => None,
        }))
    };
    let protocols = by_cidr(&|traffic| match traffic {
        Traffic::All => Some(Span { low: 0, high: 255 }),
        Traffic::Protocol(number) => Some(Span { low: number.into(), high: number.into() }),
        Traffic::Tcp(_) | Traffic::Udp(_) | Traffic::Icmp(_) => None,
    });
    let tcp = by_cidr(&|traffic| if let Traffic::Tcp(span) = traffic { Some(span) } else { None });
    let udp = by_cidr(&|traffic| if let Traffic::Udp(span) = traffic { Some(span) } else { None });
    let icmp = by_cidr(&|traffic| if let Traffic::Icmp(span) = traffic { Some(span) } else { None });

    let mut out = Vec::new();
    let mut matching = |set: String, looks: Vec<Look>, first: Option<Part>| {
        let parts = [Part::Ipv4].into_iter().chain(first).chain([Part::In(looks, set), accept()]);
        out.push(Rule::new(parts.collect::<Vec<_>>()).because(id.as_str()));
    };
    if !protocols.is_empty() {
        let name = format!("{chain}_protocols");
        let set = table.set(&name, &[Field::Address, Field::Protocol], true, None);
        for piece in protocols {
            let (low, high) = ends(piece.cidr);
            let byte = |number: u16| padded(&[u8::try_from(number).unwrap_or(u8::MAX)]);
            set.add_range(
                [low, byte(piece.span.low)].concat(),
                [high, byte(piece.span.high)].concat(),
                Element::comment(piece.ids.join(" ")),
            );
        }
        matching(name, vec![look, Look::Protocol], None);
    }
    let ports: Vec<_> = tcp.into_iter().map(|piece| (TCP, piece)).chain(udp.into_iter().map(|piece| (UDP, piece))).collect();
    if !ports.is_empty() {
        let name = format!("{chain}_ports");
        let set = table.set(&name, &[Field::Address, Field::Protocol, Field::Port], true, None);
        for (protocol, piece) in ports {
            let (low, high) = ends(piece.cidr);
            let end = |address: Vec<u8>, port: u16| [address, padded(&[protocol]), padded(&port.to_be_bytes())].concat();
            set.add_range(end(low, piece.span.low), end(high, piece.span.high), Element::comment(piece.ids.join(" ")));
        }
        matching(name, vec![look, Look::Protocol, Look::Port], None);
    }
    if !icmp.is_empty() {
        let name = format!("{chain}_icmp");
        let set = table.set(&name, &[Field::Address, Field::IcmpTypeCode], true, None);
        for piece in icmp {
            let (low, high) = ends(piece.cidr);
            let end = |address: Vec<u8>, number: u16| [address, padded(&number.to_be_bytes())].concat();
            set.add_range(end(low, piece.span.low), end(high, piece.span.high), Element::comment(piece.ids.join(" ")));
        }
        matching(name, vec![look, Look::IcmpTypeCode], Some(exactly(Look::Protocol, &[ICMP])));
    }
    for rule in rules {
        let Peer::Group(group) = &rule.peer else { continue };
        let name = format!("members_{group}");
        let set = table.set(&name, &[Field::Address], false, None);
        for address in router.members.get(group).into_iter().flatten() {
            set.add(address_key(*address), Element::default());
        }
        let mut parts = vec![Part::Ipv4, Part::In(vec![look], name)];
        parts.extend(traffic_parts(rule.traffic));
        parts.push(accept());
        out.push(Rule::new(parts).because(format!("{id} {}", rule.id)));
    }
    table.chains.insert(chain, Chain { hook: None, rules: out });
}

fn network_interface(table: &mut Table, router: &Router, id: &NetworkInterfaceId, interface: &Interface, flows: Flows) {
    let device = device_key(&interface_device(id));
    let own = [device.clone(), address_key(interface.address)].concat();
    table.set("own_source", &[Field::Device, Field::Address], false, None).add(own, Element::comment(id.as_str()));
    if !interface.source_dest_check {
        let (low, high) = (address_key(Ipv4Addr::UNSPECIFIED), address_key(Ipv4Addr::BROADCAST));
        table.set("other_source", &[Field::Device, Field::Address], true, None).add_range(
            [device.clone(), low].concat(),
            [device.clone(), high].concat(),
            Element::comment(id.as_str()),
        );
    }
    let groups = |direction: Direction| -> Vec<Rule> {
        let known = interface.security_groups.iter().filter(|group| router.security_groups.contains_key(*group));
        known.map(|group| Rule::new([Part::Decide(Verdict::Jump(group_chain(group, direction)))])).collect()
    };
    let mut ingress = Vec::new();
    let mut egress = Vec::new();
    match interface.kind {
        Kind::Instance => {
            ingress.extend(groups(Direction::Ingress));
            egress.extend(groups(Direction::Egress));
        }
        // An endpoint takes TCP 443 only, answers no ping, and opens no connections; its groups' egress rules do not count.
        Kind::Endpoint => {
            let unless = |look: Look, bytes: &[u8], why: &str| {
                Rule::new([Part::Not(look, bytes.to_vec()), Part::Count, Part::Decide(flows.drop(Direction::Ingress))]).because(why)
            };
            ingress.push(unless(Look::Protocol, &[TCP], "endpoint: TCP only"));
            ingress.push(unless(Look::Port, &443u16.to_be_bytes(), "endpoint: port 443 only"));
            ingress.extend(groups(Direction::Ingress));
        }
    }
    for (direction, mut rules, map) in [(Direction::Ingress, ingress, "interface_in"), (Direction::Egress, egress, "interface_out")] {
        let chain = format!("{id}_{}", word(direction));
        rules.push(refuse(&format!("{id}: no security group rule lets it {}", word(direction)), flows.drop(direction)));
        table.chains.insert(chain.clone(), Chain { hook: None, rules });
        let element = Element { verdict: Some(Verdict::Goto(chain)), comment: id.as_str().to_owned(), ..Element::default() };
        table.set(map, &[Field::Device], false, Some(Maps::Verdict)).add(device.clone(), element);
    }
}

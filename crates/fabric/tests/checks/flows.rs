//! What flow logs hear, held against what real packets did.
use super::{
    Check,
    lab::{Lab, acl, cidr, eni, entry, from, subnet, tcp, vpc},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeSet;
use vpclab_cloud::{Direction, FlowAction};
use vpclab_fabric::{
    observe::{FlowPacket, FlowTap, Source},
    plan::{NetworkAcl, Target},
};
use vpclab_packet::Traffic;

pub const CHECKS: &[Check] = &[
    ("flows_of_a_call_are_told_at_both_ends", flows_of_a_call_are_told_at_both_ends),
    ("a_dropped_packet_is_told_where_it_is_dropped", a_dropped_packet_is_told_where_it_is_dropped),
    ("what_has_no_route_is_told_as_aws_does", what_has_no_route_is_told_as_aws_does),
    ("without_a_flow_log_nothing_is_told", without_a_flow_log_nothing_is_told),
];

type Told = (String, Direction, FlowAction, u16);

fn logged(lab: &mut Lab, names: &[&str]) {
    for name in names {
        lab.plan.interfaces.get_mut(&eni(name)).unwrap().logged = true;
    }
    lab.apply();
}

/// What a tap tells until all that is wanted was told; what comes after is not awaited.
fn hear(tap: &FlowTap, wanted: usize) -> Vec<FlowPacket> {
    let mut heard = Vec::new();
    let mut buffer = vec![0u8; 256 << 10];
    while heard.len() < wanted && readable(tap) {
        tap.read(&mut buffer, |packet| heard.push(packet)).unwrap();
    }
    heard
}

/// Waits until a tap has something to tell; the kernel keeps packets back for a tenth of a second at most.
fn readable(tap: &FlowTap) -> bool {
    let patience = Timespec { tv_sec: 0, tv_nsec: 600_000_000 };
    poll(&mut [PollFd::new(tap, PollFlags::IN)], Some(&patience)).unwrap() > 0
}

fn told(packets: &[FlowPacket]) -> BTreeSet<Told> {
    let one = |packet: &FlowPacket| (packet.interface.to_string(), packet.direction, packet.action, packet.header.destination_port);
    packets.iter().map(one).filter(|(.., port)| *port < 10_000).collect()
}

fn is(name: &str, direction: Direction, action: FlowAction, port: u16) -> Told {
    (eni(name).to_string(), direction, action, port)
}

fn flows_of_a_call_are_told_at_both_ends() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("0.0.0.0/0"));
    logged(&mut lab, &["client", "server", "guest"]);
    let (tap, there) = (lab.tap("a"), lab.tap("b"));
    lab.serve("server", 443);
    lab.passes("client", "10.0.1.50", 443);
    let heard = hear(&tap, 12);
    let wanted = [is("client", Direction::Egress, FlowAction::Accept, 443), is("server", Direction::Ingress, FlowAction::Accept, 443)];
    assert_eq!(told(&heard), wanted.into());
    let back = heard.iter().any(|p| p.interface == eni("client") && p.direction == Direction::Ingress && p.header.source_port == 443);
    assert!(back, "the way back is a flow of its own: {heard:?}");
    lab.passes("guest", "10.0.1.50", 443);
    assert_eq!(told(&hear(&there, 4)), [is("guest", Direction::Egress, FlowAction::Accept, 443)].into());
    assert!(told(&hear(&tap, 4)).contains(&is("server", Direction::Ingress, FlowAction::Accept, 443)));
}

fn a_dropped_packet_is_told_where_it_is_dropped() {
    let mut lab = Lab::story();
    logged(&mut lab, &["client", "server", "far"]);
    let tap = lab.tap("a");
    let (out, into) = (Direction::Egress, Direction::Ingress);
    // The receiver's group: the sender's flow was accepted.
    lab.vanishes("client", "10.0.1.50", 443);
    let wanted = [is("client", out, FlowAction::Accept, 443), is("server", into, FlowAction::Reject, 443)];
    assert_eq!(told(&hear(&tap, 2)), wanted.into());
    // The receiver's network ACL.
    lab.router("a").subnets.get_mut(&subnet("a2")).unwrap().network_acl = acl("shut");
    let open = vec![entry(100, true, "0.0.0.0/0", Traffic::All)];
    lab.router("a").network_acls.insert(acl("shut"), NetworkAcl { ingress: vec![], egress: open.clone() });
    lab.apply();
    hear(&tap, 1000);
    lab.vanishes("client", "10.0.2.50", 444);
    let wanted = [is("client", out, FlowAction::Accept, 444), is("far", into, FlowAction::Reject, 444)];
    assert_eq!(told(&hear(&tap, 2)), wanted.into());
    // The sender's network ACL, then its group: nobody else hears of it.
    lab.router("a").network_acls.insert(acl("shut"), NetworkAcl { ingress: open, egress: vec![] });
    lab.apply();
    hear(&tap, 1000);
    lab.vanishes("far", "10.0.1.50", 445);
    assert_eq!(told(&hear(&tap, 1)), [is("far", out, FlowAction::Reject, 445)].into());
    lab.group("client").egress.clear();
    lab.apply();
    hear(&tap, 1000);
    lab.vanishes("client", "10.0.1.50", 446);
    assert_eq!(told(&hear(&tap, 1)), [is("client", out, FlowAction::Reject, 446)].into());
}

fn what_has_no_route_is_told_as_aws_does() {
    let mut lab = Lab::story();
    lab.plan.routers.get_mut(&vpc("a")).unwrap().route_tables.values_mut().for_each(|table| {
        table.routes.insert(cidr("10.1.0.0/16"), Target::Blackhole);
    });
    logged(&mut lab, &["client"]);
    let tap = lab.tap("a");
    lab.vanishes("client", "10.1.1.60", 443);
    assert_eq!(told(&hear(&tap, 1)), [is("client", Direction::Egress, FlowAction::Accept, 443)].into());
    hear(&tap, 1000);
    lab.group("client").egress.clear();
    lab.apply();
    lab.vanishes("client", "10.1.1.60", 444);
    assert_eq!(told(&hear(&tap, 1)), [is("client", Direction::Egress, FlowAction::Reject, 444)].into());
}

fn without_a_flow_log_nothing_is_told() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("0.0.0.0/0"));
    logged(&mut lab, &["client"]);
    let tap = lab.tap("a");
    lab.plan.interfaces.values_mut().for_each(|interface| interface.logged = false);
    lab.apply();
    lab.serve("server", 443);
    lab.passes("client", "10.0.1.50", 443);
    lab.vanishes("client", "10.0.1.50", 80);
    assert_eq!(hear(&tap, 1), []);
}

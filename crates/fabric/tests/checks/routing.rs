//! Resolver, routes, peering, source check, MTU.
use super::{
    Check,
    lab::{Lab, eni, from, ip, pcx, rtb, subnet, tcp, udp, vpc},
    sockets::{Fate, PATIENCE, answer, echo, forge, inside},
};
use vpclab_fabric::{
    Place,
    plan::{Kind, NARROW_MTU, RouteTable, Target, interface_device},
};
use vpclab_packet::Traffic;

pub const CHECKS: &[Check] = &[
    ("resolver_answers_at_both_addresses", resolver_answers_at_both_addresses),
    ("resolver_is_out_of_reach_of_a_peer", resolver_is_out_of_reach_of_a_peer),
    ("gateway_answers_no_ping", gateway_answers_no_ping),
    ("first_packet_to_a_neighbour_is_quick", first_packet_to_a_neighbour_is_quick),
    ("source_address_survives_peering", source_address_survives_peering),
    ("route_missing_at_the_client", route_missing_at_the_client),
    ("return_route_missing", return_route_missing),
    ("more_specific_blackhole_wins", more_specific_blackhole_wins),
    ("an_interface_passes_packets_on", an_interface_passes_packets_on),
    ("peering_is_not_transitive", peering_is_not_transitive),
    ("peering_gone_and_back", peering_gone_and_back),
    ("unrelated_vpc_with_the_same_addresses", unrelated_vpc_with_the_same_addresses),
    ("forged_source_is_dropped", forged_source_is_dropped),
    ("forged_source_over_peering_is_dropped", forged_source_over_peering_is_dropped),
    ("mtu_9001_in_the_vpc", mtu_9001_in_the_vpc),
    ("mtu_8500_between_regions", mtu_8500_between_regions),
    ("endpoint_takes_8500_bytes_in_silence", endpoint_takes_8500_bytes_in_silence),
    ("route_table_of_one_subnet_only", route_table_of_one_subnet_only),
    ("address_of_nobody_is_a_black_hole", address_of_nobody_is_a_black_hole),
    ("no_ipv6", no_ipv6),
];

fn with_resolver() -> Lab {
    let lab = Lab::story();
    lab.apply();
    for address in ["10.0.0.2:53", "169.254.169.253:53"] {
        answer(lab.bind(Place::Router(vpc("a")), address), "resolver a");
        echo(lab.listen(Place::Router(vpc("a")), address), "resolver a");
    }
    lab
}

fn resolver_answers_at_both_addresses() {
    let mut lab = with_resolver();
    // Not even a group without any rule stands in the way.
    lab.group("client").egress.clear();
    lab.apply();
    for address in ["10.0.0.2", "169.254.169.253"] {
        assert_eq!(lab.ask("client", address, 53).as_deref(), Some("resolver a"), "udp {address}");
        assert_eq!(lab.ask("far", address, 53).as_deref(), Some("resolver a"), "udp {address}");
        lab.passes("client", address, 53);
    }
    assert_eq!(lab.ask("guest", "169.254.169.253", 53), None, "vpc b has its own resolver, and it is not running");
    assert_eq!(lab.ask("client", "10.0.0.2", 5353), None);
}

fn resolver_is_out_of_reach_of_a_peer() {
    let lab = with_resolver();
    assert_eq!(lab.ask("guest", "10.0.0.2", 53), None);
    lab.vanishes("guest", "10.0.0.2", 53);
    // Not only the answer is lost: the question does not arrive.
    let lab = Lab::story();
    lab.apply();
    let socket = lab.bind(Place::Router(vpc("a")), "10.0.0.2:53");
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(lab.ask("guest", "10.0.0.2", 53), None);
    assert!(socket.recv(&mut [0u8; 10]).is_err());
    assert_eq!(lab.ask("client", "10.0.0.2", 53), None);
    assert!(socket.recv(&mut [0u8; 10]).is_ok());
}

fn gateway_answers_no_ping() {
    let mut lab = Lab::story();
    lab.allow("far", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    assert_eq!(lab.echo_request("client", "10.0.1.1", 56), Fate::TimedOut);
    assert!(matches!(lab.echo_request("client", "10.0.2.50", 56), Fate::Answered(_)));
}

fn first_packet_to_a_neighbour_is_quick() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("10.0.0.0/16"));
    lab.apply();
    lab.serve("server", 443);
    lab.passes("client", "10.0.1.50", 443);
    // A kernel that waits before it answers for a neighbour does so for up to 800 ms, each time another: what it is told is looked at,
    // not how long it takes.
    for name in ["client", "server"] {
        let delay = format!("/proc/sys/net/ipv4/neigh/{}/proxy_delay", interface_device(&eni(name)));
        let told = inside(lab.netns_of(Place::Router(vpc("a"))), move || std::fs::read_to_string(delay).unwrap());
        assert_eq!(told.trim(), "0", "{name}");
    }
}

fn source_address_survives_peering() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("10.1.0.0/16"));
    lab.apply();
    lab.serve("server", 443);
    assert_eq!(lab.call("guest", "10.0.1.50", 443), Fate::Answered("server sees 10.1.1.60".into()));
    lab.vanishes("far", "10.0.1.50", 443);
}

fn open_story() -> Lab {
    let mut lab = Lab::story();
    for group in ["client", "server", "far", "guest", "vpce"] {
        lab.allow(group, Traffic::All, from("0.0.0.0/0"));
    }
    lab
}

fn route_missing_at_the_client() {
    let mut lab = open_story();
    lab.apply();
    lab.serve("server", 443);
    lab.passes("guest", "10.0.1.50", 443);
    lab.unroute("b", "10.0.0.0/16");
    lab.apply();
    lab.vanishes("guest", "10.0.1.50", 443);
    lab.route("b", "10.0.0.0/16", Target::Peering(pcx("ab")));
    lab.apply();
    lab.passes("guest", "10.0.1.50", 443);
}

fn return_route_missing() {
    let mut lab = open_story();
    lab.apply();
    lab.serve("server", 443);
    lab.passes("guest", "10.0.1.50", 443);
    lab.unroute("a", "10.1.0.0/16");
    lab.apply();
    lab.vanishes("guest", "10.0.1.50", 443);
    lab.route("a", "10.1.0.0/16", Target::Peering(pcx("ab")));
    lab.apply();
    lab.passes("guest", "10.0.1.50", 443);
}

fn more_specific_blackhole_wins() {
    let mut lab = open_story();
    lab.route("b", "10.0.1.0/24", Target::Blackhole);
    lab.apply();
    lab.serve("server", 443);
    lab.serve("far", 443);
    lab.vanishes("guest", "10.0.1.50", 443);
    lab.passes("guest", "10.0.2.50", 443);
}

/// The way of a packet to an appliance: the client's table leads to the interface `relay`, and the relay's own table on.
fn an_interface_passes_packets_on() {
    let mut lab = open_story();
    lab.add_eni("relay", "a", "a2", "10.0.2.70", Kind::Instance);
    lab.allow("relay", Traffic::All, from("0.0.0.0/0"));
    lab.plan.interfaces.get_mut(&eni("relay")).unwrap().source_dest_check = false;
    let router = lab.router("a");
    let main = router.route_tables[&rtb("a")].clone();
    router.route_tables.insert(rtb("own"), RouteTable { number: main.number + 5, ..main });
    router.subnets.get_mut(&subnet("a2")).unwrap().route_table = rtb("own");
    lab.route("a", "10.1.0.0/16", Target::Interface(eni("relay"), ip("10.0.2.70")));
    lab.apply();
    lab.serve("guest", 443);
    lab.vanishes("client", "10.1.1.60", 443);
    let forward = |on: &'static str| inside(lab.netns("relay"), move || std::fs::write("/proc/sys/net/ipv4/ip_forward", on).unwrap());
    forward("1");
    lab.passes("client", "10.1.1.60", 443);
    forward("0");
    lab.vanishes("client", "10.1.1.60", 443);
    forward("1");
    // The packets are judged at the relay as at any interface.
    lab.group("relay").ingress.clear();
    lab.apply();
    lab.vanishes("client", "10.1.1.60", 443);
    lab.allow("relay", Traffic::All, from("0.0.0.0/0"));
    lab.plan.interfaces.get_mut(&eni("relay")).unwrap().source_dest_check = true;
    lab.apply();
    lab.vanishes("client", "10.1.1.60", 443);
}

fn peering_is_not_transitive() {
    let mut lab = open_story();
    lab.add_vpc("c", "10.2.0.0/16", &[("c1", "10.2.1.0/24")]);
    lab.add_eni("third", "c", "c1", "10.2.1.70", Kind::Instance);
    lab.allow("third", Traffic::All, from("0.0.0.0/0"));
    lab.peer("bc", "b", "c", 9001);
    lab.route("b", "10.2.0.0/16", Target::Peering(pcx("bc")));
    lab.route("c", "10.1.0.0/16", Target::Peering(pcx("bc")));
    // Hostile: both outer VPCs send each other's traffic to the one in the middle.
    lab.route("c", "10.0.0.0/16", Target::Peering(pcx("bc")));
    lab.route("a", "10.2.0.0/16", Target::Peering(pcx("ab")));
    lab.apply();
    lab.serve("third", 443);
    lab.serve("server", 443);
    lab.passes("guest", "10.2.1.70", 443);
    lab.passes("guest", "10.0.1.50", 443);
    lab.vanishes("client", "10.2.1.70", 443);
    lab.vanishes("third", "10.0.1.50", 443);
}

fn peering_gone_and_back() {
    let mut lab = open_story();
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("guest", "10.0.1.50", 443).ok().unwrap();
    assert!(connection.ping());
    let peering = lab.plan.peerings.remove(&pcx("ab")).unwrap();
    lab.route("a", "10.1.0.0/16", Target::Blackhole);
    lab.route("b", "10.0.0.0/16", Target::Blackhole);
    lab.apply();
    lab.vanishes("guest", "10.0.1.50", 443);
    assert!(!connection.ping());
    lab.plan.peerings.insert(pcx("ab"), peering);
    lab.route("a", "10.1.0.0/16", Target::Peering(pcx("ab")));
    lab.route("b", "10.0.0.0/16", Target::Peering(pcx("ab")));
    lab.apply();
    lab.passes("guest", "10.0.1.50", 443);
}

fn unrelated_vpc_with_the_same_addresses() {
    let mut lab = open_story();
    lab.add_vpc("d", "10.0.0.0/16", &[("d1", "10.0.1.0/24")]);
    lab.add_eni("twin-c", "d", "d1", "10.0.1.60", Kind::Instance);
    lab.add_eni("twin-s", "d", "d1", "10.0.1.50", Kind::Instance);
    lab.allow("twin-s", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    lab.serve("server", 443);
    lab.serve("twin-s", 443);
    assert_eq!(lab.call("twin-c", "10.0.1.50", 443), Fate::Answered("twin-s sees 10.0.1.60".into()));
    assert_eq!(lab.call("client", "10.0.1.50", 443), Fate::Answered("server sees 10.0.1.60".into()));
    lab.vanishes("twin-c", "10.1.1.60", 443);
}

fn arrives(lab: &Lab, sender: &str, source: &str, receiver: &str) -> bool {
    let destination = lab.plan.interfaces[&eni(receiver)].address;
    let socket = lab.bind(Place::Interface(eni(receiver)), "0.0.0.0:9999");
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let source = ip(source);
    inside(lab.netns(sender), move || forge(source, destination, 9999));
    socket.recv(&mut [0u8; 20]).is_ok()
}

fn forged_source_is_dropped() {
    let mut lab = open_story();
    lab.apply();
    assert!(arrives(&lab, "client", "10.0.1.60", "far"));
    assert!(!arrives(&lab, "client", "10.0.1.61", "far"), "nobody's address");
    assert!(!arrives(&lab, "client", "10.0.1.50", "far"), "a neighbour's address");
    lab.plan.interfaces.get_mut(&eni("client")).unwrap().source_dest_check = false;
    lab.apply();
    assert!(arrives(&lab, "client", "10.0.1.61", "far"), "without the source check");
}

fn forged_source_over_peering_is_dropped() {
    let mut lab = open_story();
    lab.plan.interfaces.get_mut(&eni("guest")).unwrap().source_dest_check = false;
    lab.apply();
    assert!(arrives(&lab, "guest", "10.1.1.60", "far"));
    assert!(arrives(&lab, "guest", "10.1.1.77", "far"), "any address of the peer's blocks may come");
    assert!(!arrives(&lab, "guest", "10.7.1.60", "far"), "not of the peer's blocks");
    assert!(!arrives(&lab, "guest", "10.0.1.60", "far"), "of this VPC's own block");
}

fn mtu_9001_in_the_vpc() {
    let mut lab = open_story();
    lab.apply();
    assert!(matches!(lab.echo_request("client", "10.0.2.50", 8973), Fate::Answered(_)));
    assert!(matches!(lab.echo_request("client", "10.0.2.50", 8974), Fate::Error(_)));
    // In one region peering is as wide.
    assert!(matches!(lab.echo_request("client", "10.1.1.60", 8973), Fate::Answered(_)));
    lab.plan.peerings.get_mut(&pcx("ab")).unwrap().mtu = NARROW_MTU;
    lab.apply();
    assert_ne!(lab.echo_request("client", "10.1.1.60", 8973), Fate::Answered("9001 bytes".into()));
}

fn mtu_8500_between_regions() {
    let mut lab = open_story();
    lab.plan.peerings.get_mut(&pcx("ab")).unwrap().mtu = NARROW_MTU;
    lab.apply();
    assert!(matches!(lab.echo_request("client", "10.1.1.60", 8472), Fate::Answered(_)));
    let first = lab.echo_request("client", "10.1.1.60", 8973);
    assert!(!matches!(first, Fate::Answered(_)), "{first:?}");
    // "Fragmentation needed, mtu 8500" came back: now the sender knows.
    let large = std::io::Error::from_raw_os_error(90).kind();
    assert_eq!(lab.echo_request("client", "10.1.1.60", 8473), Fate::Error(large));
    assert!(matches!(lab.echo_request("client", "10.1.1.60", 8472), Fate::Answered(_)));
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("guest", "10.0.1.50", 443).ok().unwrap();
    assert!(connection.exchange(2 << 20), "TCP finds the path's MTU");
}

fn endpoint_takes_8500_bytes_in_silence() {
    let lab = open_story();
    lab.apply();
    lab.serve("vpce", 443);
    assert_eq!(lab.path_mtu("vpce", "10.0.1.60"), 8500);
    let (_, mut connection) = lab.connect("client", "10.0.1.100", 443).ok().unwrap();
    assert!(connection.exchange(2 << 20), "its segment size is agreed on");
    assert_eq!(lab.path_mtu("client", "10.0.1.100"), 9001, "no \"fragmentation needed\" came back");
    let (_, mut connection) = lab.connect("guest", "10.0.1.100", 443).ok().unwrap();
    assert!(connection.exchange(2 << 20), "over peering as well");
}

fn route_table_of_one_subnet_only() {
    let mut lab = open_story();
    let mut table = lab.router("a").route_tables.values().next().unwrap().clone();
    table.number = 3333;
    table.routes.remove(&super::lab::cidr("10.1.0.0/16")).unwrap();
    lab.router("a").route_tables.insert(super::lab::rtb("own"), table);
    lab.apply();
    lab.serve("guest", 443);
    lab.passes("client", "10.1.1.60", 443);
    lab.router("a").subnets.get_mut(&subnet("a1")).unwrap().route_table = super::lab::rtb("own");
    lab.apply();
    lab.vanishes("client", "10.1.1.60", 443);
    lab.passes("far", "10.1.1.60", 443);
}

fn address_of_nobody_is_a_black_hole() {
    let mut lab = open_story();
    lab.allow("client", udp(1), from("0.0.0.0/0"));
    lab.apply();
    lab.vanishes("far", "10.0.1.51", 443);
    lab.vanishes("guest", "10.0.1.51", 443);
    lab.vanishes("client", "10.99.0.1", 443);
    lab.vanishes("client", "8.8.8.8", 443);
}

fn no_ipv6() {
    let lab = Lab::story();
    lab.apply();
    for place in [Place::Interface(eni("client")), Place::Router(vpc("a"))] {
        let addresses = inside(lab.netns_of(place), || std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap_or_default());
        assert_eq!(addresses, "");
    }
}

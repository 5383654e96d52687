//! Security groups and network ACLs.
use super::{
    Check,
    lab::{Lab, acl, eni, entry, from, of, subnet, tcp, udp, vpc},
    sockets::{Fate, answer},
};
use vpclab_fabric::{
    Place,
    plan::{Kind, NetworkAcl},
};
use vpclab_packet::{Span, Traffic};

pub const CHECKS: &[Check] = &[
    ("no_rule_same_subnet", no_rule_same_subnet),
    ("no_rule_other_subnet_and_peering", no_rule_other_subnet_and_peering),
    ("group_reference_member_and_stranger", group_reference_member_and_stranger),
    ("egress_is_a_gate_of_its_own", egress_is_a_gate_of_its_own),
    ("overlapping_cidr_rules", overlapping_cidr_rules),
    ("protocols_ports_and_icmp_types", protocols_ports_and_icmp_types),
    ("tracked_flow_outlives_its_rule", tracked_flow_outlives_its_rule),
    ("untracked_flow_is_cut_with_its_rule", untracked_flow_is_cut_with_its_rule),
    ("untracked_flow_is_cut_at_the_client", untracked_flow_is_cut_at_the_client),
    ("flow_with_an_endpoint_is_always_tracked", flow_with_an_endpoint_is_always_tracked),
    ("endpoint_takes_443_only", endpoint_takes_443_only),
    ("acl_needs_the_ephemeral_ports", acl_needs_the_ephemeral_ports),
    ("acl_spares_the_subnet_and_the_resolver", acl_spares_the_subnet_and_the_resolver),
    ("acl_entries_in_order", acl_entries_in_order),
];

fn no_rule_same_subnet() {
    let mut lab = Lab::story();
    lab.apply();
    lab.serve("server", 443);
    lab.vanishes("client", "10.0.1.50", 443);
    lab.allow("server", tcp(443, 443), from("10.0.1.0/24"));
    lab.apply();
    lab.passes("client", "10.0.1.50", 443);
}

fn no_rule_other_subnet_and_peering() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(80, 80), from("0.0.0.0/0"));
    lab.apply();
    lab.serve("server", 443);
    lab.vanishes("far", "10.0.1.50", 443);
    lab.vanishes("guest", "10.0.1.50", 443);
    lab.allow("server", tcp(443, 443), from("0.0.0.0/0"));
    lab.apply();
    lab.passes("far", "10.0.1.50", 443);
    lab.passes("guest", "10.0.1.50", 443);
}

fn group_reference_member_and_stranger() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), of("client"));
    lab.members("a", "client", &["10.0.1.60"]);
    lab.apply();
    lab.serve("server", 443);
    lab.passes("client", "10.0.1.50", 443);
    lab.vanishes("far", "10.0.1.50", 443);
    lab.vanishes("guest", "10.0.1.50", 443);
    lab.members("a", "client", &["10.0.1.60", "10.1.1.60"]);
    lab.apply();
    lab.passes("guest", "10.0.1.50", 443);
    lab.members("a", "client", &[]);
    lab.apply();
    lab.vanishes("client", "10.0.1.50", 443);
}

fn egress_is_a_gate_of_its_own() {
    let mut lab = Lab::story();
    lab.allow("server", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    lab.serve("server", 443);
    lab.passes("client", "10.0.1.50", 443);
    lab.group("client").egress.clear();
    lab.apply();
    lab.vanishes("client", "10.0.1.50", 443);
    lab.allow_out("client", tcp(443, 443), from("10.0.1.50/32"));
    lab.apply();
    lab.passes("client", "10.0.1.50", 443);
}

fn overlapping_cidr_rules() {
    let mut lab = Lab::story();
    for (ports, cidr) in [
        // From narrow to wide and back: the kernel takes a wider range after a narrower one, not the other way round.
        (tcp(443, 443), "10.0.1.0/24"),
        (tcp(443, 443), "10.0.0.0/16"),
        (tcp(443, 443), "0.0.0.0/0"),
        (tcp(443, 443), "10.0.0.0/8"),
        (tcp(443, 443), "10.0.2.0/24"),
        (tcp(400, 500), "10.0.0.0/16"),
        (tcp(450, 600), "10.0.0.0/16"),
        (tcp(80, 8080), "10.0.1.60/32"),
        (Traffic::All, "10.1.1.60/32"),
        (Traffic::All, "10.1.0.0/16"),
        (Traffic::Protocol(47), "0.0.0.0/0"),
    ] {
        lab.allow("server", ports, from(cidr));
        // Rule by rule, as people add them.
        lab.apply();
    }
    for port in [443, 550, 650, 8000] {
        lab.serve("server", port);
    }
    for (client, port, passes) in [
        ("client", 443, true),
        ("far", 443, true),
        ("guest", 443, true),
        ("far", 550, true),
        ("far", 650, false),
        ("client", 650, true),
        ("client", 8000, true),
        ("far", 8000, false),
        ("guest", 8000, true),
    ] {
        let fate = lab.call(client, "10.0.1.50", port);
        assert_eq!(matches!(fate, Fate::Answered(_)), passes, "{client} {port}: {fate:?}");
    }
    // And away with the widest: the narrower ones still count.
    lab.group("server").ingress.retain(|rule| rule.peer != from("0.0.0.0/0"));
    lab.apply();
    lab.passes("client", "10.0.1.50", 443);
    lab.passes("far", "10.0.1.50", 443);
}

fn protocols_ports_and_icmp_types() {
    let mut lab = Lab::story();
    lab.apply();
    answer(lab.bind(Place::Interface(eni("server")), "0.0.0.0:5000"), "udp");
    lab.serve("server", 5000);
    let nothing = |lab: &Lab| {
        assert_eq!(lab.ask("client", "10.0.1.50", 5000), None);
        lab.vanishes("client", "10.0.1.50", 5000);
        assert_eq!(lab.echo_request("client", "10.0.1.50", 8), Fate::TimedOut);
    };
    nothing(&lab);
    lab.allow("server", udp(5000), from("10.0.0.0/16"));
    lab.apply();
    assert_eq!(lab.ask("client", "10.0.1.50", 5000).as_deref(), Some("udp"));
    lab.vanishes("client", "10.0.1.50", 5000);
    lab.allow("server", Traffic::Icmp(Span { low: 0x0d00, high: 0x0dff }), from("0.0.0.0/0"));
    lab.apply();
    assert_eq!(lab.echo_request("client", "10.0.1.50", 8), Fate::TimedOut, "another ICMP type");
    lab.allow("server", Traffic::Icmp(Span { low: 0x0800, high: 0x08ff }), from("0.0.0.0/0"));
    lab.apply();
    assert!(matches!(lab.echo_request("client", "10.0.1.50", 8), Fate::Answered(_)));
    lab.group("server").ingress.clear();
    lab.apply();
    nothing(&lab);
    lab.allow("server", Traffic::All, of("client"));
    lab.members("a", "client", &["10.0.1.60"]);
    lab.apply();
    lab.passes("client", "10.0.1.50", 5000);
    assert!(matches!(lab.echo_request("client", "10.0.1.50", 8), Fate::Answered(_)));
}

fn tracked_flow_outlives_its_rule() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("10.0.0.0/16"));
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("client", "10.0.1.50", 443).ok().unwrap();
    lab.group("server").ingress.clear();
    lab.apply();
    lab.vanishes("client", "10.0.1.50", 443);
    assert!(connection.ping(), "an established, tracked flow");
}

fn untracked_flow_is_cut_with_its_rule() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("0.0.0.0/0"));
    lab.allow("server", tcp(80, 80), from("10.0.0.0/16"));
    lab.apply();
    lab.serve("server", 443);
    lab.serve("server", 80);
    let (_, mut untracked) = lab.connect("client", "10.0.1.50", 443).ok().unwrap();
    let (_, mut tracked) = lab.connect("client", "10.0.1.50", 80).ok().unwrap();
    assert!(untracked.ping() && tracked.ping());
    lab.group("server").ingress.clear();
    lab.apply();
    assert!(!untracked.ping(), "open to 0.0.0.0/0 both ways");
    assert!(tracked.ping(), "open to a narrower block");
}

fn untracked_flow_is_cut_at_the_client() {
    let mut lab = Lab::story();
    lab.allow("server", Traffic::All, from("0.0.0.0/0"));
    lab.allow("client", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    lab.serve("server", 443);
    let (_, mut connection) = lab.connect("client", "10.0.1.50", 443).ok().unwrap();
    lab.group("client").egress.clear();
    lab.allow_out("client", tcp(443, 443), from("10.0.1.0/24"));
    lab.apply();
    assert!(connection.ping(), "another rule permits it");
    lab.group("client").egress.clear();
    lab.allow_out("client", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    assert!(connection.ping());
    // Both: with the inbound rule left, the server's next packet would open the flow anew.
    lab.group("client").egress.clear();
    lab.group("client").ingress.clear();
    lab.apply();
    assert!(!connection.ping());
}

fn flow_with_an_endpoint_is_always_tracked() {
    let mut lab = Lab::story();
    for group in ["client", "vpce"] {
        lab.allow(group, Traffic::All, from("0.0.0.0/0"));
    }
    lab.apply();
    lab.serve("vpce", 443);
    let (_, mut connection) = lab.connect("client", "10.0.1.100", 443).ok().unwrap();
    lab.group("vpce").ingress.clear();
    lab.group("client").egress.clear();
    lab.apply();
    assert!(connection.ping());
    lab.vanishes("client", "10.0.1.100", 443);
}

fn endpoint_takes_443_only() {
    let mut lab = Lab::story();
    lab.allow("vpce", Traffic::All, from("0.0.0.0/0"));
    lab.group("vpce").egress.clear();
    lab.apply();
    lab.serve("vpce", 443);
    lab.serve("vpce", 80);
    lab.passes("client", "10.0.1.100", 443);
    lab.passes("guest", "10.0.1.100", 443);
    lab.vanishes("client", "10.0.1.100", 80);
    assert_eq!(lab.echo_request("client", "10.0.1.100", 56), Fate::TimedOut);
    // It opens no connection, whatever its group says.
    lab.allow("server", Traffic::All, from("0.0.0.0/0"));
    lab.allow_out("vpce", Traffic::All, from("0.0.0.0/0"));
    lab.apply();
    lab.serve("server", 443);
    lab.vanishes("vpce", "10.0.1.50", 443);
    // Its groups hold.
    lab.group("vpce").ingress.clear();
    lab.apply();
    lab.vanishes("client", "10.0.1.100", 443);
}

/// Gives a subnet of VPC `a` a network ACL of its own.
fn own_acl(lab: &mut Lab, of_subnet: &str, rules: NetworkAcl) {
    lab.router("a").network_acls.insert(acl("own"), rules);
    lab.router("a").subnets.get_mut(&subnet(of_subnet)).unwrap().network_acl = acl("own");
}

fn acl_needs_the_ephemeral_ports() {
    let mut lab = Lab::story();
    lab.allow("far", Traffic::All, from("0.0.0.0/0"));
    let strict = NetworkAcl {
        egress: vec![entry(100, true, "0.0.0.0/0", tcp(443, 443))],
        ingress: vec![entry(100, true, "0.0.0.0/0", tcp(1024, 65535))],
    };
    own_acl(&mut lab, "a1", strict.clone());
    lab.apply();
    lab.serve("far", 443);
    let (_, mut connection) = lab.connect("client", "10.0.2.50", 443).ok().unwrap();
    assert!(connection.ping());
    // Stateless: without the way back even an established flow ends at once.
    own_acl(&mut lab, "a1", NetworkAcl { ingress: Vec::new(), ..strict });
    lab.apply();
    assert!(!connection.ping());
    lab.vanishes("client", "10.0.2.50", 443);
}

fn acl_spares_the_subnet_and_the_resolver() {
    let mut lab = Lab::story();
    lab.allow("server", tcp(443, 443), from("0.0.0.0/0"));
    own_acl(&mut lab, "a1", NetworkAcl::default());
    lab.apply();
    lab.serve("server", 443);
    answer(lab.bind(Place::Router(vpc("a")), "10.0.0.2:53"), "resolver");
    lab.passes("client", "10.0.1.50", 443);
    assert_eq!(lab.ask("client", "10.0.0.2", 53).as_deref(), Some("resolver"));
    lab.vanishes("far", "10.0.1.50", 443);
    lab.vanishes("guest", "10.0.1.50", 443);
}

fn acl_entries_in_order() {
    let mut lab = Lab::story();
    lab.add_eni("far2", "a", "a2", "10.0.2.51", Kind::Instance);
    lab.allow("server", Traffic::All, from("0.0.0.0/0"));
    let all = entry(100, true, "0.0.0.0/0", Traffic::All);
    let deny = entry(90, false, "10.0.2.50/32", tcp(400, 500));
    let exception = entry(80, true, "10.0.2.50/32", tcp(450, 450));
    own_acl(&mut lab, "a1", NetworkAcl { ingress: vec![exception, deny, all], egress: vec![all] });
    lab.apply();
    lab.serve("server", 443);
    lab.serve("server", 450);
    lab.serve("server", 80);
    lab.vanishes("far", "10.0.1.50", 443);
    lab.passes("far", "10.0.1.50", 450);
    lab.passes("far", "10.0.1.50", 80);
    lab.passes("far2", "10.0.1.50", 443);
}

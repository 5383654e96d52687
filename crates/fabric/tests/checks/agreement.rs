//! The evaluator and the kernel, held against each other: random rules, real packets.
use super::{
    Check,
    lab::{Lab, acl, cidr, eni, entry, ip, of, sg, subnet},
    sockets::inside,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};
use vpclab_cloud::{Direction, SecurityGroupId};
use vpclab_fabric::{Place, plan::NetworkAcl};
use vpclab_packet::{Header, Peer, Span, Traffic, judge_acl};

pub const CHECKS: &[Check] = &[("kernel_and_evaluator_agree", kernel_and_evaluator_agree)];

const PORTS: [u16; 6] = [53, 80, 443, 444, 8080, 65535];
const SENDERS: [(&str, &str); 3] = [("client", "10.0.1.60"), ("far", "10.0.2.50"), ("guest", "10.1.1.60")];
const ROUNDS: u32 = 60;

/// SplitMix64 with a fixed seed: each run tries the same rules.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % sides
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
    fn traffic(&mut self) -> Traffic {
        let (one, two) = (self.pick(&PORTS), self.pick(&PORTS));
        let span = Span { low: one.min(two), high: one.max(two) };
        match self.roll(7) {
            0 => Traffic::All,
            1 => Traffic::Tcp(span),
            2 => Traffic::Protocol(47),
            3 => Traffic::Icmp(Span::ALL),
            4 => Traffic::Udp(Span { low: one, high: one }),
            _ => Traffic::Udp(span),
        }
    }
    fn block(&mut self) -> &'static str {
        self.pick(&["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.0.1.0/24", "10.0.1.60/32", "10.0.2.50/32", "10.1.1.60/32"])
    }
}

fn kernel_and_evaluator_agree() {
    let mut dice = Dice(1);
    let mut lab = Lab::story();
    let router = lab.router("a");
    router.subnets.get_mut(&subnet("a1")).unwrap().network_acl = acl("own");
    router.network_acls.insert(acl("own"), NetworkAcl::default());
    lab.apply();
    let receivers: Vec<(u16, UdpSocket)> = PORTS
        .iter()
        .map(|port| {
            let socket = lab.bind(Place::Interface(eni("server")), &format!("0.0.0.0:{port}"));
            socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
            (*port, socket)
        })
        .collect();
    let (mut arrived_in_all, mut sent_in_all) = (0, 0);
    for round in 0..ROUNDS {
        new_rules(&mut lab, &mut dice);
        lab.apply();
        let wanted = evaluated(&lab);
        // A source port of its own for each round: an older flow would be tracked.
        let source_port = 20_000 + u16::try_from(round).unwrap();
        for (sender, _) in SENDERS {
            inside(lab.netns(sender), move || {
                let socket = UdpSocket::bind(("0.0.0.0", source_port)).unwrap();
                for port in PORTS {
                    socket.send_to(&round.to_be_bytes(), ("10.0.1.50", port)).unwrap();
                }
            });
        }
        let mut arrived = BTreeSet::new();
        for (port, socket) in &receivers {
            while let Ok((_, from)) = socket.recv_from(&mut [0u8; 8]) {
                assert_eq!(from.port(), source_port);
                arrived.insert((from.ip().to_string(), *port));
            }
        }
        let shown = &lab.plan.routers[&super::lab::vpc("a")];
        assert_eq!(arrived, wanted, "round {round}: {:#?} {:#?}", shown.security_groups[&sg("server")], shown.network_acls[&acl("own")]);
        arrived_in_all += arrived.len();
        sent_in_all += SENDERS.len() * PORTS.len();
    }
    // Rules under which all or nothing passes would prove little.
    assert!(arrived_in_all * 5 > sent_in_all && arrived_in_all * 5 < sent_in_all * 4, "{arrived_in_all} of {sent_in_all}");
}

fn new_rules(lab: &mut Lab, dice: &mut Dice) {
    lab.group("server").ingress.clear();
    for _ in 0..dice.roll(8) {
        let peer = if dice.roll(5) == 0 { of("friends") } else { Peer::Cidr(cidr(dice.block())) };
        lab.allow("server", dice.traffic(), peer);
    }
    let friends: Vec<&str> = SENDERS.iter().map(|(_, address)| *address).filter(|_| dice.roll(2) == 0).collect();
    lab.members("a", "friends", &friends);
    let numbers = (10..).step_by(10).take(dice.roll(4));
    let mut entries: Vec<_> = numbers.map(|number| entry(number, dice.roll(2) == 0, dice.block(), dice.traffic())).collect();
    entries.push(entry(100, dice.roll(4) > 0, "0.0.0.0/0", Traffic::All));
    lab.router("a").network_acls.insert(acl("own"), NetworkAcl { ingress: entries, egress: Vec::new() });
}

/// What the evaluator says passes: the group's rules, and the ACL of the subnet for who comes from outside it.
fn evaluated(lab: &Lab) -> BTreeSet<(String, u16)> {
    let router = &lab.plan.routers[&super::lab::vpc("a")];
    let members: &BTreeMap<SecurityGroupId, BTreeSet<Ipv4Addr>> = &router.members;
    let is_member = |group: &SecurityGroupId, address: Ipv4Addr| members[group].contains(&address);
    let mut passing = BTreeSet::new();
    for (_, sender) in SENDERS {
        for port in PORTS {
            let header = Header { protocol: 17, number: port };
            let group = router.security_groups[&sg("server")].allowing(Direction::Ingress, ip(sender), header, &is_member).is_some();
            let neighbour = router.subnets[&subnet("a1")].cidr.contains(&ip(sender));
            let acl = neighbour || judge_acl(&router.network_acls[&acl("own")].ingress, ip(sender), header).allow;
            if group && acl {
                passing.insert((sender.to_owned(), port));
            }
        }
    }
    passing
}

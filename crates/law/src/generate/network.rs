//! VPCs, subnets, peerings, routes, rules, and what lives there.
use super::{ACCOUNTS, Made, Net, REGIONS};
use crate::{
    case::{PeeringEnd, Step},
    dice::Dice,
    generate::apis::policy,
};

pub(super) fn networks(dice: &mut Dice, made: &mut Made) {
    let regions = dice.between(1, 3);
    let accounts = if dice.percent(25) { 2 } else { 1 };
    for n in 0..dice.between(1, 4) {
        let region = REGIONS.get(dice.below(regions)).copied().unwrap_or_default();
        let account = ACCOUNTS.get(dice.below(accounts)).copied().unwrap_or_default();
        // Some VPCs have the block of another one.
        let second = if n > 0 && dice.percent(12) { 0 } else { n };
        let is = format!("v{n}");
        let cidr = format!("10.{second}.0.0/16");
        made.steps.push(Step::Vpc { is: is.clone(), region: region.into(), account: account.into(), cidr: cidr.clone() });
        made.steps.push(Step::Dns { vpc: is.clone(), support: true, hostnames: !dice.percent(6) });
        let mut subnets = Vec::new();
        for (k, zone) in ["a", "b", "c"].iter().enumerate().take(dice.between(1, 3)) {
            let (label, block) = (format!("s{n}{k}"), format!("10.{second}.{k}.0/24"));
            made.steps.push(Step::Subnet { is: label.clone(), vpc: is.clone(), cidr: block.clone(), zone: (*zone).into() });
            subnets.push((label, block));
        }
        if dice.percent(15) {
            made.steps.push(Step::Block { vpc: is.clone(), cidr: format!("10.{}.0.0/16", 100 + n) });
            let (label, block) = (format!("s{n}9"), format!("10.{}.1.0/24", 100 + n));
            made.steps.push(Step::Subnet { is: label.clone(), vpc: is.clone(), cidr: block.clone(), zone: "b".into() });
            subnets.push((label, block));
        }
        if dice.percent(4) {
            let servers = match dice.below(3) {
                0 => vec!["AmazonProvidedDNS".to_owned(), "10.0.0.250".to_owned()],
                1 => vec!["10.0.0.250".to_owned()],
                _ => vec!["AmazonProvidedDNS".to_owned()],
            };
            made.steps.push(Step::Servers { vpc: is.clone(), servers });
        }
        let (client_group, endpoint_group) = (format!("gc{n}"), format!("ge{n}"));
        for group in [&client_group, &endpoint_group] {
            made.steps.push(Step::Group { is: group.clone(), vpc: is.clone() });
        }
        made.nets.push(Net { is, region, account, cidr, subnets, client_group, endpoint_group });
    }
}

pub(super) fn peerings(dice: &mut Dice, made: &mut Made) {
    let count = made.nets.len();
    for a in 0..count {
        for b in a + 1..count {
            if !dice.percent(65) {
                continue;
            }
            let (a, b) = if dice.percent(50) { (a, b) } else { (b, a) };
            let (Some(one), Some(two)) = (made.nets.get(a), made.nets.get(b)) else { continue };
            let is = format!("p{a}{b}");
            let end = match dice.below(10) {
                0 => PeeringEnd::Rejected,
                1 => PeeringEnd::Pending,
                _ => PeeringEnd::Accepted,
            };
            made.steps.push(Step::Peering { is: is.clone(), from: one.is.clone(), to: two.is.clone(), end });
            made.peerings.push((is, a, b));
        }
    }
}

/// Routes, network ACLs and security group rules.
pub(super) fn rules(dice: &mut Dice, made: &mut Made) {
    let nets = made.nets.clone();
    for (n, net) in nets.iter().enumerate() {
        let mut tables = vec![net.is.clone()];
        for (subnet, _) in &net.subnets {
            if dice.percent(30) {
                let is = format!("t{subnet}");
                made.steps.push(Step::Table { is: is.clone(), subnet: subnet.clone() });
                tables.push(is);
            }
            if dice.percent(22) {
                acl(dice, made, subnet);
            }
        }
        for table in &tables {
            routes(dice, made, n, table);
        }
        client_rules(dice, made, net);
        endpoint_rules(dice, made, net);
    }
}

fn routes(dice: &mut Dice, made: &mut Made, n: usize, table: &str) {
    let peers: Vec<(String, String)> = (made.peerings.iter())
        .filter_map(|(is, a, b)| {
            let other = if *a == n {
                *b
            } else if *b == n {
                *a
            } else {
                return None;
            };
            Some((is.clone(), made.nets.get(other)?.cidr.clone()))
        })
        .collect();
    for (peering, cidr) in &peers {
        if dice.percent(88) {
            let cidr = match dice.below(12) {
                0 => "10.0.0.0/8".to_owned(),
                // Only the first subnet, or a block beside.
                1 => cidr.replace(".0.0/16", ".0.0/24"),
                2 => cidr.replace(".0.0/16", ".128.0/17"),
                _ => cidr.clone(),
            };
            made.steps.push(Step::Route { table: table.into(), cidr, peering: Some(peering.clone()) });
        }
        if dice.percent(40)
            && let Some(other) = other_block(cidr)
        {
            made.steps.push(Step::Route { table: table.into(), cidr: other, peering: Some(peering.clone()) });
        }
        // A longer prefix that leads elsewhere.
        if dice.percent(8) {
            let away = peers.get(dice.below(peers.len())).map(|(is, _)| is.clone());
            let to = if dice.percent(50) { away } else { None };
            made.steps.push(Step::Route { table: table.into(), cidr: cidr.replace(".0.0/16", ".1.0/24"), peering: to });
        }
    }
    // Routes that peering does not carry: to the other networks by whatever peering there is.
    if let (true, Some((peering, _))) = (dice.percent(15), dice.pick(&peers).cloned()) {
        let others: Vec<String> = made.nets.iter().map(|net| net.cidr.clone()).collect();
        if let Some(cidr) = dice.pick(&others) {
            made.steps.push(Step::Route { table: table.into(), cidr: cidr.clone(), peering: Some(peering) });
        }
    }
    if dice.percent(25) {
        made.steps.push(Step::Route { table: table.into(), cidr: "0.0.0.0/0".into(), peering: None });
    }
}

/// The second block of the VPC with a block, `10.101.0.0/16` for `10.1.0.0/16`.
fn other_block(cidr: &str) -> Option<String> {
    let number: usize = cidr.split('.').nth(1)?.parse().ok()?;
    Some(format!("10.{}.0.0/16", 100 + number))
}

/// Ranges that hold the ports clients call from, miss them, or cut through them.
const EPHEMERAL: [(i32, i32); 8] =
    [(1024, 65535), (1024, 65535), (1024, 65535), (32768, 60999), (32768, 65535), (1024, 32767), (49152, 65535), (0, 65535)];

fn acl(dice: &mut Dice, made: &mut Made, subnet: &str) {
    let is = format!("a{subnet}");
    made.steps.push(Step::Acl { is: is.clone(), subnet: subnet.into() });
    let mut blocks = vec!["0.0.0.0/0".to_owned(), "10.0.0.0/8".to_owned()];
    blocks.extend(made.nets.iter().map(|net| net.cidr.clone()));
    blocks.extend(made.nets.iter().flat_map(|net| net.subnets.iter().map(|(_, block)| block.clone())));
    let mut number = 0;
    for egress in [false, true] {
        // Refusals first, sometimes.
        for _ in 0..[0, 0, 0, 1, 1, 2].get(dice.below(6)).copied().unwrap_or(0) {
            number += 10;
            let ports = match dice.below(6) {
                0 => Some((443, 443)),
                1 => EPHEMERAL.get(dice.below(EPHEMERAL.len())).copied(),
                2 => Some((80, 80)),
                3 => Some((0, 442)),
                4 => Some((22, 8443)),
                _ => None,
            };
            let allow = dice.percent(25);
            entry(dice, made, &is, number, egress, ports, &blocks, allow);
        }
        let all = dice.percent(60);
        if all {
            number += 10;
            made.steps.push(Step::Entry {
                acl: is.clone(),
                number,
                egress,
                allow: true,
                protocol: "-1".into(),
                ports: None,
                cidr: "0.0.0.0/0".into(),
            });
            continue;
        }
        for ports in [Some((443, 443)), EPHEMERAL.get(dice.below(EPHEMERAL.len())).copied()] {
            number += 10;
            if dice.percent(88) {
                entry(dice, made, &is, number, egress, ports, &blocks, true);
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the members of one entry")]
fn entry(
    dice: &mut Dice,
    made: &mut Made,
    acl: &str,
    number: u16,
    egress: bool,
    ports: Option<(i32, i32)>,
    blocks: &[String],
    allow: bool,
) {
    let protocol = match (ports, dice.below(12)) {
        (None, _) => "-1",
        (Some(_), 0) => "17",
        (Some(_), _) => "6",
    };
    let cidr = if dice.percent(45) { Some("0.0.0.0/0".to_owned()) } else { dice.pick(blocks).cloned() };
    made.steps.push(Step::Entry {
        acl: acl.into(),
        number,
        egress,
        allow,
        protocol: protocol.into(),
        ports,
        cidr: cidr.unwrap_or_default(),
    });
}

fn client_rules(dice: &mut Dice, made: &mut Made, net: &Net) {
    let group = net.client_group.clone();
    if !dice.percent(20) {
        return;
    }
    made.steps.push(Step::NoEgress { group: group.clone() });
    if dice.percent(60) {
        let peer = dice.word(&["0.0.0.0/0", "10.0.0.0/8", &net.cidr, &net.endpoint_group]);
        made.steps.push(Step::Rule { group: group.clone(), egress: true, protocol: "tcp".into(), ports: Some((443, 443)), peer });
    }
    for _ in 0..dice.below(3) {
        let (protocol, ports) = traffic(dice);
        let peer = peer(dice, made, net);
        made.steps.push(Step::Rule { group: group.clone(), egress: true, protocol, ports, peer });
    }
}

fn endpoint_rules(dice: &mut Dice, made: &mut Made, net: &Net) {
    let group = net.endpoint_group.clone();
    if dice.percent(75) {
        let peer = dice.word(&["0.0.0.0/0", "10.0.0.0/8", &net.cidr, &net.client_group]);
        made.steps.push(Step::Rule { group: group.clone(), egress: false, protocol: "tcp".into(), ports: Some((443, 443)), peer });
    }
    for _ in 0..dice.between(1, 3) {
        let (protocol, ports) = traffic(dice);
        let peer = peer(dice, made, net);
        made.steps.push(Step::Rule { group: group.clone(), egress: false, protocol, ports, peer });
    }
    // Egress rules of an endpoint do nothing.
    if dice.percent(10) {
        made.steps.push(Step::NoEgress { group });
    }
}

fn traffic(dice: &mut Dice) -> (String, Option<(i32, i32)>) {
    let (protocol, ports) = match dice.below(14) {
        0 => ("tcp", Some((80, 80))),
        1 => ("tcp", Some((0, 65535))),
        2 => ("tcp", Some((400, 500))),
        3 => ("udp", Some((443, 443))),
        4 => ("-1", None),
        5 => ("tcp", Some((444, 8443))),
        _ => ("tcp", Some((443, 443))),
    };
    (protocol.to_owned(), ports)
}

/// Whom a rule lets in or out to: a block, a group of this VPC or of another.
fn peer(dice: &mut Dice, made: &Made, net: &Net) -> String {
    let other = dice.pick(&made.nets).cloned().unwrap_or_else(|| net.clone());
    match dice.below(10) {
        0 | 1 => "0.0.0.0/0".to_owned(),
        2 | 3 => net.cidr.clone(),
        4 => other.cidr,
        5 => other.subnets.first().map_or_else(|| other.cidr.clone(), |(_, block)| block.clone()),
        6 => other.client_group,
        7 => other.endpoint_group,
        8 => "10.0.0.0/8".to_owned(),
        _ => net.client_group.clone(),
    }
}

/// Instances, functions and endpoints.
pub(super) fn members(dice: &mut Dice, made: &mut Made) {
    let nets = made.nets.clone();
    for (n, net) in nets.iter().enumerate() {
        for k in 0..dice.between(1, 2) {
            let Some((subnet, _)) = dice.pick(&net.subnets).cloned() else { continue };
            let groups = groups(dice, &net.client_group, &net.endpoint_group);
            let is = format!("i{n}{k}");
            made.sources.push((is.clone(), n));
            made.steps.push(if dice.percent(15) { Step::Function { is, subnet, groups } } else { Step::Instance { is, subnet, groups } });
        }
        // The first VPC always has an endpoint: without one there is little to call.
        let endpoints = if n == 0 { dice.between(1, 2) } else { usize::from(dice.percent(45)) };
        for k in 0..endpoints {
            let is = format!("e{n}{k}");
            let subnets = net.subnets.iter().filter(|_| dice.percent(55)).map(|(label, _)| label.clone());
            let mut subnets: Vec<String> = subnets.collect();
            if subnets.is_empty() {
                subnets.extend(net.subnets.first().map(|(label, _)| label.clone()));
            }
            let groups = groups(dice, &net.endpoint_group, &net.client_group);
            made.endpoints.push((is.clone(), n));
            let private_dns = dice.percent(if k == 0 { 80 } else { 10 });
            let policy = if dice.percent(30) { Some(policy(dice, made, None)) } else { None };
            made.steps.push(Step::Endpoint { is, vpc: net.is.clone(), subnets, groups, private_dns, policy });
        }
    }
}

fn groups(dice: &mut Dice, usual: &str, other: &str) -> Vec<String> {
    match dice.below(12) {
        0 => vec![other.to_owned()],
        1 => vec![usual.to_owned(), other.to_owned()],
        // The VPC's default group.
        2 => Vec::new(),
        _ => vec![usual.to_owned()],
    }
}

/// What is taken away again.
pub(super) fn ends(dice: &mut Dice, made: &mut Made) {
    for net in made.nets.clone() {
        match dice.below(24) {
            0 => made.steps.push(Step::Dns { vpc: net.is, support: false, hostnames: true }),
            1 => made.steps.push(Step::Dns { vpc: net.is, support: true, hostnames: false }),
            _ => {}
        }
    }
    let peerings: Vec<String> = made.peerings.iter().map(|(is, ..)| is.clone()).collect();
    for peering in peerings {
        if dice.percent(7) {
            made.steps.push(Step::EndPeering { peering });
        }
    }
    if let (true, Some((endpoint, _))) = (dice.percent(6), dice.pick(&made.endpoints).cloned()) {
        made.steps.push(Step::EndEndpoint { endpoint });
    }
}

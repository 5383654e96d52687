//! Builds one VPC with many instances' interfaces, changes one rule, and says what each took.
//!
//! `cargo run --release -p vpclab-fabric --example thousand -- 1000`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{collections::BTreeMap, net::Ipv4Addr, time::Instant};
use vpclab_cloud::{NetworkInterfaceId, SecurityGroupId};
use vpclab_fabric::{
    Fabric, Plan,
    plan::{Interface, Kind, NetworkAcl, RouteTable, Router, Subnet, Target},
};
use vpclab_packet::{AclRule, Gates, Peer, Rule, Span, Traffic};

fn id<T: std::str::FromStr>(prefix: &str, number: usize) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{prefix}{number:0>17x}").parse().unwrap()
}

fn rule(number: usize, traffic: Traffic, cidr: &str) -> Rule {
    Rule { id: id("sgr-", number), traffic, peer: Peer::Cidr(cidr.parse().unwrap()) }
}

fn plan(count: usize) -> Plan {
    let everything = vec![AclRule { number: 100, allow: true, cidr: "0.0.0.0/0".parse().unwrap(), traffic: Traffic::All }];
    let gates = Gates {
        ingress: vec![rule(1, Traffic::Tcp(Span { low: 443, high: 443 }), "10.0.0.0/16")],
        egress: vec![rule(2, Traffic::All, "0.0.0.0/0")],
    };
    let local = [("10.0.0.0/16".parse().unwrap(), Target::Local)].into();
    let subnet = Subnet { cidr: "10.0.0.0/18".parse().unwrap(), group: 2000, route_table: id("rtb-", 1), network_acl: id("acl-", 1) };
    let router = Router {
        cidrs: ["10.0.0.0/16".parse().unwrap()].into(),
        platform: [Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(169, 254, 169, 253)].into(),
        subnets: [(id("subnet-", 1), subnet)].into(),
        route_tables: [(id("rtb-", 1), RouteTable { number: 2000, routes: local })].into(),
        network_acls: [(id("acl-", 1), NetworkAcl { ingress: everything.clone(), egress: everything })].into(),
        security_groups: [(id::<SecurityGroupId>("sg-", 1), gates)].into(),
        members: BTreeMap::new(),
    };
    let interfaces = (0..count).map(|number| {
        let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 10)) + u32::try_from(number).unwrap());
        let [a, b, c, d] = address.octets();
        let interface = Interface {
            vpc: id("vpc-", 1),
            subnet: id("subnet-", 1),
            kind: Kind::Instance,
            address,
            mac: [6, 0, a, b, c, d],
            security_groups: [id("sg-", 1)].into(),
            source_dest_check: true,
            logged: false,
        };
        (id::<NetworkInterfaceId>("eni-", number), interface)
    });
    Plan { routers: [(id("vpc-", 1), router)].into(), interfaces: interfaces.collect(), peerings: BTreeMap::new() }
}

fn main() {
    let count: usize = std::env::args().nth(1).map_or(1000, |argument| argument.parse().expect("a number of interfaces"));
    vpclab_fabric::userns::enter().expect("root, or a user namespace");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let fabric = Fabric::start().unwrap();
    let timed = |what: &str, plan: Plan| {
        let start = Instant::now();
        runtime.block_on(fabric.apply(plan)).unwrap();
        println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    let mut wanted = plan(count);
    timed(&format!("build {count} interfaces"), wanted.clone());
    let gates = wanted.routers.values_mut().next().unwrap().security_groups.values_mut().next().unwrap();
    gates.ingress.push(rule(3, Traffic::Tcp(Span { low: 80, high: 80 }), "10.0.0.0/16"));
    timed("add one rule", wanted.clone());
    timed("the same plan again", wanted.clone());
    let (last, _) = wanted.interfaces.pop_last().unwrap();
    timed(&format!("remove {last}"), wanted.clone());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmRSS")).unwrap());
    timed("remove all", Plan::default());
}

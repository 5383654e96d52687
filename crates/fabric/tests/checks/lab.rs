//! A small notation for plans, and a fabric that runs them.
use ipnet::Ipv4Net;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    os::fd::OwnedFd,
};
use vpclab_cloud::{NetworkAclId, NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcId, VpcPeeringConnectionId};
use vpclab_fabric::{
    Fabric, FabricError, Place, Plan,
    plan::{Interface, Kind, NetworkAcl, Peering, RouteTable, Router, Side, Subnet, Target, VPC_MTU},
};
use vpclab_packet::{AclRule, Gates, Peer, Rule, Span, Traffic};

pub struct Lab {
    pub plan: Plan,
    pub fabric: Fabric,
    runtime: tokio::runtime::Runtime,
    rules: u32,
}

/// An id from a few letters: each becomes two hexadecimal digits.
fn id<T: std::str::FromStr>(prefix: &str, name: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}{digits:0>17}").parse().unwrap()
}
pub fn vpc(name: &str) -> VpcId {
    id("vpc-", name)
}
pub fn subnet(name: &str) -> SubnetId {
    id("subnet-", name)
}
pub fn eni(name: &str) -> NetworkInterfaceId {
    id("eni-", name)
}
pub fn sg(name: &str) -> SecurityGroupId {
    id("sg-", name)
}
pub fn rtb(name: &str) -> RouteTableId {
    id("rtb-", name)
}
pub fn acl(name: &str) -> NetworkAclId {
    id("acl-", name)
}
pub fn pcx(name: &str) -> VpcPeeringConnectionId {
    id("pcx-", name)
}
pub fn cidr(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}
pub fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}
pub fn tcp(low: u16, high: u16) -> Traffic {
    Traffic::Tcp(Span { low, high })
}
pub fn udp(port: u16) -> Traffic {
    Traffic::Udp(Span { low: port, high: port })
}
pub fn from(text: &str) -> Peer {
    Peer::Cidr(cidr(text))
}
pub fn of(group: &str) -> Peer {
    Peer::Group(sg(group))
}
pub fn entry(number: u16, allow: bool, text: &str, traffic: Traffic) -> AclRule {
    AclRule { number, allow, cidr: cidr(text), traffic }
}

impl Lab {
    pub fn empty() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { plan: Plan::default(), fabric: Fabric::start().unwrap(), runtime, rules: 0 }
    }

    /// VPC `a` (10.0.0.0/16) with subnets `a1`, `a2`, VPC `b` (10.1.0.0/16) with `b1`, peered over `ab`. Interfaces: `client`,
    /// `server`, `far` and endpoint `vpce` in `a`; `guest` in `b`. Each has a security group of its own name, with all
    /// egress and no ingress.
    pub fn story() -> Self {
        let mut lab = Self::empty();
        lab.add_vpc("a", "10.0.0.0/16", &[("a1", "10.0.1.0/24"), ("a2", "10.0.2.0/24")]);
        lab.add_vpc("b", "10.1.0.0/16", &[("b1", "10.1.1.0/24")]);
        lab.add_eni("client", "a", "a1", "10.0.1.60", Kind::Instance);
        lab.add_eni("server", "a", "a1", "10.0.1.50", Kind::Instance);
        lab.add_eni("far", "a", "a2", "10.0.2.50", Kind::Instance);
        lab.add_eni("vpce", "a", "a1", "10.0.1.100", Kind::Endpoint);
        lab.add_eni("guest", "b", "b1", "10.1.1.60", Kind::Instance);
        lab.peer("ab", "a", "b", VPC_MTU);
        lab.route("a", "10.1.0.0/16", Target::Peering(pcx("ab")));
        lab.route("b", "10.0.0.0/16", Target::Peering(pcx("ab")));
        lab
    }

    pub fn add_vpc(&mut self, name: &str, block: &str, subnets: &[(&str, &str)]) {
        let base = u32::from(cidr(block).network());
        let number = 2000 + u32::try_from(self.plan.routers.len()).unwrap() * 10;
        let everything = |number| vec![entry(number, true, "0.0.0.0/0", Traffic::All)];
        let router = Router {
            cidrs: [cidr(block)].into(),
            platform: [Ipv4Addr::from(base + 2), ip("169.254.169.253")].into(),
            subnets: subnets
                .iter()
                .zip(number..)
                .map(|((id, block), group)| {
                    (subnet(id), Subnet { cidr: cidr(block), group, route_table: rtb(name), network_acl: acl(name) })
                })
                .collect(),
            route_tables: [(rtb(name), RouteTable { number, routes: [(cidr(block), Target::Local)].into() })].into(),
            network_acls: [(acl(name), NetworkAcl { ingress: everything(100), egress: everything(100) })].into(),
            security_groups: BTreeMap::new(),
            members: BTreeMap::new(),
        };
        self.plan.routers.insert(vpc(name), router);
    }

    pub fn add_eni(&mut self, name: &str, in_vpc: &str, in_subnet: &str, address: &str, kind: Kind) {
        let [a, b, c, d] = ip(address).octets();
        let interface = Interface {
            vpc: vpc(in_vpc),
            subnet: subnet(in_subnet),
            kind,
            address: ip(address),
            mac: [0x06, u8::try_from(in_vpc.len()).unwrap(), a, b, c, d],
            security_groups: [sg(name)].into(),
            source_dest_check: true,
            logged: false,
        };
        self.plan.interfaces.insert(eni(name), interface);
        self.router(in_vpc).security_groups.insert(sg(name), Gates::default());
        self.allow_out(name, Traffic::All, from("0.0.0.0/0"));
    }

    pub fn peer(&mut self, name: &str, one: &str, two: &str, mtu: u32) {
        let side = |name: &str| Side { vpc: vpc(name), cidrs: self.plan.routers[&vpc(name)].cidrs.clone() };
        let peering = Peering { sides: [side(one), side(two)], mtu };
        self.plan.peerings.insert(pcx(name), peering);
    }

    pub fn route(&mut self, of_vpc: &str, to: &str, target: Target) {
        self.router(of_vpc).route_tables.get_mut(&rtb(of_vpc)).unwrap().routes.insert(cidr(to), target);
    }
    pub fn unroute(&mut self, of_vpc: &str, to: &str) {
        self.router(of_vpc).route_tables.get_mut(&rtb(of_vpc)).unwrap().routes.remove(&cidr(to)).unwrap();
    }

    pub fn router(&mut self, name: &str) -> &mut Router {
        self.plan.routers.get_mut(&vpc(name)).unwrap()
    }

    /// The rules of a group, wherever it is.
    pub fn group(&mut self, name: &str) -> &mut Gates {
        self.plan.routers.values_mut().find_map(|router| router.security_groups.get_mut(&sg(name))).unwrap()
    }

    pub fn allow(&mut self, group: &str, traffic: Traffic, peer: Peer) {
        let rule = self.rule(traffic, peer);
        self.group(group).ingress.push(rule);
    }
    pub fn allow_out(&mut self, group: &str, traffic: Traffic, peer: Peer) {
        let rule = self.rule(traffic, peer);
        self.group(group).egress.push(rule);
    }
    fn rule(&mut self, traffic: Traffic, peer: Peer) -> Rule {
        self.rules += 1;
        Rule { id: format!("sgr-{:0>17x}", self.rules).parse().unwrap(), traffic, peer }
    }

    /// Says who belongs to a group that a VPC's rules refer to.
    pub fn members(&mut self, of_vpc: &str, group: &str, addresses: &[&str]) {
        let all: BTreeSet<Ipv4Addr> = addresses.iter().map(|address| ip(address)).collect();
        self.router(of_vpc).members.insert(sg(group), all);
    }

    pub fn try_apply(&self) -> Result<(), FabricError> {
        self.runtime.block_on(self.fabric.apply(self.plan.clone()))
    }
    #[track_caller]
    pub fn apply(&self) {
        self.try_apply().unwrap();
    }

    /// Hears of the packets of a VPC's interfaces that are logged.
    pub fn tap(&self, of_vpc: &str) -> vpclab_fabric::observe::FlowTap {
        self.runtime.block_on(self.fabric.flow_tap(vpc(of_vpc))).unwrap()
    }
    pub fn netns(&self, interface: &str) -> OwnedFd {
        self.netns_of(Place::Interface(eni(interface)))
    }
    pub fn netns_of(&self, place: Place) -> OwnedFd {
        self.runtime.block_on(self.fabric.netns_fd(place)).unwrap()
    }
    pub fn listen(&self, place: Place, address: &str) -> std::net::TcpListener {
        let listener = self.runtime.block_on(self.fabric.bind_tcp(place, address.parse().unwrap())).unwrap();
        listener.set_nonblocking(false).unwrap();
        listener
    }
    pub fn bind(&self, place: Place, address: &str) -> std::net::UdpSocket {
        let socket = self.runtime.block_on(self.fabric.bind_udp(place, address.parse().unwrap())).unwrap();
        socket.set_nonblocking(false).unwrap();
        socket
    }

    /// An echo server at an interface: says its name and the client's address, then returns each byte.
    pub fn serve(&self, interface: &str, port: u16) {
        let listener = self.listen(Place::Interface(eni(interface)), &format!("0.0.0.0:{port}"));
        super::sockets::echo(listener, interface);
    }
}

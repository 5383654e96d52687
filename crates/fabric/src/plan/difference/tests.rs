use super::*;
use crate::plan::{Kind, RouteTable, Side, Subnet};

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: fmt::Debug,
{
    text.parse().unwrap()
}

fn story() -> Plan {
    let subnet = Subnet { cidr: id("10.0.1.0/24"), group: 2000, route_table: id("rtb-00000001"), network_acl: id("acl-00000001") };
    let routes = [(id("10.0.0.0/16"), Target::Local)].into();
    let router = Router {
        subnets: [(id("subnet-00000001"), subnet)].into(),
        route_tables: [(id("rtb-00000001"), RouteTable { number: 2000, routes })].into(),
        ..Router::default()
    };
    let interface = Interface {
        vpc: id("vpc-00000001"),
        subnet: id("subnet-00000001"),
        kind: Kind::Instance,
        address: id("10.0.1.10"),
        mac: [2; 6],
        security_groups: [id("sg-00000001")].into(),
        source_dest_check: true,
        logged: false,
    };
    let side = |vpc: &str, cidr: &str| Side { vpc: id(vpc), cidrs: [id(cidr)].into() };
    let peering = Peering { sides: [side("vpc-00000001", "10.0.0.0/16"), side("vpc-00000002", "10.1.0.0/16")], mtu: 9001 };
    Plan {
        routers: [(id("vpc-00000001"), router.clone()), (id("vpc-00000002"), Router::default())].into(),
        interfaces: [(id("eni-00000001"), interface)].into(),
        peerings: [(id("pcx-00000001"), peering)].into(),
    }
}

fn words(old: &Plan, new: &Plan) -> Vec<String> {
    difference(old, new).iter().map(ToString::to_string).collect()
}

#[test]
fn filters_stand_before_links_and_links_before_routes() {
    assert_eq!(
        words(&Plan::default(), &story()),
        [
            "vpc-00000001: add router",
            "vpc-00000002: add router",
            "vpc-00000001: set packet filter",
            "vpc-00000002: set packet filter",
            "vpc-00000001: add router address 10.0.1.1",
            "vpc-00000001: add interface eni-00000001 10.0.1.10",
            "add peering pcx-00000001, mtu 9001",
            "vpc-00000001: add route 10.0.0.0/16 to table 2000: Local",
            "vpc-00000001: add route table 2000",
        ]
    );
    assert_eq!(words(&story(), &story()), Vec::<String>::new());
}

#[test]
fn a_group_change_touches_the_filter_only() {
    let mut new = story();
    new.interfaces.values_mut().for_each(|interface| interface.security_groups = [id("sg-00000002")].into());
    assert_eq!(words(&story(), &new), ["vpc-00000001: set packet filter", "vpc-00000001: cut untracked flows"]);
}

#[test]
fn routes_over_a_new_link_are_made_again() {
    let mut old = story();
    let routes =
        |plan: &mut Plan| plan.routers.get_mut("vpc-00000001").unwrap().route_tables.get_mut("rtb-00000001").unwrap().routes.clone();
    let mut with_route = routes(&mut old);
    with_route.insert(id("10.1.0.0/16"), Target::Peering(id("pcx-00000001")));
    old.routers.get_mut("vpc-00000001").unwrap().route_tables.get_mut("rtb-00000001").unwrap().routes = with_route;
    let mut new = old.clone();
    new.peerings.get_mut("pcx-00000001").unwrap().mtu = 8500;
    assert_eq!(
        words(&old, &new),
        [
            "remove peering pcx-00000001",
            "add peering pcx-00000001, mtu 8500",
            "vpc-00000001: add route 10.1.0.0/16 to table 2000: Peering(pcx-00000001)",
        ]
    );
}

#[test]
fn what_goes_goes_in_the_other_order() {
    let mut new = story();
    new.interfaces.clear();
    new.peerings.clear();
    new.routers.remove("vpc-00000002").unwrap();
    assert_eq!(
        words(&story(), &new),
        [
            "remove peering pcx-00000001",
            "vpc-00000001: remove interface eni-00000001",
            "vpc-00000002: remove router",
            "vpc-00000001: set packet filter",
            "vpc-00000001: cut untracked flows",
        ]
    );
}

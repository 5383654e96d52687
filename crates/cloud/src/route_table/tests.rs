use super::*;
use crate::fixture::Lab;
use crate::peering::CreateVpcPeeringConnection;
use proptest::prelude::*;

/// A VPC 10.0.0.0/16 with a subnet, its main table, and a waiting peering to 10.1.0.0/16.
struct Net {
    lab: Lab,
    vpc: VpcId,
    subnet: SubnetId,
    main: RouteTableId,
    peering: VpcPeeringConnectionId,
}

fn net() -> Net {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let peer = lab.vpc("10.1.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    let peering = request(&mut lab, &vpc, &peer);
    let main = lab.cloud.vpcs[&vpc].main_route_table.clone();
    Net { lab, vpc, subnet, main, peering }
}

fn request(lab: &mut Lab, vpc: &VpcId, peer: &VpcId) -> VpcPeeringConnectionId {
    let input =
        CreateVpcPeeringConnection { vpc: vpc.clone(), peer_vpc: peer.clone(), peer_account: None, peer_region: None, tags: Tags::new() };
    lab.run(|cloud, cx| cloud.create_vpc_peering_connection(cx, input)).unwrap()
}

impl Net {
    fn table(&mut self) -> RouteTableId {
        let input = CreateRouteTable { vpc: self.vpc.clone(), client_token: None, tags: Tags::new() };
        self.lab.run(|cloud, cx| cloud.create_route_table(cx, input)).unwrap()
    }
    fn route(&mut self, cidr: &str) -> Result<(), Refusal> {
        let (main, target) = (self.main.clone(), RouteTarget::Peering(self.peering.clone()));
        self.lab.run(|cloud, cx| cloud.create_route(cx, &main, cidr.parse().unwrap(), target))
    }
    fn route_to(&mut self, cidr: &str, target: &RouteTarget) -> Result<(), Refusal> {
        let main = self.main.clone();
        self.lab.run(|cloud, cx| cloud.create_route(cx, &main, cidr.parse().unwrap(), target.clone()))
    }
    fn replace(&mut self, cidr: &str, target: RouteTarget) -> Result<(), Refusal> {
        let main = self.main.clone();
        self.lab.run(|cloud, cx| cloud.replace_route(cx, &main, cidr.parse().unwrap(), target))
    }
    fn delete(&mut self, cidr: &str) -> Result<(), Refusal> {
        let main = self.main.clone();
        self.lab.run(|cloud, cx| cloud.delete_route(cx, &main, cidr.parse().unwrap()))
    }
    fn states(&self) -> Vec<(String, RouteState)> {
        let cloud = &self.lab.cloud;
        let table = &cloud.route_tables[&self.main];
        table.routes.iter().map(|route| (route.destination.to_string(), cloud.route_state(table, route, self.lab.cx.now))).collect()
    }
    fn accept(&mut self) {
        let peering = self.peering.clone();
        self.lab.run(|cloud, cx| cloud.accept_vpc_peering_connection(cx, &peering)).unwrap();
    }
    fn end(&mut self) {
        let peering = self.peering.clone();
        self.lab.run(|cloud, cx| cloud.delete_vpc_peering_connection(cx, &peering)).unwrap();
    }
    fn value(text: &str) -> Result<(), Refusal> {
        Err(Refusal::InvalidParameterValue(text.to_owned()))
    }
}

#[test]
fn a_route_is_as_active_as_its_peering() {
    let mut net = net();
    net.route("10.1.0.0/16").unwrap();
    let shown = |state| [("10.0.0.0/16".to_owned(), RouteState::Active), ("10.1.0.0/16".to_owned(), state)];
    assert_eq!(net.states(), shown(RouteState::Blackhole), "the peering waits");
    net.accept();
    assert_eq!(net.states(), shown(RouteState::Active));
    net.end();
    assert_eq!(net.states(), shown(RouteState::Blackhole));
    assert_eq!(net.route("10.2.0.0/16"), Err(Refusal::PeeringNotFound(net.peering.clone())), "no new route into what is over");
    net.lab.cloud.peerings.remove(&net.peering);
    assert_eq!(net.states(), shown(RouteState::Blackhole), "a target that is forgotten is a black hole too");
}

#[test]
fn a_destination_is_taken_once_and_in_its_canonical_form() {
    let mut net = net();
    net.route("10.1.200.7/16").unwrap();
    let taken = "10.1.0.0/16".parse().unwrap();
    assert_eq!(net.route("10.1.0.0/16"), Err(Refusal::RouteAlreadyExists(taken)));
    assert_eq!(net.delete("10.1.0.0/16"), Ok(()));
    assert_eq!(net.delete("10.1.0.0/16"), Err(Refusal::RouteNotFound { cidr: taken, table: net.main.clone() }));
}

#[test]
fn what_is_inside_the_vpc_stays_inside() {
    let mut net = net();
    let refused = Net::value("Route target is not supported. This route only supports interface and instance targets.");
    for cidr in ["10.0.0.0/16", "10.0.1.0/24", "10.0.1.5/32"] {
        assert_eq!(net.route(cidr), refused, "{cidr}");
    }
    assert_eq!(net.route("10.0.0.0/8"), Ok(()), "wider is no harm: the longest prefix wins");
    let main = net.main.clone();
    assert_eq!(net.delete("10.0.0.0/16"), Net::value(&format!("cannot remove local route 10.0.0.0/16 in route table {main}")));
    let peering = RouteTarget::Peering(net.peering.clone());
    assert_eq!(net.replace("10.0.0.0/16", peering), refused);
    assert_eq!(net.replace("10.0.0.0/16", RouteTarget::Local), Ok(()));
    assert!(net.replace("10.0.0.0/8", RouteTarget::Local).is_err());
}

#[test]
fn a_peering_of_other_vpcs_is_no_target() {
    let mut net = net();
    let (a, b) = (net.lab.vpc("10.8.0.0/16"), net.lab.vpc("10.9.0.0/16"));
    let own = std::mem::replace(&mut net.peering, request(&mut net.lab, &a, &b));
    let (table, other) = (net.main.clone(), net.peering.clone());
    let refused = format!("route table {table} and vpc peering connection {other} belong to different networks");
    assert_eq!(net.route("10.9.0.0/16"), Net::value(&refused));
    net.peering = own.clone();
    net.lab.go("2/ap-northeast-2");
    assert_eq!(net.route("10.1.0.0/16"), Err(Refusal::RouteTableNotFound(net.main.clone())));
}

#[test]
fn a_route_is_replaced_only_where_there_is_one() {
    let mut net = net();
    let peering = RouteTarget::Peering(net.peering.clone());
    let text = "There is no route defined for '10.1.0.0/16' in the route table. Use CreateRoute instead.";
    assert_eq!(net.replace("10.1.0.0/16", peering.clone()), Net::value(text));
    net.route("10.1.0.0/16").unwrap();
    assert_eq!(net.replace("10.1.0.0/16", peering), Ok(()));
}

#[test]
fn a_subnet_follows_its_own_table_or_the_main_one() {
    let mut net = net();
    let own = net.table();
    let followed = |net: &Net| net.lab.cloud.route_table_of(&net.lab.cloud.subnets[&net.subnet]).unwrap().id.clone();
    assert_eq!(followed(&net), net.main);
    let subnet = net.subnet.clone();
    let associate = |net: &mut Net, table: &RouteTableId| net.lab.run(|cloud, cx| cloud.associate_route_table(cx, table, &subnet));
    let id = associate(&mut net, &own).unwrap();
    assert_eq!(followed(&net), own);
    assert_eq!(associate(&mut net, &own), Ok(id.clone()), "the same again is the same");
    let third = net.table();
    assert_eq!(associate(&mut net, &third), Err(Refusal::AlreadyAssociated(third.clone())));
    let busy = Refusal::DependencyViolation { resource: format!("routeTable '{own}'") };
    assert_eq!(net.lab.run(|cloud, cx| cloud.delete_route_table(cx, &own)), Err(busy));
    let new = net.lab.run(|cloud, cx| cloud.replace_route_table_association(cx, &id, &third)).unwrap();
    assert_ne!(new, id);
    assert_eq!(followed(&net), third);
    let gone = net.lab.run(|cloud, cx| cloud.disassociate_route_table(cx, &id));
    assert_eq!(gone, Err(Refusal::RouteTableAssociationNotFound(id)));
    net.lab.run(|cloud, cx| cloud.disassociate_route_table(cx, &new)).unwrap();
    assert_eq!(followed(&net), net.main);
    assert_eq!(net.lab.run(|cloud, cx| cloud.delete_route_table(cx, &own)), Ok(()));
}

#[test]
fn another_table_becomes_the_main_one() {
    let mut net = net();
    let main = net.lab.cloud.route_tables[&net.main].associations[0].id.clone();
    assert!(net.lab.run(|cloud, cx| cloud.disassociate_route_table(cx, &main)).is_err());
    let old = net.main.clone();
    assert!(net.lab.run(|cloud, cx| cloud.delete_route_table(cx, &old)).is_err());
    let table = net.table();
    net.lab.run(|cloud, cx| cloud.replace_route_table_association(cx, &main, &table)).unwrap();
    assert_eq!(net.lab.cloud.vpcs[&net.vpc].main_route_table, table);
    assert_eq!(net.lab.run(|cloud, cx| cloud.delete_route_table(cx, &old)), Ok(()));
    let subnet = &net.lab.cloud.subnets[&net.subnet];
    assert_eq!(net.lab.cloud.route_table_of(subnet).unwrap().id, table);
}

#[test]
fn tables_of_other_vpcs_are_out_of_reach() {
    let mut net = net();
    let other = net.lab.vpc("10.9.0.0/16");
    let foreign = net.lab.cloud.vpcs[&other].main_route_table.clone();
    let subnet = net.subnet.clone();
    assert!(net.lab.run(|cloud, cx| cloud.associate_route_table(cx, &foreign, &subnet)).is_err());
    let main = net.lab.cloud.route_tables[&net.main].associations[0].id.clone();
    assert!(net.lab.run(|cloud, cx| cloud.replace_route_table_association(cx, &main, &foreign)).is_err());
}

#[test]
fn a_token_makes_one_table() {
    let mut net = net();
    let input = |arguments: &str| CreateRouteTable {
        vpc: net.vpc.clone(),
        client_token: Some(ClientToken::new("once", &arguments).unwrap()),
        tags: Tags::new(),
    };
    let (same, other) = (input("a"), input("b"));
    let first = net.lab.run(|cloud, cx| cloud.create_route_table(cx, same.clone())).unwrap();
    assert_eq!(net.lab.run(|cloud, cx| cloud.create_route_table(cx, same)), Ok(first));
    let mismatch = net.lab.run(|cloud, cx| cloud.create_route_table(cx, other));
    assert_eq!(mismatch, Err(Refusal::IdempotentParameterMismatch));
}

proptest! {
    /// Whatever is asked, a table keeps its local route first and no destination twice, and every VPC has one main table.
    #[test]
    fn tables_stay_sound(steps in proptest::collection::vec((0_u8..4, 0_u8..4, 16_u8..25), 0..24)) {
        let mut net = net();
        for (what, third, len) in steps {
            let cidr = format!("10.{}.{}.0/{len}", third / 2, u32::from(third) * 16);
            let _ = match what {
                0 | 1 => net.route(&cidr),
                2 => net.delete(&cidr),
                _ => net.replace(&cidr, RouteTarget::Local),
            };
            let table = &net.lab.cloud.route_tables[&net.main];
            prop_assert_eq!(&table.routes[0].target, &RouteTarget::Local);
            let mut seen: Vec<_> = table.routes.iter().map(|route| route.destination).collect();
            prop_assert!(table.routes.iter().all(|route| route.destination == route.destination.trunc()));
            seen.sort();
            let before = seen.len();
            seen.dedup();
            prop_assert_eq!(seen.len(), before);
        }
        let mains = net.lab.cloud.route_tables.values().filter(|table| table.vpc == net.vpc);
        prop_assert_eq!(mains.flat_map(|table| &table.associations).filter(|found| found.subnet.is_none()).count(), 1);
    }
}

#[test]
fn gateways_and_interfaces_are_targets_of_their_own_vpc() {
    use crate::fixture::Launched;
    use crate::nat_gateway::CreateNatGateway;
    let mut net = net();
    let (vpc, subnet) = (net.vpc.clone(), net.subnet.clone());
    let gateway = net.lab.run(|cloud, cx| cloud.create_internet_gateway(cx, Tags::new())).unwrap();
    let to_gateway = RouteTarget::InternetGateway(gateway.clone());
    assert!(
        matches!(net.route_to("0.0.0.0/0", &to_gateway), Err(Refusal::InvalidParameterValue(text)) if text.contains("different networks"))
    );
    net.lab.run(|cloud, cx| cloud.attach_internet_gateway(cx, &gateway, &vpc)).unwrap();
    net.route_to("0.0.0.0/0", &to_gateway).unwrap();
    assert!(net.route_to("10.0.1.0/24", &to_gateway).is_err(), "a route into the VPC cannot leave it");
    let input = CreateNatGateway { subnet: subnet.clone(), allocation: None, private_ip: None, client_token: None, tags: Tags::new() };
    let nat = net.lab.run(|cloud, cx| cloud.create_nat_gateway(cx, input)).unwrap();
    net.route_to("10.7.0.0/16", &RouteTarget::NatGateway(nat.clone())).unwrap();
    let Launched { instance, interface } = net.lab.launched(&subnet);
    assert_eq!(net.lab.cloud.route_interface_of(&net.lab.cx, &instance), Ok(interface.clone()));
    let to_interface = RouteTarget::Interface(interface);
    net.route_to("10.8.0.0/16", &to_interface).unwrap();
    net.route_to("10.0.1.0/24", &to_interface).unwrap();
    assert!(net.route_to("10.0.1.0/25", &to_interface).is_err(), "more specific than a subnet");
    let states = |net: &Net| net.states().into_iter().map(|(_, state)| state == RouteState::Active).collect::<Vec<_>>();
    assert_eq!(states(&net), [true; 5]);
    net.lab.run(|cloud, cx| cloud.stop_instances(cx, &[instance], "")).unwrap();
    net.lab.run(|cloud, cx| cloud.delete_nat_gateway(cx, &nat)).unwrap();
    net.lab.run(|cloud, cx| cloud.detach_internet_gateway(cx, &gateway, &vpc)).unwrap();
    assert_eq!(states(&net), [true, false, false, false, false]);
    assert_eq!(net.route_to("10.9.0.0/16", &RouteTarget::NatGateway(nat.clone())), Err(Refusal::NatGatewayNotFound(nat)));
}

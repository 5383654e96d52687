use super::*;
use std::sync::Arc;
use vpclab_cloud::{
    Context, FlowAction, IdSource, Tags, Timestamp,
    subnet::{CreateSubnet, ZoneChoice},
    vpc::CreateVpc,
};

fn record(recorded: Recorded) -> Record {
    Record {
        log: "fl-0123456789abcdef0".parse().unwrap(),
        interface: "eni-0123456789abcdef0".parse().unwrap(),
        start: Timestamp(1_431_280_876_100),
        end: Timestamp(1_431_280_934_900),
        recorded,
    }
}

fn flow(direction: Direction, destination: [u8; 4]) -> Recorded {
    let flow = Flow {
        direction,
        action: FlowAction::Reject,
        source: [172, 31, 9, 69].into(),
        destination: destination.into(),
        protocol: 6,
        source_port: 49761,
        destination_port: 3389,
    };
    Recorded::Flow { flow, packets: 20, bytes: 4249, tcp_flags: 2 }
}

/// A VPC with one subnet, and the facts of an interface in it.
fn world() -> (Cloud, Facts) {
    let mut cloud = Cloud::default();
    let scope = Scope { account: "123456789010".parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let mut cx = Context { scope: scope.clone(), now: Timestamp(0), ids: IdSource::new(1) };
    let vpc = cloud.create_vpc(&mut cx, CreateVpc { cidr: "172.31.0.0/16".parse().unwrap(), tags: Tags::new() }).unwrap();
    let zone = Some(ZoneChoice::Name("us-east-1a".into()));
    let input = CreateSubnet { vpc: vpc.clone(), cidr: "172.31.9.0/24".parse().unwrap(), zone, tags: Tags::new() };
    let subnet = cloud.create_subnet(&mut cx, input).unwrap();
    let facts = Facts { scope, vpc, subnet, instance: None, address: [172, 31, 9, 12].into(), zone: "use1-az1".into() };
    (cloud, facts)
}

#[test]
fn the_default_format_is_the_one_of_the_documentation() {
    let (cloud, facts) = world();
    let say = |recorded| line(&LogFormat::default(), &record(recorded), &facts, &cloud);
    assert_eq!(
        say(flow(Direction::Ingress, [172, 31, 9, 12])),
        "2 123456789010 eni-0123456789abcdef0 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1431280876 1431280934 REJECT OK"
    );
    assert_eq!(say(Recorded::NoData), "2 123456789010 eni-0123456789abcdef0 - - - - - - - 1431280876 1431280934 - NODATA");
    assert_eq!(say(Recorded::SkipData), "2 123456789010 eni-0123456789abcdef0 - - - - - - - 1431280876 1431280934 - SKIPDATA");
}

#[test]
fn every_field_has_a_word() {
    let (cloud, facts) = world();
    for field in Field::ALL {
        let format = LogFormat::parse(&format!("${{{}}}", field.name())).unwrap();
        for recorded in [flow(Direction::Egress, [172, 31, 1, 1]), Recorded::NoData] {
            let text = line(&format, &record(recorded), &facts, &cloud);
            assert!(!text.is_empty() && !text.contains(' '), "{field:?}: {text:?}");
        }
    }
}

#[test]
fn the_path_of_an_outgoing_flow_follows_the_routes() {
    let (mut cloud, facts) = world();
    let format = LogFormat::parse("${version} ${flow-direction} ${traffic-path} ${srcaddr} ${pkt-srcaddr} ${tcp-flags}").unwrap();
    let say = |cloud: &Cloud, recorded| line(&format, &record(recorded), &facts, cloud);
    assert_eq!(say(&cloud, flow(Direction::Egress, [172, 31, 1, 1])), "5 egress 1 172.31.9.12 172.31.9.69 2");
    assert_eq!(say(&cloud, flow(Direction::Egress, [10, 0, 0, 1])), "5 egress - 172.31.9.12 172.31.9.69 2");
    assert_eq!(say(&cloud, flow(Direction::Ingress, [172, 31, 9, 12])), "5 ingress - 172.31.9.69 172.31.9.69 2");
    let main = cloud.vpcs[&facts.vpc].main_route_table.clone();
    let table = Arc::make_mut(cloud.route_tables.get_mut(&main).unwrap());
    let target = RouteTarget::InternetGateway("igw-0123456789abcdef0".parse().unwrap());
    table.routes.push(vpclab_cloud::Route { destination: "0.0.0.0/0".parse().unwrap(), target, from_table: false });
    assert_eq!(say(&cloud, flow(Direction::Egress, [10, 0, 0, 1])), "5 egress 8 172.31.9.12 172.31.9.69 2");
}

use super::*;
use crate::Refusal;
use crate::fixture::Lab;

fn input(resources: Vec<FlowLogResource>) -> CreateFlowLogs {
    CreateFlowLogs {
        resources,
        traffic: TrafficType::All,
        group: "flows".into(),
        by_arn: false,
        role: "arn:aws:iam::111111111111:role/flows".into(),
        format: LogFormat::default(),
        max_interval: 600,
        client_token: None,
        tags: Tags::new(),
    }
}

#[test]
fn a_format_is_read_and_written() {
    let text = "${version} ${vpc-id} ${flow-direction}";
    let format = LogFormat::parse(text).unwrap();
    assert_eq!((format.to_string().as_str(), format.version()), (text, 5));
    assert_eq!(LogFormat::default().version(), 2);
    for bad in ["", "${version} ", "${version}  ${bytes}", "version", "${colour}", "${version},${bytes}"] {
        assert_eq!(LogFormat::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn each_resource_gets_its_own_and_the_same_one_none_twice() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    let launched = lab.launched(&subnet);
    let of_vpc = FlowLogResource::Vpc(vpc.clone());
    let made = lab.run(|cloud, cx| cloud.create_flow_logs(cx, input(vec![of_vpc.clone()]))).unwrap();
    assert_eq!(made.made.len(), 1);
    let again = lab.run(|cloud, cx| cloud.create_flow_logs(cx, input(vec![of_vpc.clone()])));
    assert_eq!(again, Err(Refusal::FlowLogAlreadyExists));
    let of_subnet = FlowLogResource::Subnet(subnet);
    let both = lab.run(|cloud, cx| cloud.create_flow_logs(cx, input(vec![of_vpc.clone(), of_subnet]))).unwrap();
    assert_eq!((both.made.len(), both.refused), (1, vec![(of_vpc.clone(), Refusal::FlowLogAlreadyExists)]));
    let interface = lab.cloud.network_interfaces[&launched.interface].clone();
    assert_eq!(lab.cloud.flow_logs_on(&interface).count(), 2);
    let other = |group: &str| CreateFlowLogs { group: group.into(), ..input(vec![of_vpc.clone()]) };
    lab.run(|cloud, cx| cloud.create_flow_logs(cx, other("second"))).unwrap();
    let third = lab.run(|cloud, cx| cloud.create_flow_logs(cx, other("third")));
    assert_eq!(third, Err(Refusal::FlowLogLimit(vpc.to_string())));
}

#[test]
fn a_flow_log_ends_with_its_resource_or_when_it_is_deleted() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let made = lab.run(|cloud, cx| cloud.create_flow_logs(cx, input(vec![FlowLogResource::Vpc(vpc.clone())]))).unwrap().made;
    let unknown: FlowLogId = "fl-0123456789abcdef0".parse().unwrap();
    let refused = lab.run(|cloud, cx| cloud.delete_flow_logs(cx, &[made[0].clone(), unknown.clone()]));
    assert_eq!(refused, Err(Refusal::FlowLogsNotFound(vec![unknown])));
    let scope = lab.cx.scope.clone();
    assert_eq!(lab.cloud.flow_logs_of(&scope).count(), 1);
    lab.run(|cloud, cx| cloud.delete_vpc(cx, &vpc)).unwrap();
    assert_eq!(lab.cloud.flow_logs_of(&scope).count(), 0);
}

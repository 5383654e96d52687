use super::*;
use crate::fixture::Lab;

#[test]
fn one_gateway_a_vpc_and_one_vpc_a_gateway() {
    let mut lab = Lab::new();
    let (vpc, other) = (lab.vpc("10.0.0.0/16"), lab.vpc("10.1.0.0/16"));
    let make = |lab: &mut Lab| lab.run(|cloud, cx| cloud.create_internet_gateway(cx, Tags::new())).unwrap();
    let (one, two) = (make(&mut lab), make(&mut lab));
    let attach = |lab: &mut Lab, id: &InternetGatewayId, vpc: &VpcId| lab.run(|cloud, cx| cloud.attach_internet_gateway(cx, id, vpc));
    let detach = |lab: &mut Lab, id: &InternetGatewayId, vpc: &VpcId| lab.run(|cloud, cx| cloud.detach_internet_gateway(cx, id, vpc));
    attach(&mut lab, &one, &vpc).unwrap();
    assert_eq!(attach(&mut lab, &one, &other), Err(Refusal::AlreadyAttached { resource: one.to_string(), to: vpc.clone() }));
    assert!(matches!(attach(&mut lab, &two, &vpc), Err(Refusal::InvalidParameterValue(_))));
    assert!(matches!(detach(&mut lab, &one, &other), Err(Refusal::GatewayNotAttached(_))));
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_internet_gateway(cx, &one)), Err(Refusal::DependencyViolation { .. })));
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_vpc(cx, &vpc)), Err(Refusal::DependencyViolation { .. })));
    detach(&mut lab, &one, &vpc).unwrap();
    lab.run(|cloud, cx| cloud.delete_internet_gateway(cx, &one)).unwrap();
    lab.run(|cloud, cx| cloud.delete_vpc(cx, &vpc)).unwrap();
    lab.go("2/ap-northeast-2");
    assert_eq!(attach(&mut lab, &two, &other), Err(Refusal::InternetGatewayNotFound(two.clone())));
}

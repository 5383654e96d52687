use super::*;
use crate::fixture::Lab;
use crate::{Refusal, VpcId};

fn lab() -> (Lab, VpcId, SubnetId) {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    (lab, vpc, subnet)
}

fn make(lab: &mut Lab, subnet: &SubnetId, allocation: Option<&AllocationId>) -> NatGateway {
    let input = CreateNatGateway {
        subnet: subnet.clone(),
        allocation: allocation.cloned(),
        private_ip: None,
        client_token: None,
        tags: Tags::new(),
    };
    let id = lab.run(|cloud, cx| cloud.create_nat_gateway(cx, input)).unwrap();
    NatGateway::clone(&lab.cloud.nat_gateways[&id])
}

#[test]
fn a_private_one_has_an_interface_that_goes_with_it() {
    let (mut lab, _, subnet) = lab();
    let gateway = make(&mut lab, &subnet, None);
    assert_eq!((gateway.connectivity(), gateway.state.name()), ("private", "available"));
    let interface = gateway.address.interface.unwrap();
    assert_eq!(lab.cloud.network_interfaces[&interface].private_ip.to_string(), "10.0.1.4");
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_subnet(cx, &subnet)), Err(Refusal::DependencyViolation { .. })));
    lab.run(|cloud, cx| cloud.delete_nat_gateway(cx, &gateway.id)).unwrap();
    assert!(lab.cloud.network_interfaces.is_empty());
    assert_eq!(lab.cloud.nat_gateways[&gateway.id].state, NatGatewayState::Deleted);
    lab.run(|cloud, cx| cloud.delete_nat_gateway(cx, &gateway.id)).unwrap();
    lab.hours_later(1);
    let gone = lab.run(|cloud, cx| cloud.delete_nat_gateway(cx, &gateway.id));
    assert_eq!(gone, Err(Refusal::NatGatewayNotFound(gateway.id)));
}

#[test]
fn a_public_one_needs_a_gateway_and_a_free_address() {
    let (mut lab, vpc, subnet) = lab();
    let address = lab.run(|cloud, cx| cloud.allocate_address(cx, Tags::new())).unwrap();
    let code = |gateway: NatGateway| match gateway.state {
        NatGatewayState::Failed { code, .. } => code,
        other => other.name().to_owned(),
    };
    assert_eq!(code(make(&mut lab, &subnet, Some(&address))), "Gateway.NotAttached");
    let internet = lab.run(|cloud, cx| cloud.create_internet_gateway(cx, Tags::new())).unwrap();
    lab.run(|cloud, cx| cloud.attach_internet_gateway(cx, &internet, &vpc)).unwrap();
    let gateway = make(&mut lab, &subnet, Some(&address));
    assert_eq!((gateway.connectivity(), gateway.state.name()), ("public", "available"));
    assert_eq!(code(make(&mut lab, &subnet, Some(&address))), "Resource.AlreadyAssociated");
    let association = gateway.address.public.unwrap().association.unwrap();
    let taken = lab.run(|cloud, cx| cloud.disassociate_address(cx, &association));
    assert!(matches!(taken, Err(Refusal::OperationNotPermitted(_))));
    lab.run(|cloud, cx| cloud.delete_nat_gateway(cx, &gateway.id)).unwrap();
    lab.run(|cloud, cx| cloud.release_address(cx, &address)).unwrap();
    lab.run(|cloud, cx| cloud.detach_internet_gateway(cx, &internet, &vpc)).unwrap();
}

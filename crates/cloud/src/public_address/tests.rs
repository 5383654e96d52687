use super::*;
use crate::fixture::{Lab, Launched};
use crate::{SubnetId, VpcId};

fn lab() -> (Lab, VpcId, SubnetId) {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let gateway = lab.run(|cloud, cx| cloud.create_internet_gateway(cx, Tags::new())).unwrap();
    lab.run(|cloud, cx| cloud.attach_internet_gateway(cx, &gateway, &vpc)).unwrap();
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    (lab, vpc, subnet)
}

impl Lab {
    fn allocate(&mut self) -> AllocationId {
        self.run(|cloud, cx| cloud.allocate_address(cx, Tags::new())).unwrap()
    }
    fn associate(
        &mut self,
        allocation: &AllocationId,
        target: AddressTarget,
        move_it: Option<bool>,
    ) -> Result<AddressAssociationId, Refusal> {
        let input = AssociateAddress { allocation: allocation.clone(), target, private_ip: None, allow_reassociation: move_it };
        self.run(|cloud, cx| cloud.associate_address(cx, input))
    }
    fn public_ip(&self, interface: &NetworkInterfaceId) -> Option<String> {
        self.cloud.public_address_of(interface).map(|found| found.ip.to_string())
    }
}

#[test]
fn addresses_are_unique_over_all_accounts_and_reused_when_released() {
    let (mut lab, ..) = lab();
    let first = lab.allocate();
    lab.go("2/us-east-1");
    let second = lab.allocate();
    let ip = |lab: &Lab, id: &AllocationId| lab.cloud.elastic_address(&lab.cx.scope, id).map(|found| found.ip.to_string());
    assert_eq!(ip(&lab, &second), Ok("203.0.113.2".into()));
    assert_eq!(ip(&lab, &first), Err(Refusal::AllocationNotFound(first.clone())));
    lab.go("1/ap-northeast-2");
    lab.run(|cloud, cx| cloud.release_address(cx, &first)).unwrap();
    let third = lab.allocate();
    assert_eq!(ip(&lab, &third), Ok("203.0.113.1".into()));
    for _ in 1..MAX_ADDRESSES {
        lab.allocate();
    }
    assert_eq!(lab.run(|cloud, cx| cloud.allocate_address(cx, Tags::new())), Err(Refusal::AddressLimit));
}

#[test]
fn an_association_is_moved_unless_forbidden() {
    let (mut lab, _, subnet) = lab();
    let Launched { instance: one, interface } = lab.launched(&subnet);
    let Launched { instance: two, interface: other } = lab.launched(&subnet);
    let address = lab.allocate();
    let association = lab.associate(&address, AddressTarget::Instance(one.clone()), None).unwrap();
    assert_eq!(lab.public_ip(&interface), Some("203.0.113.1".into()));
    let kept = lab.associate(&address, AddressTarget::Instance(two.clone()), Some(false));
    assert!(matches!(kept, Err(Refusal::AlreadyAssociatedWith { with, .. }) if with.ends_with(association.as_str())));
    lab.associate(&address, AddressTarget::Instance(two), None).unwrap();
    assert_eq!((lab.public_ip(&interface), lab.public_ip(&other)), (None, Some("203.0.113.1".into())));
    assert!(matches!(lab.run(|cloud, cx| cloud.release_address(cx, &address)), Err(Refusal::AddressInUse(_))));
    let gone = lab.run(|cloud, cx| cloud.disassociate_address(cx, &association));
    assert_eq!(gone, Err(Refusal::AddressAssociationNotFound(association)));
    let second = lab.allocate();
    assert!(lab.associate(&second, AddressTarget::Interface(other.clone()), None).is_err(), "the interface has one");
    lab.associate(&second, AddressTarget::Interface(other.clone()), Some(true)).unwrap();
    assert_eq!(lab.public_ip(&other), Some("203.0.113.2".into()));
    lab.run(|cloud, cx| cloud.release_address(cx, &address)).unwrap();
}

#[test]
fn a_vpc_needs_a_gateway_and_keeps_it_while_addresses_are_mapped() {
    let (mut lab, vpc, subnet) = lab();
    let Launched { instance, .. } = lab.launched(&subnet);
    let address = lab.allocate();
    let association = lab.associate(&address, AddressTarget::Instance(instance.clone()), None).unwrap();
    let gateway = lab.cloud.internet_gateways.keys().next().unwrap().clone();
    let detach = |lab: &mut Lab| lab.run(|cloud, cx| cloud.detach_internet_gateway(cx, &gateway, &vpc));
    assert!(matches!(detach(&mut lab), Err(Refusal::DependencyText(_))));
    lab.run(|cloud, cx| cloud.disassociate_address(cx, &association)).unwrap();
    detach(&mut lab).unwrap();
    let refused = lab.associate(&address, AddressTarget::Instance(instance), None);
    assert!(matches!(refused, Err(Refusal::GatewayNotAttached(_))));
}

#[test]
fn a_lent_address_goes_with_the_running_state_and_an_elastic_one_stays() {
    let (mut lab, _, subnet) = lab();
    lab.run(|cloud, cx| cloud.modify_subnet_map_public_ip(cx, &subnet, true)).unwrap();
    let Launched { instance, interface } = lab.launched(&subnet);
    let ids = [instance.clone()];
    assert_eq!(lab.public_ip(&interface), Some("203.0.113.1".into()));
    lab.run(|cloud, cx| cloud.stop_instances(cx, &ids, "")).unwrap();
    assert_eq!(lab.public_ip(&interface), None);
    lab.run(|cloud, cx| cloud.start_instances(cx, &ids)).unwrap();
    assert_eq!(lab.public_ip(&interface), Some("203.0.113.1".into()));
    let address = lab.allocate();
    lab.associate(&address, AddressTarget::Instance(instance), None).unwrap();
    assert_eq!((lab.public_ip(&interface), lab.cloud.public_addresses.len()), (Some("203.0.113.2".into()), 1));
    lab.run(|cloud, cx| cloud.stop_instances(cx, &ids, "")).unwrap();
    assert_eq!(lab.public_ip(&interface), Some("203.0.113.2".into()));
    lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "")).unwrap();
    assert_eq!(lab.public_ip(&interface), None);
    lab.run(|cloud, cx| cloud.release_address(cx, &address)).unwrap();
}

use super::*;
use crate::fixture::Lab;
use proptest::prelude::*;

fn input(subnet: &SubnetId, ip: Option<&str>) -> CreateNetworkInterface {
    CreateNetworkInterface {
        subnet: subnet.clone(),
        private_ip: ip.map(|ip| ip.parse().unwrap()),
        security_groups: vec![],
        description: String::new(),
        client_token: None,
        tags: Tags::new(),
    }
}

impl Lab {
    fn interface(&mut self, subnet: &SubnetId, ip: Option<&str>) -> Result<NetworkInterfaceId, Refusal> {
        self.run(|cloud, cx| cloud.create_network_interface(cx, input(subnet, ip)))
    }
    fn ip(&self, id: &NetworkInterfaceId) -> String {
        self.cloud.network_interfaces[id].private_ip.to_string()
    }
    fn modify(&mut self, id: &NetworkInterfaceId, change: ModifyNetworkInterface) -> Result<(), Refusal> {
        self.run(|cloud, cx| cloud.modify_network_interface(cx, id, change))
    }
}

fn lab() -> (Lab, VpcId, SubnetId) {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/28", 'b');
    (lab, vpc, subnet)
}

#[test]
fn the_lowest_free_address_is_taken() {
    let (mut lab, vpc, subnet) = lab();
    let first = lab.interface(&subnet, None).unwrap();
    let pinned = lab.interface(&subnet, Some("10.0.1.6")).unwrap();
    let others = [(); 2].map(|()| lab.interface(&subnet, None).unwrap());
    let ips = [&first, &pinned, &others[0], &others[1]].map(|id| lab.ip(id));
    assert_eq!(ips, ["10.0.1.4", "10.0.1.6", "10.0.1.5", "10.0.1.7"]);
    lab.run(|cloud, cx| cloud.delete_network_interface(cx, &first)).unwrap();
    let again = lab.interface(&subnet, None).unwrap();
    assert_eq!(lab.ip(&again), "10.0.1.4", "an address is free again at once");
    let made = &lab.cloud.network_interfaces[&again];
    assert_eq!(made.security_groups, [lab.cloud.vpcs[&vpc].default_security_group.clone()].into());
    assert_eq!(made.availability_zone, "ap-northeast-2b");
    assert_eq!(made.mac[0], 0x02);
}

#[test]
fn an_address_has_to_be_free_and_the_subnets() {
    let (mut lab, _, subnet) = lab();
    for ip in ["10.0.1.0", "10.0.1.3", "10.0.1.15"] {
        let refused = format!("Address {ip} is in subnet's reserved address range");
        assert_eq!(lab.interface(&subnet, Some(ip)), Err(Refusal::InvalidParameterValue(refused)));
    }
    let refused = "Address 10.0.2.4 does not fall within the subnet's address range".to_owned();
    assert_eq!(lab.interface(&subnet, Some("10.0.2.4")), Err(Refusal::InvalidParameterValue(refused)));
    lab.interface(&subnet, Some("10.0.1.9")).unwrap();
    assert_eq!(lab.interface(&subnet, Some("10.0.1.9")), Err(Refusal::AddressInUse("10.0.1.9".parse().unwrap())));
}

#[test]
fn a_full_subnet_refuses() {
    let (mut lab, _, subnet) = lab();
    for _ in 0..11 {
        lab.interface(&subnet, None).unwrap();
    }
    assert_eq!(lab.interface(&subnet, None), Err(Refusal::InsufficientFreeAddresses(subnet)));
}

#[test]
fn groups_are_of_the_vpc_and_at_most_five() {
    let (mut lab, vpc, subnet) = lab();
    let id = lab.interface(&subnet, None).unwrap();
    let elsewhere = lab.vpc("10.9.0.0/16");
    let foreign = lab.group(&elsewhere, "foreign");
    let groups: Vec<_> = (0..6).map(|n| lab.group(&vpc, &n.to_string())).collect();
    assert_eq!(lab.modify(&id, ModifyNetworkInterface::SecurityGroups(vec![foreign])), Err(Refusal::DifferentNetworks));
    let unknown: SecurityGroupId = "sg-0123456789abcdef0".parse().unwrap();
    let refused = lab.modify(&id, ModifyNetworkInterface::SecurityGroups(vec![unknown.clone()]));
    assert_eq!(refused, Err(Refusal::SecurityGroupNotFound(unknown)));
    let refused = lab.modify(&id, ModifyNetworkInterface::SecurityGroups(groups.clone()));
    assert_eq!(refused, Err(Refusal::GroupsPerInterfaceLimit));
    assert!(lab.modify(&id, ModifyNetworkInterface::SecurityGroups(vec![])).is_err());
    lab.modify(&id, ModifyNetworkInterface::SecurityGroups(groups[..5].to_vec())).unwrap();
    assert_eq!(lab.cloud.network_interfaces[&id].security_groups.len(), 5);
}

#[test]
fn one_attribute_changes_and_no_other() {
    let (mut lab, _, subnet) = lab();
    let id = lab.interface(&subnet, None).unwrap();
    let before = lab.cloud.network_interfaces[&id].clone();
    lab.modify(&id, ModifyNetworkInterface::SourceDestCheck(false)).unwrap();
    lab.modify(&id, ModifyNetworkInterface::Description("x".into())).unwrap();
    let expected = NetworkInterface { source_dest_check: false, description: "x".into(), ..NetworkInterface::clone(&before) };
    assert_eq!(*lab.cloud.network_interfaces[&id], expected);
}

#[test]
fn interfaces_of_other_accounts_are_out_of_reach() {
    let (mut lab, _, subnet) = lab();
    let id = lab.interface(&subnet, None).unwrap();
    lab.go("2/ap-northeast-2");
    assert_eq!(lab.interface(&subnet, None), Err(Refusal::SubnetNotFound(subnet)));
    let refused = lab.run(|cloud, cx| cloud.delete_network_interface(cx, &id));
    assert_eq!(refused, Err(Refusal::NetworkInterfaceNotFound(id)));
}

proptest! {
    /// No two interfaces of a subnet share an address, none has a reserved one, and no free address is refused.
    #[test]
    fn addresses_are_distinct_and_unreserved(steps in proptest::collection::vec((0_u8..3, 0_u8..20), 1..40)) {
        let (mut lab, _, subnet) = lab();
        for (what, n) in steps {
            let free = 11 - lab.cloud.network_interfaces.len();
            match what {
                0 => prop_assert_eq!(lab.interface(&subnet, None).is_ok(), free > 0),
                1 => { let _ = lab.interface(&subnet, Some(&format!("10.0.1.{n}"))); }
                _ => if let Some(id) = lab.cloud.network_interfaces.keys().next().cloned() {
                    lab.run(|cloud, cx| cloud.delete_network_interface(cx, &id)).unwrap();
                }
            }
            let ips: BTreeSet<_> = lab.cloud.network_interfaces.values().map(|found| found.private_ip).collect();
            prop_assert_eq!(ips.len(), lab.cloud.network_interfaces.len());
            prop_assert!(ips.iter().all(|ip| !lab.cloud.subnets[&subnet].is_reserved(*ip)));
        }
    }
}

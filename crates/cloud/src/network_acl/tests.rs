use super::*;
use crate::fixture::Lab;
use crate::{IpProtocol, PortRange, Refusal};

fn entry(number: u16, egress: bool) -> NetworkAclEntry {
    let ports = Some(PortRange { from: 443, to: 443 });
    NetworkAclEntry { number, egress, allow: true, protocol: IpProtocol::TCP, cidr: "10.9.9.9/16".parse().unwrap(), ports }
}

fn acl(lab: &mut Lab, vpc: &VpcId) -> NetworkAclId {
    let input = CreateNetworkAcl { vpc: vpc.clone(), client_token: None, tags: Tags::new() };
    lab.run(|cloud, cx| cloud.create_network_acl(cx, input)).unwrap()
}

#[test]
fn entries_are_made_replaced_and_deleted_by_number_and_direction() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let id = acl(&mut lab, &vpc);
    lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(100, false))).unwrap();
    lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(100, true))).unwrap();
    let again = lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(100, true)));
    assert_eq!(again, Err(Refusal::NetworkAclEntryExists(100)));
    assert_eq!(lab.cloud.network_acls[&id].entries[0].cidr.to_string(), "10.9.0.0/16");
    let deny = NetworkAclEntry { allow: false, ..entry(100, true) };
    lab.run(|cloud, cx| cloud.replace_network_acl_entry(cx, &id, deny)).unwrap();
    assert_eq!(lab.cloud.network_acls[&id].entries.iter().map(|e| e.allow).collect::<Vec<_>>(), [true, false]);
    lab.run(|cloud, cx| cloud.delete_network_acl_entry(cx, &id, 100, false)).unwrap();
    assert!(lab.cloud.network_acls[&id].entries.iter().all(|entry| entry.egress));
    let gone = lab.run(|cloud, cx| cloud.delete_network_acl_entry(cx, &id, 100, false));
    assert_eq!(gone, Err(Refusal::NetworkAclEntryNotFound { acl: id.clone(), number: 100, egress: false }));
    for number in [0, MAX_NUMBER + 1] {
        let refused = lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(number, false)));
        assert!(matches!(refused, Err(Refusal::InvalidParameterValue(_))), "{number}");
    }
}

#[test]
fn a_direction_has_a_limit() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let id = acl(&mut lab, &vpc);
    for number in 1..=u16::try_from(MAX_ENTRIES).unwrap() {
        lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(number, false))).unwrap();
    }
    let more = lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(100, false)));
    assert_eq!(more, Err(Refusal::NetworkAclEntryLimit(id.clone())));
    lab.run(|cloud, cx| cloud.create_network_acl_entry(cx, &id, entry(100, true))).unwrap();
}

#[test]
fn an_association_is_replaced_and_keeps_its_acl() {
    let mut lab = Lab::new();
    let (vpc, other) = (lab.vpc("10.0.0.0/16"), lab.vpc("10.1.0.0/16"));
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    let (own, foreign) = (acl(&mut lab, &vpc), acl(&mut lab, &other));
    let association = lab.cloud.subnets[&subnet].network_acl_association.clone();
    let refused = lab.run(|cloud, cx| cloud.replace_network_acl_association(cx, &association, &foreign));
    assert!(matches!(refused, Err(Refusal::InvalidParameterValue(_))));
    let new = lab.run(|cloud, cx| cloud.replace_network_acl_association(cx, &association, &own)).unwrap();
    assert_eq!((&lab.cloud.subnets[&subnet].network_acl, &lab.cloud.subnets[&subnet].network_acl_association), (&own, &new));
    let stale = lab.run(|cloud, cx| cloud.replace_network_acl_association(cx, &association, &own));
    assert_eq!(stale, Err(Refusal::NetworkAclAssociationNotFound(association)));
    let used = lab.run(|cloud, cx| cloud.delete_network_acl(cx, &own));
    assert!(matches!(used, Err(Refusal::DependencyViolation { .. })));
    let default = lab.cloud.vpcs[&vpc].default_network_acl.clone();
    lab.run(|cloud, cx| cloud.replace_network_acl_association(cx, &new, &default)).unwrap();
    lab.run(|cloud, cx| cloud.delete_network_acl(cx, &own)).unwrap();
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_network_acl(cx, &default)), Err(Refusal::InvalidParameterValue(_))));
    lab.go("1/us-east-1");
    let elsewhere = lab.run(|cloud, cx| cloud.delete_network_acl(cx, &foreign));
    assert_eq!(elsewhere, Err(Refusal::NetworkAclNotFound(foreign)));
}

use super::*;
use crate::fixture::Lab;
use crate::{IdSource, SubnetId, Timestamp, subnet::CreateSubnet};
use proptest::prelude::*;

fn cx() -> Context {
    Context {
        scope: Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() },
        now: Timestamp(7),
        ids: IdSource::new(1),
    }
}
fn create(cloud: &mut Cloud, cx: &mut Context, cidr: &str) -> Result<VpcId, Refusal> {
    let (cidr, tags) = (cidr.parse().unwrap(), Tags::new());
    cloud.create_vpc(cx, CreateVpc { cidr, tags })
}

#[test]
fn a_vpc_comes_with_its_table_group_and_acl() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let id = create(&mut cloud, &mut cx, "10.0.1.7/16").unwrap();
    let vpc = &cloud.vpcs[&id];
    assert_eq!(vpc.primary_cidr(), "10.0.0.0/16".parse().unwrap(), "host bits are cleared");
    assert!(vpc.enable_dns_support && !vpc.enable_dns_hostnames);
    let table = &cloud.route_tables[&vpc.main_route_table];
    assert_eq!(table.routes.len(), 1);
    assert_eq!(table.routes[0].target, RouteTarget::Local);
    assert_eq!(table.associations[0].subnet, None);
    let group = &cloud.security_groups[&vpc.default_security_group];
    assert_eq!(group.name, "default");
    assert!(matches!(&group.rules[0].peer, RulePeer::Group { group: own, .. } if own == &group.id));
    assert_eq!(group.rules[1].peer, RulePeer::Ipv4("0.0.0.0/0".parse().unwrap()));
    let acl = &cloud.network_acls[&vpc.default_network_acl];
    assert!(acl.entries.iter().all(|entry| entry.allow) && acl.entries.len() == 2);
}

#[test]
fn blocks_that_no_vpc_can_have() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    for cidr in ["10.0.0.0/15", "10.0.0.0/29", "0.0.0.0/16", "127.0.0.0/16", "169.254.0.0/24", "224.0.0.0/24", "255.0.0.0/24"] {
        let refused = create(&mut cloud, &mut cx, cidr);
        assert_eq!(refused, Err(Refusal::VpcRange(cidr.parse().unwrap())));
    }
    assert_eq!(cloud, Cloud::default(), "a refusal leaves nothing");
}

#[test]
fn vpcs_may_overlap_and_go_whole() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let one = create(&mut cloud, &mut cx, "10.0.0.0/16").unwrap();
    let only_one = cloud.clone();
    let two = create(&mut cloud, &mut cx, "10.0.0.0/16").unwrap();
    cloud.delete_vpc(&mut cx, &two).unwrap();
    assert_eq!(cloud, only_one);
    cloud.delete_vpc(&mut cx, &one).unwrap();
    assert_eq!(cloud, Cloud::default());
    assert_eq!(cloud.delete_vpc(&mut cx, &one), Err(Refusal::VpcNotFound(one)));
}

#[test]
fn a_vpc_with_a_subnet_stays() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let vpc = create(&mut cloud, &mut cx, "10.0.0.0/16").unwrap();
    let subnet = CreateSubnet { vpc: vpc.clone(), cidr: "10.0.1.0/24".parse().unwrap(), zone: None, tags: Tags::new() };
    let subnet: SubnetId = cloud.create_subnet(&mut cx, subnet).unwrap();
    assert_eq!(cloud.delete_vpc(&mut cx, &vpc), Err(Refusal::DependencyViolation { resource: format!("vpc '{vpc}'") }));
    cloud.delete_subnet(&mut cx, &subnet).unwrap();
    cloud.delete_vpc(&mut cx, &vpc).unwrap();
}

#[test]
fn hostnames_need_support() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let id = create(&mut cloud, &mut cx, "10.0.0.0/16").unwrap();
    let mut set = |attribute| cloud.modify_vpc_attribute(&mut cx, &id, attribute);
    set(VpcAttribute::DnsSupport(false)).unwrap();
    assert_eq!(set(VpcAttribute::DnsHostnames(true)), Err(Refusal::HostnamesNeedSupport));
    set(VpcAttribute::DnsHostnames(false)).unwrap();
    set(VpcAttribute::DnsSupport(true)).unwrap();
    set(VpcAttribute::DnsHostnames(true)).unwrap();
    assert!(cloud.vpcs[&id].private_dns_possible());
}

#[test]
fn another_accounts_vpc_is_invisible() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    let id = create(&mut cloud, &mut cx, "10.0.0.0/16").unwrap();
    cx.scope.account = "222222222222".parse().unwrap();
    let missing = Refusal::VpcNotFound(id.clone());
    assert_eq!(cloud.delete_vpc(&mut cx, &id), Err(missing.clone()));
    let attribute = VpcAttribute::DnsSupport(false);
    assert_eq!(cloud.modify_vpc_attribute(&mut cx, &id, attribute), Err(missing));
}

#[test]
fn there_is_a_limit() {
    let (mut cloud, mut cx) = (Cloud::default(), cx());
    for _ in 0..MAX_VPCS {
        create(&mut cloud, &mut cx, "10.0.0.0/24").unwrap();
    }
    assert_eq!(create(&mut cloud, &mut cx, "10.0.0.0/24"), Err(Refusal::VpcLimit));
    cx.scope.region = "us-west-2".parse().unwrap();
    create(&mut cloud, &mut cx, "10.0.0.0/24").unwrap();
}

proptest! {
    /// Deleting what was made gives the value from before, and a change is what the store has to keep, no more.
    #[test]
    fn create_then_delete_is_nothing(seed: u64, address: u32, length in 16_u8..=28) {
        let (before, mut cx) = (Cloud::default(), cx());
        cx.ids = IdSource::new(seed);
        let cidr = Ipv4Net::new(address.into(), length).unwrap();
        let mut cloud = before.clone();
        match cloud.create_vpc(&mut cx, CreateVpc { cidr, tags: Tags::new() }) {
            Ok(id) => {
                prop_assert_eq!(before.diff(&cloud).written.len(), 4);
                cloud.delete_vpc(&mut cx, &id).unwrap();
                prop_assert!(before.diff(&cloud).is_empty());
            }
            Err(refusal) => prop_assert_eq!(refusal, Refusal::VpcRange(cidr.trunc())),
        }
    }
}

fn blocks(lab: &Lab, vpc: &VpcId) -> Vec<String> {
    lab.cloud.vpcs[vpc].cidrs.iter().map(|block| block.cidr.to_string()).collect()
}
fn add(lab: &mut Lab, vpc: &VpcId, cidr: &str) -> Result<VpcCidr, Refusal> {
    lab.run(|cloud, cx| cloud.associate_vpc_cidr_block(cx, vpc, cidr.parse().unwrap()))
}

#[test]
fn a_secondary_block_has_local_routes_and_subnets() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/24");
    let block = add(&mut lab, &vpc, "100.64.9.9/16").unwrap();
    assert_eq!(blocks(&lab, &vpc), ["10.0.0.0/24", "100.64.0.0/16"]);
    let main = lab.cloud.vpcs[&vpc].main_route_table.clone();
    let routes = |lab: &Lab| lab.cloud.route_tables[&main].routes.iter().map(|route| route.destination.to_string()).collect::<Vec<_>>();
    assert_eq!(routes(&lab), ["10.0.0.0/24", "100.64.0.0/16"]);
    let subnet = lab.subnet(&vpc, "100.64.1.0/24", 'a');
    let remove = |lab: &mut Lab, id: &VpcCidrAssociationId| lab.run(|cloud, cx| cloud.disassociate_vpc_cidr_block(cx, id));
    let used = Refusal::VpcCidrInUse { vpc: vpc.clone(), cidr: block.cidr };
    assert_eq!(remove(&mut lab, &block.association), Err(used));
    lab.run(|cloud, cx| cloud.delete_subnet(cx, &subnet)).unwrap();
    assert_eq!(remove(&mut lab, &block.association), Ok((vpc.clone(), block.clone())));
    assert_eq!(routes(&lab), ["10.0.0.0/24"]);
    assert_eq!(remove(&mut lab, &block.association), Err(Refusal::VpcCidrAssociationNotFound(block.association)));
    let primary = lab.cloud.vpcs[&vpc].cidrs[0].association.clone();
    assert!(matches!(remove(&mut lab, &primary), Err(Refusal::OperationNotPermitted(_))));
}

#[test]
fn a_secondary_block_keeps_the_rules() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.2.0.0/24");
    let restricted = |cidr: &str| Err(Refusal::VpcCidrRestricted(cidr.parse().unwrap()));
    let conflict = |cidr: &str| Err(Refusal::VpcCidrConflict(cidr.parse().unwrap()));
    for cidr in ["172.16.0.0/16", "192.168.0.0/16", "198.19.0.0/16"] {
        assert_eq!(add(&mut lab, &vpc, cidr), restricted(cidr));
    }
    for cidr in ["10.2.0.0/24", "10.2.0.0/16", "10.2.0.128/25"] {
        assert_eq!(add(&mut lab, &vpc, cidr), conflict(cidr));
    }
    assert_eq!(add(&mut lab, &vpc, "10.0.0.0/15"), Err(Refusal::VpcRange("10.0.0.0/15".parse().unwrap())));
    for cidr in ["10.3.0.0/16", "100.64.0.0/16", "8.8.8.0/24", "10.0.0.0/16"] {
        add(&mut lab, &vpc, cidr).unwrap();
    }
    assert_eq!(add(&mut lab, &vpc, "10.9.0.0/16"), Err(Refusal::VpcCidrLimit(vpc)));
    let near = lab.vpc("10.1.0.0/24");
    assert_eq!(add(&mut lab, &near, "10.0.0.0/24"), restricted("10.0.0.0/24"));
    let public = lab.vpc("100.64.0.0/24");
    assert_eq!(add(&mut lab, &public, "10.5.0.0/24"), restricted("10.5.0.0/24"));
}

#[test]
fn a_block_does_not_overlap_a_peers_or_hide_a_route() {
    let mut lab = Lab::new();
    let (vpc, peer) = (lab.vpc("10.2.0.0/24"), lab.vpc("10.3.0.0/24"));
    let input = crate::peering::CreateVpcPeeringConnection {
        vpc: vpc.clone(),
        peer_vpc: peer.clone(),
        peer_account: None,
        peer_region: None,
        tags: Tags::new(),
    };
    let peering = lab.run(|cloud, cx| cloud.create_vpc_peering_connection(cx, input)).unwrap();
    assert_eq!(add(&mut lab, &vpc, "10.3.0.0/16"), Err(Refusal::VpcCidrConflict("10.3.0.0/16".parse().unwrap())));
    let main = lab.cloud.vpcs[&vpc].main_route_table.clone();
    let to = RouteTarget::Peering(peering.clone());
    lab.run(|cloud, cx| cloud.create_route(cx, &main, "10.4.4.0/24".parse().unwrap(), to)).unwrap();
    assert!(add(&mut lab, &vpc, "10.4.0.0/16").is_err());
    add(&mut lab, &vpc, "10.4.4.0/25").unwrap();
    assert_eq!(lab.cloud.peerings[&peering].requester.cidrs.len(), 2);
}

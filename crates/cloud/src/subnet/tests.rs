use super::*;
use crate::{IdSource, Timestamp, vpc::CreateVpc};
use proptest::prelude::*;

fn lab() -> (Cloud, Context, VpcId) {
    let mut cx = Context {
        scope: Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() },
        now: Timestamp(7),
        ids: IdSource::new(1),
    };
    let mut cloud = Cloud::default();
    let input = CreateVpc { cidr: "10.0.0.0/16".parse().unwrap(), tags: Tags::new() };
    let vpc = cloud.create_vpc(&mut cx, input).unwrap();
    (cloud, cx, vpc)
}
fn input(vpc: &VpcId, cidr: &str) -> CreateSubnet {
    CreateSubnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: None, tags: Tags::new() }
}

#[test]
fn a_subnet_lies_in_its_vpc_and_over_no_other() {
    let (mut cloud, mut cx, vpc) = lab();
    let mut create = |cidr: &str| cloud.create_subnet(&mut cx, input(&vpc, cidr));
    let range = |cidr: &str| Err(Refusal::SubnetRange(cidr.parse().unwrap()));
    assert_eq!(create("10.1.0.0/24"), range("10.1.0.0/24"));
    assert_eq!(create("10.0.0.0/15"), range("10.0.0.0/15"));
    assert_eq!(create("10.0.0.0/29"), range("10.0.0.0/29"));
    create("10.0.1.9/24").unwrap();
    let conflict = |cidr: &str| Err(Refusal::SubnetConflict(cidr.parse().unwrap()));
    assert_eq!(create("10.0.1.0/24"), conflict("10.0.1.0/24"));
    assert_eq!(create("10.0.1.128/25"), conflict("10.0.1.128/25"));
    assert_eq!(create("10.0.0.0/16"), conflict("10.0.0.0/16"));
    create("10.0.2.0/28").unwrap();
}

#[test]
fn zones_by_name_and_by_id() {
    let (mut cloud, mut cx, vpc) = lab();
    let mut zone = |cidr: &str, zone: Option<ZoneChoice>| {
        let input = CreateSubnet { zone, ..input(&vpc, cidr) };
        let id = cloud.create_subnet(&mut cx, input)?;
        Ok(cloud.subnets[&id].availability_zone.clone())
    };
    assert_eq!(zone("10.0.1.0/24", None).unwrap(), "ap-northeast-2a");
    let by_id = Some(ZoneChoice::Id("apne2-az3".into()));
    assert_eq!(zone("10.0.2.0/24", by_id).unwrap(), "ap-northeast-2c");
    let by_name = Some(ZoneChoice::Name("us-west-2a".into()));
    assert!(matches!(zone("10.0.3.0/24", by_name), Err(Refusal::ZoneNotFound { .. })));
}

#[test]
fn deleting_ends_the_association() {
    let (mut cloud, mut cx, vpc) = lab();
    let id = cloud.create_subnet(&mut cx, input(&vpc, "10.0.1.0/24")).unwrap();
    let table = cloud.vpcs[&vpc].main_route_table.clone();
    let association = crate::RouteTableAssociation { id: crate::RouteTableAssociationId::fresh(&mut cx.ids), subnet: Some(id.clone()) };
    Arc::make_mut(cloud.route_tables.get_mut(&table).unwrap()).associations.push(association);
    cloud.delete_subnet(&mut cx, &id).unwrap();
    assert_eq!(cloud.route_tables[&table].associations.len(), 1);
    assert_eq!(cloud.delete_subnet(&mut cx, &id), Err(Refusal::SubnetNotFound(id)));
}

#[test]
fn five_addresses_are_kept() {
    let (mut cloud, mut cx, vpc) = lab();
    let id = cloud.create_subnet(&mut cx, input(&vpc, "10.0.1.0/28")).unwrap();
    let subnet = &cloud.subnets[&id];
    assert_eq!(cloud.available_addresses(subnet), 11);
    let free = subnet.cidr.into_iter_all().filter(|ip| !subnet.is_reserved(*ip));
    assert_eq!(free.count(), 11);
}

trait All {
    fn into_iter_all(self) -> impl Iterator<Item = Ipv4Addr>;
}
impl All for Ipv4Net {
    fn into_iter_all(self) -> impl Iterator<Item = Ipv4Addr> {
        let (first, last) = (u32::from(self.network()), u32::from(self.broadcast()));
        (first..=last).map(Ipv4Addr::from)
    }
}

proptest! {
    /// Whatever is asked, subnets lie in the VPC and share no address.
    #[test]
    fn subnets_never_overlap(asked in prop::collection::vec((0_u16.., 14_u8..=30), 1..40)) {
        let (mut cloud, mut cx, vpc) = lab();
        for (host, length) in asked {
            let cidr = Ipv4Net::new(Ipv4Addr::from(0x0a00_0000 | u32::from(host)), length).unwrap();
            let _ = cloud.create_subnet(&mut cx, CreateSubnet { cidr, ..input(&vpc, "10.0.0.0/24") });
        }
        let blocks: Vec<Ipv4Net> = cloud.subnets.values().map(|subnet| subnet.cidr).collect();
        let vpc: Ipv4Net = "10.0.0.0/16".parse().unwrap();
        for (at, one) in blocks.iter().enumerate() {
            prop_assert!(vpc.contains(one) && (16..=28).contains(&one.prefix_len()));
            for two in &blocks[at + 1..] {
                prop_assert!(!one.contains(two) && !two.contains(one));
            }
        }
    }
}

//! A hub in Seoul with an endpoint, a spoke in Oregon, and a VPC of another account.
use super::*;
use crate::fixture::Lab;
use crate::vpc_endpoint::{CreateVpcEndpoint, ModifyVpcEndpoint};
use crate::{AccountId, Refusal, VpcEndpointId};

mod records;

const APEX: &str = "execute-api.ap-northeast-2.amazonaws.com";

struct Net {
    lab: Lab,
    hub: ZoneVpc,
    spoke: ZoneVpc,
    foreign: ZoneVpc,
    references: u32,
}

fn net() -> Net {
    let mut lab = Lab::new();
    let hub = lab.vpc_with_names("10.0.0.0/16");
    lab.subnet(&hub, "10.0.1.0/24", 'a');
    let spoke = lab.go("1/us-west-2").vpc_with_names("10.1.0.0/16");
    let foreign = lab.go("2/ap-northeast-2").vpc_with_names("10.2.0.0/16");
    lab.go("1/ap-northeast-2");
    let at = |vpc, region: &str| ZoneVpc { vpc, region: region.parse().unwrap() };
    let (hub, spoke, foreign) = (at(hub, "ap-northeast-2"), at(spoke, "us-west-2"), at(foreign, "ap-northeast-2"));
    Net { lab, hub, spoke, foreign, references: 0 }
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

impl Net {
    fn create(&mut self, text: &str, vpc: Option<&ZoneVpc>) -> Result<HostedZoneId, Refusal> {
        self.references += 1;
        let caller_reference = self.references.to_string();
        let input = CreateHostedZone { name: name(text), caller_reference, comment: None, vpc: vpc.cloned(), tags: Tags::new() };
        self.lab.run(|cloud, cx| cloud.create_hosted_zone(cx, input))
    }
    fn private(&mut self, text: &str) -> HostedZoneId {
        let hub = self.hub.clone();
        self.create(text, Some(&hub)).unwrap()
    }
    fn associate(&mut self, zone: &HostedZoneId, vpc: &ZoneVpc) -> Result<(), Refusal> {
        self.lab.run(|cloud, cx| cloud.associate_vpc_with_hosted_zone(cx, zone, vpc.clone()))
    }
    fn disassociate(&mut self, zone: &HostedZoneId, vpc: &ZoneVpc) -> Result<(), Refusal> {
        self.lab.run(|cloud, cx| cloud.disassociate_vpc_from_hosted_zone(cx, zone, vpc))
    }
    fn endpoint(&mut self, private_dns: bool) -> Result<VpcEndpointId, Refusal> {
        let input = CreateVpcEndpoint {
            vpc: self.hub.vpc.clone(),
            service_name: "com.amazonaws.ap-northeast-2.execute-api".into(),
            subnets: self.lab.cloud.subnets.keys().map(|id| (id.clone(), None)).collect(),
            security_groups: vec![],
            policy: None,
            private_dns,
            client_token: None,
            tags: Tags::new(),
        };
        self.lab.run(|cloud, cx| cloud.create_vpc_endpoint(cx, input))
    }
    fn conflict(&self, vpc: &ZoneVpc, zone: &str) -> Refusal {
        let _ = self;
        ZoneRefusal::ConflictingDomain { vpc: vpc.vpc.clone(), region: vpc.region.clone(), zone: zone.into() }.into()
    }
}

#[test]
fn a_private_zone_begins_with_its_servers_and_start() {
    let mut net = net();
    let id = net.private("Example.com.");
    let zone = &net.lab.cloud.hosted_zones[&id];
    assert!(zone.private && zone.name.as_str() == "example.com" && zone.vpcs.contains(&net.hub));
    let kinds: Vec<_> = net.lab.cloud.record_sets_of(&id).map(|set| (set.name.as_str(), set.kind)).collect();
    assert_eq!(kinds, [("example.com", RecordKind::Ns), ("example.com", RecordKind::Soa)]);
    let Content::Values { ttl: 172_800, values } = &net.lab.cloud.record_sets_of(&id).next().unwrap().content else { panic!() };
    assert_eq!(values[0].text, "ns-1536.awsdns-00.co.uk.");
    let public = net.create("example.com", None).unwrap();
    assert!(!net.lab.cloud.hosted_zones[&public].private);
    assert_eq!(net.associate(&public, &net.hub.clone()), Err(ZoneRefusal::PublicZone.into()));
    assert_eq!("/hostedzone/Z1".parse::<HostedZoneId>().unwrap().as_str(), "Z1");
    assert!("z1".parse::<HostedZoneId>().is_err());
}

#[test]
fn a_caller_reference_makes_one_zone_an_account() {
    let mut net = net();
    net.private("a.com");
    net.references -= 1;
    assert_eq!(net.create("b.com", None), Err(ZoneRefusal::AlreadyExists.into()));
    net.references -= 1;
    net.lab.go("2/us-east-1");
    assert!(net.create("b.com", None).is_ok(), "another account's references are its own");
}

#[test]
fn a_vpc_has_one_zone_of_a_name_and_many_that_overlap() {
    let mut net = net();
    let (hub, spoke, foreign) = (net.hub.clone(), net.spoke.clone(), net.foreign.clone());
    let first = net.private("example.com");
    assert_eq!(net.create("example.com", Some(&hub)), Err(net.conflict(&hub, first.as_str())));
    assert_eq!(net.associate(&first, &hub), Err(net.conflict(&hub, first.as_str())));
    net.private("a.example.com");
    net.private("com");
    let other = net.create("example.com", Some(&spoke)).unwrap();
    assert_eq!(net.associate(&first, &spoke), Err(net.conflict(&spoke, other.as_str())));
    let wrong = ZoneVpc { region: "eu-west-1".parse().unwrap(), ..hub };
    for vpc in [&foreign, &wrong] {
        let refused = ZoneRefusal::InvalidVpc { vpc: vpc.vpc.to_string(), region: vpc.region.clone() };
        assert_eq!(net.create("x.com", Some(vpc)), Err(refused.into()));
    }
}

#[test]
fn zones_reach_other_regions_and_the_last_vpc_stays() {
    let mut net = net();
    let (hub, spoke) = (net.hub.clone(), net.spoke.clone());
    let id = net.private("example.com");
    net.associate(&id, &spoke).unwrap();
    assert_eq!(net.lab.cloud.zones_of_vpc(&spoke).count(), 1);
    net.disassociate(&id, &hub).unwrap();
    assert_eq!(net.disassociate(&id, &hub), Err(ZoneRefusal::NotAssociated { vpc: hub.vpc, region: hub.region }.into()));
    assert_eq!(net.disassociate(&id, &spoke), Err(ZoneRefusal::LastVpc.into()));
}

#[test]
fn another_account_associates_what_it_was_authorized_for() {
    let mut net = net();
    let foreign = net.foreign.clone();
    let id = net.private("example.com");
    let refused = Err(ZoneRefusal::NotAuthorized(foreign.vpc.clone()).into());
    assert_eq!(net.associate(&id, &foreign), refused, "the owner of the zone is not the VPC's");
    net.lab.go("2/us-east-1");
    assert_eq!(net.associate(&id, &foreign), refused);
    net.lab.go("1/us-east-1").run(|cloud, cx| cloud.authorize_vpc_association(cx, &id, foreign.clone())).unwrap();
    assert_eq!(net.associate(&id, &foreign), refused);
    net.lab.go("2/us-east-1");
    net.associate(&id, &foreign).unwrap();
    let hidden = net.lab.run(|cloud, cx| cloud.delete_hosted_zone(cx, &id));
    assert_eq!(hidden, Err(ZoneRefusal::NotFound(id.to_string()).into()), "the zone is still the other account's");
    let remove = |lab: &mut Lab| lab.run(|cloud, cx| cloud.deauthorize_vpc_association(cx, &id, &foreign));
    net.lab.go("1/us-east-1");
    assert_eq!(remove(&mut net.lab), Ok(()));
    assert_eq!(remove(&mut net.lab), Err(ZoneRefusal::AuthorizationNotFound.into()));
    assert_eq!(net.lab.cloud.zones_of_vpc(&foreign).count(), 1, "what was associated stays");
    net.lab.go("2/us-east-1");
    net.disassociate(&id, &foreign).unwrap();
}

#[test]
fn an_endpoints_hidden_zone_and_a_customers_exclude_each_other() {
    let mut net = net();
    let (hub, spoke) = (net.hub.clone(), net.spoke.clone());
    let endpoint = net.endpoint(true).unwrap();
    let hidden = net.lab.cloud.vpc_endpoints[&endpoint].private_zone();
    assert_eq!(net.create(APEX, Some(&hub)), Err(net.conflict(&hub, &hidden)));
    assert!(net.create(&format!("a1b2c3d4e5.{APEX}"), Some(&hub)).is_ok(), "a longer name is another zone");
    let spokes = net.create(APEX, Some(&spoke)).unwrap();
    assert_eq!(net.associate(&spokes, &hub), Err(net.conflict(&hub, &hidden)));
    let set = |lab: &mut Lab, on| {
        let change = ModifyVpcEndpoint { private_dns: Some(on), ..Default::default() };
        lab.run(|cloud, cx| cloud.modify_vpc_endpoint(cx, &endpoint, change))
    };
    set(&mut net.lab, false).unwrap();
    net.associate(&spokes, &hub).unwrap();
    let refused = Refusal::PrivateDnsConflict { domain: format!("*.{APEX}"), vpc: hub.vpc.clone() };
    assert_eq!(set(&mut net.lab, true), Err(refused.clone()));
    assert_eq!(net.endpoint(true), Err(refused));
    assert!(net.endpoint(false).is_ok());
}

#[test]
fn only_an_empty_zone_is_deleted_and_tags_are_few() {
    let mut net = net();
    let id = net.private("example.com");
    records::create(&mut net, &id, "a.example.com", "A", &["10.0.0.1"]).unwrap();
    let delete = |lab: &mut Lab| lab.run(|cloud, cx| cloud.delete_hosted_zone(cx, &id));
    assert_eq!(delete(&mut net.lab), Err(ZoneRefusal::NotEmpty.into()));
    records::change(&mut net, &id, ChangeAction::Delete, "a.example.com", "A", &["10.0.0.1"]).unwrap();
    let many: Tags = (0..51).map(|n| (n.to_string(), String::new())).collect();
    let refused = net.lab.run(|cloud, cx| cloud.tag_hosted_zone(cx, &id, many, &[]));
    assert!(matches!(refused, Err(Refusal::HostedZone(ZoneRefusal::InvalidInput(_)))));
    delete(&mut net.lab).unwrap();
    assert!(net.lab.cloud.record_sets.is_empty() && net.lab.cloud.hosted_zones.is_empty());
    assert_eq!(delete(&mut net.lab), Err(ZoneRefusal::NotFound(id.to_string()).into()));
}

#[test]
fn a_deleted_vpc_stays_in_its_zones_until_it_is_taken_out() {
    let mut net = net();
    let spoke = net.spoke.clone();
    let id = net.private("example.com");
    net.associate(&id, &spoke).unwrap();
    net.lab.go("1/us-west-2").run(|cloud, cx| cloud.delete_vpc(cx, &spoke.vpc)).unwrap();
    assert!(net.lab.cloud.hosted_zones[&id].vpcs.contains(&spoke));
    net.disassociate(&id, &spoke).unwrap();
}

#[test]
fn zones_are_an_accounts_in_every_region() {
    let mut net = net();
    let id = net.private("example.com");
    let account: AccountId = "1".repeat(12).parse().unwrap();
    assert!(net.lab.cloud.hosted_zone(&account, &id).is_ok());
    assert!(net.lab.cloud.hosted_zone(&"2".repeat(12).parse().unwrap(), &id).is_err());
    net.lab.go("1/eu-west-1").run(|cloud, cx| cloud.update_hosted_zone_comment(cx, &id, Some("c".into()))).unwrap();
    assert_eq!(net.lab.cloud.hosted_zones[&id].comment.as_deref(), Some("c"));
}

use super::*;
use vpclab_cloud::hosted_zone::{AliasTarget, Content, RecordValue, ZoneVpc};

const APEX: &str = "execute-api.ap-northeast-2.amazonaws.com";
const NAME: &str = "a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com";
const BOTH: [&str; 2] = ["10.0.1.50", "10.0.2.50"];

pub(super) fn add_zone(cloud: &mut Cloud, id: &str, name: &str, vpcs: &[&str]) {
    let at = |id: &&str| {
        let vpc = &cloud.vpcs[&id.parse::<VpcId>().unwrap()];
        ZoneVpc { vpc: vpc.id.clone(), region: vpc.scope.region.clone() }
    };
    let zone = HostedZone {
        id: id.parse().unwrap(),
        account: AccountId::unnamed(),
        name: DomainName::parse(name).unwrap(),
        caller_reference: id.to_owned(),
        comment: None,
        private: !vpcs.is_empty(),
        vpcs: vpcs.iter().map(at).collect(),
        authorizations: Default::default(),
        name_servers: vec![],
        created: Timestamp(0),
        tags: Tags::new(),
    };
    cloud.hosted_zones.insert(zone.id.clone(), Arc::new(zone));
    add(cloud, id, name, "SOA", &["ns-0.awsdns-00.com. awsdns-hostmaster.amazon.com. 7 7200 900 1209600 86400"]);
    add(cloud, id, name, "NS", &["ns-0.awsdns-00.com."]);
}

fn set(cloud: &mut Cloud, zone: &str, name: &str, kind: &str, content: Content) {
    let set = RecordSet { zone: zone.parse().unwrap(), name: DomainName::parse(name).unwrap(), kind: kind.parse().unwrap(), content };
    cloud.record_sets.insert(set.key(), Arc::new(set));
}

fn add(cloud: &mut Cloud, zone: &str, name: &str, kind: &str, texts: &[&str]) {
    let values = texts.iter().map(|text| RecordValue::parse(kind.parse().unwrap(), text).unwrap()).collect();
    set(cloud, zone, name, kind, Content::Values { ttl: 900, values });
}

fn alias(cloud: &mut Cloud, zone: &str, name: &str, kind: &str, target_zone: &str, target: &str) {
    let name_of = DomainName::parse(target).unwrap();
    set(cloud, zone, name, kind, Content::Alias(AliasTarget { zone: target_zone.into(), name: name_of, evaluate_target_health: false }));
}

fn endpoint(cloud: &Cloud, id: &str) -> VpcEndpoint {
    (*cloud.vpc_endpoints[&id.parse::<VpcEndpointId>().unwrap()]).clone()
}

/// A zone of the hub and the spoke with some of everything.
fn example() -> Cloud {
    let mut cloud = lab();
    add_zone(&mut cloud, "Z1", "example.com", &[HUB, SPOKE]);
    for (name, kind, texts) in [
        ("example.com", "A", ["10.0.9.1", "10.0.9.2"].as_slice()),
        ("www.example.com", "CNAME", &["example.com"]),
        ("*.wild.example.com", "A", &["10.0.9.3"]),
        ("own.wild.example.com", "TXT", &["\"t\""]),
        ("a.b.deep.wild.example.com", "A", &["10.0.9.4"]),
        ("example.com", "MX", &["10 mail.example.com"]),
        ("_x._tcp.example.com", "SRV", &["1 2 443 www.example.com"]),
        ("out.example.com", "CNAME", &["www.example.org"]),
        ("c1.example.com", "CNAME", &["c2.example.com"]),
        ("c2.example.com", "CNAME", &["c1.example.com"]),
        ("dead.example.com", "CNAME", &["none.example.com"]),
    ] {
        add(&mut cloud, "Z1", name, kind, texts);
    }
    cloud
}

fn hosted(answer: &Answer) -> (&str, Option<&str>) {
    match &answer.source {
        Source::HostedZone { zone, matched, .. } => (zone.as_str(), matched.as_ref().map(DomainName::as_str)),
        other => panic!("no zone: {other:?}"),
    }
}

#[test]
fn a_zone_answers_in_its_vpcs_alone() {
    let cloud = example();
    for vpc in [HUB, SPOKE] {
        assert_eq!(resolve(&cloud, vpc, "EXAMPLE.com"), ["10.0.9.1", "10.0.9.2"]);
        let found = answer(&cloud, vpc, "example.com", RecordType::A);
        assert_eq!((hosted(&found), found.ttl), (("Z1", Some("example.com")), 900));
        assert_eq!(answer(&cloud, vpc, "example.com", RecordType::MX).records.len(), 1);
        assert_eq!(answer(&cloud, vpc, "_x._tcp.example.com", RecordType::SRV).records.len(), 1);
        assert_eq!(answer(&cloud, vpc, "example.com", RecordType::ANY).records.len(), 5);
    }
    assert_eq!(absent(&cloud, NEAR, "example.com"), Absence::Unknown, "peering carries no zones");
    let mut off = cloud.clone();
    edit_vpc(&mut off, SPOKE, |vpc| vpc.enable_dns_hostnames = false);
    assert_eq!(absent(&off, SPOKE, "example.com"), Absence::Unknown);
    assert_eq!(resolve(&off, HUB, "example.com").len(), 2);
}

#[test]
fn nothing_is_asked_elsewhere() {
    let cloud = example();
    let none = |hides| Absence::NotInZone { zone: "Z1".parse().unwrap(), hides };
    assert_eq!(absent(&cloud, HUB, "none.example.com"), none(None));
    assert!(matches!(ask(&cloud, HUB, "none.example.com", RecordType::A), Outcome::Answered(_)), "never forwarded");
    let soa = no_data(&cloud, HUB, "example.com", RecordType::AAAA);
    assert_eq!((soa.serial, soa.ttl, soa.zone.as_str()), (7, 900, "example.com"));
    // A longer zone of the VPC has nothing; the shorter one would have.
    let mut cloud = cloud;
    add_zone(&mut cloud, "Z2", "wild.example.com", &[HUB]);
    let hidden =
        Source::HostedZone { zone: "Z1".parse().unwrap(), matched: Some(DomainName::from_text("*.wild.example.com")), alias: None };
    let absence = Absence::NotInZone { zone: "Z2".parse().unwrap(), hides: Some(Box::new(hidden)) };
    assert_eq!(absent(&cloud, HUB, "x.wild.example.com"), absence);
    assert_eq!(resolve(&cloud, SPOKE, "x.wild.example.com"), ["10.0.9.3"]);
}

/// RFC 4592: a wildcard stands for names that do not exist, below the closest name that does.
#[test]
fn wildcards() {
    let cloud = example();
    for name in ["x.wild.example.com", "y.x.wild.example.com", "*.wild.example.com"] {
        let found = answer(&cloud, HUB, name, RecordType::A);
        assert_eq!((addresses(&found), hosted(&found)), (vec!["10.0.9.3".to_owned()], ("Z1", Some("\\052.wild.example.com"))), "{name}");
    }
    no_data(&cloud, HUB, "x.wild.example.com", RecordType::TXT);
    // Names that exist, be it by those below them alone, are not the wildcard's, nor is what is below them.
    no_data(&cloud, HUB, "own.wild.example.com", RecordType::A);
    no_data(&cloud, HUB, "deep.wild.example.com", RecordType::A);
    no_data(&cloud, HUB, "wild.example.com", RecordType::A);
    assert_eq!(hosted(&answer(&cloud, HUB, "b.deep.wild.example.com", RecordType::A)), ("Z1", None));
    for name in ["z.deep.wild.example.com", "z.own.wild.example.com"] {
        assert!(matches!(absent(&cloud, HUB, name), Absence::NotInZone { .. }), "{name}");
    }
}

#[test]
fn cname_chains_cross_zones_and_end() {
    let mut cloud = example();
    let chain = |found: &Answer| found.chain.iter().map(|hop| hop.target.to_string()).collect::<Vec<_>>();
    let found = answer(&cloud, SPOKE, "www.example.com", RecordType::A);
    assert_eq!((chain(&found), addresses(&found).len()), (vec!["example.com".to_owned()], 2));
    let found = answer(&cloud, SPOKE, "www.example.com", RecordType::CNAME);
    assert_eq!((found.chain.len(), &found.records), (0, &vec![RecordData::Cname(DomainName::from_text("example.com"))]));
    // The target is denied, and so is the question.
    let found = answer(&cloud, HUB, "dead.example.com", RecordType::A);
    assert_eq!((found.rcode, chain(&found)), (Rcode::NxDomain, vec!["none.example.com".to_owned()]));
    // Out of the lab: the target is what may be asked elsewhere.
    match ask(&cloud, HUB, "out.example.com", RecordType::A) {
        Outcome::Outside(found) => assert_eq!(chain(&found), ["www.example.org"]),
        other => panic!("{other:?}"),
    }
    // Into another zone, by a public name of an endpoint, and from there into nothing more.
    add_zone(&mut cloud, "Z3", "api.corp", &[SPOKE]);
    add(&mut cloud, "Z3", "api.corp", "TXT", &["\"x\""]);
    let regional = endpoint(&cloud, HUB_ENDPOINT).regional_name();
    add(&mut cloud, "Z3", "v1.api.corp", "CNAME", &[&regional]);
    add(&mut cloud, "Z1", "api.example.com", "CNAME", &["v1.api.corp"]);
    let found = answer(&cloud, SPOKE, "api.example.com", RecordType::A);
    assert_eq!((chain(&found), addresses(&found)), (vec!["v1.api.corp".to_owned(), regional], BOTH.map(str::to_owned).into()));
    assert!(matches!(found.source, Source::EndpointName { .. }));
    assert_eq!(answer(&cloud, HUB, "api.example.com", RecordType::A).rcode, Rcode::NxDomain, "the hub does not see the other zone");
    for name in ["c1.example.com", "c2.example.com"] {
        let found = answer(&cloud, HUB, name, RecordType::A);
        assert_eq!((found.rcode, found.source), (Rcode::ServFail, Source::EndlessChain));
    }
    for n in 0..20 {
        add(&mut cloud, "Z1", &format!("n{n}.example.com"), "CNAME", &[&format!("n{}.example.com", n + 1)]);
    }
    add(&mut cloud, "Z1", "n20.example.com", "A", &["10.0.9.9"]);
    assert_eq!(answer(&cloud, HUB, "n3.example.com", RecordType::A).rcode, Rcode::ServFail);
    assert_eq!(resolve(&cloud, HUB, "n4.example.com"), ["10.0.9.9"]);
}

/// A zone for the spokes with an alias to the hub's endpoint: the names of private APIs from another region.
#[test]
fn aliases_lead_to_an_endpoint_in_another_region() {
    let mut cloud = lab();
    add_zone(&mut cloud, "Z4", APEX, &[SPOKE, NEAR]);
    let hub = endpoint(&cloud, HUB_ENDPOINT);
    alias(&mut cloud, "Z4", APEX, "A", &hub.public_zone(), &hub.regional_name());
    alias(&mut cloud, "Z4", &format!("*.{APEX}"), "A", "Z4", APEX);
    for vpc in [SPOKE, NEAR] {
        for name in [APEX, NAME, &format!("x.{APEX}")] {
            let found = answer(&cloud, vpc, name, RecordType::A);
            assert_eq!((addresses(&found), found.ttl, found.chain.len()), (BOTH.map(str::to_owned).into(), 60, 0), "{name} in {vpc}");
            assert!(matches!(&found.source, Source::HostedZone { alias: Some(to), .. } if matches!(**to, Source::EndpointName { .. })));
        }
        no_data(&cloud, vpc, NAME, RecordType::AAAA);
    }
    assert!(matches!(absent(&cloud, PLAIN, NAME), Absence::NotPublished { .. }));
    assert!(matches!(answer(&cloud, HUB, NAME, RecordType::A).source, Source::PrivateDns { .. }));
    // What the alias led to is gone.
    cloud.vpc_endpoints.remove(&hub.id);
    no_data(&cloud, SPOKE, NAME, RecordType::A);
    alias(&mut cloud, "Z4", &format!("l1.{APEX}"), "A", "Z4", &format!("l2.{APEX}"));
    alias(&mut cloud, "Z4", &format!("l2.{APEX}"), "A", "Z4", &format!("l1.{APEX}"));
    no_data(&cloud, SPOKE, &format!("l1.{APEX}"), RecordType::A);
}

#[test]
fn the_longest_zone_wins_over_the_resolvers_own() {
    let mut cloud = lab();
    // Longer than the endpoint's hidden zone: one API's name. Shorter: it waits behind.
    add_zone(&mut cloud, "Z5", NAME, &[HUB]);
    add(&mut cloud, "Z5", NAME, "A", &["10.9.9.9"]);
    add_zone(&mut cloud, "Z6", "amazonaws.com", &[HUB, SPOKE]);
    assert_eq!(resolve(&cloud, HUB, NAME), ["10.9.9.9"]);
    assert_eq!(resolve(&cloud, HUB, &format!("x.{APEX}")), BOTH);
    let regional = endpoint(&cloud, HUB_ENDPOINT).regional_name();
    let hides = |absence| match absence {
        Absence::NotInZone { zone, hides } => (zone.to_string(), hides.map(|source| *source)),
        other => panic!("{other:?}"),
    };
    let (zone, hidden) = hides(absent(&cloud, SPOKE, &regional));
    assert_eq!(zone, "Z6");
    assert!(matches!(hidden, Some(Source::EndpointName { .. })), "a zone over public names hides them");
    assert_eq!(resolve(&cloud, PLAIN, &regional), BOTH);
    let (zone, hidden) = hides(absent(&cloud, HUB, &format!("y.{NAME}")));
    assert_eq!((zone.as_str(), matches!(hidden, Some(Source::PrivateDns { .. }))), ("Z5", true));
    // The resolver's own names stay while a customer's zone is shorter, and go with one as long.
    for (id, name) in [("Z7", "internal"), ("Z8", "arpa")] {
        add_zone(&mut cloud, id, name, &[HUB]);
    }
    let private = "ip-10-0-1-10.ap-northeast-2.compute.internal";
    assert_eq!(resolve(&cloud, HUB, private), ["10.0.1.10"]);
    assert_eq!(answer(&cloud, HUB, "10.1.0.10.in-addr.arpa", RecordType::PTR).records, [RecordData::Ptr(private.into())]);
    add_zone(&mut cloud, "Z9", "10.in-addr.arpa", &[HUB]);
    add(&mut cloud, "Z9", "10.1.0.10.in-addr.arpa", "PTR", &["web.example.com"]);
    let ptr = answer(&cloud, HUB, "10.1.0.10.in-addr.arpa", RecordType::PTR).records;
    assert_eq!(ptr, [RecordData::Ptr("web.example.com".into())]);
    add(&mut cloud, "Z7", "corp.internal", "A", &["10.0.9.9"]);
    assert_eq!(resolve(&cloud, HUB, "corp.internal"), ["10.0.9.9"]);
}

#[test]
fn zones_over_a_name_and_what_they_have_to_do_with_it() {
    let mut cloud = example();
    add_zone(&mut cloud, "Z2", "b.example.com", &[HUB]);
    add_zone(&mut cloud, "Z3", "com", &[NEAR]);
    add_zone(&mut cloud, "Z4", "a.b.example.com", &[]);
    let standing = |cloud: &Cloud, vpc: &str| {
        let over = View::compile(cloud).zones_over(&vpc.parse().unwrap(), &DomainName::from_text("a.b.example.com"));
        over.into_iter().map(|zone| (zone.zone.to_string(), zone.standing)).collect::<Vec<_>>()
    };
    use ZoneStanding::*;
    let named = |list: [ZoneStanding; 4]| ["Z4", "Z2", "Z1", "Z3"].map(str::to_owned).into_iter().zip(list).collect::<Vec<_>>();
    assert_eq!(standing(&cloud, HUB), named([Public, Answers, Shadowed, NotAssociated]));
    assert_eq!(standing(&cloud, SPOKE), named([Public, NotAssociated, Answers, NotAssociated]));
    edit_vpc(&mut cloud, SPOKE, |vpc| vpc.enable_dns_hostnames = false);
    assert_eq!(standing(&cloud, SPOKE), named([Public, NotAssociated, AttributesOff, NotAssociated]));
}

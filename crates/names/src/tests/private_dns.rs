use super::*;

const NAME: &str = "a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com";
const APEX: &str = "execute-api.ap-northeast-2.amazonaws.com";
const BOTH: [&str; 2] = ["10.0.1.50", "10.0.2.50"];

#[test]
fn apex_and_everything_below_it_are_the_endpoint() {
    let cloud = lab();
    for name in [
        NAME,
        APEX,
        "anything.execute-api.ap-northeast-2.amazonaws.com",
        "two.labels.execute-api.ap-northeast-2.amazonaws.com",
        "A1B2C3D4E5.Execute-API.ap-northeast-2.AMAZONAWS.com.",
        // A public API's name and an alias of another endpoint go there as well.
        "pub1c2d3e4.execute-api.ap-northeast-2.amazonaws.com",
        "a1b2c3d4e5-vpce-00000004.execute-api.ap-northeast-2.amazonaws.com",
    ] {
        assert_eq!(resolve(&cloud, HUB, name), BOTH, "{name}");
    }
    assert_eq!(answer(&cloud, HUB, NAME, RecordType::A).source, Source::PrivateDns { endpoint: HUB_ENDPOINT.parse().unwrap() });
}

#[test]
fn other_types_have_no_data() {
    let cloud = lab();
    for record_type in [RecordType::AAAA, RecordType(65), RecordType(16), RecordType(5)] {
        assert_eq!(no_data(&cloud, HUB, NAME, record_type).zone, APEX);
        assert_eq!(no_data(&cloud, HUB, APEX, record_type).zone, APEX);
    }
    let soa = answer(&cloud, HUB, APEX, RecordType::SOA);
    assert!(matches!(soa.records.as_slice(), [RecordData::Soa(soa)] if soa.zone == APEX));
    assert_eq!(answer(&cloud, HUB, APEX, RecordType::NS).records.len(), 1);
    assert_eq!(addresses(&answer(&cloud, HUB, NAME, RecordType::ANY)), BOTH);
}

#[test]
fn a_peer_does_not_see_the_zone_and_learns_why() {
    let cloud = lab();
    let peer = |connection: &str| PeerZone {
        connection: connection.parse().unwrap(),
        vpc: HUB.parse().unwrap(),
        endpoint: HUB_ENDPOINT.parse().unwrap(),
        allows_dns_resolution: true,
    };
    for (vpc, private_dns, peers) in [
        (SPOKE, NoPrivateDns::OtherRegion, vec![peer("pcx-00000001")]),
        (NEAR, NoPrivateDns::NoEndpoint, vec![peer("pcx-00000002")]),
        (PLAIN, NoPrivateDns::Disabled(vec![PLAIN_ENDPOINT.parse().unwrap()]), vec![]),
        (VIRGINIA, NoPrivateDns::OtherRegion, vec![]),
    ] {
        assert_eq!(
            absent(&cloud, vpc, NAME),
            Absence::NotPublished { region: SEOUL.parse().unwrap(), api: Some(API.parse().unwrap()), private_dns, peers },
            "{vpc}"
        );
        assert_eq!(no_data(&cloud, vpc, APEX, RecordType::A).zone, APEX);
    }
}

#[test]
fn a_peering_that_is_not_active_explains_nothing() {
    let mut cloud = lab();
    let id: VpcPeeringConnectionId = "pcx-00000001".parse().unwrap();
    let mut peering = (*cloud.peerings[&id]).clone();
    peering.status = PeeringStatus::Deleted;
    cloud.peerings.insert(id, Arc::new(peering));
    match absent(&cloud, SPOKE, NAME) {
        Absence::NotPublished { peers, .. } => assert_eq!(peers, []),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_zone_covers_one_region() {
    let cloud = lab();
    let other = "a1b2c3d4e5.execute-api.us-west-2.amazonaws.com";
    assert!(matches!(absent(&cloud, HUB, other), Absence::NotPublished { api: None, private_dns: NoPrivateDns::OtherRegion, .. }));
    assert_eq!(absent(&cloud, HUB, "x.execute-api.mars-1.amazonaws.com"), Absence::Unknown);
}

#[test]
fn without_the_attributes_there_is_no_zone() {
    let mut cloud = lab();
    edit_vpc(&mut cloud, HUB, |vpc| vpc.enable_dns_hostnames = false);
    assert!(matches!(
        absent(&cloud, HUB, NAME),
        Absence::NotPublished { private_dns: NoPrivateDns::HostnamesOff(endpoint), .. } if endpoint.as_str() == HUB_ENDPOINT
    ));
    assert_eq!(absent(&cloud, HUB, "ip-10-0-1-10.ap-northeast-2.compute.internal"), Absence::HostnamesOff);
    assert_eq!(absent(&cloud, HUB, "10.1.0.10.in-addr.arpa"), Absence::HostnamesOff);
    edit_vpc(&mut cloud, HUB, |vpc| vpc.enable_dns_support = false);
    for name in [NAME, "localhost", "example.com"] {
        assert_eq!(ask(&cloud, HUB, name, RecordType::A), Outcome::Silent(Silence::DnsSupportOff));
    }
    assert_eq!(ask(&cloud, "vpc-0000000f", NAME, RecordType::A), Outcome::Silent(Silence::NoVpc));
}

#[test]
fn private_names_of_the_region_are_made_of_the_address() {
    let cloud = lab();
    for vpc in [HUB, NEAR, PLAIN] {
        for ip in ["10.0.1.10", "192.168.3.4", "172.31.255.1"] {
            let name = format!("IP-{}.ap-northeast-2.compute.internal", ip.replace('.', "-"));
            assert_eq!(resolve(&cloud, vpc, &name), [ip]);
            no_data(&cloud, vpc, &name, RecordType::AAAA);
        }
    }
    let oregon = "ip-10-1-1-10.us-west-2.compute.internal";
    assert_eq!(resolve(&cloud, SPOKE, oregon), ["10.1.1.10"]);
    assert_eq!(absent(&cloud, HUB, oregon), Absence::OtherRegion);
    assert_eq!(absent(&cloud, SPOKE, "ip-10-1-1-10.ec2.internal"), Absence::OtherRegion);
    // Not of a private block, but of this VPC's.
    assert_eq!(resolve(&cloud, VIRGINIA, "ip-100-64-1-10.ec2.internal"), ["100.64.1.10"]);
    for name in [
        "ip-8-8-8-8.ap-northeast-2.compute.internal",
        "ip-10-0-1.ap-northeast-2.compute.internal",
        "x.ip-10-0-1-10.ap-northeast-2.compute.internal",
        "i-0123456789abcdef0.ap-northeast-2.compute.internal",
    ] {
        assert_eq!(absent(&cloud, HUB, name), Absence::NoPrivateHostname, "{name}");
    }
    for name in ["ap-northeast-2.compute.internal", "compute.internal", "internal"] {
        no_data(&cloud, HUB, name, RecordType::A);
    }
    assert_eq!(absent(&cloud, HUB, "corp.internal"), Absence::LocalZone);
}

#[test]
fn reverse_names_are_of_the_vpcs_interfaces() {
    let cloud = lab();
    let ptr = |vpc: &str, name: &str| answer(&cloud, vpc, name, RecordType::PTR);
    let name = |text: &str| vec![RecordData::Ptr(text.to_owned())];
    assert_eq!(ptr(HUB, "10.1.0.10.in-addr.ARPA").records, name("ip-10-0-1-10.ap-northeast-2.compute.internal"));
    assert_eq!(
        ptr(HUB, "50.1.0.10.in-addr.arpa").records,
        name("ip-10-0-1-50.ap-northeast-2.compute.internal"),
        "the endpoint's interface too"
    );
    assert_eq!(ptr(VIRGINIA, "10.1.64.100.in-addr.arpa").records, name("ip-100-64-1-10.ec2.internal"));
    // The same address in another VPC, an unused one, and a peer's.
    for (vpc, reverse) in [(PLAIN, "10.1.0.10.in-addr.arpa"), (HUB, "11.1.0.10.in-addr.arpa"), (HUB, "10.1.1.10.in-addr.arpa")] {
        assert!(matches!(absent(&cloud, vpc, reverse), Absence::NoInterface { .. }));
    }
    no_data(&cloud, HUB, "10.1.0.10.in-addr.arpa", RecordType::A);
    for above in ["1.0.10.in-addr.arpa", "0.10.in-addr.arpa", "10.in-addr.arpa", "172.in-addr.arpa", "in-addr.arpa", "arpa"] {
        no_data(&cloud, HUB, above, RecordType::PTR);
    }
    for none in ["9.0.10.in-addr.arpa", "1.10.1.0.10.in-addr.arpa", "x.0.10.in-addr.arpa"] {
        assert_eq!(absent(&cloud, HUB, none), Absence::LocalZone, "{none}");
    }
}

#[test]
fn localhost_is_the_asker() {
    let cloud = lab();
    assert_eq!(resolve(&cloud, SPOKE, "localhost"), ["127.0.0.1"]);
    assert_eq!(answer(&cloud, SPOKE, "1.0.0.127.in-addr.arpa", RecordType::PTR).records, [RecordData::Ptr("localhost".into())]);
}

#[test]
fn a_name_above_a_zone_of_an_endpoint_exists_in_its_vpc() {
    let mut cloud = lab();
    let id: VpcEndpointId = HUB_ENDPOINT.parse().unwrap();
    let endpoint = Arc::make_mut(cloud.vpc_endpoints.get_mut(&id).unwrap());
    endpoint.service_name = format!("com.amazonaws.{SEOUL}.ecr.api");
    let above = format!("ecr.{SEOUL}.amazonaws.com");
    no_data(&cloud, HUB, &above, RecordType::A);
    assert_eq!(absent(&cloud, NEAR, &above), Absence::Unknown);
}

#[test]
fn a_bucket_has_a_name_below_that_of_an_endpoint_of_s3() {
    let mut cloud = lab();
    let id: VpcEndpointId = HUB_ENDPOINT.parse().unwrap();
    let endpoint = Arc::make_mut(cloud.vpc_endpoints.get_mut(&id).unwrap());
    endpoint.service_name = format!("com.amazonaws.{SEOUL}.s3");
    let regional = endpoint.regional_name();
    let addresses = resolve(&cloud, SPOKE, &regional);
    assert_eq!(resolve(&cloud, SPOKE, &format!("b.bucket.{regional}")), addresses);
    assert_eq!(absent(&cloud, SPOKE, &format!("b.{regional}")), Absence::NoEndpointName);
}

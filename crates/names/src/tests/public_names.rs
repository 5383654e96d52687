use super::*;

const REGIONAL: &str = "vpce-00000001-abcd1234.execute-api.ap-northeast-2.vpce.amazonaws.com";
const ZONAL: &str = "vpce-00000001-abcd1234-ap-northeast-2c.execute-api.ap-northeast-2.vpce.amazonaws.com";
const ALIAS: &str = "a1b2c3d4e5-vpce-00000001.execute-api.ap-northeast-2.amazonaws.com";

#[test]
fn endpoint_names_resolve_everywhere() {
    let cloud = lab();
    for vpc in EVERY {
        assert_eq!(resolve(&cloud, vpc, REGIONAL), ["10.0.1.50", "10.0.2.50"]);
        assert_eq!(resolve(&cloud, vpc, ZONAL), ["10.0.2.50"]);
        assert_eq!(no_data(&cloud, vpc, REGIONAL, RecordType::AAAA).zone, "execute-api.ap-northeast-2.vpce.amazonaws.com");
        for name in [
            "vpce-00000001-abcd1234-ap-northeast-2b.execute-api.ap-northeast-2.vpce.amazonaws.com",
            "vpce-00000001.execute-api.ap-northeast-2.vpce.amazonaws.com",
            "vpce-00000001-abcd1234.execute-api.us-west-2.vpce.amazonaws.com",
            "x.vpce-00000001-abcd1234.execute-api.ap-northeast-2.vpce.amazonaws.com",
            "vpce-00000001-abcd1234.s3.ap-northeast-2.vpce.amazonaws.com",
        ] {
            assert_eq!(absent(&cloud, vpc, name), Absence::NoEndpointName, "{name}");
        }
        for name in [
            "execute-api.ap-northeast-2.vpce.amazonaws.com",
            "ap-northeast-2.vpce.amazonaws.com",
            "vpce.amazonaws.com",
            "ap-northeast-2.amazonaws.com",
            "amazonaws.com",
            "com",
            ".",
        ] {
            no_data(&cloud, vpc, name, RecordType::A);
        }
    }
    assert_eq!(
        answer(&cloud, SPOKE, ZONAL, RecordType::A).source,
        Source::EndpointName { endpoint: HUB_ENDPOINT.parse().unwrap(), zone: Some("ap-northeast-2c".into()) }
    );
}

#[test]
fn the_alias_of_a_deployed_api_resolves_everywhere() {
    let mut cloud = lab();
    for vpc in EVERY {
        assert_eq!(resolve(&cloud, vpc, ALIAS), ["10.0.1.50", "10.0.2.50"]);
    }
    let expected = Source::ApiAlias { api: API.parse().unwrap(), endpoint: HUB_ENDPOINT.parse().unwrap() };
    assert_eq!(answer(&cloud, SPOKE, ALIAS, RecordType::A).source, expected);

    // Taken off the API, it stays until the next deployment of the last stage that has it.
    deploy(&mut cloud, API, "dev");
    edit_api(&mut cloud, API, |api| api.settings.vpc_endpoint_ids.clear());
    deploy(&mut cloud, API, "prod");
    resolve(&cloud, SPOKE, ALIAS);
    deploy(&mut cloud, API, "dev");
    assert_eq!(why(&cloud, ALIAS), NoAlias::NotAssociated);
}

fn why(cloud: &Cloud, name: &str) -> NoAlias {
    match absent(cloud, SPOKE, name) {
        Absence::Alias { because, .. } => because,
        other => panic!("no alias: {other:?}"),
    }
}

#[test]
fn an_alias_that_is_not_published_says_why() {
    let mut cloud = lab();
    let plain = "a1b2c3d4e5-vpce-00000004.execute-api.ap-northeast-2.amazonaws.com";
    assert_eq!(why(&cloud, plain), NoAlias::NotAssociated);
    edit_api(&mut cloud, API, |api| {
        api.settings = settings(EndpointType::Private, &[PLAIN_ENDPOINT]);
    });
    assert_eq!(why(&cloud, plain), NoAlias::NotDeployed);
    deploy(&mut cloud, API, "prod");
    assert_eq!(resolve(&cloud, SPOKE, plain), ["10.0.1.7"]);
    cloud.vpc_endpoints.remove(&PLAIN_ENDPOINT.parse::<VpcEndpointId>().unwrap());
    assert_eq!(why(&cloud, plain), NoAlias::NoEndpoint);

    // An endpoint reaches the APIs of its own region only.
    add_endpoint(&mut cloud, "vpce-00000002", SPOKE, false, &[("10.1.1.50", "us-west-2a")]);
    edit_api(&mut cloud, API, |api| {
        api.settings = settings(EndpointType::Private, &["vpce-00000002"]);
    });
    deploy(&mut cloud, API, "prod");
    let abroad = "a1b2c3d4e5-vpce-00000002.execute-api.ap-northeast-2.amazonaws.com";
    assert_eq!(why(&cloud, abroad), NoAlias::NoEndpoint);

    let alias = |name: &str| format!("{name}.execute-api.ap-northeast-2.amazonaws.com");
    assert_eq!(why(&cloud, &alias("pub1c2d3e4-vpce-00000001")), NoAlias::NotPrivate);
    assert_eq!(why(&cloud, &alias("zzzzzzzzzz-vpce-00000001")), NoAlias::NoApi);
    assert_eq!(why(&cloud, "a1b2c3d4e5-vpce-00000001.execute-api.us-west-2.amazonaws.com"), NoAlias::NoApi, "the API is of another region");
}

#[test]
fn public_apis_have_no_address_in_a_lab() {
    let name = "pub1c2d3e4.execute-api.ap-northeast-2.amazonaws.com";
    assert_eq!(absent(&lab(), NEAR, name), Absence::PublicApi { api: PUBLIC_API.parse().unwrap(), private_dns: NoPrivateDns::NoEndpoint });
}

#[test]
fn an_endpoint_of_another_service_publishes_nothing_of_execute_api() {
    let mut cloud = lab();
    let id: VpcEndpointId = HUB_ENDPOINT.parse().unwrap();
    let mut endpoint = (*cloud.vpc_endpoints[&id]).clone();
    endpoint.service_name = "com.amazonaws.ap-northeast-2.ssm".into();
    let own = endpoint.regional_name();
    cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
    assert_eq!(absent(&cloud, SPOKE, REGIONAL), Absence::NoEndpointName);
    assert_eq!(why(&cloud, ALIAS), NoAlias::NoEndpoint);
    // It has names of its own, and the service's private name in its VPC; nothing below that one, and nothing elsewhere.
    for vpc in EVERY {
        assert_eq!(resolve(&cloud, vpc, &own), ["10.0.1.50", "10.0.2.50"], "{vpc}");
    }
    assert_eq!(resolve(&cloud, HUB, "ssm.ap-northeast-2.amazonaws.com"), ["10.0.1.50", "10.0.2.50"]);
    assert_eq!(absent(&cloud, HUB, "x.ssm.ap-northeast-2.amazonaws.com"), Absence::NoEndpointName);
    assert!(matches!(ask(&cloud, NEAR, "ssm.ap-northeast-2.amazonaws.com", RecordType::A), Outcome::Outside(_)));
    assert!(matches!(
        absent(&cloud, HUB, "a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com"),
        Absence::NotPublished { private_dns: NoPrivateDns::NoEndpoint, .. }
    ));
}

#[test]
fn other_names_are_outside() {
    let cloud = lab();
    for name in ["example.com", "s3.ap-northeast-2.amazonaws.com", "8.8.8.8.in-addr.arpa", "com"] {
        assert!(matches!(ask(&cloud, HUB, name, RecordType::A), Outcome::Outside(_)), "{name}");
    }
    assert_eq!(absent(&cloud, HUB, "example.com"), Absence::Unknown);
    assert!(matches!(absent(&cloud, HUB, "ec2-3-4-5-6.ap-northeast-2.compute.amazonaws.com"), Absence::Unknown));
}

#[test]
fn other_classes_and_transfers_are_refused() {
    let view = View::compile(&lab());
    let mut question = Question::new(DomainName::from_text(REGIONAL), RecordType::A);
    question.class = Class(3);
    let refused = |question: &Question| match view.answer(&HUB.parse().unwrap(), question) {
        Outcome::Answered(answer) => answer.rcode == Rcode::Refused,
        _ => false,
    };
    assert!(refused(&question));
    assert!(refused(&Question::new(DomainName::from_text("execute-api.ap-northeast-2.amazonaws.com"), RecordType::AXFR)));
}

#[test]
fn a_public_hostname_is_private_inside_and_where_a_peer_may_ask() {
    use vpclab_cloud::{AddressAssociationId, PublicAddress, public_address::AddressAssociation};
    const NAME: &str = "ec2-203-0-113-1.ap-northeast-2.compute.amazonaws.com";
    let mut cloud = lab();
    let interface = cloud.network_interfaces.values().find(|found| found.private_ip.to_string() == "10.0.1.10").unwrap().clone();
    let id: AddressAssociationId = "eipassoc-00000001".parse().unwrap();
    let address = PublicAddress {
        ip: "203.0.113.1".parse().unwrap(),
        scope: interface.scope.clone(),
        allocation: None,
        association: Some(AddressAssociation { id, interface: interface.id.clone(), private_ip: interface.private_ip }),
        tags: Tags::new(),
    };
    cloud.public_addresses.insert(address.ip, Arc::new(address));
    assert_eq!(resolve(&cloud, HUB, NAME), ["10.0.1.10"]);
    assert_eq!(resolve(&cloud, SPOKE, NAME), ["10.0.1.10"], "the hub lets its peers ask");
    assert_eq!(resolve(&cloud, PLAIN, NAME), ["203.0.113.1"]);
    let expected = Source::PublicHostname { address: "203.0.113.1".parse().unwrap(), interface: interface.id.clone() };
    assert_eq!(answer(&cloud, HUB, NAME, RecordType::A).source, expected);
    let mut peering = VpcPeeringConnection::clone(cloud.peerings.values().next().unwrap());
    peering.requester.allow_dns_resolution = false;
    cloud.peerings.insert(peering.id.clone(), Arc::new(peering));
    assert_eq!(resolve(&cloud, SPOKE, NAME), ["203.0.113.1"]);
    for other in ["ec2-203-0-113-2.ap-northeast-2.compute.amazonaws.com", "ec2-203-0-113-1.us-west-2.compute.amazonaws.com"] {
        assert_eq!(absent(&cloud, HUB, other), Absence::Unknown, "{other}");
    }
    edit_vpc(&mut cloud, HUB, |vpc| vpc.enable_dns_hostnames = false);
    assert_eq!(absent(&cloud, PLAIN, NAME), Absence::Unknown);
}

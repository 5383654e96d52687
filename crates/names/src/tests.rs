//! A lab of five VPCs: `hub` (Seoul) with an endpoint with private DNS, `spoke` (Oregon) and `near` (Seoul) peered with it,
//! `plain` (Seoul) with an endpoint without private DNS, `virginia` with nothing.
use super::*;
use proptest::prelude::*;
use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{rest_api::*, *};

mod hosted_zones;
mod laws;
mod private_dns;
mod public_names;

const HUB: &str = "vpc-00000001";
const SPOKE: &str = "vpc-00000002";
const NEAR: &str = "vpc-00000003";
const PLAIN: &str = "vpc-00000004";
const VIRGINIA: &str = "vpc-00000005";
const EVERY: [&str; 5] = [HUB, SPOKE, NEAR, PLAIN, VIRGINIA];
const HUB_ENDPOINT: &str = "vpce-00000001";
const PLAIN_ENDPOINT: &str = "vpce-00000004";
const API: &str = "a1b2c3d4e5";
const PUBLIC_API: &str = "pub1c2d3e4";
const SEOUL: &str = "ap-northeast-2";

fn scope(region: &str) -> Scope {
    Scope { account: AccountId::unnamed(), region: region.parse().unwrap() }
}

fn add_vpc(cloud: &mut Cloud, id: &str, region: &str, cidr: &str) {
    let vpc = Vpc {
        id: id.parse().unwrap(),
        scope: scope(region),
        cidrs: vec![VpcCidr { association: "vpc-cidr-assoc-00000001".parse().unwrap(), cidr: cidr.parse().unwrap() }],
        enable_dns_support: true,
        enable_dns_hostnames: true,
        main_route_table: "rtb-00000001".parse().unwrap(),
        default_security_group: "sg-00000001".parse().unwrap(),
        default_network_acl: "acl-00000001".parse().unwrap(),
        dhcp_options: None,
        tags: Tags::new(),
    };
    cloud.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
}

fn add_interface(cloud: &mut Cloud, vpc: &str, ip: &str, zone: &str, kind: InterfaceKind) -> NetworkInterfaceId {
    let n = cloud.network_interfaces.len();
    let vpc: VpcId = vpc.parse().unwrap();
    let interface = NetworkInterface {
        id: format!("eni-{n:08x}").parse().unwrap(),
        scope: cloud.vpcs[&vpc].scope.clone(),
        vpc,
        subnet: format!("subnet-{n:08x}").parse().unwrap(),
        availability_zone: zone.to_owned(),
        private_ip: ip.parse().unwrap(),
        mac: [2, 0, 0, 0, 0, 1],
        security_groups: Default::default(),
        kind,
        attachment: None,
        source_dest_check: true,
        client_token: None,
        description: String::new(),
        tags: Tags::new(),
    };
    let id = interface.id.clone();
    cloud.network_interfaces.insert(id.clone(), Arc::new(interface));
    id
}

fn add_endpoint(cloud: &mut Cloud, id: &str, vpc: &str, private: bool, at: &[(&str, &str)]) {
    let endpoint: VpcEndpointId = id.parse().unwrap();
    let interfaces: BTreeMap<SubnetId, NetworkInterfaceId> = at
        .iter()
        .map(|(ip, zone)| {
            let kind = InterfaceKind::VpcEndpoint(endpoint.clone());
            let interface = add_interface(cloud, vpc, ip, zone, kind);
            (cloud.network_interfaces[&interface].subnet.clone(), interface)
        })
        .collect();
    let vpc: VpcId = vpc.parse().unwrap();
    let scope = cloud.vpcs[&vpc].scope.clone();
    let record = VpcEndpoint {
        id: endpoint.clone(),
        service_name: format!("com.amazonaws.{}.execute-api", scope.region),
        scope,
        vpc,
        interfaces,
        security_groups: Default::default(),
        policy: None,
        private_dns_enabled: private,
        dns_suffix: "abcd1234".into(),
        state: EndpointState::Available,
        created: Timestamp(0),
        client_token: None,
        tags: Tags::new(),
    };
    cloud.vpc_endpoints.insert(endpoint, Arc::new(record));
}

fn settings(endpoint_type: EndpointType, endpoints: &[&str]) -> ApiSettings {
    ApiSettings {
        endpoint_type,
        vpc_endpoint_ids: endpoints.iter().map(|id| id.parse().unwrap()).collect(),
        policy: None,
        disable_execute_api_endpoint: false,
        binary_media_types: vec![],
        gateway_responses: Default::default(),
        validation: Default::default(),
    }
}

fn add_api(cloud: &mut Cloud, id: &str, region: &str, settings: ApiSettings) {
    let id: RestApiId = id.parse().unwrap();
    let api = RestApi {
        id: id.clone(),
        scope: scope(region),
        name: "orders".into(),
        description: None,
        version: None,
        created: Timestamp(0),
        root: "root00".parse().unwrap(),
        settings,
        policy_edited: None,
        tags: Tags::new(),
    };
    cloud.rest_apis.insert(id, Arc::new(api));
}

/// Deploys an API as it is to a stage.
fn deploy(cloud: &mut Cloud, api: &str, stage: &str) {
    let api: RestApiId = api.parse().unwrap();
    let id: DeploymentId = format!("dep{}", cloud.deployments.len()).parse().unwrap();
    let snapshot = deployment::ApiSnapshot { settings: cloud.rest_apis[&api].settings.clone(), resources: vec![] };
    cloud.deployments.insert(
        (api.clone(), id.clone()),
        Arc::new(Deployment { api: api.clone(), id: id.clone(), created: Timestamp(0), description: None, snapshot: Arc::new(snapshot) }),
    );
    cloud.stages.insert(
        (api.clone(), stage.to_owned()),
        Arc::new(Stage {
            api,
            name: stage.to_owned(),
            deployment: id,
            description: None,
            disable_execute_api_endpoint: false,
            variables: Default::default(),
            settings: Default::default(),
            created: Timestamp(0),
            updated: Timestamp(0),
            tags: Tags::new(),
        }),
    );
}

fn peer(cloud: &mut Cloud, id: &str, a: &str, b: &str) {
    let side = |vpc: &str| PeeringSide {
        scope: cloud.vpcs[&vpc.parse::<VpcId>().unwrap()].scope.clone(),
        vpc: vpc.parse().unwrap(),
        cidrs: vec![],
        allow_dns_resolution: true,
        tags: Tags::new(),
    };
    let peering = VpcPeeringConnection {
        id: id.parse().unwrap(),
        requester: side(a),
        accepter: side(b),
        status: PeeringStatus::Active,
        since: Timestamp(0),
        expires: Timestamp(0),
        ended_by: None,
    };
    cloud.peerings.insert(peering.id.clone(), Arc::new(peering));
}

fn lab() -> Cloud {
    let mut cloud = Cloud::default();
    add_vpc(&mut cloud, HUB, SEOUL, "10.0.0.0/16");
    add_vpc(&mut cloud, SPOKE, "us-west-2", "10.1.0.0/16");
    add_vpc(&mut cloud, NEAR, SEOUL, "10.2.0.0/16");
    add_vpc(&mut cloud, PLAIN, SEOUL, "10.0.0.0/16");
    add_vpc(&mut cloud, VIRGINIA, "us-east-1", "100.64.0.0/16");
    add_endpoint(&mut cloud, HUB_ENDPOINT, HUB, true, &[("10.0.1.50", "ap-northeast-2a"), ("10.0.2.50", "ap-northeast-2c")]);
    add_endpoint(&mut cloud, PLAIN_ENDPOINT, PLAIN, false, &[("10.0.1.7", "ap-northeast-2a")]);
    add_interface(&mut cloud, HUB, "10.0.1.10", "ap-northeast-2a", InterfaceKind::Customer);
    add_interface(&mut cloud, SPOKE, "10.1.1.10", "us-west-2a", InterfaceKind::Customer);
    add_interface(&mut cloud, VIRGINIA, "100.64.1.10", "us-east-1a", InterfaceKind::Customer);
    peer(&mut cloud, "pcx-00000001", HUB, SPOKE);
    peer(&mut cloud, "pcx-00000002", NEAR, HUB);
    add_api(&mut cloud, API, SEOUL, settings(EndpointType::Private, &[HUB_ENDPOINT]));
    add_api(&mut cloud, PUBLIC_API, SEOUL, settings(EndpointType::Regional, &[]));
    deploy(&mut cloud, API, "prod");
    cloud
}

fn edit_vpc(cloud: &mut Cloud, id: &str, edit: impl FnOnce(&mut Vpc)) {
    let id: VpcId = id.parse().unwrap();
    let mut vpc = (*cloud.vpcs[&id]).clone();
    edit(&mut vpc);
    cloud.vpcs.insert(id, Arc::new(vpc));
}

fn edit_api(cloud: &mut Cloud, id: &str, edit: impl FnOnce(&mut RestApi)) {
    let id: RestApiId = id.parse().unwrap();
    let mut api = (*cloud.rest_apis[&id]).clone();
    edit(&mut api);
    cloud.rest_apis.insert(id, Arc::new(api));
}

fn ask(cloud: &Cloud, vpc: &str, name: &str, record_type: RecordType) -> Outcome {
    let question = Question::new(DomainName::from_text(name), record_type);
    View::compile(cloud).answer(&vpc.parse().unwrap(), &question)
}

fn answer(cloud: &Cloud, vpc: &str, name: &str, record_type: RecordType) -> Answer {
    ask(cloud, vpc, name, record_type).answer().expect("an answer").clone()
}

fn addresses(answer: &Answer) -> Vec<String> {
    let address = |record: &RecordData| match record {
        RecordData::A(ip) => ip.to_string(),
        other => panic!("no address: {other:?}"),
    };
    answer.records.iter().map(address).collect()
}

/// The addresses of a name that exists.
fn resolve(cloud: &Cloud, vpc: &str, name: &str) -> Vec<String> {
    let answer = answer(cloud, vpc, name, RecordType::A);
    assert_eq!(answer.rcode, Rcode::NoError, "{name} in {vpc}: {answer:?}");
    addresses(&answer)
}

/// Why a name does not exist.
fn absent(cloud: &Cloud, vpc: &str, name: &str) -> Absence {
    let answer = answer(cloud, vpc, name, RecordType::A);
    assert_eq!(answer.rcode, Rcode::NxDomain, "{name} in {vpc}: {answer:?}");
    assert!(answer.records.is_empty());
    assert!(answer.authority.is_some());
    match answer.source {
        Source::Nothing(absence) => absence,
        other => panic!("no absence: {other:?}"),
    }
}

/// That a name exists without records of a type.
fn no_data(cloud: &Cloud, vpc: &str, name: &str, record_type: RecordType) -> Soa {
    let answer = answer(cloud, vpc, name, record_type);
    assert_eq!(answer.rcode, Rcode::NoError, "{name} in {vpc}: {answer:?}");
    assert_eq!(answer.records, []);
    answer.authority.expect("the zone's start")
}

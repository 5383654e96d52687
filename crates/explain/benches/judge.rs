//! How long judging takes: one policy, one explanation, the next snapshot, who can call, all pairs. Figures as JSON lines.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]
use std::{collections::BTreeMap, hint::black_box, time::Instant};
use vpclab_cloud::{
    Cloud, Context, IdSource, Scope, Tags, Timestamp, VpcEndpointId,
    deployment::CreateDeployment,
    instance::{LaunchInterface, RunInstances},
    integration::{Integration, IntegrationResponse, IntegrationType},
    method::{Method, MethodResponse},
    rest_api::{CreateRestApi, EndpointType, PutMode, RestApiEdit},
    security_group::{CreateSecurityGroup, NewPeer, NewRule},
    subnet::CreateSubnet,
    vpc::{CreateVpc, VpcAttribute},
    vpc_endpoint::CreateVpcEndpoint,
};
use vpclab_explain::{Call, Judge, Source, reach::Request};
use vpclab_policy::{CallerPrincipal, MapKeys, Policy, Request as Question};

const REGION: &str = "ap-northeast-2";
const SUBNETS: usize = 20;
const GROUPS: usize = 5;

fn fence(endpoint: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}},
            {{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
              "Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{endpoint}"}}}}}}]}}"#
    )
}

/// One VPC with an endpoint: clients in some subnets and groups, and private APIs.
struct World {
    cloud: Cloud,
    cx: Context,
    sources: Vec<Source>,
    urls: Vec<String>,
}

fn world(interfaces: usize, apis: usize) -> World {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: REGION.parse().unwrap() };
    let mut cx = Context { scope, now: Timestamp(1_000_000), ids: IdSource::new(1) };
    let mut cloud = Cloud::default();
    let vpc = cloud.create_vpc(&mut cx, CreateVpc { cidr: "10.0.0.0/16".parse().unwrap(), tags: Tags::new() }).unwrap();
    cloud.modify_vpc_attribute(&mut cx, &vpc, VpcAttribute::DnsHostnames(true)).unwrap();
    let mut subnet = |cidr: String, cloud: &mut Cloud| {
        let input = CreateSubnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: None, tags: Tags::new() };
        cloud.create_subnet(&mut cx, input).unwrap()
    };
    let subnets: Vec<_> = (0..SUBNETS).map(|at| subnet(format!("10.0.{}.0/22", at * 4), &mut cloud)).collect();
    let gate = subnet("10.0.252.0/24".to_owned(), &mut cloud);
    let mut group = |name: String, cloud: &mut Cloud| {
        let input = CreateSecurityGroup { vpc: vpc.clone(), description: name.clone(), name, tags: Tags::new() };
        cloud.create_security_group(&mut cx, input).unwrap()
    };
    let groups: Vec<_> = (0..GROUPS).map(|at| group(format!("clients{at}"), &mut cloud)).collect();
    let endpoint_group = group("endpoint".to_owned(), &mut cloud);
    for cidr in ["10.0.0.0/18", "10.0.64.0/19"] {
        let rule = NewRule::new("tcp", (Some(443), Some(443)), NewPeer::Ipv4(cidr.parse().unwrap()), None).unwrap();
        let way = vpclab_cloud::Direction::Ingress;
        cloud.authorize_security_group(&mut cx, &endpoint_group, way, vec![rule], &Tags::new()).unwrap();
    }
    let input = CreateVpcEndpoint {
        vpc,
        service_name: format!("com.amazonaws.{REGION}.execute-api"),
        subnets: BTreeMap::from([(gate, None)]),
        security_groups: vec![endpoint_group],
        policy: None,
        private_dns: true,
        client_token: None,
        tags: Tags::new(),
    };
    let endpoint = cloud.create_vpc_endpoint(&mut cx, input).unwrap();
    let mut sources = Vec::new();
    for at in 0..interfaces {
        let input = RunInstances {
            image: "ami-0123456789abcdef0".parse().unwrap(),
            instance_type: "t3.micro".into(),
            min_count: 1,
            max_count: 1,
            interface: LaunchInterface::New {
                subnet: subnets[at % SUBNETS].clone(),
                security_groups: vec![groups[at / SUBNETS % GROUPS].clone()],
                private_ip: None,
                description: String::new(),
                delete_on_termination: true,
                public_address: None,
            },
            availability_zone: None,
            key_name: None,
            profile: None,
            user_data: None,
            client_token: None,
            tags: Tags::new(),
            interface_tags: Tags::new(),
        };
        sources.extend(cloud.run_instances(&mut cx, input).unwrap().into_iter().map(Source::Instance));
    }
    let urls = (0..apis).map(|at| api(&mut cloud, &mut cx, at, &endpoint)).collect();
    World { cloud, cx, sources, urls }
}

fn api(cloud: &mut Cloud, cx: &mut Context, at: usize, endpoint: &VpcEndpointId) -> String {
    let input = CreateRestApi {
        name: format!("api{at}"),
        description: None,
        version: None,
        endpoint_type: EndpointType::Private,
        vpc_endpoint_ids: vec![endpoint.clone()],
        disable_execute_api_endpoint: false,
        binary_media_types: Vec::new(),
        tags: Tags::new(),
    };
    let api = cloud.create_rest_api(cx, input).unwrap();
    cloud.update_rest_api(cx, &api, [RestApiEdit::Policy(Some(fence(endpoint.as_str())))]).unwrap();
    let responses = [("200".to_owned(), MethodResponse::default())].into();
    let method = Method { authorization_type: "NONE".into(), responses, integration: Some(mock()), ..Method::default() };
    let definition = [("/pets".to_owned(), [("GET".to_owned(), method)].into())].into();
    cloud.put_definition(cx, &api, definition, PutMode::Merge).unwrap();
    let input = CreateDeployment { stage: Some("dev".to_owned()), ..CreateDeployment::default() };
    cloud.create_deployment(cx, &api, input).unwrap();
    format!("https://{api}.execute-api.{REGION}.amazonaws.com/dev/pets")
}

/// Seconds of one run of many.
fn timed(runs: u32, mut run: impl FnMut()) -> f64 {
    for _ in 0..runs / 10 + 1 {
        run();
    }
    let started = Instant::now();
    for _ in 0..runs {
        run();
    }
    started.elapsed().as_secs_f64() / f64::from(runs)
}

fn told(what: &str, seconds: f64, goal: Option<f64>) {
    println!("{}", serde_json::json!({"what": what, "seconds": seconds, "goal": goal}));
}

fn policies() {
    let policy = Policy::parse(&fence("vpce-0123456789abcdef0")).unwrap();
    let keys = MapKeys::new().with("aws:SourceVpce", "vpce-0123456789abcdef0");
    let resource = "arn:aws:execute-api:ap-northeast-2:111122223333:abcde12345/dev/GET/pets";
    let question = Question { principal: CallerPrincipal::Anonymous, action: "execute-api:Invoke", resource, keys: &keys };
    told(
        "one policy evaluation",
        timed(200_000, || {
            black_box(policy.decide(black_box(&question)));
        }),
        Some(2e-6),
    );
    told("one policy evaluation with reasons", timed(50_000, || drop(black_box(policy.evaluate(black_box(&question))))), None);
}

fn main() {
    policies();
    let World { mut cloud, mut cx, sources, urls } = world(1_000, 50);
    let judge = Judge::new(&cloud, None);
    let call = |source: &Source, url: &str| Call::get(source.clone(), url.parse().unwrap(), cx.now);
    let one = call(&sources[0], &urls[0]);
    told("one explanation, all steps", timed(5_000, || drop(black_box(judge.explain(black_box(&one))))), Some(1e-4));
    let refused = call(&sources[0], &urls[0].replace("/pets", "/cats"));
    told("one explanation with a blocker", timed(5_000, || drop(black_box(judge.explain(black_box(&refused))))), Some(1e-4));
    let started = Instant::now();
    let mut can = 0;
    for url in &urls {
        let request = Request { method: "GET".to_owned(), url: url.parse().unwrap(), headers: Vec::new(), now: cx.now };
        can += vpclab_explain::reach::counts(&judge.who_can(&request))[0];
    }
    told("who can call 50 APIs, of 1000 interfaces", started.elapsed().as_secs_f64(), Some(1.0));
    assert!(can > 0, "the world does not work");
    // One edit: of an API, and of a group.
    let group = cloud.security_groups.values().find(|group| group.name == "endpoint").unwrap().id.clone();
    let rule = NewRule::new("tcp", (Some(443), Some(443)), NewPeer::Ipv4("10.0.96.0/19".parse().unwrap()), None).unwrap();
    cloud.authorize_security_group(&mut cx, &group, vpclab_cloud::Direction::Ingress, vec![rule], &Tags::new()).unwrap();
    told("one explanation after one edit", timed(200, || drop(black_box(Judge::new(&cloud, Some(&judge)).explain(&one)))), None);
    pairs();
}

/// All pairs of 10,000 interfaces: a sample of them, judged to the packet's end, and what all would take.
fn pairs() {
    let World { cloud, cx, sources, urls } = world(10_000, 1);
    let judge = Judge::new(&cloud, None);
    let address = |source: &Source| match source {
        Source::Instance(id) => cloud.network_interfaces[cloud.instances[id].interface.as_ref().unwrap()].private_ip,
        _ => unreachable!(),
    };
    let url: vpclab_explain::Url = urls[0].parse().unwrap();
    let mut at: usize = 1;
    let one = timed(20_000, || {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (from, to) = (&sources[(at >> 33) % sources.len()], &sources[(at >> 13) % sources.len()]);
        let mut call = Call::get(from.clone(), url.clone(), cx.now);
        call.connect_to = Some(address(to));
        drop(black_box(judge.explain(&call)));
    });
    told("one pair of 10000 interfaces", one, None);
    told("all pairs of 10000 interfaces, one core, from the sample", one * 1e8, None);
    let classes = SUBNETS * GROUPS;
    told("the same by classes of sources (100 x 10000)", one * (classes * 10_000) as f64, None);
}

/// A mock that answers 200.
fn mock() -> Integration {
    Integration {
        request_templates: BTreeMap::from([("application/json".to_owned(), "{\"statusCode\": 200}".to_owned())]),
        responses: BTreeMap::from([("200".to_owned(), IntegrationResponse::default())]),
        ..Integration::new(IntegrationType::Mock)
    }
}

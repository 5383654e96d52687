use super::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::integration::{Integration, IntegrationType, Passthrough};
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::{ApiSettings, EndpointType};
use vpclab_cloud::{Cloud, Deployment, EndpointState, Resource, RestApi, RestApiId, Scope, Stage, Timestamp, VpcEndpoint};

const API: &str = "abcde12345";
const ENDPOINT: &str = "vpce-0123456789abcdef0";
const HOST: &str = "abcde12345.execute-api.us-west-2.amazonaws.com";
const OPEN: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const OTHER_VPC: &str = r#"{"Statement":[
    {"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"},
    {"Sid":"fence","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
     "Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-0fffffffffffffff0"}}}]}"#;

fn scope() -> Scope {
    Scope { account: "123456781234".parse().unwrap(), region: "us-west-2".parse().unwrap() }
}

fn settings(policy: Option<&str>) -> ApiSettings {
    ApiSettings {
        endpoint_type: EndpointType::Private,
        vpc_endpoint_ids: vec![],
        policy: policy.map(str::to_owned),
        disable_execute_api_endpoint: false,
        binary_media_types: vec![],
        gateway_responses: BTreeMap::new(),
        validation: Default::default(),
    }
}

/// One endpoint and one API with `GET /pets`, whose authorization and policies are given.
fn cloud(authorization: &str, endpoint_policy: Option<&str>, policy: Option<&str>, disabled: bool) -> Cloud {
    let mut cloud = Cloud::default();
    let endpoint = VpcEndpoint {
        id: ENDPOINT.parse().unwrap(),
        scope: scope(),
        vpc: "vpc-0123456789abcdef0".parse().unwrap(),
        service_name: "com.amazonaws.us-west-2.execute-api".into(),
        interfaces: BTreeMap::new(),
        security_groups: Default::default(),
        policy: endpoint_policy.map(str::to_owned),
        private_dns_enabled: true,
        dns_suffix: "abcdefgh".into(),
        state: EndpointState::Available,
        created: Timestamp(0),
        client_token: None,
        tags: BTreeMap::new(),
    };
    cloud.vpc_endpoints.insert(endpoint.id.clone(), Arc::new(endpoint));
    let id: RestApiId = API.parse().unwrap();
    let api = RestApi {
        id: id.clone(),
        scope: scope(),
        name: "pets".into(),
        description: None,
        version: None,
        created: Timestamp(0),
        root: "root".parse().unwrap(),
        settings: settings(policy),
        policy_edited: None,
        tags: BTreeMap::new(),
    };
    cloud.rest_apis.insert(id.clone(), Arc::new(api));
    let method = Method {
        authorization_type: authorization.into(),
        integration: Some(Integration {
            kind: IntegrationType::Mock,
            http_method: None,
            uri: None,
            passthrough: Passthrough::WhenNoMatch,
            content_handling: None,
            timeout_millis: 29_000,
            cache_namespace: None,
            cache_key_parameters: vec![],
            request_parameters: BTreeMap::new(),
            request_templates: BTreeMap::new(),
            responses: BTreeMap::new(),
        }),
        ..Method::default()
    };
    let resource = Resource {
        api: id.clone(),
        id: "pets".parse().unwrap(),
        parent: None,
        path_part: "pets".into(),
        path: "/pets".into(),
        methods: BTreeMap::from([("GET".to_owned(), method)]),
    };
    let snapshot = Arc::new(ApiSnapshot { settings: settings(policy), resources: vec![resource] });
    let deployment = Deployment { api: id.clone(), id: "d1".parse().unwrap(), created: Timestamp(0), description: None, snapshot };
    cloud.deployments.insert((id.clone(), deployment.id.clone()), Arc::new(deployment));
    let stage = Stage {
        api: id.clone(),
        name: "prod".into(),
        deployment: "d1".parse().unwrap(),
        description: None,
        disable_execute_api_endpoint: disabled,
        variables: BTreeMap::new(),
        settings: Default::default(),
        created: Timestamp(0),
        updated: Timestamp(0),
        tags: BTreeMap::new(),
    };
    cloud.stages.insert((id, "prod".into()), Arc::new(stage));
    cloud
}

/// Goes on at every gate and keeps what refused.
#[derive(Default)]
struct All {
    refused: Vec<Refusal>,
    asked: Vec<PolicyAt>,
}

impl Watch<Plain> for All {
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        self.refused.push(refusal);
        Ok(())
    }
    fn asked(&mut self, at: PolicyAt, _: &PolicyGate, _: &Question<'_>, _: &GateVerdict) {
        self.asked.push(at);
    }
}

fn short(refusal: &Refusal) -> String {
    format!("{refusal:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

/// What the first form ends with, and all that the second form sees.
fn both(cloud: &Cloud, host: &str, path: &str, more: &[(&str, &str)]) -> (Option<String>, Vec<String>, Vec<PolicyAt>) {
    let view: View<Plain> = View::compile(cloud, None);
    let mut headers = vec![("Host".to_owned(), host.to_owned())];
    headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let carrier = Carrier { endpoint: ENDPOINT, region: "us-west-2", server_name: Some(host), peer: Some("10.0.0.9") };
    let request = Request::new(carrier, "GET", path, None, &headers, Some(0));
    let walk = |watch: &mut All| identify(&view, &request, watch).and_then(|called| admit(called, &request, watch).map(drop));
    let mut all = All::default();
    if let Err(last) = walk(&mut all)
        && !all.refused.contains(&last)
    {
        all.refused.push(last);
    }
    let first = identify(&view, &request, &mut First).and_then(|called| admit(called, &request, &mut First).map(drop));
    (first.err().as_ref().map(short), all.refused.iter().map(short).collect(), all.asked)
}

/// The law of the two forms: where the first ends is where the second has its first refusal.
#[track_caller]
fn check(cloud: &Cloud, path: &str, more: &[(&str, &str)], wanted: &[&str]) {
    let (first, all, _) = both(cloud, HOST, path, more);
    assert_eq!(all, wanted);
    assert_eq!(first.as_deref(), wanted.first().copied());
}

#[test]
fn nothing_refuses() {
    check(&cloud("NONE", Some(OPEN), Some(OPEN), false), "/prod/pets", &[], &[]);
}

#[test]
fn every_refusal_in_the_gateways_order() {
    let all = cloud("AWS_IAM", Some(OTHER_VPC), Some(OTHER_VPC), true);
    check(&all, "/prod/pets", &[], &["EndpointPolicy", "DefaultEndpointDisabled", "Unsigned", "ResourcePolicy"]);
    check(&all, "/prod/cats", &[], &["EndpointPolicy", "DefaultEndpointDisabled", "UnknownResource", "ResourcePolicy"]);
    check(&all, "/test/pets", &[], &["EndpointPolicy", "UnknownStage"]);
    check(&cloud("CUSTOM", None, None, false), "/prod/pets", &[], &["ResourcePolicy", "NotBuilt"]);
    let signed = [("Authorization", "AWS4-HMAC-SHA256 Credential=a")];
    check(&cloud("NONE", None, Some(OPEN), false), "/prod/pets", &signed, &["NotBuilt"]);
    let long = "x".repeat(HEADERS_MAX);
    check(&cloud("NONE", None, Some(OPEN), false), "/prod/pets", &[("a", &long)], &["HeadersTooLarge"]);
}

#[test]
fn what_cannot_be_passed_ends_both() {
    let cloud = cloud("NONE", Some(OTHER_VPC), Some(OPEN), false);
    check(&cloud, "/prod/pets", &[("x-apigw-api-id", "zzzzzzzzzz")], &["UnknownApi"]);
    check(&cloud, "/prod/pets", &[("Host", "second")], &["NotNamed"]);
}

#[test]
fn policies_are_told_in_their_order() {
    let (_, _, asked) = both(&cloud("NONE", None, Some(OPEN), false), HOST, "/prod/pets", &[]);
    assert_eq!(asked, [PolicyAt::Endpoint, PolicyAt::Api]);
}

#[test]
fn an_address_that_is_not_known_gives_no_answer() {
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
        "Condition":{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}}]}"#;
    let view: View<Plain> = View::compile(&cloud("NONE", None, Some(policy), false), None);
    let headers = vec![("Host".to_owned(), HOST.to_owned())];
    let judge = |peer| {
        let carrier = Carrier { endpoint: ENDPOINT, region: "us-west-2", server_name: None, peer };
        let request = Request::new(carrier, "GET", "/prod/pets", None, &headers, None);
        let called = identify(&view, &request, &mut First)?;
        admit(called, &request, &mut First).map(|admitted| admitted.resource_statement)
    };
    assert_eq!(judge(Some("10.1.2.3")), Ok(Some(0)));
    match judge(None) {
        Err(Refusal::ResourcePolicy(PolicyRefusal { reason: RefusalReason::Decision(decision), .. })) => {
            assert_eq!((decision.effect, decision.missing), (DecisionEffect::Undetermined, vec!["aws:VpcSourceIp".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
}

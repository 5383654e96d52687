//! The request's half of a call, at one endpoint: which causes are named, in which order, and what mends them.
mod functions;
mod signed;

use super::*;
use crate::client::{At, Client};
use crate::{Blocker, Explanation, Judge, Outcome, Source, Verdict};
use std::collections::BTreeSet;
use vpclab_cloud::deployment::CreateDeployment;
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::method::MethodKey;
use vpclab_cloud::rest_api::{CreateRestApi, EndpointType, RestApiEdit};
use vpclab_cloud::stage::{MethodSettings, StageEdit, StageSettings};
use vpclab_cloud::{
    AccountId, Context, EndpointState, IdSource, ResourceId, RestApiId, Scope, Timestamp, VpcEndpoint, VpcPeeringConnectionId,
};

const ENDPOINT: &str = "vpce-0123456789abcdef0";
const OPEN: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const FENCED: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"},
    {"Sid":"fence","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
     "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0fffffffffffffff0"}}}]}"#;

/// One endpoint and one private API with `GET /pets`, deployed to `prod`.
struct World {
    cloud: Cloud,
    cx: Context,
    api: RestApiId,
    pets: ResourceId,
}

impl World {
    fn new() -> Self {
        let scope = Scope { account: "123456781234".parse().unwrap(), region: "us-west-2".parse().unwrap() };
        let mut cx = Context { scope: scope.clone(), now: Timestamp(1_000), ids: IdSource::new(1) };
        let mut cloud = Cloud::default();
        let endpoint = VpcEndpoint {
            id: ENDPOINT.parse().unwrap(),
            scope,
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            service_name: "com.amazonaws.us-west-2.execute-api".into(),
            interfaces: BTreeMap::new(),
            security_groups: BTreeSet::new(),
            policy: None,
            private_dns_enabled: true,
            dns_suffix: "abcdefgh".into(),
            state: EndpointState::Available,
            created: Timestamp(0),
            client_token: None,
            tags: BTreeMap::new(),
        };
        cloud.vpc_endpoints.insert(endpoint.id.clone(), Arc::new(endpoint));
        let input = CreateRestApi {
            name: "pets".into(),
            description: None,
            version: None,
            endpoint_type: EndpointType::Private,
            vpc_endpoint_ids: vec![],
            disable_execute_api_endpoint: false,
            binary_media_types: vec![],
            tags: BTreeMap::new(),
        };
        let api = cloud.create_rest_api(&mut cx, input).unwrap();
        let root = cloud.rest_apis[&api].root.clone();
        let pets = cloud.create_resource(&mut cx, &api, &root, "pets".into()).unwrap();
        let mut world = Self { cloud, cx, api, pets };
        world.method("GET", Integration::new(IntegrationType::Mock));
        world.edit(RestApiEdit::Policy(Some(OPEN.into())));
        world.deploy();
        world
    }

    fn method(&mut self, name: &str, mut integration: Integration) {
        if integration.kind == IntegrationType::Mock {
            integration.request_templates.insert("application/json".into(), r#"{"statusCode": 200}"#.into());
            integration.responses.insert("200".into(), vpclab_cloud::integration::IntegrationResponse::default());
        }
        let key = MethodKey { api: self.api.clone(), resource: self.pets.clone(), name: name.into() };
        let responses = [("200".to_owned(), vpclab_cloud::method::MethodResponse::default())].into();
        let method = Method { authorization_type: "NONE".into(), responses, ..Method::default() };
        self.cloud.put_method(&mut self.cx, &key, method).unwrap();
        self.cloud.put_integration(&mut self.cx, &key, integration).unwrap();
    }

    /// A function that methods can be integrated with, which nobody may invoke.
    fn function(&mut self) -> Integration {
        use vpclab_cloud::function::{CreateFunction, FunctionChange, FunctionCode};
        let change = FunctionChange {
            runtime: Some("python3.12".into()),
            role: Some("arn:aws:iam::123456781234:role/r".into()),
            handler: Some("app.handler".into()),
            ..FunctionChange::default()
        };
        let code = FunctionCode { sha256: vpclab_cloud::Sha256::from_bytes([1; 32]), size: 10 };
        let input = CreateFunction { name: "pets".into(), change, code, architecture: None, tags: BTreeMap::new() };
        self.cloud.create_function(&mut self.cx, input).unwrap();
        proxy()
    }

    /// Whatever it is, as an import may have it.
    fn authorization(&mut self, kind: &str) {
        let key = (self.api.clone(), self.pets.clone());
        let mut resource = vpclab_cloud::Resource::clone(&self.cloud.resources[&key]);
        resource.methods.get_mut("GET").unwrap().authorization_type = kind.into();
        self.cloud.resources.insert(key, Arc::new(resource));
    }

    fn edit(&mut self, edit: RestApiEdit) {
        self.cloud.update_rest_api(&mut self.cx, &self.api, [edit]).unwrap();
    }

    fn deploy(&mut self) {
        let input = CreateDeployment { stage: Some("prod".into()), ..CreateDeployment::default() };
        self.cloud.create_deployment(&mut self.cx, &self.api, input).unwrap();
    }

    fn minutes_later(&mut self, minutes: i64) {
        self.cx.now.0 += minutes * 60_000;
    }

    fn endpoint_policy(&mut self, text: &str) {
        let id = ENDPOINT.parse().unwrap();
        let mut endpoint = VpcEndpoint::clone(&self.cloud.vpc_endpoints[&id]);
        endpoint.policy = Some(text.into());
        self.cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
    }

    fn call(&self, path: &str) -> Call {
        let via: VpcPeeringConnectionId = "pcx-0123456789abcdef0".parse().unwrap();
        let url = format!("https://{}.execute-api.us-west-2.amazonaws.com{path}", self.api);
        Call::get(Source::Address { ip: [10, 0, 0, 9].into(), via }, url.parse().unwrap(), self.cx.now)
    }

    fn judged(&self, call: &Call) -> Explanation {
        self.judged_by(&Judge::new(&self.cloud, None), call)
    }

    fn judged_by(&self, judge: &Judge, call: &Call) -> Explanation {
        let mut walk = Walk::new(judge, call);
        let at = match &call.from {
            Source::Address { via, .. } => At::Outside(via.clone()),
            other => panic!("{other:?}"),
        };
        let client = Client { address: [10, 0, 0, 9].into(), at };
        let endpoint = Arc::clone(&self.cloud.vpc_endpoints[&ENDPOINT.parse::<vpclab_cloud::VpcEndpointId>().unwrap()]);
        let talking = Talking { endpoint, peer: client.address, server_name: call.server_name().map(str::to_owned) };
        super::judge(&mut walk, &client, Some(&talking));
        walk.end()
    }

    fn explain(&self, path: &str) -> Explanation {
        self.judged(&self.call(path))
    }

    #[track_caller]
    fn check(&self, path: &str, wanted: &[&str]) -> Vec<Blocker> {
        let explanation = self.explain(path);
        let codes: Vec<&str> = explanation.blockers.iter().map(|blocker| blocker.cause.code()).collect();
        assert_eq!(codes, wanted);
        assert_eq!(explanation.verdict, if wanted.is_empty() { Verdict::Reachable } else { Verdict::Blocked });
        explanation.blockers
    }
}

/// The integration with the function `pets`.
fn proxy() -> Integration {
    let uri =
        "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:123456781234:function:pets/invocations";
    Integration { uri: Some(uri.into()), http_method: Some("POST".into()), ..Integration::new(IntegrationType::AwsProxy) }
}

#[track_caller]
fn commands(blocker: &Blocker) -> Vec<String> {
    blocker.fixes.iter().flat_map(|fix| fix.commands.clone()).collect()
}

#[test]
fn reachable() {
    let world = World::new();
    let explanation = world.explain("/prod/pets?a=b");
    assert_eq!((explanation.verdict, explanation.outcome), (Verdict::Reachable, Some(Outcome::Answered { status: Some(200) })));
    let kinds: Vec<StepKind> = explanation.steps.iter().map(|step| step.kind).collect();
    let wanted: Vec<StepKind> = StepKind::ALL.iter().copied().filter(|kind| *kind >= StepKind::Api).collect();
    assert_eq!(kinds, wanted);
}

#[test]
fn an_endpoint_policy_is_mended_for_this_client_and_this_method() {
    let mut world = World::new();
    world.endpoint_policy(r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-west-2:123456781234:zzzzzzzzzz/*"}]}"#);
    let blockers = world.check("/prod/pets", &["ENDPOINT_POLICY_SILENT"]);
    let [line] = commands(&blockers[0]).try_into().unwrap();
    assert!(line.starts_with("aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-0123456789abcdef0 --policy-document '{"), "{line}");
    assert!(line.contains(r#""Condition":{"IpAddress":{"aws:VpcSourceIp":"10.0.0.9/32"}}"#), "{line}");
    let document = blockers[0].fixes[0].template[0].value.to_string();
    world.endpoint_policy(&document);
    world.check("/prod/pets", &[]);
}

#[test]
fn a_resource_policy_is_mended_and_deployed() {
    let mut world = World::new();
    world.edit(RestApiEdit::Policy(Some(FENCED.into())));
    world.deploy();
    let explanation = world.explain("/prod/pets");
    let Some(Outcome::Http { status: 403, error_type, body }) = &explanation.outcome else { panic!("{:?}", explanation.outcome) };
    assert_eq!(error_type, "AccessDeniedException");
    assert!(body.ends_with(r#"/prod/GET/pets with an explicit deny"}"#), "{body}");
    let blockers = world.check("/prod/pets", &["RESOURCE_POLICY_DENY"]);
    assert_eq!(
        blockers[0].detail,
        "the resource policy denies prod/GET/pets: statement 1 `fence` (Deny) \
         [StringNotEquals aws:SourceVpce vpce-0fffffffffffffff0: it is vpce-0123456789abcdef0]"
    );
    let lines = commands(&blockers[0]);
    assert!(lines[0].contains("update-rest-api") && lines[1].contains("create-deployment") && lines.len() == 2, "{lines:?}");
    world.edit(RestApiEdit::Policy(Some(blockers[0].fixes[0].template[0].value.to_string())));
    world.deploy();
    world.check("/prod/pets", &[]);
}

#[test]
fn what_is_not_deployed_is_named_as_such() {
    let mut world = World::new();
    world.edit(RestApiEdit::Policy(Some(FENCED.into())));
    // The edit would refuse: a warning, for the call still passes.
    let explanation = world.explain("/prod/pets");
    assert_eq!((explanation.verdict, explanation.warnings.len()), (Verdict::Reachable, 1));
    world.deploy();
    world.minutes_later(3);
    world.edit(RestApiEdit::Policy(Some(OPEN.into())));
    world.minutes_later(9);
    let blockers = world.check("/prod/pets", &["POLICY_NOT_DEPLOYED"]);
    assert!(blockers[0].detail.starts_with("the policy was edited 3 minutes after the last deployment; "), "{}", blockers[0].detail);
    let [line] = commands(&blockers[0]).try_into().unwrap();
    assert_eq!(line, format!("aws apigateway create-deployment --rest-api-id {} --stage-name prod --region us-west-2", world.api));
    world.deploy();
    world.method("POST", Integration::new(IntegrationType::Mock));
    let mut call = world.call("/prod/pets");
    call.method = "POST".into();
    assert_eq!(world.judged(&call).blockers[0].cause, crate::Cause::MethodNotDeployed);
}

/// Two faults that one deployment mends are mended by one command.
#[test]
fn one_deployment_mends_two() {
    let mut world = World::new();
    world.edit(RestApiEdit::Policy(Some(FENCED.into())));
    world.deploy();
    world.edit(RestApiEdit::Policy(Some(OPEN.into())));
    world.method("POST", Integration::new(IntegrationType::Mock));
    let mut call = world.call("/prod/pets");
    call.method = "POST".into();
    let explanation = world.judged(&call);
    assert_eq!((explanation.blockers.len(), explanation.fixes.len()), (2, 1));
}

#[test]
fn stages() {
    let mut world = World::new();
    let blockers = world.check("/pets", &["STAGE_NOT_FOUND"]);
    let instead = blockers[0].fixes[0].instead.as_deref().unwrap();
    assert!(instead.ends_with(".execute-api.us-west-2.amazonaws.com/prod/pets"), "{instead}");
    let blockers = world.check("/test/pets", &["STAGE_NOT_FOUND"]);
    assert!(commands(&blockers[0])[0].contains("create-stage --rest-api-id"), "{blockers:?}");
    // What stands behind the stage is judged as if it were there.
    world.minutes_later(1);
    world.edit(RestApiEdit::Policy(Some(FENCED.into())));
    world.deploy();
    world.check("/test/cats", &["STAGE_NOT_FOUND", "RESOURCE_NOT_FOUND", "RESOURCE_POLICY_DENY"]);
    world.edit(RestApiEdit::DisableExecuteApiEndpoint(true));
    world.edit(RestApiEdit::Policy(Some(OPEN.into())));
    world.deploy();
    let blockers = world.check("/prod/pets", &["DEFAULT_ENDPOINT_DISABLED"]);
    assert_eq!(commands(&blockers[0]).len(), 2);
    world.edit(RestApiEdit::DisableExecuteApiEndpoint(false));
    assert_eq!(commands(&world.check("/prod/pets", &["DEFAULT_ENDPOINT_DISABLED"])[0]).len(), 1);
}

#[test]
fn names() {
    let world = World::new();
    let code = |headers: &[(&str, &str)], host: &str| {
        let mut call = world.call("/prod/pets");
        call.url = format!("https://{host}/prod/pets").parse().unwrap();
        call.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let explanation = world.judged(&call);
        explanation.blockers.iter().map(|blocker| blocker.cause.code()).collect::<Vec<_>>().join(" ")
    };
    let endpoint = "vpce-0123456789abcdef0-abcdefgh.execute-api.us-west-2.vpce.amazonaws.com";
    assert_eq!(code(&[], endpoint), "API_NOT_NAMED");
    assert_eq!(code(&[("x-apigw-api-id", world.api.as_str())], endpoint), "");
    assert_eq!(code(&[("Host", &format!("{}.execute-api.us-west-2.amazonaws.com", world.api))], endpoint), "");
    assert_eq!(code(&[], &format!("{}-{ENDPOINT}.execute-api.us-west-2.amazonaws.com", world.api)), "");
    assert_eq!(code(&[], "zzzzzzzzzz.execute-api.us-west-2.amazonaws.com"), "API_NOT_FOUND");
    assert_eq!(code(&[], "zzzzzzzzzz.execute-api.eu-west-1.amazonaws.com"), "API_IN_OTHER_REGION");
}

#[test]
fn a_public_api_has_to_be_made_private() {
    let mut world = World::new();
    world.edit(RestApiEdit::EndpointType { from: EndpointType::Private, to: EndpointType::Regional });
    let blockers = world.check("/prod/pets", &["API_NOT_PRIVATE"]);
    assert!(commands(&blockers[0])[0].contains("path=/endpointConfiguration/types/REGIONAL,value=PRIVATE"));
}

#[test]
fn signatures_and_limits() {
    let mut world = World::new();
    world.authorization("AWS_IAM");
    world.edit(RestApiEdit::Policy(Some(FENCED.into())));
    world.deploy();
    world.check("/prod/pets", &["SIGNATURE_MISSING", "RESOURCE_POLICY_DENY"]);
    world.edit(RestApiEdit::Policy(Some(OPEN.into())));
    world.deploy();
    let mut call = world.call("/prod/pets");
    // Another account, whose identity is not known: nothing is guessed.
    let account: AccountId = "999999999999".parse().unwrap();
    let arn = "arn:aws:iam::999999999999:user/ann".to_owned();
    call.credentials = Some(crate::Credentials { account, arn, role: None });
    assert_eq!(world.judged(&call).verdict, Verdict::Undetermined);
    world.authorization("NONE");
    world.deploy();
    let methods = BTreeMap::from([("*/*".to_owned(), MethodSettings { burst_limit: Some(0), ..MethodSettings::default() })]);
    let settings = StageSettings { methods, ..StageSettings::default() };
    world.cloud.update_stage(&mut world.cx, &world.api.clone(), "prod", [StageEdit::Settings(settings)]).unwrap();
    let blockers = world.check("/prod/pets", &["THROTTLED"]);
    assert!(commands(&blockers[0])[0].contains("path=/*/*/throttling/burstLimit,value=5000"), "{blockers:?}");
}

#[test]
fn a_function_that_is_not_there() {
    let mut world = World::new();
    world.method("POST", proxy());
    world.deploy();
    let mut call = world.call("/prod/pets");
    call.method = "POST".into();
    let explanation = world.judged(&call);
    assert_eq!(explanation.blockers[0].cause, crate::Cause::FunctionNotFound);
    assert!(matches!(explanation.outcome, Some(Outcome::Http { status: 500, .. })));
}

#[test]
fn a_user_agent_that_the_client_chooses_is_not_guessed() {
    let mut world = World::new();
    let policy = OPEN.replace(r#""Resource":"*""#, r#""Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"curl/*"}}"#);
    world.edit(RestApiEdit::Policy(Some(policy)));
    world.deploy();
    assert_eq!(world.explain("/prod/pets").verdict, Verdict::Undetermined);
    let mut call = world.call("/prod/pets");
    call.headers.push(("User-Agent".into(), "curl/8.5.0".into()));
    assert_eq!(world.judged(&call).verdict, Verdict::Reachable);
}

#[test]
fn a_mock_without_a_template_for_the_content_type_fails() {
    let world = World::new();
    let mut call = world.call("/prod/pets");
    call.headers.push(("Content-Type".into(), "text/plain; charset=utf-8".into()));
    let explanation = world.judged(&call);
    assert_eq!(explanation.blockers.iter().map(|blocker| blocker.cause).collect::<Vec<_>>(), [crate::Cause::MockGivesNoAnswer]);
    assert!(matches!(explanation.outcome, Some(Outcome::Http { status: 500, .. })));
    call.headers[0].1 = "Application/JSON; charset=utf-8".into();
    assert_eq!(world.judged(&call).outcome, Some(Outcome::Answered { status: Some(200) }));
}

#[test]
fn what_another_service_answers_is_not_judged() {
    let mut world = World::new();
    let id: vpclab_cloud::VpcEndpointId = ENDPOINT.parse().unwrap();
    let mut endpoint = VpcEndpoint::clone(&world.cloud.vpc_endpoints[&id]);
    endpoint.service_name = "com.amazonaws.us-west-2.ssm".into();
    world.cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
    let explanation = world.explain("/");
    assert_eq!((explanation.verdict, explanation.blockers.len()), (Verdict::Undetermined, 0));
    assert!(explanation.missing.contains(&"what the service ssm answers".to_owned()), "{:?}", explanation.missing);
}

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
    check(&cloud("NONE", None, Some(OPEN), false), "/prod/pets", &signed, &["UnknownSignature"]);
    check(&cloud("AWS_IAM", None, Some(OTHER_VPC), false), "/prod/pets", &signed, &["UnknownSignature"]);
    let long = "x".repeat(HEADERS_MAX);
    check(&cloud("NONE", None, Some(OPEN), false), "/prod/pets", &[("a", &long)], &["HeadersTooLarge"]);
}

/// Before a Lambda authorizer only a denial of the resource policy ends the way; its silence is weighed with the authorizer's word.
#[test]
fn a_silent_policy_waits_for_the_authorizer() {
    let with_authorizer = |policy: Option<&str>| {
        let mut cloud = cloud("CUSTOM", None, policy, false);
        let key = cloud.deployments.keys().next().unwrap().clone();
        let mut deployment = Deployment::clone(&cloud.deployments[&key]);
        let mut snapshot = ApiSnapshot::clone(&deployment.snapshot);
        snapshot.resources[0].methods.get_mut("GET").unwrap().authorizer = Some("door12".parse().unwrap());
        deployment.snapshot = Arc::new(snapshot);
        cloud.deployments.insert(key, Arc::new(deployment));
        cloud
    };
    let awaited = |cloud: &Cloud| {
        let view: View<Plain> = View::compile(cloud, None);
        let headers = vec![("Host".to_owned(), HOST.to_owned())];
        let carrier = Carrier { endpoint: ENDPOINT, region: "us-west-2", server_name: None, peer: Some("10.0.0.9") };
        let request = Request::new(carrier, "GET", "/prod/pets", None, &headers, Some(0));
        let called = identify(&view, &request, &mut First).unwrap();
        admit(called, &request, &mut First).map(|admitted| admitted.awaits_authorizer).map_err(|why| short(&why))
    };
    assert_eq!(awaited(&with_authorizer(Some(OPEN))), Ok(Some(DecisionEffect::Allow)));
    assert_eq!(awaited(&with_authorizer(None)), Ok(Some(DecisionEffect::ImplicitDeny)));
    assert_eq!(awaited(&with_authorizer(Some(OTHER_VPC))), Err("ResourcePolicy".to_owned()));
    assert_eq!(awaited(&cloud("NONE", None, Some(OPEN), false)), Ok(None));
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

const USER: &str = "arn:aws:iam::{account}:user/u";

/// Judges a call that a user of an account signed, who has a policy or none. Answers what the first form ends with.
fn signed_by(cloud: &Cloud, account: &str, policy: Option<&str>) -> Option<Refusal> {
    let arn = USER.replace("{account}", account);
    let mut cx = vpclab_cloud::Context {
        scope: Scope { account: account.parse().unwrap(), ..scope() },
        now: Timestamp(0),
        ids: vpclab_cloud::IdSource::new(1),
    };
    let mut cloud = cloud.clone();
    let user = vpclab_cloud::iam::CreateUser { name: "u".into(), path: None, boundary: None, tags: BTreeMap::new() };
    cloud.create_user(&mut cx, user).unwrap();
    if let Some(text) = policy {
        let document = vpclab_cloud::iam::PolicyDocument::checked(text.to_owned(), Vec::new());
        cloud.put_inline_policy(&mut cx, &vpclab_cloud::iam::Holder::User("u".into()), "p", document).unwrap();
    }
    let view: View<Plain> = View::compile(&cloud, None);
    let signer = view.identities.named(account, &arn, None);
    let headers = vec![("Host".to_owned(), HOST.to_owned()), ("Authorization".to_owned(), "AWS4-HMAC-SHA256 x".to_owned())];
    let carrier = Carrier { endpoint: ENDPOINT, region: "us-west-2", server_name: Some(HOST), peer: Some("10.0.0.9") };
    let request = Request::new(carrier, "GET", "/prod/pets", None, &headers, Some(0)).signed(Signed::By(&signer));
    identify(&view, &request, &mut First).and_then(|called| admit(called, &request, &mut First).map(drop)).err()
}

const ALLOW: &str = r#"{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const DENY: &str = r#"{"Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const SILENT: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/none/*"}]}"#;
const DENIES: &str = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;

/// Every cell of tables A and B.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
#[test]
fn the_tables_of_the_documentation() {
    let (same, other) = ("123456781234", "999999999999");
    for (own, api, in_same, in_other) in [
        (Some(ALLOW), OPEN, true, true),
        (Some(ALLOW), SILENT, true, false),
        (Some(ALLOW), DENIES, false, false),
        (None, OPEN, true, false),
        (None, SILENT, false, false),
        (None, DENIES, false, false),
        (Some(DENY), OPEN, false, false),
        (Some(DENY), SILENT, false, false),
        (Some(DENY), DENIES, false, false),
    ] {
        let cloud = cloud("AWS_IAM", None, Some(api), false);
        for (account, passes) in [(same, in_same), (other, in_other)] {
            let refused = signed_by(&cloud, account, own);
            assert_eq!(refused.is_none(), passes, "{own:?} {api} {account}: {refused:?}");
            if let Some(refusal) = refused {
                let answer = refusal.error();
                let denied = own == Some(DENY) || api == DENIES;
                assert_eq!((answer.status, answer.error_type), (403, "AccessDeniedException"));
                assert!(
                    answer.body.contains(&format!("User: arn:aws:iam::{account}:user/u is not authorized to perform")),
                    "{}",
                    answer.body
                );
                assert_eq!(answer.body.contains(" with an explicit deny"), denied, "{}", answer.body);
            }
        }
    }
}

#[test]
fn who_signs_is_seen_by_the_endpoints_policy_and_by_the_apis_where_it_asks_for_signatures() {
    let mine = |account: &str| {
        format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"execute-api:Invoke","Resource":"*"}}]}}"#)
    };
    let (account, other) = ("123456781234", "999999999999");
    let refused = |authorization: &str, endpoint: &str, api: &str| {
        signed_by(&cloud(authorization, Some(endpoint), Some(api), false), account, None).as_ref().map(short)
    };
    assert_eq!(refused("AWS_IAM", &mine(account), &mine(account)), None);
    assert_eq!(refused("AWS_IAM", &mine(other), &mine(account)).as_deref(), Some("EndpointPolicy"));
    assert_eq!(refused("NONE", &mine(account), OPEN), None);
    assert_eq!(refused("NONE", &mine(other), OPEN).as_deref(), Some("EndpointPolicy"));
    // Naming a principal shuts methods that ask for no signature: to them every caller is anonymous.
    assert_eq!(refused("NONE", OPEN, &mine(account)).as_deref(), Some("ResourcePolicy"));
}

#[test]
fn what_is_known_of_who_signs() {
    let only = |operator: &str, key: &str, value: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*",
                "Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}]}}"#
        )
    };
    let (account, arn) = ("123456781234", USER.replace("{account}", "123456781234"));
    for (operator, key, value) in [
        ("StringEquals", "aws:PrincipalArn", arn.as_str()),
        ("StringEquals", "aws:PrincipalAccount", account),
        ("StringEquals", "aws:PrincipalType", "User"),
        ("StringEquals", "aws:username", "u"),
        ("StringLike", "aws:userid", "AIDA*"),
        ("Null", "aws:TokenIssueTime", "true"),
        ("Null", "aws:MultiFactorAuthPresent", "true"),
    ] {
        let cloud = cloud("AWS_IAM", None, Some(&only(operator, key, value)), false);
        assert_eq!(signed_by(&cloud, account, None), None, "{key}");
    }
    let unknown =
        signed_by(&cloud("AWS_IAM", None, Some(&only("StringEquals", "aws:PrincipalOrgID", "o-1")), false), account, None).unwrap();
    assert_eq!(unknown.error().body, r#"{"message": "vpclab: judging what hangs on aws:PrincipalOrgID is not built"}"#);
}

#[test]
fn a_signature_that_is_refused_ends_a_request_whatever_the_method_asks_for() {
    let why = SignatureRefusal::UnknownKey;
    for authorization in ["NONE", "AWS_IAM"] {
        let view: View<Plain> = View::compile(&cloud(authorization, None, Some(OPEN), false), None);
        let headers = vec![("Host".to_owned(), HOST.to_owned()), ("Authorization".to_owned(), "AWS4-HMAC-SHA256 x".to_owned())];
        let carrier = Carrier { endpoint: ENDPOINT, region: "us-west-2", server_name: Some(HOST), peer: None };
        let request = Request::new(carrier, "GET", "/prod/pets", None, &headers, Some(0)).signed(Signed::Refused(&why));
        let refused = identify(&view, &request, &mut First).and_then(|called| admit(called, &request, &mut First).map(drop)).unwrap_err();
        assert_eq!(refused, Refusal::Signature(why.clone()));
        let answer = refused.error();
        assert_eq!(
            (answer.status, answer.error_type, &*answer.body),
            (403, "UnrecognizedClientException", r#"{"message":"The security token included in the request is invalid."}"#)
        );
    }
}

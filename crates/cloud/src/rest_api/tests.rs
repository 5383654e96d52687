use super::*;
use crate::deployment::CreateDeployment;
use crate::integration::{Integration, IntegrationResponse, IntegrationType};
use crate::method::{Method, MethodKey, MethodResponse};
use crate::stage::{CreateStage, StageEdit};
use crate::{DeploymentId, IdSource};

pub(crate) fn context(account: &str, region: &str) -> Context {
    Context {
        scope: Scope { account: account.parse().unwrap(), region: region.parse().unwrap() },
        now: Timestamp(1_000),
        ids: IdSource::new(7),
    }
}

pub(crate) fn here() -> Context {
    context("111122223333", "ap-northeast-2")
}

pub(crate) fn input(endpoint_type: EndpointType) -> CreateRestApi {
    CreateRestApi {
        name: "pets".into(),
        description: None,
        version: None,
        endpoint_type,
        vpc_endpoint_ids: vec![],
        disable_execute_api_endpoint: false,
        binary_media_types: vec![],
        tags: Tags::new(),
    }
}

/// An API with `GET /`, answered by a mock.
pub(crate) fn api(cloud: &mut Cloud, cx: &mut Context, endpoint_type: EndpointType) -> (RestApiId, MethodKey) {
    let api = cloud.create_rest_api(cx, input(endpoint_type)).unwrap();
    let resource = cloud.rest_api(&cx.scope, &api).unwrap().root.clone();
    let key = MethodKey { api: api.clone(), resource, name: "GET".into() };
    cloud.put_method(cx, &key, Method::open()).unwrap();
    cloud.put_integration(cx, &key, Integration::new(IntegrationType::Mock)).unwrap();
    (api, key)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().to_string()
}

fn stage_named(name: &str) -> CreateDeployment {
    CreateDeployment { stage: Some(name.into()), ..CreateDeployment::default() }
}

#[test]
fn what_is_elsewhere_is_invisible() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, key) = api(&mut cloud, &mut cx, EndpointType::Regional);
    cloud.create_deployment(&mut cx, &id, stage_named("dev")).unwrap();
    for mut other in [context("999999999999", "ap-northeast-2"), context("111122223333", "us-west-2")] {
        let expected = format!("Invalid API identifier specified {}:{id}", other.scope.account);
        assert_eq!(refused(cloud.rest_api(&other.scope, &id)), expected);
        assert_eq!(refused(cloud.delete_rest_api(&mut other, &id)), expected);
        assert_eq!(refused(cloud.update_rest_api(&mut other, &id, [])), expected);
        assert_eq!(refused(cloud.create_deployment(&mut other, &id, stage_named("x"))), expected);
        assert_eq!(refused(cloud.stage(&other.scope, &id, "dev")), expected);
        assert_eq!(refused(cloud.method(&other.scope, &key)), "Invalid Resource identifier specified");
        assert_eq!(refused(cloud.put_definition(&mut other, &id, Definition::new(), PutMode::Merge)), expected);
        assert_eq!(cloud.rest_apis_of(&other.scope).count(), 0);
    }
    assert_eq!(cloud.rest_apis_of(&cx.scope).count(), 1);
}

#[test]
fn deleting_an_api_leaves_nothing() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, _) = api(&mut cloud, &mut cx, EndpointType::Regional);
    let before = cloud.clone();
    let (other, _) = api(&mut cloud, &mut cx, EndpointType::Edge);
    cloud.create_deployment(&mut cx, &other, stage_named("dev")).unwrap();
    cloud.delete_rest_api(&mut cx, &other).unwrap();
    assert_eq!(cloud, before);
    assert!(cloud.rest_api(&cx.scope, &id).is_ok());
}

#[test]
fn endpoint_types_change_as_documented() {
    use EndpointType::{Edge, Private, Regional};
    let legal = [(Edge, Regional), (Edge, Private), (Regional, Edge), (Regional, Private), (Private, Regional)];
    for (from, to) in [Edge, Regional, Private].into_iter().flat_map(|a| [Edge, Regional, Private].map(|b| (a, b))) {
        let (mut cloud, mut cx) = (Cloud::default(), here());
        let id = cloud.create_rest_api(&mut cx, input(from)).unwrap();
        let done = cloud.update_rest_api(&mut cx, &id, [RestApiEdit::EndpointType { from, to }]);
        assert_eq!(done.is_ok(), from == to || legal.contains(&(from, to)), "{from:?} -> {to:?}: {done:?}");
    }
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let id = cloud.create_rest_api(&mut cx, input(Regional)).unwrap();
    let wrong = RestApiEdit::EndpointType { from: Edge, to: Private };
    assert_eq!(refused(cloud.update_rest_api(&mut cx, &id, [wrong])), "The endpoint type of the API is REGIONAL, not EDGE");
}

#[test]
fn endpoints_belong_to_private_apis_only() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let endpoint: VpcEndpointId = "vpce-0123456789abcdef0".parse().unwrap();
    let with = |kind| CreateRestApi { vpc_endpoint_ids: vec![endpoint.clone()], ..input(kind) };
    let only_private = "VPCEndpoints can only be specified with PRIVATE apis.";
    assert_eq!(refused(cloud.create_rest_api(&mut cx, with(EndpointType::Regional))), only_private);
    let id = cloud.create_rest_api(&mut cx, with(EndpointType::Private)).unwrap();
    let away = RestApiEdit::EndpointType { from: EndpointType::Private, to: EndpointType::Regional };
    assert_eq!(refused(cloud.update_rest_api(&mut cx, &id, [away.clone()])), only_private);
    let remove = RestApiEdit::RemoveVpcEndpoint(endpoint.clone());
    cloud.update_rest_api(&mut cx, &id, [remove.clone(), away]).unwrap();
    assert_eq!(
        refused(cloud.update_rest_api(&mut cx, &id, [remove])),
        "VPC endpoint vpce-0123456789abcdef0 is not associated with the API"
    );
    let twice = CreateRestApi { vpc_endpoint_ids: vec![endpoint.clone(), endpoint], ..input(EndpointType::Private) };
    assert!(cloud.create_rest_api(&mut cx, twice).is_err());
}

#[test]
fn a_refused_edit_changes_nothing() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let id = cloud.create_rest_api(&mut cx, input(EndpointType::Regional)).unwrap();
    let before = cloud.clone();
    let edits = [RestApiEdit::Description(Some("new".into())), RestApiEdit::Name(String::new())];
    cloud.update_rest_api(&mut cx, &id, edits).unwrap_err();
    assert_eq!(cloud, before);
}

#[test]
fn a_deployment_needs_a_policy_methods_and_what_can_run() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let id = cloud.create_rest_api(&mut cx, input(EndpointType::Private)).unwrap();
    assert_eq!(refused(cloud.create_deployment(&mut cx, &id, stage_named("dev"))), "The REST API doesn't contain any methods");
    let (id, key) = api(&mut cloud, &mut cx, EndpointType::Private);
    assert_eq!(
        refused(cloud.create_deployment(&mut cx, &id, stage_named("dev"))),
        "Private REST API doesn't have a resource policy attached to it"
    );
    cloud.update_rest_api(&mut cx, &id, [RestApiEdit::Policy(Some("{}".into()))]).unwrap();
    cloud.create_deployment(&mut cx, &id, stage_named("dev")).unwrap();
    cloud.delete_integration(&mut cx, &key).unwrap();
    assert_eq!(refused(cloud.create_deployment(&mut cx, &id, stage_named("dev"))), "No integration defined for method");
    let http = Integration {
        http_method: Some("GET".into()),
        uri: Some("http://example.com".into()),
        ..Integration::new(IntegrationType::HttpProxy)
    };
    cloud.put_integration(&mut cx, &key, http).unwrap();
    assert_eq!(
        refused(cloud.create_deployment(&mut cx, &id, stage_named("dev"))),
        "The method GET of the resource / has an integration of type HTTP_PROXY, which vpclab cannot run yet; it runs MOCK, and AWS_PROXY with a Lambda function"
    );
}

#[test]
fn a_deployment_does_not_change_with_its_api() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, key) = api(&mut cloud, &mut cx, EndpointType::Private);
    cloud.update_rest_api(&mut cx, &id, [RestApiEdit::Policy(Some("old".into()))]).unwrap();
    let first = cloud.create_deployment(&mut cx, &id, stage_named("dev")).unwrap();
    let before = cloud.deployment(&cx.scope, &id, &first).unwrap().clone();
    cx.now = Timestamp(2_000);
    cloud.update_rest_api(&mut cx, &id, [RestApiEdit::Policy(Some("new".into())), RestApiEdit::DisableExecuteApiEndpoint(true)]).unwrap();
    cloud.put_method_response(&mut cx, &key, "200".into(), MethodResponse::default()).unwrap();
    assert_eq!(*cloud.deployment(&cx.scope, &id, &first).unwrap(), before);
    let stage = |cloud: &Cloud, cx: &Context| cloud.stage(&cx.scope, &id, "dev").unwrap().clone();
    assert!(!stage(&cloud, &cx).disable_execute_api_endpoint, "until a deployment or an update of the stage");
    let second = cloud.create_deployment(&mut cx, &id, stage_named("dev")).unwrap();
    assert_eq!(cloud.deployment(&cx.scope, &id, &second).unwrap().snapshot.settings.policy.as_deref(), Some("new"));
    let now = stage(&cloud, &cx);
    assert_eq!((now.deployment.clone(), now.created, now.updated), (second, Timestamp(1_000), Timestamp(2_000)));
    assert!(now.disable_execute_api_endpoint);
    assert_eq!(
        refused(cloud.delete_deployment(&mut cx, &id, &now.deployment)),
        "Active stages pointing to this deployment must be moved or deleted"
    );
    cloud.delete_deployment(&mut cx, &id, &first).unwrap();
    assert_eq!(refused(cloud.deployment(&cx.scope, &id, &first)), "Invalid Deployment identifier specified");
    cloud.delete_stage(&mut cx, &id, "dev").unwrap();
    cloud.delete_deployment(&mut cx, &id, &now.deployment).unwrap();
    assert_eq!(refused(cloud.delete_stage(&mut cx, &id, "dev")), "Invalid stage identifier specified");
}

#[test]
fn stages() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, _) = api(&mut cloud, &mut cx, EndpointType::Regional);
    let deployment = cloud.create_deployment(&mut cx, &id, CreateDeployment::default()).unwrap();
    let named = |name: &str, deployment: &DeploymentId| CreateStage {
        name: name.into(),
        deployment: deployment.clone(),
        description: None,
        variables: BTreeMap::new(),
        settings: Default::default(),
        tags: Tags::new(),
    };
    assert!(cloud.create_stage(&mut cx, &id, named("a b", &deployment)).is_err());
    assert_eq!(
        refused(cloud.create_stage(&mut cx, &id, named("dev", &"zzzzzz".parse().unwrap()))),
        "Invalid Deployment identifier specified"
    );
    cloud.create_stage(&mut cx, &id, named("dev", &deployment)).unwrap();
    assert_eq!(refused(cloud.create_stage(&mut cx, &id, named("dev", &deployment))), "Stage already exists");
    for (name, value, legal) in [("a", "x.y/z", true), ("a-b", "x", false), ("a", "x y", false), ("", "x", false)] {
        let edit = StageEdit::Variable(name.into(), value.into());
        assert_eq!(cloud.update_stage(&mut cx, &id, "dev", [edit]).is_ok(), legal, "{name}={value}");
    }
    assert_eq!(
        refused(cloud.update_stage(&mut cx, &id, "dev", [StageEdit::Deployment("zzzzzz".parse().unwrap())])),
        "Deployment id does not exist"
    );
    for n in 1..crate::stage::STAGES_MAX {
        cloud.create_stage(&mut cx, &id, named(&format!("s{n}"), &deployment)).unwrap();
    }
    assert!(matches!(cloud.create_stage(&mut cx, &id, named("more", &deployment)), Err(Refusal::ApiLimitExceeded(_))));
}

#[test]
fn methods_and_their_parts() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (_, key) = api(&mut cloud, &mut cx, EndpointType::Regional);
    let named = |name: &str| MethodKey { name: name.into(), ..key.clone() };
    let mut put = |name: &str, method: Method| match cloud.clone().put_method(&mut cx, &named(name), method) {
        Ok(()) => "ok".to_owned(),
        Err(why) => why.to_string(),
    };
    assert_eq!(put("GET", Method::open()), "Method already exists for this resource");
    assert_eq!(put("TRACE", Method::open()), "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
    let kind = |kind: &str| Method { authorization_type: kind.into(), ..Method::default() };
    assert_eq!(put("PUT", kind("AWS_IAM")), "ok");
    assert!(put("PUT", kind("CUSTOM")).starts_with("Invalid authorizer ID specified."));
    assert!(put("PUT", kind("COGNITO_USER_POOLS")).contains("does not serve the authorization type `COGNITO_USER_POOLS`"));
    assert!(put("PUT", kind("nobody")).starts_with("Invalid authorization type"));
    assert!(put("PUT", Method { api_key_required: true, ..Method::open() }).contains("API key"));
    let parameters =
        |keys: &[&str]| Method { request_parameters: keys.iter().map(|k| ((*k).to_owned(), true)).collect(), ..Method::open() };
    assert_eq!(put("PUT", parameters(&["method.request.header.a", "method.request.path.b"])), "ok");
    assert!(put("PUT", parameters(&["method.request.header.a", "method.request.path.a"])).contains("must be unique"));
    assert!(put("PUT", parameters(&["header.a"])).contains("Invalid mapping expression parameter specified: header.a"));
    let model = Method { request_models: BTreeMap::from([("application/json".into(), "Pet".into())]), ..Method::open() };
    assert_eq!(put("PUT", model), "Invalid model identifier specified: Pet");

    let answer = IntegrationResponse {
        response_parameters: BTreeMap::from([("method.response.header.X".into(), "'x'".into())]),
        ..IntegrationResponse::default()
    };
    let respond = |cloud: &mut Cloud, cx: &mut Context| cloud.put_integration_response(cx, &key, "200".into(), answer.clone());
    assert_eq!(refused(respond(&mut cloud, &mut cx)), "Invalid Response status code specified");
    cloud.put_method_response(&mut cx, &key, "200".into(), MethodResponse::default()).unwrap();
    assert!(refused(respond(&mut cloud, &mut cx)).contains("method.response.header.X"));
    cloud.delete_method_response(&mut cx, &key, "200").unwrap();
    let declared =
        MethodResponse { response_parameters: BTreeMap::from([("method.response.header.X".into(), false)]), ..MethodResponse::default() };
    cloud.put_method_response(&mut cx, &key, "200".into(), declared.clone()).unwrap();
    respond(&mut cloud, &mut cx).unwrap();
    assert_eq!(refused(cloud.put_method_response(&mut cx, &key, "200".into(), declared)), "Response already exists for this resource");
    assert_eq!(
        refused(cloud.put_method_response(&mut cx, &key, "600".into(), MethodResponse::default())),
        "Invalid status code specified: 600"
    );
    cloud.delete_integration_response(&mut cx, &key, "200").unwrap();
    assert_eq!(refused(cloud.delete_integration_response(&mut cx, &key, "200")), "Invalid Response status code specified");
    // In a document a proxy may keep a response that its method does not declare; another integration may not.
    let uri = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:f/invocations";
    for (kind, passes) in [(IntegrationType::AwsProxy, true), (IntegrationType::Mock, false)] {
        let mut integration = Integration::new(kind);
        if passes {
            (integration.http_method, integration.uri) = (Some("POST".into()), Some(uri.into()));
        }
        integration.responses.insert("200".into(), IntegrationResponse::default());
        let method = Method { integration: Some(integration), ..Method::open() };
        let definition = BTreeMap::from([("/proxy".to_owned(), BTreeMap::from([("ANY".to_owned(), method)]))]);
        let put = cloud.put_definition(&mut cx, &key.api, definition, crate::rest_api::PutMode::Merge);
        assert_eq!(put.is_ok(), passes, "{kind:?}: {put:?}");
    }
    cloud.delete_method(&mut cx, &key).unwrap();
    assert_eq!(refused(cloud.method(&cx.scope, &key)), "Invalid Method identifier specified");
    assert_eq!(
        refused(cloud.put_integration(&mut cx, &key, Integration::new(IntegrationType::Mock))),
        "Invalid Method identifier specified"
    );
}

#[test]
fn definitions_overwrite_or_merge() {
    let define = |paths: &[(&str, &str)]| {
        let mut definition = Definition::new();
        for (path, name) in paths {
            definition.entry((*path).to_owned()).or_default().insert((*name).to_owned(), Method::open());
        }
        definition
    };
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, _) = api(&mut cloud, &mut cx, EndpointType::Regional);
    let seen = |cloud: &Cloud| {
        let mut all: Vec<String> =
            cloud.resources_of(&id).map(|r| format!("{} {}", r.path, r.methods.keys().cloned().collect::<Vec<_>>().join(","))).collect();
        all.sort();
        all
    };
    let first = define(&[("/pets/{id}", "GET"), ("/pets", "POST"), ("/a/b/c", "ANY")]);
    cloud.put_definition(&mut cx, &id, first, PutMode::Merge).unwrap();
    assert_eq!(seen(&cloud), ["/ GET", "/a ", "/a/b ", "/a/b/c ANY", "/pets POST", "/pets/{id} GET"]);
    let pets = |cloud: &Cloud| cloud.resources_of(&id).find(|r| r.path == "/pets").unwrap().id.clone();
    let kept = pets(&cloud);
    cloud.put_definition(&mut cx, &id, define(&[("/pets/{id}", "PUT")]), PutMode::Merge).unwrap();
    assert_eq!(seen(&cloud)[5], "/pets/{id} GET,PUT");
    cloud.put_definition(&mut cx, &id, define(&[("/pets/{name}", "PUT")]), PutMode::Overwrite).unwrap();
    assert_eq!(seen(&cloud), ["/ ", "/pets ", "/pets/{name} PUT"]);
    assert_eq!(pets(&cloud), kept);
    let wrong = cloud.put_definition(&mut cx, &id, define(&[("/pets/{x}", "GET")]), PutMode::Merge);
    assert_eq!(
        refused(wrong),
        "Errors found during import:\n\tUnable to create resource at path '/pets/{x}': A sibling ({name}) of this resource already has a variable path part -- only one is allowed"
    );
}

#[test]
fn tags() {
    let (mut cloud, mut cx) = (Cloud::default(), here());
    let (id, _) = api(&mut cloud, &mut cx, EndpointType::Regional);
    let of = Tagged::RestApi(id);
    cloud.tag_api(&mut cx, &of, Tags::from([("a".into(), "1".into()), ("b".into(), "2".into())]), &[]).unwrap();
    cloud.tag_api(&mut cx, &of, Tags::from([("a".into(), "3".into())]), &["b".into()]).unwrap();
    assert_eq!(*cloud.api_tags(&cx.scope, &of).unwrap(), Tags::from([("a".into(), "3".into())]));
    assert!(cloud.tag_api(&mut cx, &of, Tags::from([("aws:x".into(), "1".into())]), &[]).is_err());
    let many = (0..51).map(|n| (format!("k{n}"), String::new())).collect();
    assert!(cloud.tag_api(&mut cx, &of, many, &[]).is_err());
}

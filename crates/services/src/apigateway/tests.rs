use super::page::page;
use super::policy::{ValidPolicy, escaped};
use super::{deployment, import, integration, method, model, resource, rest_api, stage, tag};
use crate::engine::{DataPlane, DataPlaneError, Engine, Kept};
use crate::request::RequestContext;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;
use vpclab_cloud::{Cloud, InstanceId, Scope};
use vpclab_wire::{Blob, WireError, apigateway as wire};

/// A data plane with nothing in it.
struct Nothing;

impl DataPlane for Nothing {
    fn apply<'a>(&'a self, _: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(async { Ok(()) })
    }
    fn console_output(&self, _: &InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(&'a self, _: &'a InstanceId, _: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(async { Ok(()) })
    }
}

async fn seoul() -> RequestContext {
    let engine = Engine::start(Kept::in_memory().unwrap(), Arc::new(Nothing), true).await.unwrap();
    let scope = Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    RequestContext { engine, scope, caller: crate::caller::Caller::default(), request_id: "r".into(), dry_run: false }
}

fn refused<T: std::fmt::Debug>(result: Result<T, WireError>) -> String {
    result.unwrap_err().to_string()
}

fn patch(op: &str, path: &str, value: &str) -> wire::PatchOperation {
    wire::PatchOperation { op: Some(op.into()), path: Some(path.into()), value: Some(value.into()), from: None }
}

const POLICY: &str = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
    "Resource": "execute-api:/*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}}"#;

const PETS: &str = r#"{"openapi": "3.0.1", "info": {"title": "pets", "version": "1"},
    "x-amazon-apigateway-policy": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}},
    "servers": [{"url": "/", "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-0123456789abcdef0"]}}],
    "paths": {"/pets": {"get": {"responses": {"200": {}}, "x-amazon-apigateway-integration": {"type": "mock",
        "responses": {"default": {"statusCode": "200"}}}}}}}"#;

async fn imported(cx: &RequestContext) -> wire::RestApi {
    let req = wire::ImportRestApiRequest {
        fail_on_warnings: Some(true),
        parameters: [("endpointConfigurationTypes".to_owned(), "PRIVATE".to_owned())].into(),
        body: Blob(PETS.into()),
    };
    import::import_rest_api(cx, req).await.unwrap()
}

#[test]
fn both_ways_to_read_a_policy_give_it_back() {
    let text = ValidPolicy::read(POLICY).unwrap().unwrap().expanded("arn:aws:execute-api:r:1:abc");
    let shown = escaped(&text);
    let expected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(expected["Statement"]["Resource"], "arn:aws:execute-api:r:1:abc/*");
    let replaced: Value = serde_json::from_str(&shown.replace("\\\"", "\"")).unwrap();
    assert_eq!(replaced, expected);
    let quoted: String = serde_json::from_str(&format!("\"{shown}\"")).unwrap();
    assert_eq!(quoted, text);
    assert!(shown.starts_with(r#"{\"Statement\""#) && shown.contains(r"10.0.0.0\/16"));
    assert!(ValidPolicy::read(" ").unwrap().is_none());
    assert!(refused(ValidPolicy::read("{")).contains("Invalid policy document. Please check the policy syntax"));
}

#[test]
fn pages_neither_lose_nor_repeat() {
    let all: Vec<(String, u32)> = (0..60).map(|n| (format!("{n:03}"), n)).collect();
    for limit in [1, 7, 25, 59, 60, 61, 500] {
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let (items, next) = page(all.clone(), Some(limit), position.as_deref()).unwrap();
            assert!(items.len() <= usize::try_from(limit).unwrap());
            seen.extend(items);
            position = next;
            if position.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..60).collect::<Vec<_>>(), "{limit}");
    }
    assert_eq!(page(all.clone(), None, None).unwrap().0.len(), 25);
    assert!(page(all.clone(), Some(0), None).is_err());
    assert!(page(all.clone(), Some(501), None).is_err());
    assert!(page(all, None, Some("%")).is_err());
}

#[tokio::test]
async fn from_import_to_stage() {
    let cx = seoul().await;
    let api = imported(&cx).await;
    let id = api.id.clone().unwrap();
    let configuration = api.endpoint_configuration.unwrap();
    assert_eq!(configuration.types, ["PRIVATE"]);
    assert_eq!(configuration.ip_address_type.as_deref(), Some("dualstack"));
    assert_eq!(configuration.vpc_endpoint_ids, ["vpce-0123456789abcdef0"]);
    let policy: Value = serde_json::from_str(&api.policy.unwrap().replace("\\\"", "\"")).unwrap();
    assert_eq!(policy["Statement"]["Resource"], json!(format!("arn:aws:execute-api:ap-northeast-2:111122223333:{id}/*")));

    let deploy = wire::CreateDeploymentRequest { rest_api_id: id.clone(), stage_name: Some("dev".into()), ..Default::default() };
    let deployed = deployment::create_deployment(&cx, deploy.clone()).await.unwrap();
    let get = wire::GetStageRequest { rest_api_id: id.clone(), stage_name: "dev".into() };
    assert_eq!(stage::get_stage(&cx, get).await.unwrap().deployment_id, deployed.id);

    let overwrite = wire::PutRestApiRequest {
        rest_api_id: id.clone(),
        mode: Some("overwrite".into()),
        body: Blob(r#"{"openapi": "3.0.1", "info": {"title": "cats"}, "paths": {"/cats": {"get": {}}}}"#.into()),
        ..Default::default()
    };
    let put = import::put_rest_api(&cx, overwrite).await.unwrap();
    assert_eq!((put.name.as_deref(), put.policy), (Some("cats"), None));
    assert_eq!(
        refused(deployment::create_deployment(&cx, deploy).await),
        "BadRequestException (400): Private REST API doesn't have a resource policy attached to it"
    );
}

#[tokio::test]
async fn a_refused_import_leaves_nothing() {
    let cx = seoul().await;
    for body in [
        PETS.replace("\"/pets\"", "\"/pe ts\""),
        PETS.replace("\"200\": {}", ""),
        PETS.replace("execute-api:/*", "nothing"),
        PETS.replace("PRIVATE", "x").replace("\"info\"", "\"x-amazon-apigateway-cors\": {}, \"info\""),
    ] {
        let req = wire::ImportRestApiRequest { body: Blob(body.into()), ..Default::default() };
        import::import_rest_api(&cx, req).await.unwrap_err();
    }
    assert_eq!(*cx.snapshot(), Cloud::default());
}

#[tokio::test]
async fn patches_of_apis() {
    let cx = seoul().await;
    let id = imported(&cx).await.id.unwrap();
    let mut answers = Vec::new();
    for operation in [
        patch("replace", "/name", "cats"),
        patch("add", "/name", "x"),
        patch("replace", "/nothing", "x"),
        patch("replace", "/minimumCompressionSize", "7"),
        patch("replace", "/apiKeySource", "HEADER"),
        patch("replace", "/apiKeySource", "AUTHORIZER"),
        patch("replace", "/endpointConfiguration/types/PRIVATE", "EDGE"),
        patch("add", "/endpointConfiguration/vpcEndpointIds", "vpc-1"),
        patch("add", "/binaryMediaTypes/image~1png", ""),
        patch("move", "/name", "x"),
        patch("odd", "/name", "x"),
        patch("replace", "name", "x"),
        patch("replace", "/policy", POLICY),
        patch("remove", "/policy", ""),
    ] {
        let req = wire::UpdateRestApiRequest { rest_api_id: id.clone(), patch_operations: vec![operation] };
        answers
            .push(rest_api::update_rest_api(&cx, req).await.map_or_else(|why| why.message, |api| format!("ok {}", api.policy.is_some())));
    }
    let expected = [
        "ok true",
        "Invalid patch operation specified. Must be one of: [replace]",
        "Invalid patch path  '/nothing' specified for op 'replace'. Must be one of: [/binaryMediaTypes/{media_type}, /description, /disableExecuteApiEndpoint, /endpointConfiguration/ipAddressType, /endpointConfiguration/types/{type}, /endpointConfiguration/vpcEndpointIds, /name, /policy, /version]",
        "vpclab does not serve the patch path `/minimumCompressionSize` yet",
        "ok true",
        "vpclab does not serve the patch path `/apiKeySource` yet",
        "Changing the endpoint type from PRIVATE to EDGE is not supported",
        "Invalid VPC endpoint id specified: vpc-1",
        "ok true",
        "vpclab does not serve the patch operation `move` yet",
        "Invalid patch operation specified. Must be one of: [add, remove, replace, move, copy, test]",
        "Invalid patch path name",
        "ok true",
        "ok false",
    ];
    assert_eq!(answers, expected);
    let api = rest_api::get_rest_api(&cx, wire::GetRestApiRequest { rest_api_id: id }).await.unwrap();
    assert_eq!((api.name.as_deref(), api.binary_media_types), (Some("cats"), vec!["image/png".to_owned()]));
}

#[tokio::test]
async fn what_is_not_there() {
    let cx = seoul().await;
    let id = imported(&cx).await.id.unwrap();
    let not = |what: &str| format!("NotFoundException (404): {what}");
    let api = |id: &str| wire::GetRestApiRequest { rest_api_id: id.into() };
    assert_eq!(refused(rest_api::get_rest_api(&cx, api("NO")).await), not("Invalid API identifier specified 111122223333:NO"));
    let key = |api: &str, name: &str| wire::GetMethodRequest { rest_api_id: api.into(), resource_id: "x".into(), http_method: name.into() };
    assert_eq!(refused(method::get_method(&cx, key(&id, "GET")).await), not("Invalid Resource identifier specified"));
    assert_eq!(refused(method::get_method(&cx, key("no", "GET")).await), not("Invalid Resource identifier specified"));
    let all = wire::GetResourcesRequest { rest_api_id: id.clone(), ..Default::default() };
    let resources = resource::get_resources(&cx, all.clone()).await.unwrap().items;
    let paths: Vec<_> = resources.iter().map(|r| (r.path.as_deref().unwrap(), r.path_part.as_deref())).collect();
    assert_eq!(paths, [("/", None), ("/pets", Some("pets"))]);
    assert_eq!(resources[1].resource_methods["GET"], wire::Method::default());
    let whole = wire::GetResourcesRequest { embed: vec!["methods".into()], ..all.clone() };
    let whole = resource::get_resources(&cx, whole).await.unwrap().items;
    assert_eq!(whole[1].resource_methods["GET"].method_integration.as_ref().unwrap().type_.as_deref(), Some("MOCK"));
    assert!(resource::get_resources(&cx, wire::GetResourcesRequest { embed: vec!["odd".into()], ..all }).await.is_err());
    let pets = resources[1].id.clone().unwrap();
    let got = integration::get_integration(
        &cx,
        wire::GetIntegrationRequest { rest_api_id: id.clone(), resource_id: pets, http_method: "get".into() },
    );
    assert_eq!(got.await.unwrap().passthrough_behavior.as_deref(), Some("WHEN_NO_MATCH"));
    for arn in ["arn:aws:apigateway:us-west-2::/restapis/x", "arn:aws:apigateway:ap-northeast-2::/x", "x"] {
        let got = tag::get_tags(&cx, wire::GetTagsRequest { resource_arn: arn.into(), ..Default::default() }).await;
        assert_eq!(refused(got), "BadRequestException (400): Invalid ARN specified in the request");
    }
}

#[tokio::test]
async fn a_model_keeps_what_others_refer_to() {
    let cx = seoul().await;
    let api = imported(&cx).await.id.unwrap();
    let create = |name: &str, schema: String| wire::CreateModelRequest {
        rest_api_id: api.clone(),
        name: name.into(),
        description: None,
        content_type: "application/json".into(),
        schema: Some(schema),
    };
    let update = |schema: &str| wire::UpdateModelRequest {
        rest_api_id: api.clone(),
        model_name: "Pet".into(),
        patch_operations: vec![patch("replace", "/schema", schema)],
    };
    let dog = r#"{"definitions": {"Dog": {"type": "object"}}}"#;
    model::create_model(&cx, create("Pet", dog.to_owned())).await.unwrap();
    let reference = format!("https://apigateway.amazonaws.com/restapis/{api}/models/Pet#/definitions/Dog");
    let herd = json!({"type": "array", "items": {"$ref": reference}}).to_string();
    model::create_model(&cx, create("Herd", herd)).await.unwrap();
    let why = refused(model::update_model(&cx, update("{}")).await);
    let text = "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model reference specified: ";
    assert!(why.contains(&format!("{text}{reference}]")), "{why}");
    model::update_model(&cx, update(r#"{"definitions": {"Dog": {"type": "string"}}}"#)).await.unwrap();
    let delete = |name: &str| wire::DeleteModelRequest { rest_api_id: api.clone(), model_name: name.into() };
    let why = refused(model::delete_model(&cx, delete("Pet")).await);
    assert!(why.contains("Cannot delete model 'Pet', is referenced in model: Herd"), "{why}");
    model::delete_model(&cx, delete("Herd")).await.unwrap();
    model::delete_model(&cx, delete("Pet")).await.unwrap();
}

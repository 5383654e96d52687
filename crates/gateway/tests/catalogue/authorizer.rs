//! Lambda authorizers: what their answers are kept by.
use crate::lab::{API, HOST, Lab, OPEN, mock, resource};
use crate::lambda::{FUNCTION, Functions};
use serde_json::{Value, json};
use std::sync::Arc;
use vpclab_api::judge::Refusal;
use vpclab_cloud::authorizer::{Authorizer, AuthorizerType};
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::method::Method;
use vpclab_cloud::stage::MethodSettingEdit;
use vpclab_cloud::{Deployment, Stage};
use vpclab_gateway::Fate;

const DOOR: &str = "door12";

/// An API with `/pets`, behind an authorizer with these sources.
async fn lab(sources: &str, ttl_seconds: u32) -> (Lab, Arc<Functions>) {
    let mut lab = Lab::new().await;
    let functions = Arc::new(Functions::default());
    lab.gateway.set_functions(Arc::clone(&functions) as _);
    deploy(&mut lab, "d2", sources, ttl_seconds);
    lab.publish();
    functions.says(answer("Allow", json!({})));
    (lab, functions)
}

fn deploy(lab: &mut Lab, id: &str, sources: &str, ttl_seconds: u32) {
    let method = Method { authorization_type: "CUSTOM".into(), authorizer: Some(DOOR.parse().unwrap()), ..mock("{}") };
    lab.deploy(id, Some(OPEN), vec![resource("pets", "/pets", vec![("GET", method)])]);
    let key = (API.parse().unwrap(), id.parse().unwrap());
    let mut deployment = Deployment::clone(&lab.cloud.deployments[&key]);
    let mut snapshot = ApiSnapshot::clone(&deployment.snapshot);
    let door = Authorizer {
        name: "door".into(),
        kind: AuthorizerType::Request,
        uri: format!("arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/{FUNCTION}:${{stageVariables.alias}}/invocations"),
        auth_type: None,
        identity_source: Some(sources.into()),
        validation_expression: None,
        ttl_seconds,
    };
    snapshot.settings.validation.authorizers.insert(DOOR.parse().unwrap(), door);
    deployment.snapshot = Arc::new(snapshot);
    lab.cloud.deployments.insert(key, Arc::new(deployment));
    lab.stage(|stage| drop(stage.variables.insert("alias".into(), "live".into())));
}

fn answer(effect: &str, condition: Value) -> Value {
    let statement = json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*", "Condition": condition});
    json!({"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
}

/// The status, and how often the function was asked.
async fn get(lab: &Lab, functions: &Functions, path: &str, headers: &str) -> (u16, usize) {
    functions.asked.lock().unwrap().clear();
    let status = lab.send(&format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}"), b"").await.status;
    (status, functions.asked.lock().unwrap().len())
}

#[tokio::test]
async fn every_value_of_every_source_is_in_the_key() {
    let (lab, functions) =
        lab("method.request.header.X-Tenant,method.request.querystring.team,method.request.header.X-Forwarded-For", 300).await;
    let ask = async |query: &str, headers: &str| get(&lab, &functions, &format!("/prod/pets?{query}"), headers).await;
    assert_eq!(ask("team=a", "X-Tenant: one\r\n").await, (200, 1));
    assert_eq!(ask("team=a", "X-Tenant: one\r\n").await, (200, 0), "kept");
    assert_eq!(ask("team=a", "X-Tenant: one\r\nX-Tenant: two\r\n").await, (200, 1));
    assert_eq!(ask("team=a&team=b", "X-Tenant: one\r\n").await, (200, 1));
    assert_eq!(ask("team=a", "X-Tenant: one\r\nX-Forwarded-For: 192.0.2.1\r\n").await, (200, 1));
    // What the gateway says of itself is there without a client's word; the rest is not.
    assert_eq!(ask("team=a", "").await, (401, 0));
    assert_eq!(ask("team=a&team=", "X-Tenant: one\r\n").await, (401, 0));
    functions.says(answer("Deny", json!({})));
    assert_eq!(ask("team=a", "X-Tenant: two\r\nX-Tenant: one\r\n").await, (403, 1));
    assert_eq!(ask("team=a", "X-Tenant: one\r\n").await, (200, 0));
}

#[tokio::test]
async fn what_is_kept_ends_with_deployment_function_and_stage() {
    let (mut lab, functions) = lab("method.request.header.X-Token", 300).await;
    let token = "X-Token: me\r\n";
    assert_eq!(get(&lab, &functions, "/prod/pets", token).await, (200, 1));
    assert_eq!(get(&lab, &functions, "/prod/pets", token).await, (200, 0));
    lab.stage(|stage| drop(stage.variables.insert("alias".into(), "next".into())));
    lab.publish();
    assert_eq!(get(&lab, &functions, "/prod/pets", token).await, (200, 1), "another function");
    let key = (API.parse().unwrap(), "prod".to_owned());
    let other = Stage { name: "other".into(), ..Stage::clone(&lab.cloud.stages[&key]) };
    lab.cloud.stages.insert((API.parse().unwrap(), "other".into()), Arc::new(other));
    lab.publish();
    assert_eq!(get(&lab, &functions, "/other/pets", token).await, (200, 1), "another stage");
    deploy(&mut lab, "d3", "method.request.header.X-Token", 300);
    lab.publish();
    assert_eq!(get(&lab, &functions, "/prod/pets", token).await, (200, 1), "another deployment");
    deploy(&mut lab, "d4", "method.request.header.X-Token", 0);
    lab.publish();
    for _ in 0..2 {
        assert_eq!(get(&lab, &functions, "/prod/pets", token).await, (200, 1), "nothing is kept");
    }
}

#[tokio::test]
async fn limits_count_those_whom_the_authorizer_lets_in() {
    let (mut lab, functions) = lab("method.request.header.X-Token", 300).await;
    lab.stage(|stage| {
        stage.settings.edit_method("/pets/GET", MethodSettingEdit::BurstLimit(Some(1)));
        stage.settings.edit_method("/pets/GET", MethodSettingEdit::RateLimit(Some(0)));
    });
    lab.publish();
    functions.says(answer("Deny", json!({})));
    for _ in 0..2 {
        assert_eq!(get(&lab, &functions, "/prod/pets", "X-Token: stranger\r\n").await.0, 403);
    }
    functions.says(answer("Allow", json!({})));
    assert_eq!(get(&lab, &functions, "/prod/pets", "X-Token: me\r\n").await.0, 200);
    assert_eq!(get(&lab, &functions, "/prod/pets", "X-Token: me\r\n").await.0, 429);
    assert_eq!(lab.last().fate, Fate::Refused(Refusal::Throttled));
}

//! The deployments of an API, each with what it keeps.
use super::{Asked, Items, resource, rest_api};
use serde_json::{Value, json};
use vpclab_cloud::{RestApiId, deployment::ApiSnapshot};

/// The deployments of the API that is asked for, the newest first; the last one is the API as it is now.
pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let Some(api) = asked.of.parse::<RestApiId>().ok().and_then(|id| asked.cloud.rest_apis.get(&id)) else {
        return Box::new(std::iter::empty());
    };
    let mut deployments: Vec<_> = asked.cloud.deployments_of(&api.id).collect();
    deployments.sort_by_key(|deployment| std::cmp::Reverse((deployment.created, deployment.id.clone())));
    let kept = deployments.into_iter().map(|deployment| {
        json!({
            "DeploymentId": deployment.id.as_str(), "CreatedDate": deployment.created.0, "Description": deployment.description,
            "Document": document(&deployment.snapshot),
        })
    });
    let now = rest_api::snapshot(asked, api);
    Box::new(kept.chain(std::iter::once_with(move || json!({"DeploymentId": Value::Null, "Document": document(&now)}))))
}

fn document(snapshot: &ApiSnapshot) -> Value {
    let mut document = rest_api::settings(&snapshot.settings);
    // A policy is compared line by line.
    let policy = snapshot.settings.policy.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let paths: serde_json::Map<String, Value> = snapshot.resources.iter().map(|one| (one.path.clone(), resource::methods(one))).collect();
    if let Value::Object(members) = &mut document {
        if let Some(policy) = policy {
            members.insert("Policy".into(), policy);
        }
        members.insert("Resources".into(), paths.into());
    }
    document
}

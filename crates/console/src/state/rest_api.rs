//! REST APIs, with what has changed since each stage was deployed.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::{Resource, RestApi, deployment::ApiSnapshot, rest_api::ApiSettings};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.rest_apis.values().map(|api| {
        let own = json!({
            "RestApiId": api.id.as_str(),
            "Name": api.name,
            "Description": api.description,
            "Version": api.version,
            "CreatedDate": api.created.0,
            "RootResourceId": api.root.as_str(),
            "PolicyEdited": api.policy_edited.map(|at| at.0),
            "Arn": api.execute_arn(),
        });
        let mut shown = item(&api.scope, &api.tags, own);
        merge(&mut shown, settings(&api.settings));
        shown
    }))
}

/// What a deployment keeps besides the resources.
pub(super) fn settings(settings: &ApiSettings) -> Value {
    json!({
        "EndpointType": settings.endpoint_type.as_str(),
        "VpcEndpointIds": settings.vpc_endpoint_ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "Policy": settings.policy,
        "DisableExecuteApiEndpoint": settings.disable_execute_api_endpoint,
        "BinaryMediaTypes": settings.binary_media_types,
        "GatewayResponses": settings.gateway_responses,
    })
}

/// The API as a deployment of this moment would keep it.
pub(super) fn snapshot(asked: &Asked<'_>, api: &RestApi) -> ApiSnapshot {
    let mut resources: Vec<Resource> = asked.cloud.resources_of(&api.id).map(|resource| Resource::clone(resource)).collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    ApiSnapshot { settings: api.settings.clone(), resources }
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

//! The resources of an API with their methods.
use super::{Asked, Items};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vpclab_cloud::{Resource, RestApiId, method::Method};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    match asked.of.parse::<RestApiId>() {
        Ok(api) => {
            let mut resources: Vec<&Resource> = asked.cloud.resources_of(&api).map(AsRef::as_ref).collect();
            resources.sort_by(|a, b| a.path.cmp(&b.path));
            Box::new(resources.into_iter().map(shown))
        }
        Err(_) => Box::new(std::iter::empty()),
    }
}

/// Its methods by name.
pub(super) fn methods(resource: &Resource) -> Value {
    resource.methods.iter().map(|(name, one)| (name.clone(), method(one))).collect::<serde_json::Map<String, Value>>().into()
}

fn shown(resource: &Resource) -> Value {
    json!({
        "ResourceId": resource.id.as_str(), "ParentId": resource.parent.as_ref().map(|id| id.as_str()),
        "PathPart": resource.path_part, "Path": resource.path, "Methods": methods(resource),
    })
}

fn method(method: &Method) -> Value {
    let integration = method.integration.as_ref().map(|integration| {
        let answers = named(&integration.responses, |one| {
            json!({
                "SelectionPattern": one.selection_pattern, "ResponseParameters": one.response_parameters,
                "ResponseTemplates": one.response_templates, "ContentHandling": one.content_handling,
            })
        });
        json!({
            "Type": integration.kind.as_str(), "Uri": integration.uri, "HttpMethod": integration.http_method,
            "TimeoutInMillis": integration.timeout_millis, "RequestTemplates": integration.request_templates,
            "RequestParameters": integration.request_parameters, "Responses": answers,
        })
    });
    let declared =
        named(&method.responses, |one| json!({"ResponseParameters": one.response_parameters, "ResponseModels": one.response_models}));
    json!({
        "AuthorizationType": method.authorization_type, "ApiKeyRequired": method.api_key_required, "OperationName": method.operation_name,
        "RequestParameters": method.request_parameters, "RequestModels": method.request_models,
        "RequestValidatorId": method.request_validator.as_ref().map(|id| id.as_str()), "Responses": declared, "Integration": integration,
    })
}

/// What stands by status code, as the page shows each.
fn named<T>(all: &BTreeMap<String, T>, shown: impl Fn(&T) -> Value) -> Value {
    all.iter().map(|(status, one)| (status.clone(), shown(one))).collect::<serde_json::Map<String, Value>>().into()
}

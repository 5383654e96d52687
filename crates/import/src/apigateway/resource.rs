//! Resources and their methods.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::Import;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType, Passthrough};
use vpclab_cloud::method::{Method, MethodResponse};
use vpclab_cloud::{Resource, ResourceId, RestApiId};

/// A member of `GetResources` with `embed=methods`.
pub(crate) fn read(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    let id: ResourceId = item.read("id")?;
    let path = item.owned("path").ok_or(Unreadable::Missing("path"))?;
    let mut methods = BTreeMap::new();
    let entries = item.0.get("resourceMethods").and_then(serde_json::Value::as_object);
    for (name, value) in entries.into_iter().flatten() {
        let item = Item(value);
        let affected = Affected::Method { api: api.clone(), path: path.clone(), method: name.clone() };
        if !item.has("authorizationType") {
            let what = format!("the answer does not hold the method {name} {path}: `get-resources` needs `--embed methods`");
            import.note(api.as_str(), what, [affected]);
            continue;
        }
        let method = method(item)?;
        if let Some(what) = not_understood(&method) {
            import.note(api.as_str(), format!("{name} {path}: {what}"), [affected]);
        }
        methods.insert(name.clone(), method);
    }
    let parent = item.maybe("parentId")?;
    if parent.is_none()
        && let Some(api) = import.cloud.rest_apis.get_mut(api).map(Arc::make_mut)
    {
        api.root = id.clone();
    }
    let resource =
        Resource { api: api.clone(), id: id.clone(), parent, path_part: item.owned("pathPart").unwrap_or_default(), path, methods };
    import.cloud.resources.insert((api.clone(), id), Arc::new(resource));
    Ok(())
}

/// What of a method vpclab cannot judge.
pub(crate) fn not_understood(method: &Method) -> Option<String> {
    match method.authorization_type.as_str() {
        "NONE" | "AWS_IAM" => {}
        other => return Some(format!("vpclab knows no authorizers, and the method has authorization `{other}`")),
    }
    if method.api_key_required {
        return Some("vpclab knows no API keys, and the method requires one".to_owned());
    }
    match method.integration.as_ref().map(|integration| (integration.kind, integration)) {
        None => None,
        Some((IntegrationType::Mock, _)) => None,
        Some((IntegrationType::AwsProxy, integration)) if integration.names_lambda() => None,
        Some((kind, _)) => Some(format!("vpclab does not know what the integration of type `{}` answers", kind.as_str())),
    }
}

fn method(item: Item<'_>) -> Result<Method, Unreadable> {
    let requests = item.0.get("requestParameters").and_then(serde_json::Value::as_object).into_iter().flatten();
    Ok(Method {
        authorizer: None,
        authorization_type: item.owned("authorizationType").unwrap_or_default(),
        api_key_required: item.flag("apiKeyRequired"),
        operation_name: item.owned("operationName"),
        request_parameters: requests.map(|(name, required)| (name.clone(), required.as_bool().unwrap_or_default())).collect(),
        request_models: item.map("requestModels"),
        request_validator: item.maybe("requestValidatorId")?,
        responses: responses(item),
        integration: item.item("methodIntegration").map(integration).transpose()?,
    })
}

fn responses(item: Item<'_>) -> BTreeMap<String, MethodResponse> {
    let entries = item.0.get("methodResponses").and_then(serde_json::Value::as_object).into_iter().flatten();
    let response = |value| {
        let item = Item(value);
        let parameters = item.0.get("responseParameters").and_then(serde_json::Value::as_object).into_iter().flatten();
        MethodResponse {
            response_parameters: parameters.map(|(name, required)| (name.clone(), required.as_bool().unwrap_or_default())).collect(),
            response_models: item.map("responseModels"),
        }
    };
    entries.map(|(status, value)| (status.clone(), response(value))).collect()
}

fn integration(item: Item<'_>) -> Result<Integration, Unreadable> {
    let kind = item.text("type").ok_or(Unreadable::Missing("type"))?;
    let kind = IntegrationType::parse(kind).ok_or(Unreadable::Malformed { member: "type", value: kind.to_owned() })?;
    let entries = item.0.get("integrationResponses").and_then(serde_json::Value::as_object).into_iter().flatten();
    let response = |value| {
        let item = Item(value);
        IntegrationResponse {
            selection_pattern: item.owned("selectionPattern"),
            response_parameters: item.map("responseParameters"),
            response_templates: item.map("responseTemplates"),
            content_handling: item.owned("contentHandling"),
        }
    };
    let plain = Integration::new(kind);
    Ok(Integration {
        http_method: item.owned("httpMethod"),
        uri: item.owned("uri"),
        passthrough: item.text("passthroughBehavior").and_then(Passthrough::parse).unwrap_or(Passthrough::WhenNoMatch),
        content_handling: item.owned("contentHandling"),
        timeout_millis: item.number("timeoutInMillis").unwrap_or(plain.timeout_millis),
        cache_namespace: item.owned("cacheNamespace"),
        cache_key_parameters: item.texts("cacheKeyParameters").map(str::to_owned).collect(),
        request_parameters: item.map("requestParameters"),
        request_templates: item.map("requestTemplates"),
        responses: entries.map(|(status, value)| (status.clone(), response(value))).collect(),
        ..plain
    })
}

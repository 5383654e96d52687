//! REST APIs.
use crate::Affected;
use crate::ec2::security_group::seed;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_cloud::rest_api::{ApiSettings, EndpointType};
use vpclab_cloud::{IdSource, ResourceId, RestApi, RestApiId};

/// A member of `GetRestApis`.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: RestApiId = item.read("id")?;
    let configuration = item.item("endpointConfiguration");
    let kind = configuration.and_then(|configuration| configuration.texts("types").next()).unwrap_or("EDGE");
    let endpoint_type = EndpointType::parse(kind).ok_or(Unreadable::Malformed { member: "types", value: kind.to_owned() })?;
    let settings = ApiSettings {
        endpoint_type,
        vpc_endpoint_ids: configuration.map(|configuration| configuration.all("vpcEndpointIds")).transpose()?.unwrap_or_default(),
        policy: item.text("policy").map(policy),
        disable_execute_api_endpoint: item.flag("disableExecuteApiEndpoint"),
        binary_media_types: item.texts("binaryMediaTypes").map(str::to_owned).collect(),
        gateway_responses: BTreeMap::new(),
        validation: vpclab_cloud::request_validator::Validation::default(),
    };
    if item.text("apiKeySource").is_some_and(|from| from != "HEADER") {
        import.note(id.as_str(), "vpclab knows no API keys from authorizers", [Affected::Api(id.clone())]);
    }
    let mut api = RestApi {
        scope: source.scope.clone(),
        name: item.owned("name").unwrap_or_default(),
        description: item.owned("description"),
        version: item.owned("version"),
        created: item.time("createdDate"),
        // Told by the resources.
        root: ResourceId::fresh(&mut IdSource::new(seed(id.as_str()))),
        settings,
        policy_edited: None,
        tags: item.map("tags"),
        id: id.clone(),
    };
    api.settings.policy = api.settings.policy.as_deref().map(|policy| expanded(policy, &api));
    import.cloud.rest_apis.insert(id, Arc::new(api));
    Ok(())
}

/// `GetRestApis` answers a policy with its quotation marks escaped once more.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html>
pub(crate) fn policy(text: &str) -> String {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    if !is_json(text)
        && let Ok(plain) = serde_json::from_str::<String>(&format!("\"{text}\""))
        && is_json(&plain)
    {
        return plain;
    }
    text.to_owned()
}

/// A policy whose short resources, `execute-api:/dev/GET/pets`, are written out, as AWS answers them and judges them.
pub(crate) fn expanded(text: &str, api: &RestApi) -> String {
    fn resource(value: &mut Value, arn: &str) -> bool {
        match value {
            Value::String(text) => match text.strip_prefix("execute-api:/") {
                Some(rest) => {
                    *text = format!("{arn}/{rest}");
                    true
                }
                None => false,
            },
            Value::Array(items) => items.iter_mut().filter_map(|item| resource(item, arn).then_some(())).count() > 0,
            _ => false,
        }
    }
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let arn = api.execute_arn();
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut changed = false;
    for statement in statements {
        for member in ["Resource", "NotResource"] {
            changed |= statement.get_mut(member).is_some_and(|value| resource(value, &arn));
        }
    }
    if changed { document.to_string() } else { text.to_owned() }
}

//! REST APIs.
use crate::Affected;
use crate::ec2::security_group::seed;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
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
    let api = RestApi {
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

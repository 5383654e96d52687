//! The deployments of an API, each with what it keeps.
use super::{Asked, Items, resource, rest_api};
use serde_json::{Value, json};
use vpclab_cloud::{RestApiId, deployment::ApiSnapshot, request_validator::Validation};

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
        members.extend(validation(&snapshot.settings.validation));
    }
    document
}

/// Models by name and request validators by id. They are in the documents alone, for the schemas are long; they too are compared line by line.
fn validation(validation: &Validation) -> [(String, Value); 2] {
    let models: serde_json::Map<String, Value> = validation
        .models
        .iter()
        .map(|(name, model)| {
            let schema = serde_json::from_str::<Value>(&model.schema).unwrap_or_else(|_| Value::from(model.schema.as_str()));
            let shown = json!({
                "Id": model.id.as_str(), "Description": model.description, "ContentType": model.content_type, "Schema": schema,
            });
            (name.clone(), shown)
        })
        .collect();
    let validators: serde_json::Map<String, Value> = validation
        .validators
        .iter()
        .map(|(id, one)| {
            let shown = json!({
                "Name": one.name, "ValidateRequestBody": one.body, "ValidateRequestParameters": one.parameters,
            });
            (id.as_str().to_owned(), shown)
        })
        .collect();
    [("Models".into(), models.into()), ("RequestValidators".into(), validators.into())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use vpclab_cloud::{
        Resource,
        method::Method,
        model::Model,
        request_validator::RequestValidator,
        rest_api::{ApiSettings, EndpointType},
    };

    fn snapshot() -> ApiSnapshot {
        let settings = ApiSettings {
            endpoint_type: EndpointType::Private,
            vpc_endpoint_ids: Vec::new(),
            policy: None,
            disable_execute_api_endpoint: false,
            binary_media_types: Vec::new(),
            gateway_responses: BTreeMap::new(),
            validation: Validation::default(),
        };
        let root = Resource {
            api: "abcdefghij".parse().unwrap(),
            id: "abcdef".parse().unwrap(),
            parent: None,
            path_part: String::new(),
            path: "/".to_owned(),
            methods: BTreeMap::from([("GET".to_owned(), Method::open())]),
        };
        ApiSnapshot { settings, resources: vec![root] }
    }

    /// What a deployment keeps and `Compare` does not show would be called the same.
    #[test]
    fn what_requests_are_checked_against_is_compared() {
        let before = document(&snapshot());
        let model = |schema: &str| Model {
            id: "model1".parse().unwrap(),
            description: None,
            content_type: "application/json".to_owned(),
            schema: schema.to_owned(),
        };
        let mut changed = snapshot();
        changed.settings.validation.models.insert("Pet".to_owned(), model(r#"{"type": "object"}"#));
        let with_model = document(&changed);
        assert_eq!(with_model["Models"]["Pet"]["Schema"]["type"], "object");
        changed.settings.validation.models.insert("Pet".to_owned(), model(r#"{"type": "array"}"#));
        assert_ne!(document(&changed), with_model);

        let mut changed = snapshot();
        let validator = RequestValidator { name: Some("all".to_owned()), body: true, parameters: false };
        changed.settings.validation.validators.insert("valid1".parse().unwrap(), validator);
        assert_eq!(document(&changed)["RequestValidators"]["valid1"]["ValidateRequestBody"], true);

        let mut changed = snapshot();
        let method = changed.resources[0].methods.get_mut("GET").unwrap();
        method.request_models.insert("application/json".to_owned(), "Pet".to_owned());
        let with_models = document(&changed);
        assert_ne!(with_models, before);
        changed.resources[0].methods.get_mut("GET").unwrap().request_validator = Some("valid1".parse().unwrap());
        assert_ne!(document(&changed), with_models);
    }
}

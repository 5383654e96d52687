//! Models of a REST API: JSON Schemas of bodies, by content type.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>
use crate::rest_api::{bad_request, not_found};
use crate::{Cloud, Context, ModelId, Refusal, RestApi, RestApiId, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// The longest schema, in bytes.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
pub const SCHEMA_MAX: usize = 400 * 1024;
/// The models that a new API has.
pub const DEFAULT_MODELS: [&str; 2] = ["Empty", "Error"];

const EMPTY: &str =
    "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}";
const ERROR: &str = "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n  \
     \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}";

/// A model; its name is its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// Its description.
    pub description: Option<String>,
    /// The content type that it is for.
    pub content_type: String,
    /// The JSON Schema, draft 4; `$ref` names other models by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`.
    pub schema: String,
}

/// What a new model is made of. That the schema is one is the caller's to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewModel {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Its content type.
    pub content_type: String,
    /// Its schema.
    pub schema: String,
}

/// The models that every new API has.
pub(crate) fn defaults(cx: &mut Context) -> BTreeMap<String, Model> {
    let [empty, error] = DEFAULT_MODELS;
    let texts = [(empty, "This is a default empty schema model", EMPTY), (error, "This is a default error schema model", ERROR)];
    let made = texts.map(|(name, description, schema)| {
        let model = Model {
            id: ModelId::fresh(&mut cx.ids),
            description: Some(description.to_owned()),
            content_type: "application/json".to_owned(),
            schema: schema.to_owned(),
        };
        (name.to_owned(), model)
    });
    made.into()
}

/// What API Gateway says of a model that is not there.
#[must_use]
pub fn unknown_model(name: &str) -> Refusal {
    not_found(&format!("Invalid model name specified: {name}"))
}

impl RestApi {
    /// A model of the API.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn model(&self, name: &str) -> Result<&Model, Refusal> {
        self.settings.validation.models.get(name).ok_or_else(|| unknown_model(name))
    }
}

impl Cloud {
    /// `CreateModel`
    ///
    /// # Errors
    /// An API that is not there, a name that is taken or not permitted, a schema that is too long.
    pub fn create_model(&mut self, cx: &mut Context, api: &RestApiId, new: NewModel) -> Result<(), Refusal> {
        check(&new)?;
        let id = ModelId::fresh(&mut cx.ids);
        self.edit_validation(&cx.scope, api, |validation| {
            if validation.models.contains_key(&new.name) {
                return Err(Refusal::ApiConflict("Model name already exists for this REST API".to_owned()));
            }
            let model = Model { id, description: new.description, content_type: new.content_type, schema: new.schema };
            validation.models.insert(new.name, model);
            Ok(())
        })
    }

    /// `UpdateModel`: another description or schema.
    ///
    /// # Errors
    /// An API or a model that is not there, a schema that is too long.
    pub fn update_model(&mut self, cx: &mut Context, api: &RestApiId, name: &str, edit: impl FnOnce(&mut Model)) -> Result<(), Refusal> {
        self.edit_validation(&cx.scope, api, |validation| {
            let model = validation.models.get_mut(name).ok_or_else(|| unknown_model(name))?;
            edit(model);
            check_schema(&model.schema)
        })
    }

    /// `DeleteModel`
    ///
    /// # Errors
    /// An API or a model that is not there, or a model that a method or another model names.
    pub fn delete_model(&mut self, cx: &mut Context, api: &RestApiId, name: &str) -> Result<(), Refusal> {
        let found = self.rest_api(&cx.scope, api)?;
        found.model(name)?;
        let mut others = found.settings.validation.models.iter().filter(|(other, _)| other.as_str() != name);
        if let Some((other, _)) = others.find(|(_, model)| refers(&model.schema, api, name)) {
            return Err(Refusal::ApiConflict(format!("Cannot delete model '{name}', is referenced in model: {other}")));
        }
        for resource in self.resources_of(api) {
            for (verb, method) in &resource.methods {
                let of_responses = method.responses.values().flat_map(|response| response.response_models.values());
                let (used, place) = match method.request_models.values().any(|used| used == name) {
                    true => (true, "request"),
                    false => (of_responses.into_iter().any(|used| used == name), "response"),
                };
                if used {
                    let text = format!("Cannot delete model '{name}', is referenced in method {place}: {}/{verb}", resource.path);
                    return Err(Refusal::ApiConflict(text));
                }
            }
        }
        self.edit_validation(&cx.scope, api, |validation| {
            validation.models.remove(name);
            Ok(())
        })
    }

    /// Whether methods of an API may name these models. The default ones always count as there.
    pub(crate) fn check_models<'a>(
        &self,
        scope: &Scope,
        api: &RestApiId,
        mut names: impl Iterator<Item = &'a String>,
    ) -> Result<(), Refusal> {
        let api = self.rest_api(scope, api)?;
        match names.find(|name| !DEFAULT_MODELS.contains(&name.as_str()) && api.model(name).is_err()) {
            None => Ok(()),
            Some(name) => Err(bad_request(format!("Invalid model identifier specified: {name}"))),
        }
    }

    pub(crate) fn edit_validation<T>(
        &mut self,
        scope: &Scope,
        api: &RestApiId,
        edit: impl FnOnce(&mut crate::request_validator::Validation) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut changed = RestApi::clone(self.rest_api(scope, api)?);
        let answer = edit(&mut changed.settings.validation)?;
        self.rest_apis.insert(api.clone(), Arc::new(changed));
        Ok(answer)
    }
}

/// Whether a schema refers to a model of its API.
fn refers(schema: &str, api: &RestApiId, name: &str) -> bool {
    fn below(value: &Value, model: &str) -> bool {
        match value {
            Value::Object(object) => {
                let reference = object.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix(model));
                reference.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) || object.values().any(|one| below(one, model))
            }
            Value::Array(items) => items.iter().any(|one| below(one, model)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    let model = format!("https://apigateway.amazonaws.com/restapis/{api}/models/{name}");
    serde_json::from_str(schema).is_ok_and(|schema: Value| below(&schema, &model))
}

/// Whether a model's outside is legal.
pub(crate) fn check(new: &NewModel) -> Result<(), Refusal> {
    if new.name.is_empty() || !new.name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(bad_request(format!("Model name must be alphanumeric: {}", new.name)));
    }
    if new.content_type.is_empty() {
        return Err(bad_request("Content type must be specified"));
    }
    check_schema(&new.schema)
}

fn check_schema(schema: &str) -> Result<(), Refusal> {
    match schema.len() {
        0..=SCHEMA_MAX => Ok(()),
        long => Err(bad_request(format!("The schema of a model can have at most {SCHEMA_MAX} bytes; this one has {long}"))),
    }
}

#[cfg(test)]
mod tests;

//! Bodies of requests judged by the models of an API: JSON Schema, draft 4.
//!
//! A schema names another model of its API by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`; nothing else is ever
//! fetched. The words of what is wrong are those of the validator that API Gateway uses, as far as they are known.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a reference to a model begins with; the API's id, `/models/` and the model's name follow.
pub const REFERENCE: &str = "https://apigateway.amazonaws.com/restapis/";
/// How many violations of one body are told.
const TOLD_MAX: usize = 20;
/// How long references may lead from model to model.
const CHAIN_MAX: usize = 64;

/// The models of an API that a schema may refer to.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// The API's id.
    pub api: String,
    /// Their schemas by name.
    pub schemas: Arc<BTreeMap<String, String>>,
}

/// Why a schema is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is no JSON.
    #[error("Invalid model schema specified. Model schema must be a valid JSON: {0}")]
    NoJson(String),
    /// A reference leads to no model of the API.
    #[error("Invalid model reference specified: {0}")]
    Reference(String),
    /// Models refer to each other, and none says anything.
    #[error("Invalid model schema specified. The reference {0} leads back to itself")]
    Circle(String),
    /// It is no JSON Schema of draft 4.
    #[error("Invalid model schema specified. Unsupported keyword(s) or value: {0}")]
    NoSchema(String),
}

/// A compiled schema.
#[derive(Debug)]
pub struct Schema(Validator);

impl Retrieve for Neighbours {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let text = self.find(uri.as_str()).ok_or_else(|| SchemaError::Reference(uri.as_str().to_owned()))?;
        Ok(serde_json::from_str(text)?)
    }
}

impl Neighbours {
    /// The schema that a reference names.
    fn find(&self, reference: &str) -> Option<&String> {
        let name = reference.strip_prefix(REFERENCE)?.strip_prefix(&self.api)?.strip_prefix("/models/")?;
        self.schemas.get(name.split('#').next().unwrap_or(name))
    }
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// When it is none, or refers to what is not there.
    pub fn compile(text: &str, neighbours: &Neighbours) -> Result<Self, SchemaError> {
        let schema: Value = serde_json::from_str(text).map_err(|why| SchemaError::NoJson(why.to_string()))?;
        References::check(&schema, neighbours)?;
        let options = jsonschema::options().with_draft(Draft::Draft4).with_retriever(neighbours.clone());
        options.build(&schema).map(Self).map_err(|why| SchemaError::NoSchema(why.to_string()))
    }

    /// Whether a body is as the schema says.
    ///
    /// # Errors
    /// What is wrong with it, a text a violation.
    pub fn check(&self, body: &[u8]) -> Result<(), Vec<String>> {
        let body: Value = serde_json::from_slice(body).map_err(|_| vec!["Unable to parse JSON".to_owned()])?;
        if self.0.is_valid(&body) {
            return Ok(());
        }
        Err(told(self.0.iter_errors(&body).take(TOLD_MAX)))
    }
}

/// Every reference leads somewhere, and not in a circle that stays at one value: that would never end.
struct References<'a> {
    neighbours: &'a Neighbours,
    /// The documents read so far: the schema itself by the empty name.
    documents: BTreeMap<String, Arc<Value>>,
    /// References that were found to end.
    ending: BTreeSet<String>,
}

impl References<'_> {
    fn check(schema: &Value, neighbours: &Neighbours) -> Result<(), SchemaError> {
        let documents = BTreeMap::from([(String::new(), Arc::new(schema.clone()))]);
        let mut references = References { neighbours, documents, ending: BTreeSet::new() };
        references.below(schema, "")
    }

    /// Those anywhere in a part of a document.
    fn below(&mut self, value: &Value, document: &str) -> Result<(), SchemaError> {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    self.follow(reference, document, &mut Vec::new())?;
                }
                object.values().try_for_each(|value| self.below(value, document))
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.below(item, document)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn follow(&mut self, reference: &str, document: &str, way: &mut Vec<String>) -> Result<(), SchemaError> {
        let (named, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if named.is_empty() { document } else { named };
        let whole = format!("{document}#{pointer}");
        if self.ending.contains(&whole) {
            return Ok(());
        }
        if way.contains(&whole) || way.len() > CHAIN_MAX {
            return Err(SchemaError::Circle(reference.to_owned()));
        }
        let unknown = || SchemaError::Reference(reference.to_owned());
        let target = match self.documents.get(document) {
            Some(known) => Arc::clone(known),
            None => {
                let text = self.neighbours.find(document).ok_or_else(unknown)?;
                let read: Arc<Value> = Arc::new(serde_json::from_str(text).map_err(|_| unknown())?);
                self.documents.insert(document.to_owned(), Arc::clone(&read));
                read
            }
        };
        way.push(whole.clone());
        self.in_place(target.pointer(pointer).ok_or_else(unknown)?, document, way)?;
        way.pop();
        self.ending.insert(whole);
        Ok(())
    }

    /// Those that say something of the same value.
    fn in_place(&mut self, value: &Value, document: &str, way: &mut Vec<String>) -> Result<(), SchemaError> {
        let Some(object) = value.as_object() else { return Ok(()) };
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return self.follow(reference, document, way);
        }
        for name in ["allOf", "anyOf", "oneOf", "not", "dependencies"] {
            match object.get(name) {
                Some(Value::Array(items)) => items.iter().try_for_each(|item| self.in_place(item, document, way))?,
                Some(Value::Object(parts)) if name == "dependencies" => {
                    parts.values().try_for_each(|part| self.in_place(part, document, way))?;
                }
                Some(part) => self.in_place(part, document, way)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// The violations in words; the missing members of one object are told together.
fn told<'a>(errors: impl Iterator<Item = ValidationError<'a>>) -> Vec<String> {
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut told = Vec::new();
    for error in errors {
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                missing.entry(error.instance_path().as_str().to_owned()).or_default().push(property.to_string());
            }
            _ => told.push(one(&error)),
        }
    }
    let missing = missing.into_values().map(|mut names| {
        names.sort();
        format!("object has missing required properties ([{}])", names.join(","))
    });
    missing.chain(told).collect()
}

/// The words of the Java library json-schema-validator 2.2, which speaks out of API Gateway's answers.
fn one(error: &ValidationError<'_>) -> String {
    let instance = error.instance();
    let length = || instance.as_str().map_or(0, |text| text.chars().count());
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let allowed: BTreeSet<String> = match kind {
                TypeKind::Single(one) => [format!("\"{one}\"")].into(),
                TypeKind::Multiple(set) => set.iter().map(|one| format!("\"{one}\"")).collect(),
            };
            let allowed = allowed.into_iter().collect::<Vec<_>>().join(",");
            format!("instance type ({}) does not match any allowed primitive type (allowed: [{allowed}])", type_of(instance))
        }
        ValidationErrorKind::Enum { options } => format!("instance value ({instance}) not found in enum (possible values: {options})"),
        ValidationErrorKind::Maximum { limit } => {
            format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})")
        }
        ValidationErrorKind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})")
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("string {instance} is too short (length: {}, required minimum: {limit})", length())
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("string {instance} is too long (length: {}, maximum allowed: {limit})", length())
        }
        ValidationErrorKind::Pattern { pattern } => format!("ECMA 262 regex \"{pattern}\" does not match input string {instance}"),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names: Vec<_> = unexpected.iter().map(|name| format!("\"{name}\"")).collect();
            format!("object instance has properties which are not allowed by the schema: [{}]", names.join(","))
        }
        _ => error.to_string(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The model of a content type: its own, else `$default`.
#[must_use]
pub fn of_content_type<'a, T>(models: &'a BTreeMap<String, T>, content_type: Option<&str>) -> Option<&'a T> {
    // A request that says nothing sends JSON.
    let asked = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let own = models.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(asked)).map(|(_, model)| model);
    own.or_else(|| models.get("$default"))
}

#[cfg(test)]
mod tests;

//! APIs: their settings, methods and stages.
use super::Masks;
use serde_json::Value;
use std::collections::BTreeMap;
use vpclab_cloud::gateway_response::DEFAULT_TEMPLATE;
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::ApiSettings;
use vpclab_cloud::{Record, Resource, RestApiId, Stage};

/// What stands in the place of a literal.
const LITERAL: &str = "'text'";
/// Members of a schema that are texts for people.
const TEXTS: [&str; 3] = ["title", "description", "$comment"];
/// Members of a schema that are examples of values, and check nothing.
const VALUES: [&str; 3] = ["default", "example", "examples"];
/// Members of a schema that hold schemas by names that are the caller's.
const NAMED: [&str; 5] = ["properties", "patternProperties", "definitions", "$defs", "dependencies"];

/// Functions that URIs name by stage variables: by API and what the URI says, the one variable that names the function instead. A name that
/// is put together of a text and a variable could not be masked in parts.
#[derive(Default)]
pub(super) struct Targets(BTreeMap<(RestApiId, String), String>);

impl Targets {
    pub(super) fn of(records: &[Record]) -> Self {
        let mut found = Self::default();
        for record in records {
            match record {
                Record::Resource(_, resource) => found.add(resource),
                Record::Deployment(_, deployment) => deployment.snapshot.resources.iter().for_each(|resource| found.add(resource)),
                _ => {}
            }
        }
        found
    }

    fn add(&mut self, resource: &Resource) {
        let uris = resource.methods.values().filter_map(|method| method.integration.as_ref()?.uri.as_deref());
        for said in uris.filter_map(said_by_variables) {
            let next = format!("vpclabFunction{}", self.0.len() + 1);
            self.0.entry((resource.api.clone(), said.to_owned())).or_insert(next);
        }
    }

    /// The URI with its one variable.
    fn rewritten(&self, api: &RestApiId, uri: &str) -> Option<String> {
        let said = said_by_variables(uri)?;
        let variable = self.0.get(&(api.clone(), said.to_owned()))?;
        Some(uri.replace(said, &format!("${{stageVariables.{variable}}}")))
    }

    /// The variables of a stage: the functions that it calls, their names still to be masked as all ARNs are, and masks.
    fn variables(&self, masks: &mut Masks, stage: &Stage) -> BTreeMap<String, String> {
        let mut variables: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &stage.variables {
            let mask = masks.known("function", value).unwrap_or_else(|| masks.some("variable", value));
            variables.insert(name.clone(), mask);
        }
        for ((_, said), variable) in self.0.iter().filter(|((api, _), _)| *api == stage.api) {
            let put = |text: String, (name, value): (&String, &String)| text.replace(&format!("${{stageVariables.{name}}}"), value);
            let arn = stage.variables.iter().fold(said.clone(), put);
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b":-_$".contains(&byte);
            // What names no function names none with the variable missing either.
            if arn.split(':').nth(5) == Some("function") && arn.bytes().all(legal) {
                variables.insert(variable.clone(), arn);
            }
        }
        variables
    }
}

/// The function's ARN in an integration's URI, where stage variables are in it.
fn said_by_variables(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once(":lambda:path/2015-03-31/functions/")?;
    rest.strip_suffix("/invocations").filter(|said| said.contains("${"))
}

/// Takes texts away from a stage.
pub(super) fn stage(masks: &mut Masks, targets: &Targets, stage: &mut Stage) {
    stage.description = None;
    stage.settings.access_log = Default::default();
    stage.variables = targets.variables(masks, stage);
    stage.tags = masks.tags(&stage.tags);
}

/// Takes texts away from what an API does where no integration answers, and from what it checks.
pub(super) fn settings(masks: &mut Masks, settings: &mut ApiSettings) {
    for response in settings.gateway_responses.values_mut() {
        literals(&mut response.parameters);
        response.templates.values_mut().for_each(|template| *template = DEFAULT_TEMPLATE.to_owned());
    }
    for model in settings.validation.models.values_mut() {
        model.description = None;
        model.schema = match serde_json::from_str::<Value>(&model.schema) {
            Ok(mut schema) => {
                without_texts(&mut schema);
                schema.to_string()
            }
            Err(_) => "{}".to_owned(),
        };
    }
    for validator in settings.validation.validators.values_mut() {
        validator.name = validator.name.take().map(|name| masks.some("validator", &name));
    }
}

/// Takes away what methods say and what their mocks answer.
pub(super) fn resource(masks: &mut Masks, targets: &Targets, resource: &mut Resource) {
    for method in resource.methods.values_mut() {
        silence(masks, targets, &resource.api, method);
    }
}

fn silence(masks: &mut Masks, targets: &Targets, api: &RestApiId, method: &mut Method) {
    method.operation_name = None;
    let Some(integration) = &mut method.integration else { return };
    let kind = integration.kind;
    integration.uri = integration.uri.take().map(|uri| masked_uri(masks, targets, api, kind, &uri));
    integration.cache_namespace = None;
    literals(&mut integration.request_parameters);
    for template in integration.request_templates.values_mut() {
        *template = if kind == IntegrationType::Mock { status_code(template) } else { String::new() };
    }
    for response in integration.responses.values_mut() {
        literals(&mut response.response_parameters);
        response.response_templates.values_mut().for_each(String::clear);
    }
}

/// The URI of a function stays, by its masked name; others are not called, and are masked.
fn masked_uri(masks: &mut Masks, targets: &Targets, api: &RestApiId, kind: IntegrationType, uri: &str) -> String {
    match kind {
        IntegrationType::Mock => String::new(),
        IntegrationType::Http | IntegrationType::HttpProxy => format!("https://{}.invalid/", masks.some("uri", uri)),
        IntegrationType::Aws | IntegrationType::AwsProxy if uri.contains(":lambda:path/") => {
            targets.rewritten(api, uri).unwrap_or_else(|| uri.to_owned())
        }
        IntegrationType::Aws | IntegrationType::AwsProxy => {
            let head: Vec<&str> = uri.split(':').take(5).collect();
            format!("{}:path/{}", head.join(":"), masks.some("uri", uri))
        }
    }
}

fn literals(parameters: &mut BTreeMap<String, String>) {
    for value in parameters.values_mut().filter(|value| value.starts_with('\'')) {
        LITERAL.clone_into(value);
    }
}

/// Of a mock's request template, the first status code that it says in digits.
fn status_code(template: &str) -> String {
    let digits = template.split_once("statusCode").map(|(_, rest)| {
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':'));
        rest.chars().take_while(char::is_ascii_digit).collect::<String>()
    });
    let digits = digits.filter(|digits| !digits.is_empty());
    digits.map_or_else(|| "{}".to_owned(), |digits| format!("{{\"statusCode\": {digits}}}"))
}

/// A schema without what checks nothing. It is no deeper than `serde_json` reads.
fn without_texts(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|name, value| {
                let is_text = TEXTS.contains(&name.as_str()) && value.is_string();
                !is_text && !VALUES.contains(&name.as_str())
            });
            for (name, value) in members.iter_mut() {
                match (name.as_str(), value) {
                    ("enum" | "const", _) => {}
                    (name, Value::Object(schemas)) if NAMED.contains(&name) => schemas.values_mut().for_each(without_texts),
                    (_, value) => without_texts(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

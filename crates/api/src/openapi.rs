//! What an OpenAPI 3 or Swagger 2 document declares, as API Gateway imports it.
//!
//! [`import`] reads the document whole. What API Gateway acts on is either in [`Imported`] or refused by name
//! ([`ImportError::NotServed`]); what API Gateway leaves out with a warning is left out with a warning; other vendors' `x-` members
//! and the prose of a document (summaries, descriptions, examples) have no effect, as at AWS.
//!
//! Schemas become models: those of the document by their names, those that an operation spells out by a name made from them. References
//! among them are left to who knows the API's id: [`MODELS_OF_THIS_API`] stands before the name.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use vpclab_cloud::authorizer::Authorizer;
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};
use vpclab_cloud::model::NewModel;
use vpclab_cloud::request_validator::RequestValidator;
use vpclab_cloud::rest_api::Definition;
use vpclab_cloud::{Tags, VpcEndpointId};

mod authorizer;
mod base_path;
mod extension;
mod integration;
mod model;
mod operation;
mod parameter;
mod read;
mod security;
mod settings;
mod text;
mod validator;

pub use base_path::BasePathMode;

/// The longest document, in bytes.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const DOCUMENT_MAX: usize = 6 * 1024 * 1024;

/// What a document declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// `info.title`
    pub name: String,
    /// `info.description`
    pub description: Option<String>,
    /// `info.version`
    pub version: Option<String>,
    /// `x-amazon-apigateway-policy`
    pub policy: Option<Value>,
    /// `x-amazon-apigateway-binary-media-types`
    pub binary_media_types: Option<Vec<String>>,
    /// `x-amazon-apigateway-gateway-responses`
    pub gateway_responses: Option<BTreeMap<GatewayResponseType, GatewayResponse>>,
    /// `vpcEndpointIds` of `x-amazon-apigateway-endpoint-configuration`
    pub vpc_endpoint_ids: Option<Vec<VpcEndpointId>>,
    /// `disableExecuteApiEndpoint` of `x-amazon-apigateway-endpoint-configuration`
    pub disable_execute_api_endpoint: Option<bool>,
    /// The tags that have an `x-amazon-apigateway-tag-value`.
    pub tags: Tags,
    /// The models.
    pub models: Vec<NewModel>,
    /// `x-amazon-apigateway-request-validators`
    pub validators: BTreeMap<String, RequestValidator>,
    /// The names of the methods' validators, by path and method.
    pub validator_of: BTreeMap<(String, String), String>,
    /// The Lambda authorizers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The names of the methods' authorizers, by path and method.
    pub authorizer_of: BTreeMap<(String, String), String>,
    /// Paths with their methods.
    pub definition: Definition,
    /// What was left out, as API Gateway leaves it out.
    pub warnings: Vec<String>,
}

/// How a document is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// What becomes of the base path.
    pub base_path: BasePathMode,
    /// Whether documentation parts are not wanted (`ignore=documentation`).
    pub ignore_documentation: bool,
}

/// Why a document was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is longer than [`DOCUMENT_MAX`].
    #[error("the document has {0} bytes; at most {DOCUMENT_MAX} are allowed")]
    TooLong(usize),
    /// It is neither JSON nor YAML, or too deep, or it repeats itself without bound.
    #[error("{0}")]
    Syntax(String),
    /// It is neither `swagger: "2.0"` nor `openapi: 3.x`.
    #[error("the document is neither `swagger: \"2.0\"` nor `openapi: 3.0.x`")]
    NotOpenApi,
    /// A member has a value of the wrong kind.
    #[error("{place} must be {wanted}")]
    Malformed {
        /// Where, as `paths./pets.get`.
        place: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A member that has to be there is not.
    #[error("{place} is missing")]
    Missing {
        /// Where.
        place: String,
    },
    /// A reference leads nowhere, or in circles.
    #[error("the reference `{reference}` in {place} cannot be resolved")]
    Reference {
        /// What it says.
        reference: String,
        /// Where it stands.
        place: String,
    },
    /// API Gateway acts on it, vpclab does not.
    #[error("vpclab does not serve `{what}` of an OpenAPI document yet (in {place})")]
    NotServed {
        /// What it is.
        what: String,
        /// Where it stands.
        place: String,
    },
    /// Something is not legal.
    #[error("{place}: {why}")]
    Illegal {
        /// Where.
        place: String,
        /// Why.
        why: String,
    },
}

/// The two families of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Swagger2,
    OpenApi3,
}

/// What the parts of the importer share.
struct Importer<'a> {
    root: &'a Map<String, Value>,
    family: Family,
    options: ImportOptions,
    warnings: Vec<String>,
    models: BTreeMap<String, NewModel>,
    validators: BTreeMap<String, RequestValidator>,
    validator_of: BTreeMap<(String, String), String>,
    authorizers: BTreeMap<String, Authorizer>,
    authorizer_of: BTreeMap<(String, String), String>,
}

/// What references to models of the API begin with, as long as its id is not known.
pub const MODELS_OF_THIS_API: &str = "https://apigateway.amazonaws.com/restapis/{}/models/";

/// Reads a document.
///
/// # Errors
/// When it cannot be read, is not legal, or has parts that API Gateway would act on and vpclab cannot.
pub fn import(document: &[u8], options: ImportOptions) -> Result<Imported, ImportError> {
    if document.len() > DOCUMENT_MAX {
        return Err(ImportError::TooLong(document.len()));
    }
    let value = text::read(document)?;
    let root = value.as_object().ok_or(ImportError::NotOpenApi)?;
    let mut importer = Importer {
        root,
        family: family(root)?,
        options,
        warnings: Vec::new(),
        models: BTreeMap::new(),
        validators: BTreeMap::new(),
        validator_of: BTreeMap::new(),
        authorizers: BTreeMap::new(),
        authorizer_of: BTreeMap::new(),
    };
    importer.all()
}

fn family(root: &Map<String, Value>) -> Result<Family, ImportError> {
    // A version that is not quoted is a number in YAML.
    let version = |name: &str| match root.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match (version("swagger").as_str(), version("openapi").as_str()) {
        ("2.0" | "2", "") => Ok(Family::Swagger2),
        ("", three) if three == "3" || three.starts_with("3.0") || three.starts_with("3.1") => Ok(Family::OpenApi3),
        _ => Err(ImportError::NotOpenApi),
    }
}

impl Importer<'_> {
    fn all(&mut self) -> Result<Imported, ImportError> {
        self.check_root()?;
        let mut imported = self.settings()?;
        self.models()?;
        self.validators()?;
        imported.definition = self.paths()?;
        imported.models = std::mem::take(&mut self.models).into_values().collect();
        imported.validators = std::mem::take(&mut self.validators);
        imported.validator_of = std::mem::take(&mut self.validator_of);
        imported.authorizers = std::mem::take(&mut self.authorizers);
        imported.authorizer_of = std::mem::take(&mut self.authorizer_of);
        imported.warnings = std::mem::take(&mut self.warnings);
        Ok(imported)
    }

    fn check_root(&mut self) -> Result<(), ImportError> {
        let known: &[&str] = match self.family {
            Family::Swagger2 => &[
                "swagger",
                "info",
                "host",
                "basePath",
                "schemes",
                "consumes",
                "produces",
                "paths",
                "definitions",
                "parameters",
                "responses",
                "securityDefinitions",
                "security",
                "tags",
                "externalDocs",
            ],
            Family::OpenApi3 => &["openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"],
        };
        for name in self.root.keys() {
            if !name.starts_with("x-") && !known.contains(&name.as_str()) {
                self.warnings.push(format!("The member '{name}' of the document is unknown and was ignored"));
            }
        }
        if self.root.get("security").is_some_and(|security| *security != Value::Array(vec![])) {
            self.warnings.push("'security' at the root of the document was ignored: API Gateway takes it from operations only".to_owned());
        }
        Ok(())
    }

    fn paths(&mut self) -> Result<Definition, ImportError> {
        let paths = read::member(self.root, "", "paths")?;
        let paths = read::object(paths, "paths")?;
        let base = self.base_path()?;
        let mut definition = Definition::new();
        for (path, item) in paths {
            let place = format!("paths.{path}");
            if path.starts_with("x-") {
                extension::refuse_aws(path, "paths", &[])?;
                continue;
            }
            if !path.starts_with('/') {
                return Err(ImportError::Illegal { place, why: "a path begins with `/`".to_owned() });
            }
            let item = read::object(item, &place)?;
            let whole = base.join(path);
            let methods = self.path_item(item, &place)?;
            self.note_validators(&whole, item)?;
            self.note_authorizers(&whole, item)?;
            if definition.insert(whole.clone(), methods).is_some() {
                return Err(ImportError::Illegal { place, why: format!("the path {whole} is declared twice") });
            }
        }
        Ok(definition)
    }

    fn path_item(&mut self, item: &Map<String, Value>, place: &str) -> Result<BTreeMap<String, vpclab_cloud::method::Method>, ImportError> {
        let shared = match item.get("parameters") {
            None => Vec::new(),
            Some(list) => self.parameters(list, &format!("{place}.parameters"))?,
        };
        let mut methods = BTreeMap::new();
        for (name, value) in item {
            let here = format!("{place}.{name}");
            let method = match name.as_str() {
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => name.to_ascii_uppercase(),
                extension::ANY_METHOD => "ANY".to_owned(),
                "parameters" | "summary" | "description" | "servers" => continue,
                "trace" => {
                    self.warnings.push(format!("The method TRACE of {place} was ignored: API Gateway does not know it"));
                    continue;
                }
                "$ref" => return Err(ImportError::NotServed { what: "$ref".to_owned(), place: place.to_owned() }),
                other if other.starts_with("x-") => {
                    extension::refuse_aws(other, place, &[])?;
                    continue;
                }
                other => {
                    self.warnings.push(format!("The member '{other}' of {place} is unknown and was ignored"));
                    continue;
                }
            };
            let operation = read::object(value, &here)?;
            methods.insert(method, self.operation(operation, &shared, &here)?);
        }
        Ok(methods)
    }
}

#[cfg(test)]
mod tests;

//! Integrations: what stands behind a method.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Its type.
    pub kind: IntegrationType,
    /// The HTTP method of the request to the backend.
    pub http_method: Option<String>,
    /// The backend's URI.
    pub uri: Option<String>,
    /// `passthroughBehavior`
    pub passthrough: Passthrough,
    /// `contentHandling`
    pub content_handling: Option<String>,
    /// Milliseconds, 50 to 29,000.
    pub timeout_millis: u32,
    /// `cacheNamespace`
    pub cache_namespace: Option<String>,
    /// `cacheKeyParameters`
    pub cache_key_parameters: Vec<String>,
    /// `integration.request.…` -> `method.request.…` or a quoted literal.
    pub request_parameters: BTreeMap<String, String>,
    /// Content type -> mapping template.
    pub request_templates: BTreeMap<String, String>,
    /// Its responses by status code.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// The type of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntegrationType {
    /// `MOCK`
    Mock,
    /// `HTTP`
    Http,
    /// `HTTP_PROXY`
    HttpProxy,
    /// `AWS`
    Aws,
    /// `AWS_PROXY`
    AwsProxy,
}

/// What happens to a body whose content type has no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Passthrough {
    /// `WHEN_NO_MATCH`
    WhenNoMatch,
    /// `WHEN_NO_TEMPLATES`
    WhenNoTemplates,
    /// `NEVER`
    Never,
}

/// How a backend's answer becomes the method's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationResponse {
    /// A regular expression over the backend's status (or error text); none is the default.
    pub selection_pattern: Option<String>,
    /// `method.response.header.{name}` -> `integration.response.…`, `context.…`, `stageVariables.…` or a quoted literal.
    pub response_parameters: BTreeMap<String, String>,
    /// Content type -> mapping template.
    pub response_templates: BTreeMap<String, String>,
    /// `contentHandling`
    pub content_handling: Option<String>,
}

//! Integrations: what stands behind a method.
use crate::method::{MethodKey, MethodResponse, bad_mapping, unknown_status};
use crate::rest_api::{bad_request, not_found};
use crate::{Cloud, Context, Refusal, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shortest and the longest time a backend may take.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const TIMEOUT_MILLIS: std::ops::RangeInclusive<u32> = 50..=29_000;

/// The longest mapping template, in bytes.
pub const TEMPLATE_MAX: usize = 300 * 1024;

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

impl IntegrationType {
    const ALL: [Self; 5] = [Self::Mock, Self::Http, Self::HttpProxy, Self::Aws, Self::AwsProxy];

    /// `MOCK`, `HTTP_PROXY`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mock => "MOCK",
            Self::Http => "HTTP",
            Self::HttpProxy => "HTTP_PROXY",
            Self::Aws => "AWS",
            Self::AwsProxy => "AWS_PROXY",
        }
    }
    /// The type of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

impl Passthrough {
    /// `WHEN_NO_MATCH`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WhenNoMatch => "WHEN_NO_MATCH",
            Self::WhenNoTemplates => "WHEN_NO_TEMPLATES",
            Self::Never => "NEVER",
        }
    }
    /// The behaviour of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::WhenNoMatch, Self::WhenNoTemplates, Self::Never].into_iter().find(|known| known.as_str() == text)
    }
}

impl Integration {
    /// An integration of a type, everything else as API Gateway has it when nothing is said.
    #[must_use]
    pub fn new(kind: IntegrationType) -> Self {
        Self {
            kind,
            http_method: None,
            uri: None,
            passthrough: Passthrough::WhenNoMatch,
            content_handling: None,
            timeout_millis: *TIMEOUT_MILLIS.end(),
            cache_namespace: None,
            cache_key_parameters: Vec::new(),
            request_parameters: BTreeMap::new(),
            request_templates: BTreeMap::new(),
            responses: BTreeMap::new(),
        }
    }

    /// Whether its URI names a Lambda function to be invoked.
    #[must_use]
    pub fn names_lambda(&self) -> bool {
        let uri = self.uri.as_deref().unwrap_or_default();
        uri.contains(":lambda:path/2015-03-31/functions/") && uri.ends_with("/invocations")
    }

    /// Whether it is legal by itself.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.kind != IntegrationType::Mock {
            if self.http_method.as_deref().is_none_or(str::is_empty) {
                return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
            }
            match self.uri.as_deref() {
                None | Some("") => return Err(bad_request("Invalid HTTP endpoint specified for URI")),
                Some(uri) => check_uri(self.kind, uri)?,
            }
        }
        if !TIMEOUT_MILLIS.contains(&self.timeout_millis) {
            return Err(bad_request("Timeout should be between 50 ms and 29000 ms"));
        }
        if self.content_handling.is_some() {
            return Err(content_handling_not_served());
        }
        for key in self.request_parameters.keys() {
            let place = key.strip_prefix("integration.request.").and_then(|rest| rest.split_once('.'));
            if !matches!(place, Some(("querystring" | "header" | "path", name)) if !name.is_empty()) {
                return Err(bad_mapping(key));
            }
        }
        check_templates(&self.request_templates)
    }
}

impl IntegrationResponse {
    /// Whether it is legal for what the method declares.
    pub(crate) fn check(&self, declared: &MethodResponse) -> Result<(), Refusal> {
        if self.content_handling.is_some() {
            return Err(content_handling_not_served());
        }
        let undeclared = |key: &&String| !declared.response_parameters.contains_key(*key);
        if let Some(key) = self.response_parameters.keys().find(undeclared) {
            return Err(bad_mapping(key));
        }
        check_templates(&self.response_templates)
    }
}

impl Cloud {
    /// The integration of a method.
    ///
    /// # Errors
    /// When the method or its integration is not there.
    pub fn integration(&self, scope: &Scope, key: &MethodKey) -> Result<&Integration, Refusal> {
        self.method(scope, key)?.integration.as_ref().ok_or_else(unknown_integration)
    }

    /// Puts an integration behind a method, in the place of the one that was there.
    ///
    /// # Errors
    /// When the method is not there, or the integration is not legal.
    pub fn put_integration(&mut self, cx: &mut Context, key: &MethodKey, integration: Integration) -> Result<(), Refusal> {
        self.update_method(cx, key, |method| {
            let mut integration = integration;
            integration.cache_namespace.get_or_insert_with(|| key.resource.to_string());
            method.integration = Some(integration);
            Ok(())
        })
    }

    /// Changes an integration. What `edit` leaves must be legal.
    ///
    /// # Errors
    /// When it is not there, or what is left is not legal.
    pub fn update_integration<T>(
        &mut self,
        cx: &mut Context,
        key: &MethodKey,
        edit: impl FnOnce(&mut Integration) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.update_method(cx, key, |method| edit(method.integration.as_mut().ok_or_else(unknown_integration)?))
    }

    /// Takes a method's integration away.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete_integration(&mut self, cx: &mut Context, key: &MethodKey) -> Result<(), Refusal> {
        self.update_method(cx, key, |method| method.integration.take().map(drop).ok_or_else(unknown_integration))
    }

    /// Says how a backend's answer becomes the method's answer of a status.
    ///
    /// # Errors
    /// When the integration or the method's response is not there, or something is not legal.
    pub fn put_integration_response(
        &mut self,
        cx: &mut Context,
        key: &MethodKey,
        status: String,
        response: IntegrationResponse,
    ) -> Result<(), Refusal> {
        self.update_integration(cx, key, |integration| {
            integration.responses.insert(status, response);
            Ok(())
        })
    }

    /// Takes an integration's response away.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_integration_response(&mut self, cx: &mut Context, key: &MethodKey, status: &str) -> Result<(), Refusal> {
        self.update_integration(cx, key, |integration| integration.responses.remove(status).map(drop).ok_or_else(unknown_status))
    }
}

/// What API Gateway says of an integration that is not there.
#[must_use]
pub fn unknown_integration() -> Refusal {
    not_found("No integration defined for method")
}

fn content_handling_not_served() -> Refusal {
    bad_request("vpclab does not serve `contentHandling` of integrations yet")
}

fn check_uri(kind: IntegrationType, uri: &str) -> Result<(), Refusal> {
    match kind {
        IntegrationType::Http | IntegrationType::HttpProxy => {
            let http = ["http://", "https://", "${stageVariables."].iter().any(|start| uri.starts_with(start));
            if http { Ok(()) } else { Err(bad_request("Invalid HTTP endpoint specified for URI")) }
        }
        IntegrationType::Aws | IntegrationType::AwsProxy => {
            if uri.starts_with("arn:") {
                Ok(())
            } else {
                Err(bad_request("Invalid ARN specified in the request"))
            }
        }
        IntegrationType::Mock => Ok(()),
    }
}

fn check_templates(templates: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match templates.iter().find(|(_, text)| text.len() > TEMPLATE_MAX) {
        None => Ok(()),
        Some((kind, _)) => Err(bad_request(format!("The mapping template for {kind} is longer than {TEMPLATE_MAX} bytes"))),
    }
}

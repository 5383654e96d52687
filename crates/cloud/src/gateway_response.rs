//! Gateway responses: what an API answers where no integration does. They act once deployed.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
use crate::rest_api::bad_request;
use crate::{Cloud, Context, Refusal, RestApi, RestApiEdit, RestApiId, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The template of a response that has none of its own.
pub const DEFAULT_TEMPLATE: &str = r#"{"message":$context.error.messageString}"#;
/// The longest template, in bytes.
const TEMPLATE_MAX: usize = 300 * 1024;

/// What an API answers in one kind of failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayResponse {
    /// The status in the place of the failure's own.
    pub status: Option<u16>,
    /// `gatewayresponse.header.{name}` -> `'text'`, `method.request.header.x`, `context.x`, `stageVariables.x`.
    pub parameters: BTreeMap<String, String>,
    /// Content type -> body, in which `$context.x` and `$stageVariables.x` are replaced.
    pub templates: BTreeMap<String, String>,
}

macro_rules! types {
    ($($name:ident = $text:literal $status:expr;)*) => {
        /// A kind of failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum GatewayResponseType {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] $name,)*
        }

        impl GatewayResponseType {
            /// All of them, in order of name.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The status it has by itself; the two defaults take that of the failure.
            #[must_use]
            pub fn status(self) -> Option<u16> {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}
types! {
    AccessDenied = "ACCESS_DENIED" Some(403);
    ApiConfigurationError = "API_CONFIGURATION_ERROR" Some(500);
    AuthorizerConfigurationError = "AUTHORIZER_CONFIGURATION_ERROR" Some(500);
    AuthorizerFailure = "AUTHORIZER_FAILURE" Some(500);
    BadRequestBody = "BAD_REQUEST_BODY" Some(400);
    BadRequestParameters = "BAD_REQUEST_PARAMETERS" Some(400);
    Default4xx = "DEFAULT_4XX" None;
    Default5xx = "DEFAULT_5XX" None;
    ExpiredToken = "EXPIRED_TOKEN" Some(403);
    IntegrationFailure = "INTEGRATION_FAILURE" Some(504);
    IntegrationTimeout = "INTEGRATION_TIMEOUT" Some(504);
    InvalidApiKey = "INVALID_API_KEY" Some(403);
    InvalidSignature = "INVALID_SIGNATURE" Some(403);
    MissingAuthenticationToken = "MISSING_AUTHENTICATION_TOKEN" Some(403);
    QuotaExceeded = "QUOTA_EXCEEDED" Some(429);
    RequestTooLarge = "REQUEST_TOO_LARGE" Some(413);
    ResourceNotFound = "RESOURCE_NOT_FOUND" Some(404);
    Throttled = "THROTTLED" Some(429);
    Unauthorized = "UNAUTHORIZED" Some(401);
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE" Some(415);
    WafFiltered = "WAF_FILTERED" Some(403);
}

impl GatewayResponseType {
    /// The type of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

impl GatewayResponse {
    /// What is answered where nothing was set.
    #[must_use]
    pub fn built_in() -> Self {
        let templates = BTreeMap::from([("application/json".to_owned(), DEFAULT_TEMPLATE.to_owned())]);
        Self { templates, ..Self::default() }
    }

    /// Whether it is legal.
    ///
    /// # Errors
    /// What is not.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err(bad_request("Invalid status code specified. It must be between 200 and 599"));
        }
        for (target, source) in &self.parameters {
            let wrong = || {
                bad_request(format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: {target}]"
                ))
            };
            if target.strip_prefix("gatewayresponse.header.").is_none_or(str::is_empty) {
                return Err(wrong());
            }
            let quoted = source.len() >= 2 && source.starts_with('\'') && source.ends_with('\'');
            let named = [
                "method.request.header.",
                "method.request.querystring.",
                "method.request.path.",
                "method.request.multivalueheader.",
                "method.request.multivaluequerystring.",
                "context.",
                "stageVariables.",
            ]
            .iter()
            .any(|start| source.strip_prefix(start).is_some_and(|name| !name.is_empty()));
            if !quoted && !named && source != "method.request.body" {
                return Err(bad_request(format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: {source}]"
                )));
            }
        }
        match self.templates.iter().find(|(_, text)| text.len() > TEMPLATE_MAX) {
            None => Ok(()),
            Some((kind, _)) => Err(bad_request(format!("The mapping template for {kind} is longer than {TEMPLATE_MAX} bytes"))),
        }
    }
}

impl RestApi {
    /// The response of a type that was set.
    #[must_use]
    pub fn gateway_response(&self, kind: GatewayResponseType) -> Option<&GatewayResponse> {
        self.settings.gateway_responses.get(&kind)
    }
}

impl Cloud {
    /// A gateway response that was set.
    ///
    /// # Errors
    /// When the API is not there or has none of that type.
    pub fn gateway_response(&self, scope: &Scope, api: &RestApiId, kind: GatewayResponseType) -> Result<&GatewayResponse, Refusal> {
        let found = self.rest_api(scope, api)?.gateway_response(kind);
        found.ok_or_else(|| crate::rest_api::not_found("Gateway response type not defined on API"))
    }

    /// Sets what an API answers in a kind of failure, in the place of what was set before.
    ///
    /// # Errors
    /// When the API is not there or the response is not legal.
    pub fn put_gateway_response(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        kind: GatewayResponseType,
        response: GatewayResponse,
    ) -> Result<(), Refusal> {
        self.update_rest_api(cx, api, [RestApiEdit::GatewayResponse(kind, Some(response))])
    }

    /// Takes back what was set.
    ///
    /// # Errors
    /// When nothing was.
    pub fn delete_gateway_response(&mut self, cx: &mut Context, api: &RestApiId, kind: GatewayResponseType) -> Result<(), Refusal> {
        self.gateway_response(&cx.scope, api, kind)?;
        self.update_rest_api(cx, api, [RestApiEdit::GatewayResponse(kind, None)])
    }
}

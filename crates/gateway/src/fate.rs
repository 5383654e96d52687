//! Every fate of a request, and the answer the caller sees: the error catalogue in one table.
//! Source: "Gateway response types", "Troubleshoot 403 errors" (API Gateway); bodies as captured.

use bytes::Bytes;
use http::StatusCode;
use std::borrow::Cow;
use std::fmt;
use vpclab_api::judge::{self, INTERNAL};
pub use vpclab_api::judge::{PolicyRefusal, Refusal, RefusalReason};
use vpclab_cloud::gateway_response::GatewayResponseType;
use vpclab_functions::FunctionFault;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The integration answered. The indexes are those of the statements that allowed it, where a policy was asked.
    Answered {
        /// In the endpoint policy.
        endpoint_statement: Option<usize>,
        /// In the resource policy.
        resource_statement: Option<usize>,
    },
    /// A gate refuses.
    Refused(Refusal),
    /// The identity that an authorizer asks for is missing, or the authorizer does not know it.
    Unauthorized,
    /// The policy of an authorizer refuses, together with the resource policy.
    AuthorizerDenied {
        /// By a denial, not by silence.
        explicit: bool,
    },
    /// The authorizer could not be called.
    AuthorizerBroken(String),
    /// The authorizer failed, or its answer is none.
    AuthorizerFailed(String),
    /// Required parameters are missing.
    MissingParameters(Vec<String>),
    /// The body is not as the model of its content type says.
    InvalidBody(Vec<String>),
    /// No template for the content type and no passthrough.
    UnsupportedMediaType {
        /// The content type.
        content_type: String,
    },
    /// The body is larger than 10 MB.
    BodyTooLarge,
    /// The body ended early.
    BodyBroken,
    /// The API is set up so that it cannot answer.
    Misconfigured(String),
    /// The function could not be called.
    Function(FunctionFault),
    /// The function failed; what it said of it.
    FunctionFailed(String),
    /// The function's answer is none.
    Malformed(String),
    /// The backend took longer than the integration's timeout.
    IntegrationTimeout,
    /// The request needs something this program does not have. The body names it.
    NotBuilt(String),
}

/// What the caller sees of a fate that is not an answer of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The status.
    pub status: StatusCode,
    /// `x-amzn-ErrorType`
    pub error_type: &'static str,
    /// The body.
    pub body: Bytes,
}

impl From<Refusal> for Fate {
    fn from(refusal: Refusal) -> Self {
        Fate::Refused(refusal)
    }
}

impl Fate {
    /// The catalogue: status, error type and body of every fate but [`Fate::Answered`], which has its own.
    pub fn error(&self) -> Option<ErrorAnswer> {
        let fixed = |status, error_type, body: &'static [u8]| ErrorAnswer { status, error_type, body: Bytes::from_static(body) };
        let internal = || fixed(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", INTERNAL.as_bytes());
        Some(match self {
            Fate::Answered { .. } => return None,
            Fate::Refused(refusal) => {
                let judge::ErrorAnswer { status, error_type, body } = refusal.error();
                let body = match body {
                    Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
                    Cow::Owned(body) => Bytes::from(body),
                };
                ErrorAnswer { status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error_type, body }
            }
            Fate::Unauthorized => fixed(StatusCode::UNAUTHORIZED, "UnauthorizedException", br#"{"message":"Unauthorized"}"#),
            Fate::AuthorizerDenied { explicit } => fixed(
                StatusCode::FORBIDDEN,
                "AccessDeniedException",
                match explicit {
                    true => br#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#,
                    false => br#"{"Message":"User is not authorized to access this resource"}"#,
                },
            ),
            Fate::AuthorizerBroken(_) | Fate::AuthorizerFailed(_) => {
                fixed(StatusCode::INTERNAL_SERVER_ERROR, "AuthorizerConfigurationException", br#"{"message":null}"#)
            }
            Fate::MissingParameters(names) => ErrorAnswer {
                status: StatusCode::BAD_REQUEST,
                error_type: "BadRequestException",
                body: message(&format!("Missing required request parameters: [{}]", names.join(", "))),
            },
            Fate::InvalidBody(_) => fixed(StatusCode::BAD_REQUEST, "BadRequestException", br#"{"message":"Invalid request body"}"#),
            Fate::UnsupportedMediaType { .. } => {
                fixed(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BadRequestException", br#"{"message":"Unsupported Media Type"}"#)
            }
            Fate::BodyTooLarge => fixed(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                br#"{"message":"HTTP content length exceeded 10485760 bytes."}"#,
            ),
            Fate::BodyBroken => fixed(StatusCode::BAD_REQUEST, "BadRequestException", br#"{"message":"Bad Request"}"#),
            Fate::Misconfigured(_) | Fate::Function(_) => internal(),
            Fate::FunctionFailed(_) | Fate::Malformed(_) => {
                fixed(StatusCode::BAD_GATEWAY, "InternalServerErrorException", INTERNAL.as_bytes())
            }
            Fate::IntegrationTimeout => {
                fixed(StatusCode::GATEWAY_TIMEOUT, "InternalServerErrorException", br#"{"message": "Endpoint request timed out"}"#)
            }
            Fate::NotBuilt(what) => return Fate::Refused(Refusal::NotBuilt(what.clone())).error(),
        })
    }
}

impl Fate {
    /// The type of gateway response that words it; none where the API is not known yet, or where AWS's gateway would have answered.
    pub fn gateway_response(&self) -> Option<GatewayResponseType> {
        Some(match self {
            Fate::Answered { .. } | Fate::NotBuilt(_) => return None,
            Fate::Refused(refusal) => return refusal.gateway_response(),
            Fate::Unauthorized => GatewayResponseType::Unauthorized,
            Fate::AuthorizerDenied { .. } => GatewayResponseType::AccessDenied,
            Fate::AuthorizerBroken(_) => GatewayResponseType::AuthorizerConfigurationError,
            Fate::AuthorizerFailed(_) => GatewayResponseType::AuthorizerFailure,
            Fate::MissingParameters(_) => GatewayResponseType::BadRequestParameters,
            Fate::InvalidBody(_) => GatewayResponseType::BadRequestBody,
            Fate::UnsupportedMediaType { .. } => GatewayResponseType::UnsupportedMediaType,
            Fate::BodyTooLarge => GatewayResponseType::RequestTooLarge,
            Fate::BodyBroken => GatewayResponseType::Default4xx,
            Fate::Misconfigured(_) | Fate::Function(_) => GatewayResponseType::ApiConfigurationError,
            Fate::FunctionFailed(_) | Fate::Malformed(_) => GatewayResponseType::Default5xx,
            Fate::IntegrationTimeout => GatewayResponseType::IntegrationTimeout,
        })
    }
}

/// One line for the log: what refused, and the statements that decided.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Answered { .. } => f.write_str("answered"),
            Fate::Refused(refusal) => write!(f, "{refusal}"),
            Fate::Unauthorized => f.write_str("the authorizer asks for an identity that is missing or that it does not know"),
            Fate::AuthorizerDenied { explicit: true } => f.write_str("the authorizer's policy denies it"),
            Fate::AuthorizerDenied { explicit: false } => f.write_str("the authorizer's policy does not allow it"),
            Fate::AuthorizerBroken(why) => write!(f, "the authorizer could not be called: {why}"),
            Fate::AuthorizerFailed(why) => write!(f, "the authorizer failed: {why}"),
            Fate::MissingParameters(names) => write!(f, "missing parameters: {}", names.join(", ")),
            Fate::InvalidBody(why) => write!(f, "the body is not as its model says: {}", why.join(", ")),
            Fate::UnsupportedMediaType { content_type } => {
                write!(f, "no template for `{content_type}`")
            }
            Fate::BodyTooLarge => f.write_str("body too large"),
            Fate::BodyBroken => f.write_str("body ended early"),
            Fate::Misconfigured(why) => write!(f, "the API cannot answer: {why}"),
            Fate::Function(fault) => write!(f, "the function could not be called: {fault}"),
            Fate::FunctionFailed(why) => write!(f, "the function failed: {why}"),
            Fate::Malformed(why) => f.write_str(why),
            Fate::IntegrationTimeout => f.write_str("the function took longer than the integration's timeout"),
            Fate::NotBuilt(what) => write!(f, "{what} is not built"),
        }
    }
}

fn message(text: &str) -> Bytes {
    Bytes::from(format!("{{\"message\":{}}}", serde_json::Value::String(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_built_is_named() {
        let answer = Fate::NotBuilt("integration type `HTTP`".into()).error().unwrap();
        assert_eq!(answer.body, r#"{"message": "vpclab: integration type `HTTP` is not built"}"#);
        assert_eq!(answer.status, 500);
    }
}

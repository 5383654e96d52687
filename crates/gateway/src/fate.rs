//! Every fate of a request, and the answer the caller sees: the error catalogue in one table.
//! Source: "Gateway response types", "Troubleshoot 403 errors" (API Gateway); bodies as captured.

use bytes::Bytes;
use http::StatusCode;
use std::fmt;
use vpclab_api::host::NotNamed;
use vpclab_api::judge::Refusal;
pub use vpclab_api::judge::{PolicyRefusal, RefusalReason};
use vpclab_cloud::gateway_response::GatewayResponseType;
use vpclab_functions::FunctionFault;
use vpclab_policy::DecisionEffect;

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
    /// The request names no API.
    NotNamed(NotNamed),
    /// The endpoint was deleted while the connection was open.
    NoEndpoint,
    /// No API of this id in the endpoint's region.
    UnknownApi {
        /// The id.
        api_id: String,
    },
    /// The API is not private.
    NotPrivate,
    /// The endpoint policy refuses.
    EndpointPolicy(PolicyRefusal),
    /// The path has no stage, or the API has none of this name.
    UnknownStage {
        /// What was asked for.
        stage: String,
    },
    /// `disableExecuteApiEndpoint`
    DefaultEndpointDisabled,
    /// No such resource in the deployment.
    UnknownResource,
    /// The resource has no such method.
    UnknownMethod {
        /// Its path as declared.
        resource_path: String,
    },
    /// The method asks for a signature and there is none.
    Unsigned,
    /// The resource policy refuses.
    ResourcePolicy(PolicyRefusal),
    /// Required parameters are missing.
    MissingParameters(Vec<String>),
    /// No template for the content type and no passthrough.
    UnsupportedMediaType {
        /// The content type.
        content_type: String,
    },
    /// The stage lets no more requests of the method pass.
    Throttled,
    /// The body is larger than 10 MB.
    BodyTooLarge,
    /// The body ended early.
    BodyBroken,
    /// The URL is longer than 8192 characters.
    UrlTooLong,
    /// The headers together are longer than 8000 bytes.
    HeadersTooLarge,
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
        match refusal {
            Refusal::NotNamed(why) => Fate::NotNamed(why),
            Refusal::NoEndpoint => Fate::NoEndpoint,
            Refusal::UnknownApi { api_id } => Fate::UnknownApi { api_id },
            Refusal::NotPrivate => Fate::NotPrivate,
            Refusal::EndpointPolicy(refusal) => Fate::EndpointPolicy(refusal),
            Refusal::UnknownStage { stage } => Fate::UnknownStage { stage },
            Refusal::DefaultEndpointDisabled => Fate::DefaultEndpointDisabled,
            Refusal::UnknownResource => Fate::UnknownResource,
            Refusal::UnknownMethod { resource_path } => Fate::UnknownMethod { resource_path },
            Refusal::Unsigned => Fate::Unsigned,
            Refusal::ResourcePolicy(refusal) => Fate::ResourcePolicy(refusal),
            Refusal::Throttled => Fate::Throttled,
            Refusal::UrlTooLong => Fate::UrlTooLong,
            Refusal::HeadersTooLarge => Fate::HeadersTooLarge,
            Refusal::NotBuilt(what) => Fate::NotBuilt(what),
        }
    }
}

const FORBIDDEN: &[u8] = br#"{"message":"Forbidden"}"#;
const INTERNAL: &[u8] = br#"{"message": "Internal server error"}"#;

impl Fate {
    /// The catalogue: status, error type and body of every fate but [`Fate::Answered`], which has its own.
    pub fn error(&self) -> Option<ErrorAnswer> {
        let fixed = |status, error_type, body: &'static [u8]| ErrorAnswer { status, error_type, body: Bytes::from_static(body) };
        let forbidden = || fixed(StatusCode::FORBIDDEN, "ForbiddenException", FORBIDDEN);
        let internal = || fixed(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", INTERNAL);
        Some(match self {
            Fate::Answered { .. } => return None,
            Fate::NotNamed(_)
            | Fate::NoEndpoint
            | Fate::UnknownApi { .. }
            | Fate::NotPrivate
            | Fate::UnknownStage { .. }
            | Fate::DefaultEndpointDisabled => forbidden(),
            Fate::EndpointPolicy(refusal) | Fate::ResourcePolicy(refusal) => match refusal_body(refusal) {
                Some(body) => ErrorAnswer { status: StatusCode::FORBIDDEN, error_type: "AccessDeniedException", body },
                None => internal(),
            },
            Fate::UnknownResource | Fate::UnknownMethod { .. } | Fate::Unsigned => {
                fixed(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", br#"{"message":"Missing Authentication Token"}"#)
            }
            Fate::MissingParameters(names) => ErrorAnswer {
                status: StatusCode::BAD_REQUEST,
                error_type: "BadRequestException",
                body: message(&format!("Missing required request parameters: [{}]", names.join(", "))),
            },
            Fate::UnsupportedMediaType { .. } => {
                fixed(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BadRequestException", br#"{"message":"Unsupported Media Type"}"#)
            }
            Fate::Throttled => fixed(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", br#"{"message":"Too Many Requests"}"#),
            Fate::BodyTooLarge => fixed(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                br#"{"message":"HTTP content length exceeded 10485760 bytes."}"#,
            ),
            Fate::BodyBroken => fixed(StatusCode::BAD_REQUEST, "BadRequestException", br#"{"message":"Bad Request"}"#),
            Fate::UrlTooLong => fixed(StatusCode::URI_TOO_LONG, "RequestTooLargeException", br#"{"message":"Request URI too long"}"#),
            Fate::HeadersTooLarge => fixed(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "RequestTooLargeException",
                br#"{"message":"Request Header Fields Too Large"}"#,
            ),
            Fate::Misconfigured(_) | Fate::Function(_) => internal(),
            Fate::FunctionFailed(_) | Fate::Malformed(_) => fixed(StatusCode::BAD_GATEWAY, "InternalServerErrorException", INTERNAL),
            Fate::IntegrationTimeout => {
                fixed(StatusCode::GATEWAY_TIMEOUT, "InternalServerErrorException", br#"{"message": "Endpoint request timed out"}"#)
            }
            Fate::NotBuilt(what) => {
                let text = serde_json::Value::String(format!("vpclab: {what} is not built"));
                ErrorAnswer {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    error_type: "InternalServerErrorException",
                    body: Bytes::from(format!("{{\"message\": {text}}}")),
                }
            }
        })
    }
}

impl Fate {
    /// The type of gateway response that words it; none where the API is not known yet, or where AWS's gateway would have answered.
    pub fn gateway_response(&self) -> Option<GatewayResponseType> {
        Some(match self {
            Fate::Answered { .. }
            | Fate::NotNamed(_)
            | Fate::NoEndpoint
            | Fate::UnknownApi { .. }
            | Fate::NotPrivate
            | Fate::UnknownStage { .. }
            | Fate::DefaultEndpointDisabled
            | Fate::UrlTooLong
            | Fate::HeadersTooLarge
            | Fate::NotBuilt(_) => return None,
            Fate::EndpointPolicy(refusal) | Fate::ResourcePolicy(refusal) => match refusal.reason {
                RefusalReason::Unreadable(_) => GatewayResponseType::ApiConfigurationError,
                RefusalReason::Decision(_) | RefusalReason::NoPolicy => GatewayResponseType::AccessDenied,
            },
            Fate::UnknownResource | Fate::UnknownMethod { .. } | Fate::Unsigned => GatewayResponseType::MissingAuthenticationToken,
            Fate::MissingParameters(_) => GatewayResponseType::BadRequestParameters,
            Fate::UnsupportedMediaType { .. } => GatewayResponseType::UnsupportedMediaType,
            Fate::Throttled => GatewayResponseType::Throttled,
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
            Fate::NotNamed(why) => write!(f, "{why}"),
            Fate::NoEndpoint => f.write_str("the endpoint is gone"),
            Fate::UnknownApi { api_id } => write!(f, "no API `{api_id}` in this region"),
            Fate::NotPrivate => f.write_str("the API is not private"),
            Fate::EndpointPolicy(refusal) => write!(f, "endpoint policy: {refusal}"),
            Fate::UnknownStage { stage } => write!(f, "no stage `{stage}`"),
            Fate::DefaultEndpointDisabled => f.write_str("the default endpoint is disabled"),
            Fate::UnknownResource => f.write_str("no such resource in the deployment"),
            Fate::UnknownMethod { resource_path } => {
                write!(f, "`{resource_path}` has no such method in the deployment")
            }
            Fate::Unsigned => f.write_str("the method needs a signature"),
            Fate::ResourcePolicy(refusal) => write!(f, "resource policy: {refusal}"),
            Fate::MissingParameters(names) => write!(f, "missing parameters: {}", names.join(", ")),
            Fate::UnsupportedMediaType { content_type } => {
                write!(f, "no template for `{content_type}`")
            }
            Fate::Throttled => f.write_str("more requests than the stage's limits of the method allow"),
            Fate::BodyTooLarge => f.write_str("body too large"),
            Fate::BodyBroken => f.write_str("body ended early"),
            Fate::UrlTooLong => f.write_str("URL too long"),
            Fate::HeadersTooLarge => f.write_str("headers too large"),
            Fate::Misconfigured(why) => write!(f, "the API cannot answer: {why}"),
            Fate::Function(fault) => write!(f, "the function could not be called: {fault}"),
            Fate::FunctionFailed(why) => write!(f, "the function failed: {why}"),
            Fate::Malformed(why) => f.write_str(why),
            Fate::IntegrationTimeout => f.write_str("the function took longer than the integration's timeout"),
            Fate::NotBuilt(what) => write!(f, "{what} is not built"),
        }
    }
}

/// The body of an access refusal; `None` when the policy itself is broken.
fn refusal_body(refusal: &PolicyRefusal) -> Option<Bytes> {
    let suffix = match &refusal.reason {
        RefusalReason::Unreadable(_) => return None,
        RefusalReason::NoPolicy => "",
        RefusalReason::Decision(decision) => match decision.effect {
            DecisionEffect::ExplicitDeny => " with an explicit deny",
            DecisionEffect::ImplicitDeny | DecisionEffect::Undetermined | DecisionEffect::Allow => "",
        },
    };
    let text = serde_json::Value::String(format!(
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: {}{suffix}",
        masked(&refusal.resource)
    ));
    // The capital `Message` is how policy refusals differ from every other error.
    Some(Bytes::from(format!("{{\"Message\":{text}}}")))
}

fn message(text: &str) -> Bytes {
    Bytes::from(format!("{{\"message\":{}}}", serde_json::Value::String(text.to_owned())))
}

/// The ARN with the account shown as eight stars and its last four digits.
fn masked(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        [scheme, partition, service, region, account, rest] => {
            let tail = account.len().checked_sub(4).and_then(|at| account.get(at..)).unwrap_or(account);
            format!("{scheme}:{partition}:{service}:{region}:********{tail}:{rest}")
        }
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_masked() {
        assert_eq!(
            masked("arn:aws:execute-api:us-west-2:123456781234:abc/prod/GET/a:b"),
            "arn:aws:execute-api:us-west-2:********1234:abc/prod/GET/a:b"
        );
    }

    #[test]
    fn what_is_not_built_is_named() {
        let answer = Fate::NotBuilt("integration type `HTTP`".into()).error().unwrap();
        assert_eq!(answer.body, r#"{"message": "vpclab: integration type `HTTP` is not built"}"#);
        assert_eq!(answer.status, 500);
    }
}

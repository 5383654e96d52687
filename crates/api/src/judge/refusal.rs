//! Why a gate refuses, as data.
use super::{INVOKE, SignatureRefusal};
use crate::host::NotNamed;
use std::borrow::Cow;
use std::fmt;
use vpclab_cloud::gateway_response::GatewayResponseType;
use vpclab_policy::{Decision, DecisionEffect};

/// A gate that refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The request names no API.
    NotNamed(NotNamed),
    /// The endpoint is not there: it was deleted while the connection was open.
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
    /// The signature is refused.
    Signature(SignatureRefusal),
    /// It is signed, and nobody said whether the signature is right: only who explains meets this.
    UnknownSignature,
    /// The method asks for a signature and there is none.
    Unsigned,
    /// The resource policy refuses.
    ResourcePolicy(PolicyRefusal),
    /// The caller's own policies do not allow it.
    IdentityPolicy {
        /// The caller's ARN.
        caller: String,
        /// The ARN that was called, in full.
        resource: String,
        /// What they say.
        effect: DecisionEffect,
        /// What is not known, where they leave it undetermined.
        missing: Vec<String>,
    },
    /// The stage lets no more requests of the method pass.
    Throttled,
    /// The URL is longer than 8192 characters.
    UrlTooLong,
    /// The headers together are longer than 8000 bytes.
    HeadersTooLarge,
    /// The request needs something this program does not have.
    NotBuilt(String),
}

/// A refusal by a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRefusal {
    /// Who called: `anonymous`, or an ARN.
    pub caller: String,
    /// The ARN that was called, in full.
    pub resource: String,
    /// Why.
    pub reason: RefusalReason,
}

/// Why a policy gate refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalReason {
    /// The policy says so.
    Decision(Box<Decision>),
    /// A private API without a policy lets nobody pass.
    NoPolicy,
    /// The stored policy cannot be read.
    Unreadable(String),
}

impl fmt::Display for PolicyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = match &self.reason {
            RefusalReason::NoPolicy => return f.write_str("there is none"),
            RefusalReason::Unreadable(why) => return write!(f, "it cannot be read: {why}"),
            RefusalReason::Decision(decision) => decision,
        };
        match decision.effect {
            DecisionEffect::Allow => f.write_str("allowed")?,
            DecisionEffect::ExplicitDeny => f.write_str("denied")?,
            DecisionEffect::ImplicitDeny => f.write_str("no statement allows")?,
            DecisionEffect::Undetermined => write!(f, "unknown: {}", decision.missing.join(", "))?,
        }
        for statement in &decision.deciding {
            match &statement.sid {
                Some(sid) => write!(f, " by statement {} `{sid}`", statement.index)?,
                None => write!(f, " by statement {}", statement.index)?,
            }
        }
        write!(f, ", {}", self.resource)
    }
}

/// The answer of API Gateway to a request that a gate refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// The status.
    pub status: u16,
    /// `x-amzn-ErrorType`
    pub error_type: &'static str,
    /// The body, JSON.
    pub body: Cow<'static, str>,
}

/// The body of an answer that the API cannot be the reason of to the caller: it has a space where the others have none.
pub const INTERNAL: &str = r#"{"message": "Internal server error"}"#;

impl Refusal {
    /// Status, error type and body, before the API's own gateway responses word them.
    /// Source: "Gateway response types", "Troubleshoot 403 errors" (API Gateway); bodies as captured.
    #[must_use]
    pub fn error(&self) -> ErrorAnswer {
        let fixed = |status, error_type, body: &'static str| ErrorAnswer { status, error_type, body: Cow::Borrowed(body) };
        match self {
            Refusal::NotNamed(_)
            | Refusal::NoEndpoint
            | Refusal::UnknownApi { .. }
            | Refusal::NotPrivate
            | Refusal::UnknownStage { .. }
            | Refusal::DefaultEndpointDisabled => fixed(403, "ForbiddenException", r#"{"message":"Forbidden"}"#),
            Refusal::EndpointPolicy(refusal) | Refusal::ResourcePolicy(refusal) => match (refusal.unknown(), refusal.body()) {
                (Some(missing), _) => not_judged(missing),
                (None, Some(body)) => ErrorAnswer { status: 403, error_type: "AccessDeniedException", body: Cow::Owned(body) },
                (None, None) => fixed(500, "InternalServerErrorException", INTERNAL),
            },
            Refusal::Signature(why) => ErrorAnswer {
                status: 403,
                error_type: why.error_type(),
                body: Cow::Owned(format!("{{\"message\":{}}}", serde_json::Value::String(why.message()))),
            },
            Refusal::UnknownSignature => Refusal::NotBuilt("an answer to a signature that was not checked".to_owned()).error(),
            Refusal::IdentityPolicy { effect: DecisionEffect::Undetermined, missing, .. } => not_judged(missing),
            Refusal::IdentityPolicy { caller, resource, effect, .. } => {
                let suffix = match effect {
                    DecisionEffect::ExplicitDeny => " with an explicit deny",
                    DecisionEffect::ImplicitDeny | DecisionEffect::Undetermined | DecisionEffect::Allow => "",
                };
                ErrorAnswer { status: 403, error_type: "AccessDeniedException", body: Cow::Owned(denied(caller, resource, suffix)) }
            }
            Refusal::UnknownResource | Refusal::UnknownMethod { .. } | Refusal::Unsigned => {
                fixed(403, "MissingAuthenticationTokenException", r#"{"message":"Missing Authentication Token"}"#)
            }
            Refusal::Throttled => fixed(429, "TooManyRequestsException", r#"{"message":"Too Many Requests"}"#),
            Refusal::UrlTooLong => fixed(414, "RequestTooLargeException", r#"{"message":"Request URI too long"}"#),
            Refusal::HeadersTooLarge => fixed(431, "RequestTooLargeException", r#"{"message":"Request Header Fields Too Large"}"#),
            Refusal::NotBuilt(what) => {
                let text = serde_json::Value::String(format!("vpclab: {what} is not built"));
                ErrorAnswer {
                    status: 500,
                    error_type: "InternalServerErrorException",
                    body: Cow::Owned(format!("{{\"message\": {text}}}")),
                }
            }
        }
    }

    /// The type of gateway response that words it; none where the API is not known yet, or where AWS's gateway would have answered.
    #[must_use]
    pub fn gateway_response(&self) -> Option<GatewayResponseType> {
        Some(match self {
            Refusal::NotNamed(_)
            | Refusal::NoEndpoint
            | Refusal::UnknownApi { .. }
            | Refusal::NotPrivate
            | Refusal::UnknownStage { .. }
            | Refusal::DefaultEndpointDisabled
            | Refusal::UrlTooLong
            | Refusal::HeadersTooLarge
            | Refusal::UnknownSignature
            | Refusal::NotBuilt(_) => return None,
            Refusal::Signature(why) => why.gateway_response(),
            Refusal::EndpointPolicy(refusal) | Refusal::ResourcePolicy(refusal) if refusal.unknown().is_some() => return None,
            Refusal::IdentityPolicy { effect: DecisionEffect::Undetermined, .. } => return None,
            Refusal::EndpointPolicy(refusal) | Refusal::ResourcePolicy(refusal) => match refusal.reason {
                RefusalReason::Unreadable(_) => GatewayResponseType::ApiConfigurationError,
                RefusalReason::Decision(_) | RefusalReason::NoPolicy => GatewayResponseType::AccessDenied,
            },
            Refusal::IdentityPolicy { .. } => GatewayResponseType::AccessDenied,
            Refusal::UnknownResource | Refusal::UnknownMethod { .. } | Refusal::Unsigned => GatewayResponseType::MissingAuthenticationToken,
            Refusal::Throttled => GatewayResponseType::Throttled,
        })
    }
}

/// One line for the log: what refused, and the statements that decided.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotNamed(why) => write!(f, "{why}"),
            Refusal::NoEndpoint => f.write_str("the endpoint is gone"),
            Refusal::UnknownApi { api_id } => write!(f, "no API `{api_id}` in this region"),
            Refusal::NotPrivate => f.write_str("the API is not private"),
            Refusal::EndpointPolicy(refusal) => write!(f, "endpoint policy: {refusal}"),
            Refusal::UnknownStage { stage } => write!(f, "no stage `{stage}`"),
            Refusal::DefaultEndpointDisabled => f.write_str("the default endpoint is disabled"),
            Refusal::UnknownResource => f.write_str("no such resource in the deployment"),
            Refusal::UnknownMethod { resource_path } => write!(f, "`{resource_path}` has no such method in the deployment"),
            Refusal::Signature(why) => write!(f, "signature: {why}"),
            Refusal::UnknownSignature => f.write_str("it is not known whose signature it is"),
            Refusal::Unsigned => f.write_str("the method needs a signature"),
            Refusal::ResourcePolicy(refusal) => write!(f, "resource policy: {refusal}"),
            Refusal::IdentityPolicy { effect: DecisionEffect::Undetermined, missing, .. } => write!(f, "unknown: {}", missing.join(", ")),
            Refusal::IdentityPolicy { effect: DecisionEffect::ExplicitDeny, caller, .. } => write!(f, "the policies of {caller} deny it"),
            Refusal::IdentityPolicy { caller, .. } => write!(f, "the policies of {caller} do not allow it"),
            Refusal::Throttled => f.write_str("more requests than the stage's limits of the method allow"),
            Refusal::UrlTooLong => f.write_str("URL too long"),
            Refusal::HeadersTooLarge => f.write_str("headers too large"),
            Refusal::NotBuilt(what) => write!(f, "{what} is not built"),
        }
    }
}

/// What hangs on something that this program does not know is refused, and the answer names it.
fn not_judged(missing: &[String]) -> ErrorAnswer {
    Refusal::NotBuilt(format!("judging what hangs on {}", missing.join(", "))).error()
}

impl PolicyRefusal {
    /// What is not known, where the policy leaves it undetermined.
    fn unknown(&self) -> Option<&[String]> {
        match &self.reason {
            RefusalReason::Decision(decision) if decision.effect == DecisionEffect::Undetermined => Some(&decision.missing),
            RefusalReason::Decision(_) | RefusalReason::NoPolicy | RefusalReason::Unreadable(_) => None,
        }
    }

    /// The body of an access refusal; `None` when the policy itself is broken.
    fn body(&self) -> Option<String> {
        let suffix = match &self.reason {
            RefusalReason::Unreadable(_) => return None,
            RefusalReason::NoPolicy => "",
            RefusalReason::Decision(decision) => match decision.effect {
                DecisionEffect::ExplicitDeny => " with an explicit deny",
                DecisionEffect::ImplicitDeny | DecisionEffect::Undetermined | DecisionEffect::Allow => "",
            },
        };
        Some(denied(&self.caller, &self.resource, suffix))
    }
}

fn denied(caller: &str, resource: &str, suffix: &str) -> String {
    let text = serde_json::Value::String(format!(
        "User: {caller} is not authorized to perform: {INVOKE} on resource: {}{suffix}",
        masked(resource)
    ));
    // The capital `Message` is how policy refusals differ from every other error.
    format!("{{\"Message\":{text}}}")
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
}

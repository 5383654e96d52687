//! Why a gate refuses, as data.
use crate::host::NotNamed;
use std::fmt;
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
    /// The method asks for a signature and there is none.
    Unsigned,
    /// The resource policy refuses.
    ResourcePolicy(PolicyRefusal),
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

//! Resource policies on their way in and out.
use super::errors::bad_request;
use serde_json::Value;
use vpclab_policy::{
    INVALID_RESOURCE_POLICY_MESSAGE, PolicyError, RESOURCE_POLICY_MAX_CHARS, expand_short_form, parse_json, validate_resource_policy,
};
use vpclab_wire::WireError;

/// A policy that was judged, its short forms not yet expanded.
#[derive(Clone, Debug)]
pub(crate) struct ValidPolicy(Value);

impl ValidPolicy {
    /// Reads a policy as it was sent; an empty one is none.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, WireError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        validate_resource_policy(text).map_err(|why| refuse(&why))?;
        parse_json(text).map(|value| Some(Self(value))).map_err(|why| refuse(&why))
    }

    /// The text to store: compact, every short form written out for the API of this ARN.
    pub(crate) fn expanded(&self, arn: &str) -> String {
        expand_short_form(&self.0, arn).to_string()
    }
}

fn refuse(why: &PolicyError) -> WireError {
    tracing::debug!(%why, "a resource policy was refused");
    match why {
        PolicyError::TooLong { .. } => bad_request(format!("The resource policy is longer than {RESOURCE_POLICY_MAX_CHARS} characters")),
        _ => bad_request(INVALID_RESOURCE_POLICY_MESSAGE),
    }
}

/// A stored policy as API Gateway answers it: the text is escaped once more than JSON needs, slashes too. Clients take
/// the backslashes away, or read the text between quotation marks as JSON.
pub(super) fn escaped(policy: &str) -> String {
    let mut text = String::with_capacity(policy.len() + policy.len() / 4);
    for c in policy.chars() {
        if matches!(c, '"' | '\\' | '/') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

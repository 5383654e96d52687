//! AWS Systems Manager: Parameter Store.
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/>
mod describe;
mod filter;
mod get;
mod path;
pub mod public;
mod put;
mod tag;
#[cfg(test)]
mod tests;

pub use describe::{describe_parameters, get_parameter_history};
pub use get::{Resolved, get_parameter, get_parameters, resolve};
pub use path::get_parameters_by_path;
pub use put::{delete_parameter, delete_parameters, put_parameter};
pub use tag::{add_tags_to_resource, list_tags_for_resource, remove_tags_from_resource};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::ops::RangeInclusive;
use vpclab_cloud::{ParameterRefusal as P, Refusal};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let Refusal::Parameter(why) = refusal else {
        // Refusals of other services cannot come out of operations on parameters; whatever does was asked wrongly.
        return invalid(refusal.to_string());
    };
    let code = match why {
        P::NotFound(_) => "ParameterNotFound",
        P::VersionNotFound { .. } => "ParameterVersionNotFound",
        P::Exists => "ParameterAlreadyExists",
        P::Limit => "ParameterLimitExceeded",
        P::Levels => "HierarchyLevelLimitExceededException",
        P::KindChanges => "HierarchyTypeMismatchException",
        P::PatternMismatch(_) => "ParameterPatternMismatchException",
        P::InvalidPattern(_) => "InvalidAllowedPatternException",
        P::InvalidKey(_) => "InvalidKeyId",
        P::Reserved(_) => "AccessDeniedException",
        P::TooManyTags => "TooManyTagsError",
        P::Invalid(_) => "ValidationException",
    };
    WireError::new(400, code, why.to_string())
}

fn invalid(text: impl Into<String>) -> WireError {
    WireError::new(400, "ValidationException", text)
}

fn not_in_enum(value: &str, member: &str, legal: &str) -> WireError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: {legal}"
    ))
}

/// A page of what is in the order of `key`; a token is the key of the last item before, so that what is deleted meanwhile moves nothing.
fn page<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    size: Option<i32>,
    legal: RangeInclusive<i32>,
) -> Result<(Vec<T>, Option<String>), WireError> {
    let most = *legal.end();
    let size = size.unwrap_or(most);
    if !legal.contains(&size) {
        let bound =
            if size > most { format!("less than or equal to {most}") } else { format!("greater than or equal to {}", legal.start()) };
        return Err(invalid(format!(
            "1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have value {bound}"
        )));
    }
    let after = match token.filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => {
            let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(text.ok_or_else(|| WireError::new(400, "InvalidNextToken", "The specified token is not valid."))?)
        }
    };
    let mut rest = items.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let items: Vec<T> = rest.by_ref().take(usize::try_from(size).unwrap_or(0)).collect();
    let more = rest.next().is_some();
    let next = items.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok((items, next))
}

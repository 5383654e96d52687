//! API Gateway's error codes: the only place where a [`Refusal`] meets them.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html#API_CreateRestApi_Errors>
use vpclab_cloud::deployment::unknown_deployment;
use vpclab_cloud::resource::unknown_resource;
use vpclab_cloud::rest_api::unknown_api;
use vpclab_cloud::{DeploymentId, Refusal, ResourceId, RestApiId, Scope};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let (status, code) = match refusal {
        Refusal::ApiNotFound(_) => (404, "NotFoundException"),
        Refusal::ApiConflict(_) => (409, "ConflictException"),
        Refusal::ApiLimitExceeded(_) => (429, "LimitExceededException"),
        // Refusals of other services cannot come out of operations on APIs; whatever does was asked wrongly.
        _ => (400, "BadRequestException"),
    };
    WireError::new(status, code, refusal.to_string())
}

/// `BadRequestException`
pub(crate) fn bad_request(text: impl Into<String>) -> WireError {
    WireError::new(400, "BadRequestException", text)
}

/// What AWS knows and vpclab does not do.
pub(crate) fn not_served(what: &str) -> WireError {
    bad_request(format!("vpclab does not serve {what} yet"))
}

/// A value that is not in an enumeration of the interface.
pub(crate) fn not_in_enum(value: &str, member: &str, legal: &[&str]) -> WireError {
    let text = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        legal.join(", ")
    );
    WireError::new(400, "ValidationException", text)
}

/// An id that no API can have is one that is not there.
pub(crate) fn api_id(scope: &Scope, text: &str) -> Result<RestApiId, WireError> {
    text.parse().map_err(|_| word(&unknown_api(scope, text)))
}

pub(crate) fn resource_id(text: &str) -> Result<ResourceId, WireError> {
    text.parse().map_err(|_| word(&unknown_resource()))
}

pub(crate) fn deployment_id(text: &str) -> Result<DeploymentId, WireError> {
    text.parse().map_err(|_| word(&unknown_deployment()))
}

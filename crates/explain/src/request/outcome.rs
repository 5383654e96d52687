//! What the client sees of a refusal.
use super::DeploymentView;
use crate::Outcome;
use vpclab_api::judge::{ErrorAnswer, INTERNAL, Refusal};
use vpclab_cloud::gateway_response::GatewayResponseType;

/// What the client sees when a gate refuses, in the words of the deployment's gateway responses where it has some.
pub(super) fn of(refusal: &Refusal, deployment: Option<&DeploymentView>) -> Outcome {
    let ErrorAnswer { status, error_type, body } = refusal.error();
    worded(status, error_type, &body, refusal.gateway_response(), deployment)
}

/// The error of an API that is set up so that it cannot answer.
pub(super) fn internal(deployment: &DeploymentView) -> Outcome {
    worded(500, "InternalServerErrorException", INTERNAL, Some(GatewayResponseType::ApiConfigurationError), Some(deployment))
}

/// Required parameters are missing.
pub(super) fn missing(names: &[String], deployment: &DeploymentView) -> Outcome {
    let body = serde_json::json!({"message": format!("Missing required request parameters: [{}]", names.join(", "))}).to_string();
    worded(400, "BadRequestException", &body, Some(GatewayResponseType::BadRequestParameters), Some(deployment))
}

/// An error in the words of the deployment's gateway responses where it has some.
pub(super) fn worded(
    status: u16,
    error_type: &str,
    body: &str,
    kind: Option<GatewayResponseType>,
    deployment: Option<&DeploymentView>,
) -> Outcome {
    let class = if status >= 500 { GatewayResponseType::Default5xx } else { GatewayResponseType::Default4xx };
    let set = kind.zip(deployment).and_then(|(kind, deployment)| deployment.kept.get(&kind).or_else(|| deployment.kept.get(&class)));
    let body = match set {
        Some(response) if !response.templates.is_empty() => format!("as the API's gateway responses word it: {body}"),
        Some(_) | None => body.to_owned(),
    };
    Outcome::Http { status: set.and_then(|set| set.status).unwrap_or(status), error_type: error_type.to_owned(), body }
}

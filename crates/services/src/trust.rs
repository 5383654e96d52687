//! Whether a service may act in the name of a role: the role's trust policy decides.
use vpclab_cloud::Cloud;
use vpclab_policy::{CallerPrincipal, DecisionEffect, NoKeys, Policy, Request};

/// Whether the role of an ARN is there and lets a service, such as `lambda.amazonaws.com`, assume it.
#[must_use]
pub fn trusts(cloud: &Cloud, role: &str, service: &str) -> bool {
    let Some(trust) = cloud.role_of_arn(role).and_then(|found| Policy::parse(found.trust.text()).ok()) else { return false };
    let principal = CallerPrincipal::Service(service);
    match trust.decide(&Request { principal, action: "sts:AssumeRole", resource: role, keys: &NoKeys }).effect {
        DecisionEffect::Allow | DecisionEffect::Undetermined => true,
        DecisionEffect::ExplicitDeny | DecisionEffect::ImplicitDeny => false,
    }
}

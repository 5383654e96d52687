//! Whether the resource policy of a function, or of one of its versions or aliases, lets a caller invoke it.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>
use vpclab_cloud::Function;
use vpclab_policy::{CallerPrincipal, ContextKeys, MapKeys, Policy, Request};

/// The action that is asked for.
pub const INVOKE_FUNCTION: &str = "lambda:InvokeFunction";
/// API Gateway as a caller.
pub const API_GATEWAY: &str = "apigateway.amazonaws.com";

/// The resource policy; `None` where there is none, or it cannot be read: nobody may invoke.
#[must_use]
pub fn policy_of(function: &Function, qualifier: Option<&str>) -> Option<Policy> {
    Policy::from_value(&function.policy_document(qualifier)?).ok()
}

/// Whether it allows a caller. `arn` is the ARN that is invoked, with its qualifier.
#[must_use]
pub fn allows(function: &Function, qualifier: Option<&str>, arn: &str, principal: CallerPrincipal<'_>, keys: &dyn ContextKeys) -> bool {
    let request = Request { principal, action: INVOKE_FUNCTION, resource: arn, keys };
    policy_of(function, qualifier).is_some_and(|policy| policy.decide(&request).effect.allows())
}

/// What a policy sees of a call by a service in the name of a resource.
#[must_use]
pub fn source_keys(source_arn: &str, source_account: &str) -> MapKeys {
    MapKeys::new().with("aws:SourceArn", source_arn).with("aws:SourceAccount", source_account)
}

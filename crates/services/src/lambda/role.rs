//! Whether Lambda may act in the name of a function's role.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
use vpclab_cloud::{Cloud, Refusal};
use vpclab_policy::{CallerPrincipal, DecisionEffect, NoKeys, Policy, Request};

/// Refuses a role that is not there, or whose trust policy does not let Lambda assume it.
///
/// # Errors
/// `InvalidParameterValueException`
pub fn check(cloud: &Cloud, arn: &str) -> Result<(), Refusal> {
    let refused = || Refusal::FunctionInvalid("The role defined for the function cannot be assumed by Lambda.".to_owned());
    let role = cloud.role_of_arn(arn).ok_or_else(refused)?;
    let trust = Policy::parse(role.trust.text()).map_err(|_| refused())?;
    let principal = CallerPrincipal::Service("lambda.amazonaws.com");
    match trust.decide(&Request { principal, action: "sts:AssumeRole", resource: arn, keys: &NoKeys }).effect {
        DecisionEffect::Allow | DecisionEffect::Undetermined => Ok(()),
        DecisionEffect::ExplicitDeny | DecisionEffect::ImplicitDeny => Err(refused()),
    }
}

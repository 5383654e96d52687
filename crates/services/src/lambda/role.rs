//! Whether Lambda may act in the name of a function's role.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
use crate::trust::trusts;
use vpclab_cloud::{Cloud, Refusal};

/// Refuses a role that is not there, or whose trust policy does not let Lambda assume it.
///
/// # Errors
/// `InvalidParameterValueException`
pub fn check(cloud: &Cloud, arn: &str) -> Result<(), Refusal> {
    match trusts(cloud, arn, "lambda.amazonaws.com") {
        true => Ok(()),
        false => Err(Refusal::FunctionInvalid("The role defined for the function cannot be assumed by Lambda.".to_owned())),
    }
}

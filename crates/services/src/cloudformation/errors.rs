//! CloudFormation's error codes and texts.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html>
use crate::engine::ChangeError;
use crate::request::RequestContext;
use vpclab_cloud::{Cloud, Context};
use vpclab_template::TemplateError;
use vpclab_wire::WireError;

/// `ValidationError` with this text.
pub fn invalid(message: impl Into<String>) -> WireError {
    WireError::new(400, "ValidationError", message)
}

/// A template that is wrong, with the place.
pub fn template(error: &TemplateError) -> WireError {
    invalid(error.to_string())
}

/// A stack that is not there.
pub fn no_stack(name: &str) -> WireError {
    invalid(format!("Stack with id {name} does not exist"))
}

/// A parameter that is not served.
pub fn unserved(parameter: &str) -> WireError {
    invalid(format!("vpclab does not serve the parameter {parameter} yet"))
}

/// A value that does not have the form of its member.
pub fn constraint(value: &str, member: &str, constraint: &str) -> WireError {
    invalid(format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"))
}

/// Runs a change whose refusals are worded already.
///
/// # Errors
/// The refusal, or that the data plane or the store failed.
pub async fn change<T>(
    cx: &RequestContext,
    operation: impl FnOnce(&mut Cloud, &mut Context) -> Result<T, WireError>,
) -> Result<T, WireError> {
    cx.engine.change(&cx.scope, cx.dry_run, operation).await.map_err(|why| worded(why, |error| error))
}

/// Words why a change was not made.
pub fn worded<E>(why: ChangeError<E>, refusal: impl FnOnce(E) -> WireError) -> WireError {
    match why {
        ChangeError::Refused(error) => refusal(error),
        ChangeError::DataPlane(why) => WireError::new(500, "InternalFailure", why.to_string()),
        ChangeError::Store(why) => WireError::new(500, "InternalFailure", format!("the store could not keep the change: {why}")),
    }
}

//! `AWS::Lambda::…`
use super::{Ask, Failure, Kept, Prepared};
use crate::lambda::code::{CodeSource, store};
use vpclab_cloud::Refusal;
use vpclab_cloud::function::{FunctionCode, FunctionName};
use vpclab_wire::WireError;

pub mod alias;
pub mod event_invoke_config;
pub mod function;
mod inline;
pub mod layer_version;
pub mod layer_version_permission;
pub mod permission;
pub mod version;

/// Lambda's refusal.
fn by_lambda(refusal: Refusal) -> Failure {
    Failure::of("Lambda", crate::lambda::word(&refusal))
}

fn wire_by_lambda(error: WireError) -> Failure {
    Failure::of("Lambda", error)
}

/// A function as a template names it: by name or ARN, with a version or an alias or not.
fn named(text: &str) -> Result<FunctionName, Failure> {
    FunctionName::parse(text, None).map_err(by_lambda)
}

/// Fetches code, and keeps it until the change that names it is made.
async fn fetch(ask: &Ask<'_>, source: CodeSource) -> Result<Prepared, Failure> {
    let stored = store(ask.cx, source).await.map_err(wire_by_lambda)?;
    let value = serde_json::to_value(&stored.code).map_err(|why| Failure::new("InternalFailure", why.to_string()))?;
    Ok(Prepared { value, kept: Some(Kept::new(stored)) })
}

/// The code that was fetched.
fn fetched(prepared: &Prepared) -> Result<FunctionCode, Failure> {
    serde_json::from_value(prepared.value.clone())
        .map_err(|why| Failure::new("InternalFailure", format!("the code was not fetched: {why}")))
}

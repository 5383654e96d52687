//! What of a function's settings is legal, in AWS's words.
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
use super::FunctionSettings;
use crate::{Refusal, Scope, Tags};

/// The bytes of all environment variables together.
const VARIABLES_MAX: usize = 4096;
const LAYERS_MAX: usize = 5;
const TAGS_MAX: usize = 50;

/// Variables that are Lambda's own.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const RESERVED: [&str; 21] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECRET_KEY",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
];

pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::FunctionInvalid(text.into())
}

/// A constraint of one member, as Lambda words it.
pub(super) fn constraint(value: impl std::fmt::Display, member: &str, must: impl std::fmt::Display) -> Refusal {
    Refusal::FunctionConstraint(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {must}"
    ))
}

pub(super) fn is_word(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

pub(super) fn name(name: &str) -> Result<(), Refusal> {
    if name.len() > 64 {
        return Err(constraint(name, "functionName", "have length less than or equal to 64"));
    }
    if is_word(name, 64) { Ok(()) } else { Err(constraint(name, "functionName", "satisfy regular expression pattern: [a-zA-Z0-9-_]+")) }
}

pub(super) fn revision(expected: Option<&str>, found: &str) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != found => Err(Refusal::FunctionPrecondition(
            "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest \
             RevisionId for your resource."
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

pub(super) fn tags(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > TAGS_MAX {
        return Err(invalid(format!("Number of tags exceeds function tag limit. Limit: {TAGS_MAX}")));
    }
    Ok(())
}

fn range(value: u32, member: &str, least: u32, most: u32) -> Result<(), Refusal> {
    if value < least {
        Err(constraint(value, member, format_args!("have value greater than or equal to {least}")))
    } else if value > most {
        Err(constraint(value, member, format_args!("have value less than or equal to {most}")))
    } else {
        Ok(())
    }
}

pub(super) fn settings(settings: &FunctionSettings, scope: &Scope) -> Result<(), Refusal> {
    range(settings.timeout, "timeout", 1, 900)?;
    range(settings.memory, "memorySize", 128, 10_240)?;
    range(settings.storage, "ephemeralStorage.size", 512, 10_240)?;
    if settings.description.chars().count() > 256 {
        return Err(constraint(&settings.description, "description", "have length less than or equal to 256"));
    }
    if settings.handler.len() > 128 || settings.handler.chars().any(char::is_whitespace) {
        return Err(constraint(&settings.handler, "handler", "satisfy regular expression pattern: [^\\s]+"));
    }
    if settings.runtime.is_empty() || settings.handler.is_empty() {
        return Err(invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages."));
    }
    if !["x86_64", "arm64"].contains(&settings.architecture.as_str()) {
        return Err(constraint(format!("[{}]", settings.architecture), "architectures", "satisfy enum value set: [x86_64, arm64]"));
    }
    if !["PassThrough", "Active"].contains(&settings.tracing.as_str()) {
        return Err(constraint(&settings.tracing, "tracingConfig.mode", "satisfy enum value set: [Active, PassThrough]"));
    }
    if settings.layers.len() > LAYERS_MAX {
        return Err(invalid(format!("Cannot reference more than {LAYERS_MAX} layers.")));
    }
    role(&settings.role, scope)?;
    variables(settings)
}

/// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
fn role(role: &str, scope: &Scope) -> Result<(), Refusal> {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let ["arn", "aws", "iam", "", account, resource] = parts.as_slice() else { return Err(bad_role(role)) };
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b);
    let named = resource.strip_prefix("role/").is_some_and(|name| !name.is_empty() && name.bytes().all(legal));
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) || !named {
        return Err(bad_role(role));
    }
    if *account != scope.account.as_str() {
        return Err(Refusal::FunctionAccessDenied("Cross-account pass role is not allowed.".to_owned()));
    }
    Ok(())
}

fn bad_role(role: &str) -> Refusal {
    constraint(role, "role", "satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+")
}

fn variables(settings: &FunctionSettings) -> Result<(), Refusal> {
    let reserved: Vec<&str> = settings.variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains \
             reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    for name in settings.variables.keys() {
        let mut bytes = name.bytes();
        let named = bytes.next().is_some_and(|b| b.is_ascii_alphabetic()) && name.len() >= 2;
        if !named || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(constraint(
                format!("{{{name}=…}}"),
                "environment.variables",
                "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
            ));
        }
    }
    if settings.variables.values().any(|value| value.contains('\0')) {
        return Err(invalid("An environment variable contains a null character."));
    }
    let bytes: usize = settings.variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > VARIABLES_MAX {
        return Err(invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded \
             the 4KB limit.",
        ));
    }
    Ok(())
}

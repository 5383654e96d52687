//! Lambda's error codes: the only place where a [`Refusal`] meets them.
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#API_CreateFunction_Errors>
use vpclab_cloud::Refusal;
use vpclab_functions::{ArchiveError, FunctionFault, NoRuntime, NotRun};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let (status, code) = match refusal {
        Refusal::FunctionNotFound(_) => (404, "ResourceNotFoundException"),
        Refusal::FunctionConflict(_) => (409, "ResourceConflictException"),
        Refusal::FunctionConstraint(_) => (400, "ValidationException"),
        Refusal::FunctionPrecondition(_) => (412, "PreconditionFailedException"),
        Refusal::FunctionPolicyLength(_) => (400, "PolicyLengthExceededException"),
        Refusal::FunctionAccessDenied(_) => (403, "AccessDeniedException"),
        // What the other services refuse about a function's network was asked wrongly of this one.
        _ => (400, "InvalidParameterValueException"),
    };
    WireError::new(status, code, refusal.to_string())
}

/// `InvalidParameterValueException`
pub(crate) fn invalid(text: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameterValueException", text)
}

/// What AWS knows and vpclab does not do.
pub(super) fn not_served(what: &str) -> WireError {
    invalid(format!("vpclab does not serve {what} yet"))
}

pub(super) fn no_runtime(why: &NoRuntime) -> WireError {
    invalid(why.to_string())
}

pub(super) fn bad_archive(why: &ArchiveError) -> WireError {
    match why {
        ArchiveError::Io(_) => WireError::new(500, "ServiceException", why.to_string()),
        ArchiveError::NotZip(_) | ArchiveError::TooLarge | ArchiveError::BadEntry(_) => invalid(why.to_string()),
    }
}

/// `TooManyRequestsException`
pub(super) fn throttled() -> WireError {
    WireError::new(429, "TooManyRequestsException", "Rate Exceeded.")
}

pub(super) fn not_run(why: &NotRun) -> WireError {
    match why {
        NotRun::Throttled { .. } => throttled(),
        NotRun::Failed(text) => WireError::new(500, "ServiceException", text.clone()),
    }
}

/// A fault as another service of the lab sees it.
pub(super) fn fault(error: WireError) -> FunctionFault {
    match (error.code.as_ref(), error.status) {
        ("ResourceNotFoundException", _) => {
            FunctionFault::NotFound(error.message.strip_prefix("Function not found: ").unwrap_or(&error.message).to_owned())
        }
        ("TooManyRequestsException", _) => FunctionFault::Throttled,
        ("AccessDeniedException", _) => FunctionFault::NotPermitted(error.message),
        _ => FunctionFault::Unavailable(error.message),
    }
}

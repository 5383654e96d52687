//! A call of a function by another service, such as API Gateway.
use bytes::Bytes;
use std::{future::Future, pin::Pin, time::Duration};

/// One call of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, with `:VERSION` or `:ALIAS` at the end where one is named.
    pub function: String,
    /// The event, as JSON text.
    pub payload: Bytes,
    /// Who calls: the function's resource policy must allow it.
    pub caller: Caller,
    /// The value of `X-Amzn-Trace-Id`, handed on to the function as `Lambda-Runtime-Trace-Id`.
    pub trace_id: Option<String>,
    /// How long the caller waits. The function itself goes on until its own timeout.
    pub patience: Duration,
    /// Whether the caller waits for the function's answer.
    pub invocation: Invocation,
}

/// Whether the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// `RequestResponse`
    Synchronous,
    /// `Event`: accepted and run later; the answer's payload is empty.
    Event,
}

/// A service that calls a function on behalf of one of its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `apigateway.amazonaws.com`
    pub service: String,
    /// `aws:SourceArn`: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`
    pub source_arn: String,
    /// `aws:SourceAccount`
    pub source_account: String,
}

/// What a function answered. A function that failed has answered too: see [`FunctionAnswer::error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionAnswer {
    /// The request's id, as in the function's log.
    pub request_id: String,
    /// The answer, or `{"errorMessage": …, "errorType": …}` when it failed, was killed or ran out of time.
    pub payload: Bytes,
    /// `Handled` or `Unhandled` when the function failed (`X-Amz-Function-Error`).
    pub error: Option<&'static str>,
    /// The version that ran: `$LATEST` or a number.
    pub executed_version: String,
}

/// Why a function was not run, or its answer not waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionFault {
    /// The function's resource policy does not allow the caller.
    #[error("the function's resource policy does not allow `{0}`")]
    NotPermitted(String),
    /// No such function, version or alias; also one of an ARN that is none.
    #[error("Function not found: {0}")]
    NotFound(String),
    /// The account's or the function's concurrency is used up.
    #[error("Rate Exceeded.")]
    Throttled,
    /// The event is larger than a function takes.
    #[error("the event is larger than {0} bytes")]
    TooLarge(usize),
    /// The caller's patience is over.
    #[error("the function did not answer in time")]
    TimedOut,
    /// The function could not be started, or an environment was lost in a way that is not the function's doing.
    #[error("{0}")]
    Unavailable(String),
}

/// Calls functions. The daemon gives one to whoever calls functions.
pub trait Invoke: Send + Sync {
    /// Looks the function up, checks its resource policy, runs it and waits for its answer.
    fn invoke(&self, call: FunctionCall) -> Pin<Box<dyn Future<Output = Result<FunctionAnswer, FunctionFault>> + Send + '_>>;
}

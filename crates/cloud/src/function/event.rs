//! Events that functions were asked to take later, until they are done or given up.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html>
use crate::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// An accepted event. Its key is its scope and its request's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedEvent {
    /// The account and region of the function.
    pub scope: Scope,
    /// The id of the request that brought it; a UUID.
    pub request_id: String,
    /// The function's name.
    pub function: String,
    /// The version or alias that was invoked.
    pub qualifier: Option<String>,
    /// The event: JSON.
    pub payload: String,
    /// `X-Amzn-Trace-Id`
    pub trace_id: Option<String>,
    /// The decoded `X-Amz-Client-Context`.
    pub client_context: Option<String>,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// How often the function failed at it.
    pub failures: u32,
    /// When it is to be given to the function.
    pub due: Timestamp,
}

impl AcceptedEvent {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> (Scope, String) {
        (self.scope.clone(), self.request_id.clone())
    }
}

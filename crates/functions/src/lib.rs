//! Lambda functions as processes of this machine, and the words in which others call them.
//!
//! [`Invoke`] is what the gateway and the services call; it knows functions by their ARN alone.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod call;

pub use call::{Caller, FunctionAnswer, FunctionCall, FunctionFault, Invocation, Invoke};

//! Lambda functions as processes of this machine, and the words in which others call them.
//!
//! A function runs in *environments*: each is a sandbox of the fabric's with a program that asks its Runtime API for events.
//! An environment does one event at a time, is frozen between two, and is used again as long as the function is the same.
//!
//! Invariants:
//! * an event is given to one environment only, and answered once, whatever the program does;
//! * an environment lives in the network namespace of one of its function's interfaces, or in one with nothing but a loopback
//!   interface: a function without a VPC has no way into one, and reaches AWS's APIs ([`Outside`]), as on AWS;
//! * every environment ends with the daemon; memory, time, processes, answers, lines and queues have limits.
//!
//! [`Invoke`] is what the gateway and the services call; it knows functions by their ARN alone. What this crate does not know:
//! AWS's control plane, resource policies, aliases, who keeps the logs.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod archive;
mod call;
mod clock;
mod environment;
mod functions;
mod log;
mod pool;
mod replies;
mod runtime;
mod runtime_api;
mod version;

pub(crate) use archive::Unpacked;
pub use archive::{ArchiveError, UNPACKED_MAX, check_archive};
pub use call::{Caller, FunctionAnswer, FunctionCall, FunctionFault, Invocation, Invoke};
pub use environment::Outside;
pub use functions::{Functions, FunctionsConfig};
pub use log::{LogLine, LogPlace, LogSink};
pub use pool::CONCURRENCY;
pub use replies::{Replies, Reply, reply_host};
pub use runtime::{NoRuntime, Runtime};
pub use version::{Archive, Event, FunctionKeys, FunctionNetwork, FunctionVersion, NotRun, Outcome, Wanted};

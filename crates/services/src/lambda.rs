//! Lambda: one file a resource. Handlers have the names of their operations.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>
//!
//! A function is `Active` when `CreateFunction` returns. Events of asynchronous invocations are records until they are done.
pub mod alias;
pub mod code;
pub mod concurrency;
pub mod errors;
pub mod event;
pub mod function;
pub mod invoke;
pub mod layer;
mod page;
pub mod permission;
pub mod role;
pub mod runner;
mod shown;
pub mod tag;
pub mod version;

pub use errors::word;
pub use invoke::Invoker;
pub use runner::{Runner, wanted};

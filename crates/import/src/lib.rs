//! An account of AWS as vpclab reads it: what the describe, get and list calls answered -> [`Snapshot`].
//!
//! [`import`] takes the answers as the AWS CLI prints them and makes the records of a lab. What it does not understand it lists
//! ([`NotUnderstood`]) with what that affects, so that a judgement that leans on it can be undetermined. It asks nobody:
//! [`calls`] says which calls there are to be made, for the script, the IAM policy and the client alike.
//!
//! This crate is pure: no socket, file, clock or environment.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod anonymise;
mod apigateway;
pub mod calls;
mod document;
mod ec2;
mod integrity;
mod item;
mod lambda;
mod living;
mod not_understood;
mod read;
mod resolver;
mod route53;
mod script;
mod snapshot;
#[cfg(test)]
mod tests;

pub use document::{Document, NoPlace};
pub use living::living;
pub use not_understood::{Affected, NotUnderstood};
pub use read::import;
pub use script::script;
pub use snapshot::{FORMAT, Snapshot, SnapshotError};

//! CloudFormation templates: text -> tree -> sections -> values.
//!
//! * [`parse`]: YAML or JSON -> a [`Node`], which remembers where it was written.
//!
//! Invariants: no template, however hostile, makes a function panic, recurse without bound or take more than its budget. Every
//! error says where in the text it arose, if it arose in the text.
//!
//! What this crate does not know: stacks, resources that exist, AWS's protocols.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod error;
mod map;
mod node;
mod read;

pub use error::TemplateError;
pub use map::Map;
pub use node::{Node, Span, Value};
pub use read::parse;

//! IAM policy documents: parsing, evaluation, and the reasons for a decision.
//!
//! [`Policy::parse`] reads a document whole or refuses it; nothing in a document is ignored. [`Policy::evaluate`]
//! answers a [`Request`] with a [`Decision`] that names the deciding statements and says of every element of every
//! statement whether it matched and which value it saw. [`Policy::decide`] gives the same effect without the reasons,
//! for callers who ask a hundred thousand times a second; both are built on the same leaf functions.
//!
//! [`authorize`] weighs the answers of two policies, the caller's and the resource's, by the two tables of API Gateway.
//!
//! Invariants:
//! - an explicit `Deny` that applies wins over any `Allow`; silence refuses;
//! - the order of statements never changes the effect;
//! - a policy variable that has no value never makes an `Allow` apply;
//! - a key whose value the caller does not know ([`Found::Unknown`]) gives [`DecisionEffect::Undetermined`] when it
//!   could change the answer, never a guessed allow;
//! - no input, however hostile, makes matching exponential or the parser recurse without bound.
//!
//! What this crate does not know: which APIs, endpoints or principals exist, what the time is, and what an HTTP answer
//! looks like. Everything it needs about a call comes in through [`Request`] and [`ContextKeys`].
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod authorize;
mod bucket;
mod condition;
mod date;
mod document;
mod error;
mod evaluate;
mod json;
mod operator;
mod parse;
mod pattern;
mod principal;
mod request;
mod short_form;
mod trace;
mod validate;

pub use authorize::{Accounts, Authorized, Decider, authorize, decide_identity, decide_together, within};
pub use bucket::{BUCKET_POLICY_MAX_BYTES, validate_bucket_policy};
pub use document::{Effect, Policy, Statement, Version};
pub use error::PolicyError;
pub use evaluate::Verdict;
pub use json::{parse_json, read_json};
pub use operator::{Comparison, Operator, SetQualifier};
pub use request::{CallerPrincipal, ContextKeys, Found, MapKeys, NoKeys, Request};
pub use short_form::expand_short_form;
pub use trace::{Decision, DecisionEffect, Element, ElementTrace, Outcome, Seen, StatementRef, StatementTrace};
pub use validate::{INVALID_RESOURCE_POLICY_MESSAGE, validate_endpoint_policy, validate_resource_policy};

/// The longest resource policy of a REST API, in characters.
pub const RESOURCE_POLICY_MAX_CHARS: usize = 8_192;
/// The longest policy of a VPC endpoint, in characters, white space included.
pub const ENDPOINT_POLICY_MAX_CHARS: usize = 20_480;
/// The longest document this crate reads at all. Larger than every documented limit, because a stored document is
/// longer than the one that was sent once its short forms are expanded.
pub const DOCUMENT_MAX_CHARS: usize = 131_072;
/// The most statements a document may have.
pub const STATEMENTS_MAX: usize = 1_024;

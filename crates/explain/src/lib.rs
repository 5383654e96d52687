//! Why a call works or does not: from a client through every hop to the integration, with every blocker and what mends it.
//!
//! [`Judge`] holds one snapshot, compiled; [`Judge::explain`] follows a [`Call`] through the judges (`names`, `packet`, `policy`, `api`)
//! and answers with an [`Explanation`], which is data; [`render`] makes prose and JSON of it.
//!
//! Invariants:
//! * Pure and total: the same snapshot and call give the same explanation, and every call gets one. Time comes in with the call.
//! * It reads the [`Cloud`](vpclab_cloud::Cloud), never what the data plane was told: two evaluators of the same rules, which a test
//!   holds against each other.
//! * A blocked step does not end the way: what comes after is judged as if the block were mended, so all blockers are found in one go.
//! * The first blocker decides what the client sees. Steps stand in the order in which the real call meets them.
//! * What an import did not understand ([`Unknowns`]) makes the steps that lean on it undetermined; nothing is guessed.
//! * A fix opens no more than is asked for.
//!
//! What this crate does not know: sockets, the kernel, files, the clock.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod call;
mod cause;
pub mod check;
mod client;
mod difference;
mod explanation;
mod find;
mod fix;

mod judge;
pub mod packet;
pub mod reach;
pub mod render;
mod request;
mod resolve;
mod tls;
mod unknowns;
mod walk;

#[cfg(test)]
mod tests;

pub use call::{Call, CallError, Credentials, Scheme, Source, Url};
pub use cause::Cause;
pub use difference::{Difference, Differences, differences};
pub use explanation::{Blocker, Evidence, EvidenceKind, Explanation, Outcome, Step, StepKind, StepVerdict, Verdict};
pub use find::NoSource;
pub use fix::{Fix, TemplateChange, minimal, quoted};
pub use judge::{Judge, Verifier, explain};
pub use unknowns::Unknowns;

//! Asks AWS what an import reads, and nothing else.
//!
//! [`Client`] makes the calls of `vpclab_import::calls` by the descriptions in `interface.json`, which `tools/trim_client.py` writes, and answers
//! in the AWS CLI's JSON; [`fetch`] makes all of them. [`Credentials`] come from the environment, from profiles and from
//! `credential_process`.
//!
//! Invariants:
//! * Only the operations of that table can be asked.
//! * Bodies, pages, tries and calls at once are bounded. Secrets are not shown.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod answer;
mod client;
mod credentials;
mod fetch;
mod interface;
mod profile;
mod request;

pub use client::{Client, ClientError, Target};
pub use credentials::{Credentials, CredentialsError};
pub use fetch::fetch;
pub use profile::Environment;

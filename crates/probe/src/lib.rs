//! The prober: makes one real call from inside a network interface's namespace and tells what happened, stage by stage.
//!
//! Purpose: the packets' own account of a call (name, connection, TLS, HTTP), to be read by people and to be held against what
//! was judged in advance.
//!
//! Invariants:
//! * every socket is made in the source's namespace ([`vpclab_fabric::Fabric`] makes it there); nothing is asked of the state
//!   but where the source is and which name servers it was told;
//! * what happened is a closed vocabulary ([`Outcome`]); texts of libraries stand beside it, never in its place;
//! * every wait and every size is bounded ([`Patience`], [`MAX_BODY`], [`MAX_RESPONSE`]).
//!
//! What this crate does not know: rules, routes, policies, and whether the call should have worked.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod call;
mod dns;
mod exchange;
mod prober;
mod render;
mod source;
mod stage;
mod tls;

pub use call::{Call, InvalidCall, MAX_BODY, MAX_HEADERS, Patience, Scheme};
pub use prober::{ProbeError, Prober};
pub use source::{NoSource, Source, SourceKind};
pub use stage::{
    Attempt, Connected, Exchange, HttpFailure, MAX_RESPONSE, Name, NameAnswer, NameServer, Outcome, Probe, Response, Tls, TlsFailure,
};

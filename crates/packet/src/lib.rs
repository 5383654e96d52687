//! What rules mean for a packet: which traffic a security group rule or a network ACL entry names, what a gate of such rules
//! decides, and which flows AWS does not track.
//!
//! Invariants:
//! * One type for a rule's traffic ([`Traffic`]), read by two: the compiler to kernel rules and the evaluator here.
//! * A decision carries the rule that made it.
//!
//! This crate knows no names, no DNS, no kernel and no AWS error codes.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod acl;
mod gate;
mod traffic;

pub use acl::{AclDecision, AclRule, judge_acl};
pub use gate::{Gates, Peer, Rule, severed};
pub use traffic::{Flow, Header, Span, Traffic};

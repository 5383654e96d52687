//! VPC flow logs: packets become flows, flows become records, records become lines.
//!
//! Invariants:
//! * [`Aggregator`] holds a bounded number of flows; what does not fit, or was lost before, is said by a `SKIPDATA` record.
//! * A record stands for at most the flow log's aggregation interval, and comes as soon as its flow has been quiet for a moment.
//!
//! This crate reads no clock and no packet: time comes in, and who saw what.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod aggregate;
mod line;

pub use aggregate::{Aggregator, Flow, Record, Recorded, Sight};
pub use line::{Facts, line};

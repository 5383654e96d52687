//! DNS sockets for VPCs: decodes questions, asks [`vpclab_names::View`], encodes the answers.
//!
//! Invariants:
//! * The sockets are handed in, bound: which namespace and address they are of is the fabric's business, and one socket answers for
//!   one VPC. An answer leaves from the address that was asked, because each address has a socket of its own.
//! * No bytes from a client make it panic, and none make it hold more than a fixed amount: packets a second, connections, message
//!   sizes, waiting forwards and remembered clients all have limits.
//! * A question is answered from one snapshot. [`Resolver::apply`] returns when every later question sees the new one.
//! * Only names that the lab does not own are forwarded, and only when a [`Forwarder`] was given.
//!
//! Knows no zones and no records of its own.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod forward;
mod limit;
mod resolver;
mod tcp;
mod udp;
mod wire;

pub use forward::{Forwarder, NoNameserver};
pub use resolver::{Resolver, Serving};

#[cfg(test)]
mod tests;

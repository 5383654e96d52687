//! The network of a lab: namespaces, links, routes and packet filters, made from a [`plan::Plan`] over netlink.
//!
//! Purpose: one network namespace per interface, one router namespace per VPC, veth links between them, policy routing per
//! subnet, and one nf_tables table per router with separate gates for network ACLs and security groups, out and in.
//!
//! Invariants:
//! * [`plan::plan`] and [`plan::difference`] are pure; [`execute::Fabric`] runs the steps and decides nothing.
//! * When [`execute::Fabric::apply`] returns, the packets obey the plan; when it fails, they obey the previous one.
//! * Namespaces are held by open descriptors only: no mount, no file, no name. Everything ends with the process, however it ends.
//! * The process has entered a user namespace of its own ([`userns`]) before its first thread, or is real root. It keeps the
//!   host's network namespace; only the thread named `fabric` enters the lab's, because as an ordinary user no thread that left
//!   the host's network namespace can come back to it.
//!
//! This crate is the only one with `unsafe`, in the modules that talk to the kernel without a safe wrapper. It knows no AWS API,
//! no DNS and no HTTP.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod exec;
pub mod execute;
pub mod instance;
pub mod namespace;
pub mod netlink;
pub mod nft;
pub mod observe;
pub mod plan;
pub mod userns;

pub use execute::{Fabric, FabricError, Place, RuleNames};
pub use plan::{Plan, plan};

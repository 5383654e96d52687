//! The console: a web page over the lab, what it reads, and what it is told.
//!
//! The page is files embedded in the binary. It reads [`state`] and hears by [`events`] when to read again; it never polls. What changes
//! something goes through the same AWS API as the command line, so nothing here writes but the terminal's bytes.
//!
//! Invariants:
//! * A page of another origin reaches nothing: see [`origin`].
//! * Nothing is asked of any other host, and the content security policy says so.
//! * Every list, queue and number of listeners has a bound.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod answer;
mod assets;
mod calls;
mod console;
pub mod events;
pub mod origin;
mod policy;
pub mod state;
mod terminal;

pub use console::Console;
pub use terminal::ShellOf;

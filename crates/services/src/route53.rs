//! Route 53: hosted zones and their records, of an account and of no region.
//!
//! A change is in force when its call returns; the answer says `PENDING` as AWS's does, and `GetChange` then `INSYNC`.
mod association;
mod errors;
mod hosted_zone;
mod page;
mod record_set;
mod tag;
#[cfg(test)]
mod tests;

pub use association::*;
pub use errors::word;
pub use hosted_zone::*;
pub use record_set::*;
pub use tag::*;

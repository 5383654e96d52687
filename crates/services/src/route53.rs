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

pub(crate) use association::zone_vpc;
pub use association::*;
pub use errors::word;
pub(crate) use errors::{domain_name, zone_id};
pub use hosted_zone::*;
pub(crate) use record_set::change;
pub use record_set::*;
pub use tag::*;

//! Durable records: what a lab keeps over a restart.
//!
//! Invariants:
//! * A [`Change`] is one transaction: all of it is kept or none, and [`Store::commit`] returns only once it is kept.
//! * A store has one writer; a second process that opens the same lab is refused, not left to wait.
//! * A file of a newer format is refused and left as it is; a file that cannot be understood is an error, never an empty lab.
//!
//! Bytes too big for records are in [`Blobs`], files named by their SHA-256; the lab's one secret is a file of its own ([`lab_key`]).
//!
//! Knows nothing of what the records mean.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod blobs;
mod checksum;
mod error;
mod key;
mod lab_key;
mod logs;
mod memory;
mod redb;

pub use crate::redb::RedbStore;
pub use blobs::{Blob, Blobs, Put, PutError, Swept};
pub use checksum::{ChecksumKind, md5};
pub use error::StoreError;
pub use lab_key::lab_key;
pub use logs::{Durability, LogError, LogEvent, LogGroupKey, LogStream, Logs, NewLogEvent, Position};
pub use memory::MemoryStore;

use vpclab_cloud::{Change, Record};

/// Where records are kept.
pub trait Store: Send + Sync {
    /// Every record, in order of key.
    ///
    /// # Errors
    /// When the file cannot be read or a record cannot be understood.
    fn load(&self) -> Result<Vec<Record>, StoreError>;
    /// Writes a change as one transaction and returns once it is durable.
    ///
    /// # Errors
    /// When it could not be kept; then none of it was.
    fn commit(&self, change: &Change) -> Result<(), StoreError>;
    /// How many changes were ever committed here: it rises by one with each.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn revision(&self) -> Result<u64, StoreError>;
}

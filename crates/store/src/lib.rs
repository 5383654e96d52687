//! Durable records: what a lab keeps over a restart.
//!
//! Knows nothing of what the records mean. [`Store::commit`] returns only once the change is on disk.
#![forbid(unsafe_code)]
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
}

/// Why records could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

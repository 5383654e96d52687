//! Why records could not be read or kept.
use std::path::PathBuf;

/// Why records could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the lab open.
    #[error("the lab at `{0}` is already open in another process")]
    InUse(PathBuf),
    /// The file is not a vpclab store, or is damaged.
    #[error("the store `{path}` is damaged or is not a vpclab store: {detail}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The file was written by a later vpclab.
    #[error("the store `{path}` has format {found}; this vpclab reads formats up to {known} (use a newer vpclab)")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u64,
        /// The latest format known here.
        known: u64,
    },
    /// The file could not be opened.
    #[error("cannot open the store `{path}`: {detail}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// Reading failed.
    #[error("cannot read the store: {0}")]
    Read(String),
    /// Writing failed; nothing of the change was kept.
    #[error("cannot write to the store: {0}")]
    Write(String),
    /// A record cannot be put into the store's form; nothing of the change was kept.
    #[error("cannot write a record: {0}")]
    Encode(#[from] serde_json::Error),
    /// Another thread died while it held the store; what it was doing is unknown.
    #[error("the store was left locked by a thread that died")]
    Poisoned,
}

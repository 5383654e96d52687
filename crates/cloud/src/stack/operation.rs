//! What is being done to a stack: enough of it to go on after a crash.
use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An operation of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackOperation {
    /// Counts the stack's operations.
    pub number: u64,
    /// How far it is.
    pub phase: Phase,
    /// `ClientRequestToken`.
    pub token: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// What becomes of a failure.
    pub on_failure: OnFailure,
    /// Resources that a deletion leaves alone.
    pub retain: BTreeSet<String>,
    /// Resources that a rollback does not touch.
    pub skip: BTreeSet<String>,
    /// Whether someone asked to stop: of an update, to roll it back.
    pub cancelled: bool,
    /// Why it could not even begin: a template's macro failed. It turns back at once.
    #[serde(default)]
    pub refused: Option<String>,
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The resources are made.
    Create,
    /// What was made is removed again.
    Rollback,
    /// The resources are brought to the new template.
    Update,
    /// What an update that succeeded left over is removed.
    Cleanup,
    /// The resources are brought back to the former template.
    UpdateRollback,
    /// What a rolled back update left over is removed.
    RollbackCleanup,
    /// The resources are removed.
    Delete,
}

/// What becomes of a stack whose operation failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnFailure {
    /// `ROLLBACK`
    #[default]
    Rollback,
    /// `DO_NOTHING`
    DoNothing,
    /// `DELETE`
    Delete,
}

impl OnFailure {
    /// Reads CloudFormation's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ROLLBACK" => Some(Self::Rollback),
            "DO_NOTHING" => Some(Self::DoNothing),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

//! What a running operation remembers between its steps. It would find all of it out again.
use crate::cloudformation::resource::{Action, Failure, Prepared};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::Stack;

/// One of the things that are made or removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A resource of the stack.
    Current(String),
    /// What a resource was before it was replaced: logical and physical id.
    Former(String, String),
}

impl Key {
    pub(super) fn logical(&self) -> &str {
        match self {
            Self::Current(logical) | Self::Former(logical, _) => logical,
        }
    }
}

/// See the module.
#[derive(Clone, Default)]
pub(super) struct Memory {
    /// How many resources a change takes.
    pub(super) batch: usize,
    /// How many more may be prepared now.
    pub(super) room: usize,
    /// Resources that are as they should be.
    pub(super) settled: BTreeSet<String>,
    /// Resources that an update looks into although their properties are the same, and that it has looked into.
    pub(super) visited: BTreeSet<String>,
    /// What failed, in order.
    pub(super) failed: Vec<Key>,
    /// What is being prepared.
    pub(super) preparing: BTreeSet<Key>,
    /// What was prepared and not used yet.
    pub(super) prepared: BTreeMap<Key, Result<Prepared, Failure>>,
    /// What was removed and is not gone yet.
    pub(super) leaving: BTreeSet<Key>,
    /// What the data plane refused.
    pub(super) doomed: BTreeMap<Key, Failure>,
    /// What was done last in this step.
    pub(super) acted: Option<Key>,
}

/// Something to be prepared.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) kind: String,
    pub(super) action: Action,
    pub(super) stack: Arc<Stack>,
    pub(super) physical: Option<String>,
    pub(super) properties: Map<String, Value>,
    pub(super) old: Option<Map<String, Value>>,
    pub(super) token: String,
}

//! Records in memory, for a lab that is to leave nothing behind.
use crate::{Store, StoreError};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};
use vpclab_cloud::{Change, Record, RecordKey};

/// A store that forgets: `--ephemeral`.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    records: BTreeMap<RecordKey, Record>,
    revision: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        self.0.lock().map_err(|_| StoreError::Poisoned)
    }
}

impl Store for MemoryStore {
    fn load(&self) -> Result<Vec<Record>, StoreError> {
        Ok(self.kept()?.records.values().cloned().collect())
    }

    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        if change.is_empty() {
            return Ok(());
        }
        let mut kept = self.kept()?;
        for record in &change.written {
            kept.records.insert(record.key(), record.clone());
        }
        for key in &change.removed {
            kept.records.remove(key);
        }
        kept.revision += 1;
        Ok(())
    }

    fn revision(&self) -> Result<u64, StoreError> {
        Ok(self.kept()?.revision)
    }
}

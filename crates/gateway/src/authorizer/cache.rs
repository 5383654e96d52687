//! Answers of authorizers, kept for their time.
use super::Authorized;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers held at a time.
const ENTRIES_MAX: usize = 10_000;

/// The kept answers by authorizer and identity, with the time in milliseconds until which each holds.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<String, (u64, Authorized)>>);

impl Cache {
    pub(crate) fn get(&self, key: &str, now: u64) -> Option<Authorized> {
        self.entries().get(key).filter(|(until, _)| now < *until).map(|(_, kept)| kept.clone())
    }

    pub(crate) fn keep(&self, key: String, answer: Authorized, now: u64, ttl: Duration) {
        let mut entries = self.entries();
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, (until, _)| now < *until);
        }
        // All still hold: which goes makes no difference to what is right, only to who is asked again.
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        let until = now.saturating_add(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        entries.insert(key, (until, answer));
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, (u64, Authorized)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

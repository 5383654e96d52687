//! Answers of authorizers, kept for their time.
use super::Authorized;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers held at a time.
const ENTRIES_MAX: usize = 10_000;
/// Bytes of keys and answers held at a time.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// What an answer holds for. A new deployment, and a function that another stage variable names, are asked anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) api: String,
    pub(crate) stage: String,
    pub(crate) deployment: String,
    pub(crate) authorizer: String,
    pub(crate) function: String,
    /// All values of each source.
    pub(crate) identity: Vec<Vec<String>>,
}

/// The kept answers by authorizer and identity.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    kept: HashMap<Key, Entry>,
    /// The bytes of all together.
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    /// Milliseconds since 1970.
    until: u64,
    bytes: usize,
    answer: Authorized,
}

impl Cache {
    pub(crate) fn get(&self, key: &Key, now: u64) -> Option<Authorized> {
        self.entries().kept.get(key).filter(|entry| now < entry.until).map(|entry| entry.answer.clone())
    }

    pub(crate) fn keep(&self, key: Key, answer: Authorized, now: u64, ttl: Duration) {
        let until = now.saturating_add(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        let bytes = key.bytes() + answer.size;
        let mut entries = self.entries();
        entries.forget(&key);
        if !entries.has_room(bytes) {
            entries.kept.retain(|_, entry| now < entry.until);
            entries.bytes = entries.kept.values().map(|entry| entry.bytes).sum();
        }
        // All still hold: which goes makes no difference to what is right, only to who is asked again.
        if !entries.has_room(bytes) {
            *entries = Entries::default();
        }
        if entries.has_room(bytes) {
            entries.bytes += bytes;
            entries.kept.insert(key, Entry { until, bytes, answer });
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn has_room(&self, bytes: usize) -> bool {
        self.kept.len() < ENTRIES_MAX && self.bytes.saturating_add(bytes) <= BYTES_MAX
    }

    fn forget(&mut self, key: &Key) {
        if let Some(entry) = self.kept.remove(key) {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }
}

impl Key {
    fn bytes(&self) -> usize {
        let place = [&self.api, &self.stage, &self.deployment, &self.authorizer, &self.function];
        place.into_iter().chain(self.identity.iter().flatten()).map(String::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::json;

    const TTL: Duration = Duration::from_secs(300);

    fn key(identity: &[&[&str]]) -> Key {
        let identity = identity.iter().map(|values| values.iter().map(|value| (*value).to_owned()).collect()).collect();
        Key { api: "api".into(), stage: "dev".into(), deployment: "d1".into(), identity, ..Key::default() }
    }

    fn answer(size: usize) -> Authorized {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        Authorized { size, ..read(&json!({"principalId": "me", "policyDocument": policy})).unwrap() }
    }

    #[test]
    fn an_answer_holds_for_its_time_and_its_key() {
        let cache = Cache::default();
        let one = key(&[&["a"], &["b"]]);
        cache.keep(one.clone(), answer(1), 1_000, TTL);
        assert!(cache.get(&one, 300_999).is_some() && cache.get(&one, 301_000).is_none());
        for other in [
            key(&[&["a", "b"]]),
            key(&[&["a"], &["b", "b"]]),
            key(&[&["b"], &["a"]]),
            Key { stage: "prod".into(), ..one.clone() },
            Key { deployment: "d2".into(), ..one.clone() },
            Key { authorizer: "other".into(), ..one.clone() },
            Key { function: "other".into(), ..one.clone() },
        ] {
            assert!(cache.get(&other, 1_000).is_none(), "{other:?}");
        }
    }

    #[test]
    fn it_is_bounded_in_entries_and_bytes() {
        let cache = Cache::default();
        for number in 0..=ENTRIES_MAX {
            cache.keep(key(&[&[&number.to_string()]]), answer(1), 0, TTL);
        }
        assert_eq!(cache.entries().kept.len(), 1, "all held still");
        let half = BYTES_MAX / 2 - 100;
        let cache = Cache::default();
        let (first, second, third) = (key(&[&["1"]]), key(&[&["2"]]), key(&[&["3"]]));
        cache.keep(first.clone(), answer(half), 0, TTL);
        // The same again takes no more.
        cache.keep(first.clone(), answer(half), 0, TTL * 2);
        cache.keep(second.clone(), answer(half), 0, TTL);
        assert!(cache.get(&first, 1).is_some() && cache.get(&second, 1).is_some());
        // What has ended goes first.
        cache.keep(third.clone(), answer(half), 300_000, TTL);
        assert!(cache.get(&first, 300_000).is_some() && cache.get(&third, 300_000).is_some());
        assert_eq!(cache.entries().kept.len(), 2);
        cache.keep(second, answer(half), 300_000, TTL);
        assert_eq!(cache.entries().kept.len(), 1);
        cache.keep(third, answer(BYTES_MAX + 1), 300_000, TTL);
        assert!(cache.entries().bytes <= BYTES_MAX);
    }
}

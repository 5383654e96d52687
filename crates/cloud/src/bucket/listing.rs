//! Pages of keys, versions and uploads, with what is below a delimiter rolled up into a prefix.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html>
use super::{BucketName, MultipartUpload, ObjectVersion, VersionOrder};
use crate::Cloud;
use std::{ops::Bound, sync::Arc};

/// What is listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListAsked<'a> {
    /// Keys that begin with this.
    pub prefix: &'a str,
    /// Where what is behind is rolled up.
    pub delimiter: Option<&'a str>,
    /// Only what comes after this key; a rolled-up prefix that equals it was listed before.
    pub after: Option<&'a str>,
    /// With `after`: and after this version or upload of the key itself.
    pub after_id: Option<&'a str>,
    /// So many entries at most.
    pub max: usize,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In order of key.
    pub entries: Vec<Entry<T>>,
    /// Whether there is more.
    pub truncated: bool,
}

/// One line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// A key with what it has.
    One(String, T),
    /// All keys that begin so.
    Prefix(String),
}

/// A version in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionEntry {
    /// The version.
    pub version: Arc<ObjectVersion>,
    /// Whether it is the newest of its key.
    pub latest: bool,
}

impl Cloud {
    /// The newest versions that are no delete markers.
    #[must_use]
    pub fn list_objects(&self, bucket: &BucketName, asked: &ListAsked<'_>) -> Page<Arc<ObjectVersion>> {
        let next = |from: &Bound<String>| {
            let mut from = from.clone();
            loop {
                let (key, newest) = self.next_version(bucket, &key_bound(&from))?;
                if newest.object.is_some() {
                    return Some((key.clone(), Bound::Excluded(key), newest));
                }
                from = Bound::Excluded(key);
            }
        };
        page(asked, start(asked), next, Bound::Included)
    }

    /// All versions and delete markers.
    #[must_use]
    pub fn list_versions(&self, bucket: &BucketName, asked: &ListAsked<'_>) -> Page<VersionEntry> {
        let place = |from: &Bound<(String, VersionOrder)>| from.as_ref().map(|(key, order)| (bucket.clone(), key.clone(), *order));
        let next = |from: &Bound<(String, VersionOrder)>| {
            let ((of, key, order), version) = self.objects.range((place(from), Bound::Unbounded)).next()?;
            let latest = self.versions_of_key(bucket, key).next().is_some_and(|((_, _, newest), _)| newest == order);
            let entry = VersionEntry { version: Arc::clone(version), latest };
            (of == bucket).then(|| (key.clone(), Bound::Excluded((key.clone(), *order)), entry))
        };
        let begin = match start(asked) {
            Bound::Excluded(key) => {
                let marked = asked.after_id.and_then(|id| self.versions_of_key(bucket, &key).find(|(_, version)| version.shown_id() == id));
                let order = marked.map_or(VersionOrder::OLDEST, |((_, _, order), _)| *order);
                Bound::Excluded((key, order))
            }
            other => other.map(|key| (key, VersionOrder::NEWEST)),
        };
        page(asked, begin, next, |key| Bound::Included((key, VersionOrder::NEWEST)))
    }

    /// The uploads that are neither complete nor given up, with their ids.
    #[must_use]
    pub fn list_uploads(&self, bucket: &BucketName, asked: &ListAsked<'_>) -> Page<(String, Arc<MultipartUpload>)> {
        let place = |from: &Bound<(String, String)>| from.as_ref().map(|(key, id)| (bucket.clone(), key.clone(), id.clone()));
        let next = |from: &Bound<(String, String)>| {
            let ((of, key, id), upload) = self.uploads.range((place(from), Bound::Unbounded)).next()?;
            (of == bucket).then(|| (key.clone(), Bound::Excluded((key.clone(), id.clone())), (id.clone(), Arc::clone(upload))))
        };
        // Ids have no character as large as this.
        let last = || "\u{10ffff}".to_owned();
        let begin = match start(asked) {
            Bound::Excluded(key) => Bound::Excluded((key, asked.after_id.map_or_else(last, str::to_owned))),
            other => other.map(|key| (key, String::new())),
        };
        page(asked, begin, next, |key| Bound::Included((key, String::new())))
    }

    /// The newest version of the next key.
    fn next_version(&self, bucket: &BucketName, from: &Bound<(String, VersionOrder)>) -> Option<(String, Arc<ObjectVersion>)> {
        let from = from.as_ref().map(|(key, order)| (bucket.clone(), key.clone(), *order));
        let ((of, key, _), version) = self.objects.range((from, Bound::Unbounded)).next()?;
        (of == bucket).then(|| (key.clone(), Arc::clone(version)))
    }
}

/// Behind all versions of a key, or before the newest of them.
fn key_bound(from: &Bound<String>) -> Bound<(String, VersionOrder)> {
    match from {
        Bound::Excluded(key) => Bound::Excluded((key.clone(), VersionOrder::OLDEST)),
        Bound::Included(key) => Bound::Included((key.clone(), VersionOrder::NEWEST)),
        Bound::Unbounded => Bound::Included((String::new(), VersionOrder::NEWEST)),
    }
}

fn start(asked: &ListAsked<'_>) -> Bound<String> {
    match asked.after {
        Some(after) if after >= asked.prefix => Bound::Excluded(after.to_owned()),
        _ => Bound::Included(asked.prefix.to_owned()),
    }
}

/// `next` answers the first entry from a bound: its key, the bound behind it, and what is there; `jump` is the bound before a key.
fn page<T, B>(asked: &ListAsked<'_>, mut from: B, next: impl Fn(&B) -> Option<(String, B, T)>, jump: impl Fn(String) -> B) -> Page<T> {
    let mut entries: Vec<Entry<T>> = Vec::new();
    let mut truncated = false;
    while asked.max > 0
        && let Some((key, behind, found)) = next(&from)
    {
        let Some(rest) = key.strip_prefix(asked.prefix) else { break };
        let rolled_up = asked.delimiter.filter(|delimiter| !delimiter.is_empty()).and_then(|delimiter| {
            let at = rest.find(delimiter)?;
            key.get(..asked.prefix.len() + at + delimiter.len()).map(str::to_owned)
        });
        let before = match (&rolled_up, entries.last()) {
            (Some(prefix), Some(Entry::Prefix(last))) => prefix == last,
            (Some(prefix), _) => asked.after == Some(prefix),
            (None, _) => false,
        };
        if before {
            // The jump lands before keys that go on with the largest character; those are passed one by one.
            from = behind;
            continue;
        }
        if entries.len() >= asked.max {
            truncated = true;
            break;
        }
        match rolled_up {
            Some(prefix) => {
                from = jump(format!("{prefix}\u{10ffff}"));
                entries.push(Entry::Prefix(prefix));
            }
            None => {
                from = behind;
                entries.push(Entry::One(key, found));
            }
        }
    }
    Page { entries, truncated }
}

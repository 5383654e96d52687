//! The last requests with what became of them, for `explain` and the console.
//!
//! Each slot has a lock of its own and keeps its buffers, so that writing neither waits nor allocates in the usual case.

use crate::fate::Fate;
use crate::request_id::RequestId;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use vpclab_api::judge::{Refusal, SignatureRefusal, decoded};

/// How many requests are kept.
pub const KEPT: usize = 1_000;

/// One request.
#[derive(Debug, Clone)]
pub struct RequestEntry {
    /// Its place in the order of all requests, from 0.
    pub sequence: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// From the request's head to the answer's, the integration's time included.
    pub latency: Duration,
    /// `x-amzn-RequestId`
    pub id: RequestId,
    /// The endpoint that carried it.
    pub endpoint: Arc<str>,
    /// Where it came from.
    pub peer: SocketAddr,
    /// `Host` as sent.
    pub host: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent, but for the values that no log shows.
    pub path: String,
    /// The API, if one was named.
    pub api: String,
    /// The status of the answer.
    pub status: u16,
    /// What became of it, with the deciding statements.
    pub fate: Fate,
}

/// The last requests.
#[derive(Debug)]
pub struct RequestLog {
    next: AtomicU64,
    /// One more than the newest sequence that has been written.
    written: watch::Sender<u64>,
    slots: Box<[Mutex<Option<RequestEntry>>]>,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self { next: AtomicU64::new(0), written: watch::Sender::new(0), slots: (0..KEPT).map(|_| Mutex::new(None)).collect() }
    }
}

/// What the log is told of a request.
pub(crate) struct Record<'a> {
    pub(crate) at: u64,
    pub(crate) latency: Duration,
    pub(crate) id: RequestId,
    pub(crate) endpoint: &'a Arc<str>,
    pub(crate) peer: SocketAddr,
    pub(crate) host: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) api: &'a str,
    pub(crate) status: u16,
    pub(crate) fate: Fate,
}

/// What stands in a log for a value that it does not show.
pub(crate) const HIDDEN: &str = "*****";

/// Whether a header or a parameter of the query lets whoever reads it call in the caller's name.
pub(crate) fn is_credential(name: &str) -> bool {
    ["authorization", "x-amz-security-token", "x-amz-signature"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The name of a parameter that is a credential.
fn credential(pair: &str) -> Option<&str> {
    pair.split_once('=').map(|(name, _)| name).filter(|name| is_credential(&decoded(name)))
}

/// A path and its query without the credentials of a presigned call.
pub(crate) fn shown_path(path: &str) -> Cow<'_, str> {
    let Some((before, query)) = path.split_once('?') else { return Cow::Borrowed(path) };
    if !query.split(['&', ';']).any(|pair| credential(pair).is_some()) {
        return Cow::Borrowed(path);
    }
    let mut shown = format!("{before}?");
    for part in query.split_inclusive(['&', ';']) {
        match credential(part) {
            Some(name) => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(HIDDEN);
                shown.extend(part.chars().last().filter(|last| matches!(last, '&' | ';')));
            }
            None => shown.push_str(part),
        }
    }
    Cow::Owned(shown)
}

/// A fate without the text that a wrong signature should have been made of: it is long, and a session token may stand there.
fn kept(fate: Fate) -> Fate {
    match fate {
        Fate::Refused(Refusal::Signature(SignatureRefusal::Mismatch { .. })) => {
            Fate::Refused(Refusal::Signature(SignatureRefusal::Mismatch { canonical: String::new(), to_sign: String::new() }))
        }
        fate => fate,
    }
}

impl RequestLog {
    pub(crate) fn write(&self, record: Record<'_>) {
        let sequence = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(slot) = self.slots.get((sequence % KEPT as u64) as usize) else {
            return;
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = slot.get_or_insert_with(|| RequestEntry {
            sequence,
            at: 0,
            latency: Duration::ZERO,
            id: record.id,
            endpoint: Arc::clone(record.endpoint),
            peer: record.peer,
            host: String::new(),
            method: String::new(),
            path: String::new(),
            api: String::new(),
            status: 0,
            fate: Fate::BodyBroken,
        });
        entry.sequence = sequence;
        entry.at = record.at;
        entry.latency = record.latency;
        entry.id = record.id;
        if !Arc::ptr_eq(&entry.endpoint, record.endpoint) {
            entry.endpoint = Arc::clone(record.endpoint);
        }
        entry.peer = record.peer;
        record.host.clone_into(&mut entry.host);
        record.method.clone_into(&mut entry.method);
        record.path.clone_into(&mut entry.path);
        record.api.clone_into(&mut entry.api);
        entry.status = record.status;
        entry.fate = kept(record.fate);
        drop(slot);
        if self.written.receiver_count() > 0 {
            self.written.send_modify(|written| *written = (*written).max(sequence + 1));
        }
    }

    /// Tells of further requests: one more than the sequence of the newest. What is told is only that there are some.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// The requests kept whose sequence is `first` or later, oldest first.
    pub fn since(&self, first: u64) -> Vec<RequestEntry> {
        let kept = |slot: &Mutex<Option<RequestEntry>>| {
            let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.as_ref().filter(|entry| entry.sequence >= first).cloned()
        };
        let mut entries: Vec<RequestEntry> = self.slots.iter().filter_map(kept).collect();
        entries.sort_by_key(|entry| entry.sequence);
        entries
    }

    /// The requests kept, oldest first.
    pub fn recent(&self) -> Vec<RequestEntry> {
        self.since(0)
    }

    /// How many requests there were in all.
    pub fn total(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_presigned_calls_are_not_shown() {
        for (path, shown) in [
            ("/dev/pets?a=1", "/dev/pets?a=1"),
            ("/X-Amz-Signature=1", "/X-Amz-Signature=1"),
            ("/p?X-Amz-Signature=0f&a=1;x-amz-security%2Dtoken=T==&b", "/p?X-Amz-Signature=*****&a=1;x-amz-security%2Dtoken=*****&b"),
            ("/p?a=1&X-Amz-Signature=0f", "/p?a=1&X-Amz-Signature=*****"),
        ] {
            assert_eq!(shown_path(path), shown);
        }
    }

    #[test]
    fn what_a_wrong_signature_should_have_been_made_of_is_not_kept() {
        let log = RequestLog::default();
        let mismatch = SignatureRefusal::Mismatch { canonical: "x-amz-security-token:TOKEN".into(), to_sign: "TO SIGN".into() };
        log.write(Record {
            at: 0,
            latency: Duration::ZERO,
            id: RequestId::fresh(),
            endpoint: &Arc::from("vpce-1"),
            peer: SocketAddr::from(([10, 0, 0, 1], 1)),
            host: "h",
            method: "GET",
            path: "/",
            api: "a",
            status: 403,
            fate: Fate::Refused(Refusal::Signature(mismatch.clone())),
        });
        let [entry] = log.recent().try_into().unwrap();
        assert_eq!(entry.fate.to_string(), Fate::Refused(Refusal::Signature(mismatch)).to_string());
        assert!(!format!("{entry:?}").contains("TO"), "{entry:?}");
    }
}

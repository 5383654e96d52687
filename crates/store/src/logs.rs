//! Log events: many, small, appended, read by time. They are no records of the lab's state and have a file of their own.
//!
//! Invariants:
//! * [`Logs::append`] returns once the events can be read. With [`Durability::Now`] they also survive a crash; with [`Durability::Soon`]
//!   they do so after the next [`Logs::flush`], which the daemon calls every second: what a function wrote in its last second may be lost
//!   with the machine, never half of a batch.
//! * Events of a stream are kept in order of timestamp, and of arrival where timestamps are equal.
mod key;
mod merged;
mod stream;
#[cfg(test)]
mod tests;

use key::{Place, event_key, group_key};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, backends::InMemoryBackend};
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::atomic::{self, AtomicBool},
};
use stream::{event_of, find, keep, new_stream, remove, take_numbers};
use vpclab_cloud::Scope;

/// Why log events could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[error("the file of log events: {0}")]
pub struct LogError(String);

macro_rules! from {
    ($($error:ty),*) => { $(impl From<$error> for LogError {
        fn from(why: $error) -> Self {
            Self(why.to_string())
        }
    })* };
}
from!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError,
    serde_json::Error
);

/// Group and stream -> the stream.
const STREAMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("streams");
/// Stream number, timestamp, arrival -> ingestion time and message.
const EVENTS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("events");
/// The next stream number and arrival.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");

/// The most streams of a group that are looked at; AWS has no such bound.
pub const MAX_STREAMS: usize = 100_000;

/// A log group of an account in a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogGroupKey {
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
}

/// What is known of a stream. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStream {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: i64,
    /// The earliest event's timestamp.
    pub first_event: Option<i64>,
    /// The latest event's timestamp.
    pub last_event: Option<i64>,
    /// When events last came.
    pub last_ingestion: Option<i64>,
    /// The bytes of all messages.
    pub bytes: u64,
    number: u64,
}

/// An event to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogEvent {
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Its text.
    pub message: String,
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Its stream.
    pub stream: String,
    /// Where it stands in its stream.
    pub position: Position,
    /// When it came, in milliseconds since the epoch.
    pub ingestion: i64,
    /// Its text.
    pub message: String,
}

/// Where an event stands in its stream: by timestamp, then by arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Its number among all events, by arrival.
    pub arrival: u64,
}

impl Position {
    /// Before every event.
    pub const START: Self = Self { timestamp: i64::MIN, arrival: 0 };
    /// After every event.
    pub const END: Self = Self { timestamp: i64::MAX, arrival: u64::MAX };
}

/// When an append survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When it returns.
    Now,
    /// After the next flush.
    Soon,
}

/// The log events of a lab.
pub struct Logs {
    file: Database,
    /// Whether something was appended that a crash would lose.
    unflushed: AtomicBool,
}

impl Logs {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// When it cannot be read or is in use.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        Self::over(Database::create(path)?)
    }

    /// Events that are gone with the process.
    ///
    /// # Errors
    /// When memory cannot be had.
    pub fn in_memory() -> Result<Self, LogError> {
        Self::over(Database::builder().create_with_backend(InMemoryBackend::new())?)
    }

    fn over(file: Database) -> Result<Self, LogError> {
        let write = file.begin_write()?;
        write.open_table(STREAMS)?;
        write.open_table(EVENTS)?;
        write.open_table(COUNTERS)?;
        write.commit()?;
        Ok(Self { file, unflushed: AtomicBool::new(false) })
    }

    fn write<T>(&self, durability: Durability, act: impl FnOnce(&redb::WriteTransaction) -> Result<T, LogError>) -> Result<T, LogError> {
        let mut write = self.file.begin_write()?;
        if durability == Durability::Soon {
            write.set_durability(redb::Durability::None)?;
        }
        let done = act(&write)?;
        write.commit()?;
        self.unflushed.store(durability == Durability::Soon, atomic::Ordering::Release);
        Ok(done)
    }

    /// Makes everything that was appended survive a crash.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&self) -> Result<(), LogError> {
        if self.unflushed.load(atomic::Ordering::Acquire) { self.write(Durability::Now, |_| Ok(())) } else { Ok(()) }
    }

    /// Makes a stream; `false` when it was there already.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create_stream(&self, group: &LogGroupKey, stream: &str, now: i64) -> Result<bool, LogError> {
        self.write(Durability::Now, |write| {
            if find(write, group, stream)?.is_some() {
                return Ok(false);
            }
            new_stream(write, group, stream, now).map(|_| true)
        })
    }

    /// Appends events to a stream, which is made where it is missing.
    ///
    /// # Errors
    /// When the file cannot be written; then none was appended.
    pub fn append(
        &self,
        group: &LogGroupKey,
        stream: &str,
        events: &[NewLogEvent],
        now: i64,
        durability: Durability,
    ) -> Result<(), LogError> {
        self.write(durability, |write| {
            let mut kept = match find(write, group, stream)? {
                Some(kept) => kept,
                None => new_stream(write, group, stream, now)?,
            };
            let mut table = write.open_table(EVENTS)?;
            let first = take_numbers(write, "arrival", events.len() as u64)?;
            for (arrival, event) in (first..).zip(events) {
                let position = Position { timestamp: event.timestamp, arrival };
                let mut value = now.to_be_bytes().to_vec();
                value.extend_from_slice(event.message.as_bytes());
                table.insert(event_key(kept.number, position).as_slice(), value.as_slice())?;
                kept.first_event = Some(kept.first_event.map_or(event.timestamp, |first| first.min(event.timestamp)));
                kept.last_event = Some(kept.last_event.map_or(event.timestamp, |last| last.max(event.timestamp)));
                kept.bytes += event.message.len() as u64;
            }
            if !events.is_empty() {
                kept.last_ingestion = Some(now);
            }
            keep(write, group, &kept)
        })
    }

    /// The streams of a group whose names begin with `prefix`, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn streams(&self, group: &LogGroupKey, prefix: &str) -> Result<Vec<LogStream>, LogError> {
        let from = group_key(group, prefix);
        let read = self.file.begin_read()?;
        let table = read.open_table(STREAMS)?;
        let mut found = Vec::new();
        for entry in table.range(from.as_slice()..)? {
            let (key, value) = entry?;
            if !key.value().starts_with(&from) || found.len() >= MAX_STREAMS {
                break;
            }
            found.push(serde_json::from_slice(value.value())?);
        }
        Ok(found)
    }

    /// A stream.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stream(&self, group: &LogGroupKey, stream: &str) -> Result<Option<LogStream>, LogError> {
        let read = self.file.begin_read()?;
        let table = read.open_table(STREAMS)?;
        let found = table.get(group_key(group, stream).as_slice())?;
        found.map(|value| serde_json::from_slice(value.value()).map_err(LogError::from)).transpose()
    }

    /// Up to `limit` events of a stream strictly after `after`, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn after(&self, stream: &LogStream, after: Position, limit: usize) -> Result<Vec<LogEvent>, LogError> {
        let read = self.file.begin_read()?;
        let table = read.open_table(EVENTS)?;
        let (from, to) = (event_key(stream.number, after), event_key(stream.number, Position::END));
        let mut found = Vec::new();
        for entry in table.range(from.as_slice()..=to.as_slice())? {
            let (key, value) = entry?;
            let event = event_of(stream, key.value(), value.value());
            if event.position <= after {
                continue;
            }
            if found.len() >= limit {
                break;
            }
            found.push(event);
        }
        Ok(found)
    }

    /// Up to `limit` events of a stream strictly before `before`, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn before(&self, stream: &LogStream, before: Position, limit: usize) -> Result<Vec<LogEvent>, LogError> {
        let read = self.file.begin_read()?;
        let table = read.open_table(EVENTS)?;
        let (from, to) = (event_key(stream.number, Position::START), event_key(stream.number, before));
        let mut found = Vec::new();
        for entry in table.range(from.as_slice()..=to.as_slice())?.rev() {
            let (key, value) = entry?;
            let event = event_of(stream, key.value(), value.value());
            if event.position >= before {
                continue;
            }
            if found.len() >= limit {
                break;
            }
            found.push(event);
        }
        found.reverse();
        Ok(found)
    }

    /// Removes a stream with its events; `false` when there was none.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was removed.
    pub fn delete_stream(&self, group: &LogGroupKey, stream: &str) -> Result<bool, LogError> {
        self.write(Durability::Now, |write| {
            let Some(found) = find(write, group, stream)? else { return Ok(false) };
            remove(write, group, &found)?;
            Ok(true)
        })
    }

    /// Removes every stream of a group.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was removed.
    pub fn delete_group(&self, group: &LogGroupKey) -> Result<(), LogError> {
        let streams = self.streams(group, "")?;
        self.write(Durability::Now, |write| streams.iter().try_for_each(|stream| remove(write, group, stream)))
    }

    /// Removes the events of a group that are older than `before` (milliseconds), as its retention says.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was removed.
    pub fn expire(&self, group: &LogGroupKey, before: i64) -> Result<(), LogError> {
        let streams = self.streams(group, "")?;
        let old = streams.iter().filter(|stream| stream.first_event.is_some_and(|first| first < before));
        self.write(Durability::Soon, |write| {
            for stream in old {
                let mut table = write.open_table(EVENTS)?;
                let end = Position { timestamp: before, arrival: 0 };
                let (from, to) = (event_key(stream.number, Position::START), event_key(stream.number, end));
                let mut gone = 0_u64;
                for entry in table.extract_from_if(from.as_slice()..to.as_slice(), |_, _| true)? {
                    gone += entry?.1.value().len().saturating_sub(8) as u64;
                }
                let range = event_key(stream.number, Position::START)..=event_key(stream.number, Position::END);
                let first = table.range(range.start().as_slice()..=range.end().as_slice())?.next();
                let first_event = first.transpose()?.map(|(key, _)| key::position(key.value()).timestamp);
                drop(table);
                let last_event = first_event.and(stream.last_event);
                keep(write, group, &LogStream { first_event, last_event, bytes: stream.bytes.saturating_sub(gone), ..stream.clone() })?;
            }
            Ok(())
        })
    }
}

impl Place for LogGroupKey {
    fn parts(&self) -> [&str; 3] {
        [self.scope.account.as_str(), self.scope.region.as_str(), &self.name]
    }
}

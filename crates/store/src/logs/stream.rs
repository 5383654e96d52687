//! Streams, and what of them stands in the file.
use super::key::{self, event_key, group_key};
use super::{COUNTERS, EVENTS, LogError, LogEvent, LogGroupKey, LogStream, Position, STREAMS};
use redb::ReadableTable;

pub(super) fn event_of(stream: &LogStream, key: &[u8], value: &[u8]) -> LogEvent {
    let (ingestion, message) = value.split_first_chunk::<8>().map_or((0, value), |(time, message)| (i64::from_be_bytes(*time), message));
    LogEvent {
        stream: stream.name.clone(),
        position: key::position(key),
        ingestion,
        message: String::from_utf8_lossy(message).into_owned(),
    }
}

pub(super) fn find(write: &redb::WriteTransaction, group: &LogGroupKey, stream: &str) -> Result<Option<LogStream>, LogError> {
    let table = write.open_table(STREAMS)?;
    let found = table.get(group_key(group, stream).as_slice())?;
    found.map(|value| serde_json::from_slice(value.value()).map_err(LogError::from)).transpose()
}

pub(super) fn keep(write: &redb::WriteTransaction, group: &LogGroupKey, stream: &LogStream) -> Result<(), LogError> {
    let value = serde_json::to_vec(stream)?;
    write.open_table(STREAMS)?.insert(group_key(group, &stream.name).as_slice(), value.as_slice())?;
    Ok(())
}

pub(super) fn new_stream(write: &redb::WriteTransaction, group: &LogGroupKey, stream: &str, now: i64) -> Result<LogStream, LogError> {
    let number = take_numbers(write, "stream", 1)?;
    let made =
        LogStream { name: stream.to_owned(), created: now, first_event: None, last_event: None, last_ingestion: None, bytes: 0, number };
    keep(write, group, &made)?;
    Ok(made)
}

/// Removes a stream and its events, and says so to nobody: callers looked for it.
pub(super) fn remove(write: &redb::WriteTransaction, group: &LogGroupKey, stream: &LogStream) -> Result<(), LogError> {
    write.open_table(STREAMS)?.remove(group_key(group, &stream.name).as_slice())?;
    let (from, to) = (event_key(stream.number, Position::START), event_key(stream.number, Position::END));
    write.open_table(EVENTS)?.retain_in(from.as_slice()..=to.as_slice(), |_, _| false)?;
    Ok(())
}

/// The first of `count` numbers that nobody else gets.
pub(super) fn take_numbers(write: &redb::WriteTransaction, counter: &str, count: u64) -> Result<u64, LogError> {
    let mut table = write.open_table(COUNTERS)?;
    let next = table.get(counter)?.map_or(0, |next| next.value());
    table.insert(counter, next.saturating_add(count))?;
    Ok(next)
}

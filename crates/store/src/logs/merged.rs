//! Events of several streams in one order.
use super::key::event_key;
use super::{EVENTS, LogError, LogEvent, LogStream, Logs, Position, event_of};
use redb::ReadableDatabase;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

impl Logs {
    /// Events of several streams together, oldest first, from `from` on and before `until` (milliseconds), each judged by `keep`: at most
    /// `limit` kept ones of at most `looked` looked at. Answers where to go on from when there may be more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn merged(
        &self,
        streams: &[LogStream],
        from: Position,
        until: i64,
        (limit, looked): (usize, usize),
        mut keep: impl FnMut(&LogEvent) -> bool,
    ) -> Result<(Vec<LogEvent>, Option<Position>), LogError> {
        let read = self.file.begin_read()?;
        let table = read.open_table(EVENTS)?;
        let mut ranges = Vec::new();
        let mut heads = BinaryHeap::new();
        for (index, stream) in streams.iter().enumerate() {
            let (start, end) = (event_key(stream.number, from), event_key(stream.number, Position::END));
            let mut range = table.range(start.as_slice()..=end.as_slice())?;
            if let Some(entry) = range.next() {
                let (key, value) = entry?;
                heads.push(Reverse(Head { index, event: event_of(stream, key.value(), value.value()) }));
            }
            ranges.push((stream, range));
        }
        let (mut found, mut seen) = (Vec::new(), 0);
        while let Some(Reverse(head)) = heads.pop() {
            if head.event.position.timestamp >= until {
                break;
            }
            if found.len() >= limit || seen >= looked {
                return Ok((found, Some(head.event.position)));
            }
            seen += 1;
            if let Some((stream, range)) = ranges.get_mut(head.index)
                && let Some(entry) = range.next()
            {
                let (key, value) = entry?;
                heads.push(Reverse(Head { index: head.index, event: event_of(stream, key.value(), value.value()) }));
            }
            if keep(&head.event) {
                found.push(head.event);
            }
        }
        Ok((found, None))
    }
}

/// The next event of a stream.
struct Head {
    index: usize,
    event: LogEvent,
}

impl Head {
    fn order(&self) -> (Position, usize) {
        (self.event.position, self.index)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

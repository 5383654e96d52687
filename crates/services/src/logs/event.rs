//! Log events.
use super::{blocking, invalid, key, named, pattern::Pattern, stream_not_found, word};
use crate::request::RequestContext;
use vpclab_store::{Durability, LogEvent, NewLogEvent, Position};
use vpclab_wire::{WireError, logs};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The events of a batch, its bytes with 26 for each event, and the bytes of one event.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const BATCH_EVENTS: usize = 10_000;
const BATCH_BYTES: usize = 1_048_576;
const EVENT_BYTES: usize = 1_048_576;
/// Events in an answer, and events looked at for one.
const ANSWER_EVENTS: usize = 10_000;
const LOOKED_AT: usize = 200_000;
/// About the most bytes of messages in an answer.
const ANSWER_BYTES: usize = 1_048_576;

/// `PutLogEvents`: durable when it answers.
pub async fn put_log_events(cx: &RequestContext, req: logs::PutLogEventsRequest) -> Result<logs::PutLogEventsResponse, WireError> {
    let cloud = cx.snapshot();
    let group = cloud.log_group(&cx.scope, &req.log_group_name).map_err(|refusal| word(&refusal))?;
    if req.log_events.is_empty() || req.log_events.len() > BATCH_EVENTS {
        return Err(invalid(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000",
        ));
    }
    if req.log_events.iter().map(|event| event.message.len() + 26).sum::<usize>() > BATCH_BYTES {
        return Err(invalid("Upload too large: the batch is larger than 1048576 bytes"));
    }
    if let Some(event) = req.log_events.iter().find(|event| event.message.is_empty() || event.message.len() > EVENT_BYTES) {
        let length = event.message.len();
        return Err(invalid(format!("Log event too large or empty: {length} bytes exceed limit of {EVENT_BYTES}, or are none")));
    }
    let times: Vec<i64> = req.log_events.iter().map(|event| event.timestamp).collect();
    if !times.is_sorted() {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    if times.first().zip(times.last()).is_some_and(|(first, last)| last - first > DAY) {
        return Err(invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours."));
    }
    let now = crate::engine::clock().0;
    let kept_for = group.retention_days.map_or(i64::MAX, |days| i64::from(days) * DAY);
    let expired = times.iter().filter(|time| now.saturating_sub(**time) > kept_for).count();
    let old = times.iter().filter(|time| now.saturating_sub(**time) > 14 * DAY).count();
    let new = times.iter().position(|time| time.saturating_sub(now) > 2 * HOUR);
    let index = |count: usize| i32::try_from(count).ok();
    let rejected = logs::RejectedLogEventsInfo {
        too_new_log_event_start_index: new.and_then(index),
        too_old_log_event_end_index: if old > 0 { index(old) } else { None },
        expired_log_event_end_index: if expired > 0 { index(expired) } else { None },
    };
    let any = expired + old > 0 || new.is_some();
    let first = expired.max(old);
    let events: Vec<NewLogEvent> = (req.log_events.into_iter().take(new.unwrap_or(usize::MAX)).skip(first))
        .map(|event| NewLogEvent { timestamp: event.timestamp, message: event.message })
        .collect();
    let (key, stream) = (key(&cx.scope, &req.log_group_name), req.log_stream_name);
    let found = blocking(cx, move |logs| {
        if logs.stream(&key, &stream)?.is_none() {
            return Ok(false);
        }
        logs.append(&key, &stream, &events, now, Durability::Now).map(|()| true)
    });
    if !found.await? {
        return Err(stream_not_found());
    }
    cx.engine.note_logged();
    // Sequence tokens are accepted and mean nothing any more; clients of before still ask for the next one.
    Ok(logs::PutLogEventsResponse { next_sequence_token: Some(format!("{now:056}")), rejected_log_events_info: any.then_some(rejected) })
}

/// `GetLogEvents`: a stream forwards or backwards. At an end the token is the one that was sent.
pub async fn get_log_events(cx: &RequestContext, req: logs::GetLogEventsRequest) -> Result<logs::GetLogEventsResponse, WireError> {
    let group = named(cx, req.log_group_name.as_deref(), req.log_group_identifier.as_deref())?;
    let limit = limit(req.limit)?;
    let (from, until) = (req.start_time.unwrap_or(i64::MIN), req.end_time.unwrap_or(i64::MAX));
    let (forward, at) = match req.next_token.as_deref() {
        None if req.start_from_head == Some(true) => (true, before(from)),
        None => (false, Position { timestamp: until, arrival: 0 }),
        Some(token) => token_of(token)?,
    };
    let key = key(&cx.scope, &group);
    let events = blocking(cx, move |logs| {
        let Some(stream) = logs.stream(&key, &req.log_stream_name)? else { return Ok(None) };
        let mut events = if forward { logs.after(&stream, at, limit)? } else { logs.before(&stream, at, limit)? };
        events.retain(|event| (from..until).contains(&event.position.timestamp));
        Ok(Some(events))
    });
    let mut events = events.await?.ok_or_else(stream_not_found)?;
    shorten(&mut events, forward);
    let first = events.first().map_or(at, |event| event.position);
    let last = events.last().map_or(at, |event| event.position);
    Ok(logs::GetLogEventsResponse {
        next_forward_token: Some(format!("f/{}", text(last))),
        next_backward_token: Some(format!("b/{}", text(first))),
        events: events
            .into_iter()
            .map(|event| logs::OutputLogEvent {
                timestamp: Some(event.position.timestamp),
                message: Some(event.message),
                ingestion_time: Some(event.ingestion),
            })
            .collect(),
    })
}

/// `FilterLogEvents`: the streams of a group together, by time.
pub async fn filter_log_events(cx: &RequestContext, req: logs::FilterLogEventsRequest) -> Result<logs::FilterLogEventsResponse, WireError> {
    let group = named(cx, req.log_group_name.as_deref(), req.log_group_identifier.as_deref())?;
    if req.log_stream_name_prefix.is_some() && !req.log_stream_names.is_empty() {
        return Err(invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters."));
    }
    let limit = limit(req.limit)?;
    let pattern = Pattern::read(req.filter_pattern.as_deref().unwrap_or_default()).map_err(invalid)?;
    let until = req.end_time.map_or(i64::MAX, |end| end.saturating_add(1));
    let from = match req.next_token.as_deref() {
        Some(token) => token_of(token)?.1,
        None => Position { timestamp: req.start_time.unwrap_or(i64::MIN), arrival: 0 },
    };
    let key = key(&cx.scope, &group);
    let found = blocking(cx, move |logs| {
        let mut streams = logs.streams(&key, req.log_stream_name_prefix.as_deref().unwrap_or_default())?;
        if !req.log_stream_names.is_empty() {
            if let Some(_missing) = req.log_stream_names.iter().find(|name| !streams.iter().any(|stream| stream.name == **name)) {
                return Ok(None);
            }
            streams.retain(|stream| req.log_stream_names.contains(&stream.name));
        }
        logs.merged(&streams, from, until, (limit, LOOKED_AT), |event| pattern.matches(&event.message)).map(Some)
    });
    let (events, next) = found.await?.ok_or_else(stream_not_found)?;
    let show = |event: LogEvent| logs::FilteredLogEvent {
        // 56 digits that tell events apart, in order.
        event_id: Some(format!("{:028}{:028}", event.position.timestamp.max(0), event.position.arrival)),
        log_stream_name: Some(event.stream),
        timestamp: Some(event.position.timestamp),
        message: Some(event.message),
        ingestion_time: Some(event.ingestion),
    };
    Ok(logs::FilterLogEventsResponse {
        events: events.into_iter().map(show).collect(),
        searched_log_streams: Vec::new(),
        next_token: next.map(|at| format!("f/{}", text(at))),
    })
}

fn limit(asked: Option<i32>) -> Result<usize, WireError> {
    match asked {
        None => Ok(ANSWER_EVENTS),
        Some(limit) if (1..=10_000).contains(&limit) => Ok(usize::try_from(limit).unwrap_or(ANSWER_EVENTS)),
        Some(other) => Err(invalid(format!(
            "1 validation error detected: Value '{other}' at 'limit' failed to satisfy constraint: Member must have value less than or equal \
             to 10000"
        ))),
    }
}

/// Keeps about a megabyte, from the end that is read from.
fn shorten(events: &mut Vec<LogEvent>, forward: bool) {
    let mut room = ANSWER_BYTES;
    let mut fits = |event: &LogEvent| {
        let fits = room > 0;
        room = room.saturating_sub(event.message.len() + 26);
        fits
    };
    if forward {
        let kept = events.iter().take_while(|event| fits(event)).count();
        events.truncate(kept);
    } else {
        let kept = events.iter().rev().take_while(|event| fits(event)).count();
        events.drain(..events.len() - kept);
    }
}

fn before(time: i64) -> Position {
    Position { timestamp: time.saturating_sub(1), arrival: u64::MAX }
}

/// `{timestamp}.{arrival}`, the former shifted so that it has no sign.
fn text(at: Position) -> String {
    format!("{:020}.{:020}", at.timestamp.cast_unsigned() ^ (1 << 63), at.arrival)
}

fn token_of(token: &str) -> Result<(bool, Position), WireError> {
    let bad = || invalid("The specified nextToken is invalid.");
    let (forward, rest) = match token.split_once('/') {
        Some(("f", rest)) => (true, rest),
        Some(("b", rest)) => (false, rest),
        _ => return Err(bad()),
    };
    let (time, arrival) = rest.split_once('.').ok_or_else(bad)?;
    let time = time.parse::<u64>().map_err(|_| bad())?;
    let arrival = arrival.parse().map_err(|_| bad())?;
    Ok((forward, Position { timestamp: (time ^ (1 << 63)).cast_signed(), arrival }))
}

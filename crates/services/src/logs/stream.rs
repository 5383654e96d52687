//! Log streams.
use super::{blocking, invalid, key, named, page, stream_not_found, word};
use crate::request::RequestContext;
use vpclab_store::LogStream;
use vpclab_wire::{WireError, logs};

/// `CreateLogStream`.
pub async fn create_log_stream(cx: &RequestContext, req: logs::CreateLogStreamRequest) -> Result<(), WireError> {
    check_name(&req.log_stream_name)?;
    cx.snapshot().log_group(&cx.scope, &req.log_group_name).map_err(|refusal| word(&refusal))?;
    let (key, now) = (key(&cx.scope, &req.log_group_name), crate::engine::clock().0);
    if blocking(cx, move |logs| logs.create_stream(&key, &req.log_stream_name, now)).await? {
        return Ok(());
    }
    Err(WireError::new(400, "ResourceAlreadyExistsException", "The specified log stream already exists"))
}

/// `DeleteLogStream`.
pub async fn delete_log_stream(cx: &RequestContext, req: logs::DeleteLogStreamRequest) -> Result<(), WireError> {
    cx.snapshot().log_group(&cx.scope, &req.log_group_name).map_err(|refusal| word(&refusal))?;
    let key = key(&cx.scope, &req.log_group_name);
    if blocking(cx, move |logs| logs.delete_stream(&key, &req.log_stream_name)).await? { Ok(()) } else { Err(stream_not_found()) }
}

/// `DescribeLogStreams`.
pub async fn describe_log_streams(
    cx: &RequestContext,
    req: logs::DescribeLogStreamsRequest,
) -> Result<logs::DescribeLogStreamsResponse, WireError> {
    let group = named(cx, req.log_group_name.as_deref(), req.log_group_identifier.as_deref())?;
    let prefix = req.log_stream_name_prefix.unwrap_or_default();
    let by_time = match req.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") if prefix.is_empty() => true,
        Some("LastEventTime") => return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")),
        Some(other) => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: \
                 [LogStreamName, LastEventTime]"
            )));
        }
    };
    let of = key(&cx.scope, &group);
    let mut streams = blocking(cx, move |logs| logs.streams(&of, &prefix)).await?;
    if by_time {
        streams.sort_by(|a, b| (a.last_event, &a.name).cmp(&(b.last_event, &b.name)));
    }
    if req.descending == Some(true) {
        streams.reverse();
    }
    let (streams, next_token) = page(streams, |stream| stream.name.clone(), req.next_token.as_deref(), req.limit.map(i64::from))?;
    let arn = format!("arn:aws:logs:{}:{}:log-group:{group}:log-stream:", cx.scope.region, cx.scope.account);
    let show = |stream: LogStream| logs::LogStream {
        arn: Some(format!("{arn}{}", stream.name)),
        creation_time: Some(stream.created),
        first_event_timestamp: stream.first_event,
        last_event_timestamp: stream.last_event,
        last_ingestion_time: stream.last_ingestion,
        // AWS stopped counting them in 2019.
        stored_bytes: Some(0),
        upload_sequence_token: None,
        log_stream_name: Some(stream.name),
    };
    Ok(logs::DescribeLogStreamsResponse { log_streams: streams.into_iter().map(show).collect(), next_token })
}

fn check_name(name: &str) -> Result<(), WireError> {
    if (1..=512).contains(&name.len()) && !name.contains([':', '*', '\0']) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [^:*]*"
    )))
}

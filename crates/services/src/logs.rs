//! Amazon CloudWatch Logs: groups are records of the lab, streams and events are kept by [`vpclab_store::Logs`].
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>
mod event;
mod group;
mod pattern;
mod stream;

pub use event::{filter_log_events, get_log_events, put_log_events};
pub use group::{
    create_log_group, delete_log_group, delete_retention_policy, describe_log_groups, list_tags_for_resource, list_tags_log_group,
    put_retention_policy, tag_log_group, tag_resource, untag_log_group, untag_resource,
};
pub use stream::{create_log_stream, delete_log_stream, describe_log_streams};

use crate::engine::{ChangeError, Engine};
use std::sync::Arc;
use vpclab_cloud::{LogsRefusal, Refusal, Scope, Tags};
use vpclab_store::{Durability, LogError, LogGroupKey, NewLogEvent};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let code = match refusal {
        Refusal::Logs(LogsRefusal::GroupExists) => "ResourceAlreadyExistsException",
        Refusal::Logs(LogsRefusal::GroupNotFound) => "ResourceNotFoundException",
        Refusal::Logs(LogsRefusal::Limit) => "LimitExceededException",
        _ => "InvalidParameterException",
    };
    WireError::new(400, code, refusal.to_string())
}

fn invalid(text: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameterException", text)
}

fn stream_not_found() -> WireError {
    WireError::new(400, "ResourceNotFoundException", "The specified log stream does not exist.")
}

fn failed(why: LogError) -> WireError {
    tracing::error!(%why, "log events");
    WireError::new(500, "ServiceUnavailableException", why.to_string())
}

fn key(scope: &Scope, group: &str) -> LogGroupKey {
    LogGroupKey { scope: scope.clone(), name: group.to_owned() }
}

/// The group of a request that may name it by name or by ARN.
fn named(cx: &crate::request::RequestContext, name: Option<&str>, identifier: Option<&str>) -> Result<String, WireError> {
    let name = match (name, identifier) {
        (Some(name), None) => name.to_owned(),
        (None, Some(arn)) if arn.starts_with("arn:") => name_of(&cx.scope, arn)?,
        (None, Some(name)) => name.to_owned(),
        (Some(_), Some(_)) => return Err(invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")),
        (None, None) => return Err(invalid("logGroupName or logGroupIdentifier is required")),
    };
    cx.snapshot().log_group(&cx.scope, &name).map_err(|refusal| word(&refusal))?;
    Ok(name)
}

/// The group's name in its ARN.
fn name_of(scope: &Scope, arn: &str) -> Result<String, WireError> {
    let start = format!("arn:aws:logs:{}:{}:log-group:", scope.region, scope.account);
    let name = arn.strip_prefix(&start).ok_or_else(|| invalid(format!("Invalid resource ARN: {arn}")))?;
    Ok(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// Writes events of a service of the lab, as a function's lines: the group is made where it is missing.
///
/// # Errors
/// When they could not be kept.
pub async fn write(engine: &Engine, scope: &Scope, group: &str, stream: &str, events: Vec<NewLogEvent>) -> Result<(), String> {
    if engine.snapshot().log_group(scope, group).is_err() {
        let made = engine.change(scope, false, |cloud, cx| cloud.create_log_group(cx, group, None, Tags::new())).await;
        match made {
            Ok(()) | Err(ChangeError::Refused(Refusal::Logs(LogsRefusal::GroupExists))) => {}
            Err(why) => return Err(why.to_string()),
        }
    }
    let (logs, key, stream) = (Arc::clone(engine.logs()), key(scope, group), stream.to_owned());
    let now = crate::engine::clock().0;
    let kept = tokio::task::spawn_blocking(move || logs.append(&key, &stream, &events, now, Durability::Soon)).await;
    kept.map_err(|why| why.to_string())?.map_err(|why| why.to_string())?;
    engine.note_logged();
    Ok(())
}

/// Removes the events that their groups' retention does not keep.
///
/// # Errors
/// When the file cannot be written.
pub fn expire(engine: &Engine) -> Result<(), LogError> {
    let now = crate::engine::clock().0;
    for group in engine.snapshot().log_groups.values() {
        if let Some(days) = group.retention_days {
            engine.logs().expire(&key(&group.scope, &group.name), now - i64::from(days) * 86_400_000)?;
        }
    }
    Ok(())
}

/// Runs on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    cx: &crate::request::RequestContext,
    act: impl FnOnce(&vpclab_store::Logs) -> Result<T, LogError> + Send + 'static,
) -> Result<T, WireError> {
    let logs = Arc::clone(cx.engine.logs());
    let done = tokio::task::spawn_blocking(move || act(&logs)).await;
    done.map_err(|why| WireError::new(500, "ServiceUnavailableException", why.to_string()))?.map_err(failed)
}

/// A page of a sorted list: what comes after the token, which is the last name of the page before.
fn page<T>(
    items: Vec<T>,
    name: impl Fn(&T) -> String,
    token: Option<&str>,
    limit: Option<i64>,
) -> Result<(Vec<T>, Option<String>), WireError> {
    let limit = match limit {
        None => 50,
        Some(limit @ 1..=50) => usize::try_from(limit).unwrap_or(50),
        Some(other) => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'limit' failed to satisfy constraint: Member must have value less than or \
                 equal to 50"
            )));
        }
    };
    let start = match token {
        None => 0,
        Some(token) => items.iter().position(|item| name(item) == token).map_or(items.len(), |at| at + 1),
    };
    let more = items.len() > start + limit;
    let page: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = page.last().filter(|_| more).map(name);
    Ok((page, next))
}

//! Asynchronous invocations: accepted now, given to the function later, and tried again when it fails.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
//!
//! An accepted event is a record until it is done or given up: it outlives the lab's end. What was being done then is done again,
//! as on AWS an event may be more than once.
use super::errors::throttled;
use super::invoke::{Target, run};
use crate::engine::{Engine, clock};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use vpclab_cloud::function::{AcceptedEvent, EventInvokeConfig, LATEST};
use vpclab_cloud::{Cloud, Timestamp};
use vpclab_functions::{Event, Outcome};
use vpclab_wire::WireError;

const RETRIES: u32 = 2;
/// Six hours.
const AGE: u32 = 21_600;
/// How long an event waits before it is tried again: a minute after the first failure, two after the second.
const MINUTE: i64 = 60_000;
/// While a function is throttled its events come back after a second, then after longer and longer times, up to five minutes.
const THROTTLED_FIRST: i64 = 1000;
const THROTTLED_MOST: i64 = 300_000;

/// Whether an accepted event is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It outlives the lab's end.
    Recorded,
    /// Who asks asks again after that.
    Asked,
}

/// Accepts an event.
///
/// # Errors
/// When too many wait already, or it cannot be written down.
pub(super) async fn enqueue(engine: &Arc<Engine>, target: Target, event: Event, keep: Keep) -> Result<(), WireError> {
    let failed = |why: &dyn std::fmt::Display| WireError::new(500, "ServiceException", why.to_string());
    let Some(runner) = engine.runner() else { return Err(failed(&"this lab runs no functions")) };
    let room = Arc::clone(runner.waiting()).try_acquire_many_owned(kilobytes(event.payload.len())).map_err(|_| throttled())?;
    let accepted = AcceptedEvent {
        scope: target.scope,
        request_id: event.request_id,
        function: target.name,
        qualifier: target.qualifier,
        payload: String::from_utf8(event.payload.to_vec()).map_err(|why| failed(&why))?,
        trace_id: event.trace_id,
        client_context: event.client_context,
        accepted: clock(),
        failures: 0,
        due: clock(),
    };
    // A task of its own, from before it is written down: what is accepted is delivered, though who asked goes away meanwhile.
    let (tell, told) = tokio::sync::oneshot::channel();
    let own = Arc::clone(engine);
    tokio::spawn(async move {
        let noted = match keep {
            Keep::Recorded => note(&own, &accepted).await,
            Keep::Asked => Ok(()),
        };
        // Events that wait do not keep an ended lab's state alive.
        let engine = Arc::downgrade(&own);
        drop(own);
        let is_accepted = noted.is_ok();
        // Nobody may be left to hear it.
        let _ = tell.send(noted);
        if is_accepted {
            deliver(&engine, accepted, keep).await;
        }
        drop(room);
    });
    told.await.map_err(|why| failed(&why))?.map_err(|why| failed(&why))
}

/// Goes on with the events that were accepted before the lab's last end.
pub fn resume(engine: &Arc<Engine>) {
    let Some(runner) = engine.runner() else { return };
    for event in engine.snapshot().accepted_events.values() {
        let (engine, event, waiting) = (Arc::downgrade(engine), AcceptedEvent::clone(event), Arc::clone(runner.waiting()));
        tokio::spawn(async move {
            let room = waiting.acquire_many_owned(kilobytes(event.payload.len())).await;
            deliver(&engine, event, Keep::Recorded).await;
            drop(room);
        });
    }
}

fn kilobytes(bytes: usize) -> u32 {
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)
}

async fn note(engine: &Arc<Engine>, event: &AcceptedEvent) -> Result<(), String> {
    let put = |cloud: &mut Cloud| drop(cloud.accepted_events.insert(event.key(), Arc::new(event.clone())));
    change(engine, event, put).await
}

/// Writes down that an event failed. One that is no longer there, as the lab was reset meanwhile, stays away.
async fn renew(engine: &Arc<Engine>, event: &AcceptedEvent) -> Result<(), String> {
    let put = |cloud: &mut Cloud| {
        if let Some(kept) = cloud.accepted_events.get_mut(&event.key()) {
            *kept = Arc::new(event.clone());
        }
    };
    change(engine, event, put).await
}

async fn change(engine: &Arc<Engine>, event: &AcceptedEvent, change: impl FnOnce(&mut Cloud)) -> Result<(), String> {
    let changed = engine.change(&event.scope, false, |cloud, _| {
        change(cloud);
        Ok::<_, std::convert::Infallible>(())
    });
    changed.await.map_err(|why| why.to_string())
}

/// What became of one try.
enum Tried {
    Done,
    Failed,
    Throttled,
}

async fn deliver(engine: &Weak<Engine>, mut event: AcceptedEvent, keep: Keep) {
    let mut throttled = THROTTLED_FIRST;
    loop {
        let wait = event.due.0.saturating_sub(clock().0);
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
        let Some(engine) = engine.upgrade() else { return };
        if keep == Keep::Recorded && !engine.snapshot().accepted_events.contains_key(&event.key()) {
            // The lab was reset.
            return;
        }
        let (tried, config) = attempt(&engine, &event).await;
        let wait = match tried {
            Tried::Done => return forget(&engine, &event, keep).await,
            Tried::Failed if event.failures >= config.retries.unwrap_or(RETRIES) => return give_up(&engine, &event, keep).await,
            Tried::Failed => {
                event.failures += 1;
                MINUTE * i64::from(event.failures)
            }
            Tried::Throttled => {
                let wait = throttled;
                throttled = (throttled * 2).min(THROTTLED_MOST);
                wait
            }
        };
        event.due = Timestamp(clock().0.saturating_add(wait));
        if event.due.0.saturating_sub(event.accepted.0) / 1000 > i64::from(config.age.unwrap_or(AGE)) {
            return give_up(&engine, &event, keep).await;
        }
        if keep == Keep::Recorded
            && matches!(tried, Tried::Failed)
            && let Err(why) = renew(&engine, &event).await
        {
            tracing::warn!(%why, request = event.request_id, "that an event failed could not be written down");
        }
    }
}

async fn give_up(engine: &Arc<Engine>, event: &AcceptedEvent, keep: Keep) {
    tracing::info!(function = event.function, request = event.request_id, "an asynchronous event was given up");
    forget(engine, event, keep).await;
}

async fn forget(engine: &Arc<Engine>, event: &AcceptedEvent, keep: Keep) {
    if keep == Keep::Recorded
        && let Err(why) = change(engine, event, |cloud| drop(cloud.accepted_events.remove(&event.key()))).await
    {
        tracing::warn!(%why, request = event.request_id, "that an event is done could not be written down");
    }
}

async fn attempt(engine: &Arc<Engine>, accepted: &AcceptedEvent) -> (Tried, EventInvokeConfig) {
    let cloud = engine.snapshot();
    let none = EventInvokeConfig { retries: Some(0), age: None, modified: Timestamp(0) };
    let target = Target { scope: accepted.scope.clone(), name: accepted.function.clone(), qualifier: accepted.qualifier.clone() };
    // Deleted meanwhile: there is nobody to give it to.
    let Ok(found) = target.resolve(&cloud, &accepted.request_id) else { return (Tried::Failed, none) };
    let config = found.function.event_invoke.get(target.qualifier.as_deref().unwrap_or(LATEST)).copied();
    let config = config.unwrap_or(EventInvokeConfig { retries: None, ..none });
    let event = Event {
        request_id: accepted.request_id.clone(),
        invoked_arn: target.arn(),
        payload: accepted.payload.clone().into(),
        trace_id: accepted.trace_id.clone(),
        client_context: accepted.client_context.clone(),
    };
    let tried = match run(engine, &cloud, &found, event, false).await {
        Ok(Outcome { error: None, .. }) => Tried::Done,
        Ok(_) => Tried::Failed,
        // An environment that could not be made is Lambda's own failure: it tries again as when throttled.
        Err(why) if why.status == 429 || why.status >= 500 => Tried::Throttled,
        Err(_) => Tried::Failed,
    };
    (tried, config)
}

#[cfg(test)]
mod tests;

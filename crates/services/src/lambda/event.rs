//! Asynchronous invocations: accepted now, given to the function later, and tried again when it fails.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
//!
//! The events wait in memory: what was not given to a function when the lab ends is lost.
use super::errors::throttled;
use super::invoke::{Target, run};
use crate::engine::{Engine, clock};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use vpclab_cloud::function::{EventInvokeConfig, LATEST};
use vpclab_functions::{Event, Outcome};
use vpclab_wire::WireError;

const RETRIES: u32 = 2;
/// Six hours.
const AGE: u32 = 21_600;
/// How long an event waits before it is tried again: a minute after the first failure, two after the second.
const MINUTE: Duration = Duration::from_secs(60);
/// While a function is throttled its events come back after a second, then after longer and longer times, up to five minutes.
const THROTTLED_FIRST: Duration = Duration::from_secs(1);
const THROTTLED_MOST: Duration = Duration::from_secs(300);

/// Accepts an event.
///
/// # Errors
/// When too many wait already.
pub(super) fn enqueue(engine: &Arc<Engine>, target: Target, event: Event) -> Result<(), WireError> {
    let Some(runner) = engine.runner() else {
        return Err(WireError::new(500, "ServiceException", "this lab runs no functions"));
    };
    let kilobytes = u32::try_from(event.payload.len() / 1024 + 1).unwrap_or(u32::MAX);
    let room = Arc::clone(runner.waiting()).try_acquire_many_owned(kilobytes).map_err(|_| throttled())?;
    // Events that wait do not keep an ended lab's state alive.
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        deliver(&engine, &target, event).await;
        drop(room);
    });
    Ok(())
}

/// What became of one try.
enum Tried {
    Done,
    Failed,
    Throttled,
}

async fn deliver(engine: &Weak<Engine>, target: &Target, event: Event) {
    let accepted = clock();
    let (mut failures, mut throttled) = (0_u32, THROTTLED_FIRST);
    loop {
        let (tried, config) = {
            let Some(engine) = engine.upgrade() else { return };
            attempt(&engine, target, event.clone()).await
        };
        let wait = match tried {
            Tried::Done => return,
            Tried::Failed if failures >= config.retries.unwrap_or(RETRIES) => break,
            Tried::Failed => {
                failures += 1;
                MINUTE * failures
            }
            Tried::Throttled => {
                let wait = throttled;
                throttled = (throttled * 2).min(THROTTLED_MOST);
                wait
            }
        };
        let age = clock().0.saturating_sub(accepted.0) / 1000 + i64::try_from(wait.as_secs()).unwrap_or(0);
        if age > i64::from(config.age.unwrap_or(AGE)) {
            break;
        }
        tokio::time::sleep(wait).await;
    }
    tracing::info!(function = target.arn(), request = event.request_id, "an asynchronous event was given up");
}

async fn attempt(engine: &Arc<Engine>, target: &Target, event: Event) -> (Tried, EventInvokeConfig) {
    let cloud = engine.snapshot();
    let none = EventInvokeConfig { retries: Some(0), age: None, modified: vpclab_cloud::Timestamp(0) };
    // Deleted meanwhile: there is nobody to give it to.
    let Ok(found) = target.resolve(&cloud, &event.request_id) else { return (Tried::Failed, none) };
    let config = found.function.event_invoke.get(target.qualifier.as_deref().unwrap_or(LATEST)).copied();
    let config = config.unwrap_or(EventInvokeConfig { retries: None, ..none });
    let tried = match run(engine, &cloud, &found, event, false).await {
        Ok(Outcome { error: None, .. }) => Tried::Done,
        Ok(_) => Tried::Failed,
        // An environment that could not be made is Lambda's own failure: it tries again as when throttled.
        Err(why) if why.status == 429 || why.status >= 500 => Tried::Throttled,
        Err(_) => Tried::Failed,
    };
    (tried, config)
}

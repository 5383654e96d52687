//! Instances.
use super::errors::{self, invalid_combination, missing, parse_id, parse_ids};
use super::filters::{Filters, page};
use crate::engine::clock;
use crate::request::RequestContext;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use vpclab_cloud::instance::StateChange;
use vpclab_cloud::{Instance, InstanceId, InstanceState, Refusal, Timestamp};
use vpclab_wire::{WireError, ec2};

pub mod attribute;
pub mod launch;
mod shown;
pub mod status;

/// The most of the console's output that an answer holds, from its end.
const CONSOLE_BYTES: usize = 64 * 1024;

/// `StartInstances`: answers `pending`; they run already.
pub async fn start_instances(cx: &RequestContext, req: ec2::StartInstancesRequest) -> Result<ec2::StartInstancesResult, WireError> {
    let ids = ids(&req.instance_ids)?;
    let changes = cx.change(errors::word, |cloud, c| cloud.start_instances(c, &ids)).await?;
    Ok(ec2::StartInstancesResult { starting_instances: changes.iter().map(|change| passing(change, (0, "pending"))).collect() })
}

/// `StopInstances`: answers `stopping`; they are stopped already.
pub async fn stop_instances(cx: &RequestContext, req: ec2::StopInstancesRequest) -> Result<ec2::StopInstancesResult, WireError> {
    let ids = ids(&req.instance_ids)?;
    let changes = cx.change(errors::word, |cloud, c| cloud.stop_instances(c, &ids, &by_user(c.now))).await?;
    Ok(ec2::StopInstancesResult { stopping_instances: changes.iter().map(|change| passing(change, (64, "stopping"))).collect() })
}

/// `TerminateInstances`: answers `shutting-down`; they are gone already.
pub async fn terminate_instances(
    cx: &RequestContext,
    req: ec2::TerminateInstancesRequest,
) -> Result<ec2::TerminateInstancesResult, WireError> {
    let ids = ids(&req.instance_ids)?;
    let changes = cx.change(errors::word, |cloud, c| cloud.terminate_instances(c, &ids, &by_user(c.now))).await?;
    let terminating_instances = changes.iter().map(|change| passing(change, (32, "shutting-down"))).collect();
    Ok(ec2::TerminateInstancesResult { terminating_instances })
}

/// `RebootInstances`: ends and starts the processes of running instances.
pub async fn reboot_instances(cx: &RequestContext, req: ec2::RebootInstancesRequest) -> Result<(), WireError> {
    let ids = ids(&req.instance_ids)?;
    let cloud = cx.snapshot();
    let found = cloud.shown_instances(&cx.scope, clock(), &ids).map_err(|refusal| errors::word(&refusal))?;
    if let Some(other) = found.iter().find(|instance| instance.state != InstanceState::Running) {
        return Err(errors::word(&Refusal::IncorrectInstanceState { instance: other.id.clone(), action: "rebooted" }));
    }
    if cx.dry_run {
        return Ok(());
    }
    for instance in found {
        cx.engine.reboot(&instance.id).await.map_err(|why| {
            tracing::error!(%why, request = cx.request_id, instance = %instance.id, "an instance could not be rebooted");
            WireError::new(500, "InternalError", why.to_string())
        })?;
    }
    Ok(())
}

/// `DescribeInstances`. A page is cut by instances; those of one launch on a page share a reservation.
pub async fn describe_instances(
    cx: &RequestContext,
    req: ec2::DescribeInstancesRequest,
) -> Result<ec2::DescribeInstancesResult, WireError> {
    let filters = Filters::new(&req.filters, shown::FILTERS)?;
    let (cloud, now) = (cx.snapshot(), clock());
    if !req.instance_ids.is_empty() && req.max_results.is_some() {
        return Err(invalid_combination("The parameter instancesSet cannot be used with the parameter maxResults"));
    }
    let asked = chosen(cx, now, &req.instance_ids)?;
    let found: Vec<_> =
        asked.into_iter().filter(|instance| filters.pass(&instance.tags, |name| shown::values(&cloud, instance, name))).collect();
    let key = |instance: &std::sync::Arc<Instance>| format!("{} {:04}", instance.reservation, instance.launch_index);
    let page = page(found, key, req.max_results, req.next_token.as_deref(), 5..=1000)?;
    let mut reservations: Vec<ec2::Reservation> = Vec::new();
    for instance in &page.items {
        let one = shown::instance(&cloud, instance);
        match reservations.last_mut() {
            Some(last) if last.reservation_id.as_deref() == Some(instance.reservation.as_str()) => last.instances.push(one),
            _ => reservations.push(shown::reservation(instance, vec![one])),
        }
    }
    Ok(ec2::DescribeInstancesResult { next_token: page.next_token, reservations })
}

/// `GetConsoleOutput`.
pub async fn get_console_output(cx: &RequestContext, req: ec2::GetConsoleOutputRequest) -> Result<ec2::GetConsoleOutputResult, WireError> {
    let id: InstanceId = parse_id(&req.instance_id)?;
    let (cloud, now) = (cx.snapshot(), clock());
    cloud.shown_instances(&cx.scope, now, std::slice::from_ref(&id)).map_err(|refusal| errors::word(&refusal))?;
    let output = cx.engine.plane().console_output(&id);
    let last = output.get(output.len().saturating_sub(CONSOLE_BYTES)..).unwrap_or_default();
    Ok(ec2::GetConsoleOutputResult {
        instance_id: Some(id.to_string()),
        timestamp: Some(vpclab_wire::Timestamp::from_millis(now.0)),
        output: Some(STANDARD.encode(last)),
    })
}

/// The instances of a describe call: those asked for, or all that are shown.
fn chosen(cx: &RequestContext, now: Timestamp, asked: &[String]) -> Result<Vec<std::sync::Arc<Instance>>, WireError> {
    let (cloud, ids) = (cx.snapshot(), parse_ids(asked)?);
    if ids.is_empty() {
        let own = cloud.instances.values().filter(|instance| instance.scope == cx.scope && instance.is_shown(now));
        return Ok(own.cloned().collect());
    }
    cloud.shown_instances(&cx.scope, now, &ids).map_err(|refusal| errors::word(&refusal))
}

fn ids(texts: &[String]) -> Result<Vec<InstanceId>, WireError> {
    if texts.is_empty() {
        return Err(missing("InstanceId"));
    }
    parse_ids(texts)
}

/// A change as the call that made it answers: with the state that instances pass through on AWS.
fn passing(change: &StateChange, (code, name): (i32, &str)) -> ec2::InstanceStateChange {
    let current = if change.from == change.to { shown::state(change.to) } else { shown::state_of(code, name) };
    ec2::InstanceStateChange {
        instance_id: Some(change.instance.to_string()),
        current_state: Some(current),
        previous_state: Some(shown::state(change.from)),
    }
}

/// Why an instance left its state, as `StateTransitionReason` says it.
pub(crate) fn by_user(now: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    format!("User initiated ({})", time.strftime("%Y-%m-%d %H:%M:%S GMT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_the_state_that_aws_passes_through() {
        let id: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        let change = StateChange { instance: id.clone(), from: InstanceState::Running, to: InstanceState::Stopped };
        let shown = passing(&change, (64, "stopping"));
        assert_eq!(shown.current_state.unwrap().name.as_deref(), Some("stopping"));
        assert_eq!(shown.previous_state.unwrap().code, Some(16));
        let same = StateChange { instance: id, from: InstanceState::Stopped, to: InstanceState::Stopped };
        assert_eq!(passing(&same, (64, "stopping")).current_state.unwrap().name.as_deref(), Some("stopped"));
    }

    #[test]
    fn the_reason_has_the_time() {
        assert_eq!(by_user(Timestamp(1_700_000_000_000)), "User initiated (2023-11-14 22:13:20 GMT)");
    }
}

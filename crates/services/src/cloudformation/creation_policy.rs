//! `CreationPolicy`: a resource that is made counts as made once it got signals by `SignalResource`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html>
use super::errors::{change, constraint, invalid};
use super::resource::Stability;
use super::run::record;
use super::stack::living;
use crate::request::RequestContext;
use serde_json::Value;
use std::collections::BTreeMap;
use vpclab_cloud::stack::{ResourceSignals, ResourceStatus};
use vpclab_cloud::{StackResource, Timestamp};
use vpclab_wire::{WireError, cloudformation as wire};

/// The types that can wait.
pub const KINDS: &[&str] = &["AWS::CloudFormation::WaitCondition", "AWS::EC2::Instance"];
/// `PT5M`
const TIMEOUT: i64 = 5 * 60;
/// Twelve hours.
const TIMEOUT_MAX: i64 = 12 * 3600;
/// The most signals that a resource waits for.
const SIGNALS_MAX: usize = 1000;

/// What a resource is to wait for from now on.
///
/// # Errors
/// A count or a time that is none.
pub fn read(policy: &Value, logical: &str, now: Timestamp) -> Result<Option<ResourceSignals>, String> {
    let Some(signal) = policy.get("ResourceSignal").filter(|signal| !signal.is_null()) else { return Ok(None) };
    let wrong = |what: &str| format!("CreationPolicy.ResourceSignal of the resource {logical}: {what}");
    let text = |name: &str| signal.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let wanted = match text("Count") {
        None => 1,
        Some(text) => {
            let count = text.parse().ok().filter(|count| (1..=SIGNALS_MAX).contains(count)).and_then(|count| u32::try_from(count).ok());
            count.ok_or_else(|| wrong(&format!("Count must be a number from 1 to {SIGNALS_MAX}")))?
        }
    };
    let seconds = match text("Timeout") {
        None => TIMEOUT,
        Some(text) => seconds(&text)
            .filter(|seconds| (1..=TIMEOUT_MAX).contains(seconds))
            .ok_or_else(|| wrong("Timeout must be a duration of ISO 8601, such as PT15M, of at most 12 hours"))?,
    };
    Ok(Some(ResourceSignals { wanted, timeout_ms: seconds * 1000, began: now, got: BTreeMap::new() }))
}

/// A duration of ISO 8601 from days down: `PT1H30M`.
fn seconds(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let (mut total, mut parts) = (0_i64, 0);
    for (part, units) in [(days, &[('D', 86_400)][..]), (time, &[('H', 3600), ('M', 60), ('S', 1)][..])] {
        let mut units = units.iter();
        for piece in part.split_inclusive(|c: char| c.is_ascii_alphabetic()) {
            let (number, unit) = piece.split_at_checked(piece.len().checked_sub(1)?)?;
            let (_, length) = units.find(|(name, _)| unit == name.to_string())?;
            total = total.checked_add(number.parse::<u32>().ok().map(i64::from)?.checked_mul(*length)?)?;
            parts += 1;
        }
    }
    (parts > 0).then_some(total)
}

/// Whether the signals have come.
#[must_use]
pub fn stable(signals: &ResourceSignals, now: Timestamp) -> Stability {
    if let Some((id, _)) = signals.got.iter().find(|(_, success)| !**success) {
        return Stability::Failed(format!("Received FAILURE signal with UniqueId {id}"));
    }
    let missing = usize::try_from(signals.wanted).unwrap_or(usize::MAX).saturating_sub(signals.got.len());
    if missing == 0 {
        Stability::Ready
    } else if now.0.saturating_sub(signals.began.0) > signals.timeout_ms {
        Stability::Failed(format!("Failed to receive {missing} resource signal(s) within the specified duration"))
    } else {
        Stability::Waiting
    }
}

/// `SignalResource`
pub async fn signal_resource(cx: &RequestContext, req: wire::SignalResourceInput) -> Result<(), WireError> {
    let success = match req.status.as_str() {
        "SUCCESS" => true,
        "FAILURE" => false,
        other => return Err(constraint(other, "status", "Member must satisfy enum value set: [SUCCESS, FAILURE]")),
    };
    let (logical, id) = (req.logical_resource_id, req.unique_id);
    if !(1..=64).contains(&id.len()) {
        return Err(constraint(&id, "uniqueId", "Member must have length between 1 and 64"));
    }
    change(cx, |cloud, c| {
        let stack = living(cloud, &c.scope, &req.stack_name)?.clone();
        if !stack.status.is_running() {
            return Err(invalid(format!("Stack:{} is in {} state and can not be signaled.", stack.id, stack.status)));
        }
        let found = cloud.stack_resource(&stack.id, &logical).map(|found| StackResource::clone(found));
        let mut found = found.ok_or_else(|| invalid(format!("Resource {logical} does not exist for stack {}", stack.name)))?;
        if !KINDS.contains(&found.kind.as_str()) {
            return Err(invalid(format!("Resource {logical} is of type {} and cannot be signaled", found.kind)));
        }
        let waits = matches!(found.status, ResourceStatus::CreateInProgress | ResourceStatus::UpdateInProgress);
        let Some(signals) = found.signals.as_mut().filter(|_| waits) else {
            return Err(invalid(format!("Resource {logical} is in {} state and can not be signaled.", found.status)));
        };
        if signals.got.contains_key(&id) && success {
            let text =
                format!("Signal with ID {id} for resource {logical} already exists. Signals may only be updated with a FAILURE status.");
            return Err(invalid(text));
        }
        if signals.got.len() >= SIGNALS_MAX {
            return Err(WireError::new(400, "LimitExceededException", format!("a resource takes at most {SIGNALS_MAX} signals")));
        }
        signals.got.insert(id.clone(), success);
        if success {
            let (status, reason) = (found.status, format!("Received SUCCESS signal with UniqueId {id}"));
            record::mark(cloud, c, &stack, found, status, Some(&reason));
        } else {
            // The stack's task fails the resource, with this as the reason.
            cloud.put_stack_resource(found);
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_signals_as_are_wanted_in_time() {
        let told = |got: &[(&str, bool)], now: i64| {
            let got = got.iter().map(|(id, success)| ((*id).to_owned(), *success)).collect();
            stable(&ResourceSignals { wanted: 2, timeout_ms: 1000, began: Timestamp(5000), got }, Timestamp(now))
        };
        assert_eq!(told(&[], 6000), Stability::Waiting);
        assert_eq!(told(&[("a", true)], 6000), Stability::Waiting);
        assert_eq!(told(&[("a", true), ("b", true)], 9000), Stability::Ready);
        let failed = |text: &str| Stability::Failed(text.to_owned());
        assert_eq!(told(&[("a", true)], 6001), failed("Failed to receive 1 resource signal(s) within the specified duration"));
        assert_eq!(told(&[("a", true), ("b", false)], 6000), failed("Received FAILURE signal with UniqueId b"));
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("PT5M", Some(300)),
            ("PT1H30M10S", Some(5410)),
            ("P1DT1S", Some(86_401)),
            ("PT90S", Some(90)),
            ("P", None),
            ("PT", None),
            ("PT5", None),
            ("5M", None),
            ("PT5M1H", None),
            ("PT-5M", None),
            ("PT1.5H", None),
            ("PTé", None),
            ("P1M", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}

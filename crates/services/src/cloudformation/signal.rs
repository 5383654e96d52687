//! Signals for wait conditions: a `PUT` to the URL of a handle. On AWS that is an object of S3; here it is a path of the lab's own port.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html>
use super::errors;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::request::RequestContext;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use vpclab_cloud::{Cloud, StackResource};
use vpclab_wire::WireError;

/// What the paths begin with; a region follows.
pub const PREFIX: &str = "/cloudformation-waitcondition-";
/// The attribute of a handle that keeps the signals by their unique id.
const SIGNALS: &str = "Signals";
/// The type of a handle.
const HANDLE: &str = "AWS::CloudFormation::WaitConditionHandle";
/// The most signals of a handle.
const SIGNALS_MAX: usize = 1000;
/// The longest signal, in bytes.
pub const SIGNAL_MAX: usize = 16 * 1024;

/// The signals that a handle got, by their unique id: `Status`, `Reason`, `Data`.
pub fn of(cloud: &Cloud, handle: &str) -> Map<String, Value> {
    let found = handles(cloud).find(|one| one.physical.as_deref() == Some(handle));
    found.and_then(|one| one.attributes.get(SIGNALS)?.as_object().cloned()).unwrap_or_default()
}

fn handles(cloud: &Cloud) -> impl Iterator<Item = &Arc<StackResource>> {
    cloud.stack_resources.values().filter(|one| one.kind == HANDLE)
}

/// Takes a signal.
///
/// # Errors
/// A path that no handle has, a signal that is none, too many of them.
pub async fn receive(engine: Arc<Engine>, path: &str, body: &Bytes, request_id: &str) -> Result<(), WireError> {
    let (id, signal) = read(body)?;
    let cloud = engine.snapshot();
    let is_here = |one: &&Arc<StackResource>| one.physical.as_deref().is_some_and(|url| url.ends_with(path) && !one.status.is_gone());
    let unknown = || WireError::new(404, "NoSuchKey", "no wait condition handle has this URL");
    let handle = handles(&cloud).find(is_here).ok_or_else(unknown)?;
    let (key, scope) = ((handle.stack.clone(), handle.logical.clone()), cloud.stacks.get(&handle.stack).map(|stack| stack.scope.clone()));
    let scope = scope.ok_or_else(unknown)?;
    let cx = RequestContext { engine, scope, caller: Caller::default(), request_id: request_id.to_owned(), dry_run: false };
    errors::change(&cx, |cloud, _| {
        let found = cloud.stack_resources.get_mut(&key).filter(|one| one.physical.as_deref().is_some_and(|url| url.ends_with(path)));
        let handle = Arc::make_mut(found.ok_or_else(unknown)?);
        let mut signals = handle.attributes.get(SIGNALS).and_then(Value::as_object).cloned().unwrap_or_default();
        if signals.len() >= SIGNALS_MAX {
            return Err(WireError::new(400, "LimitExceeded", format!("a wait condition handle takes at most {SIGNALS_MAX} signals")));
        }
        // A signal that says the same id again changes nothing.
        signals.entry(id).or_insert(signal);
        handle.attributes.insert(SIGNALS.to_owned(), Value::Object(signals));
        Ok(())
    })
    .await
}

/// `{"Status": "SUCCESS" or "FAILURE", "UniqueId": …, "Data": …, "Reason": …}`
fn read(body: &Bytes) -> Result<(String, Value), WireError> {
    let wrong = |why: &str| WireError::new(400, "InvalidSignal", format!("no signal of a wait condition: {why}"));
    if body.len() > SIGNAL_MAX {
        return Err(wrong("it is too long"));
    }
    let given: Value = serde_json::from_slice(body).map_err(|_| wrong("it is no JSON"))?;
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let id = text("UniqueId").filter(|id| !id.is_empty()).ok_or_else(|| wrong("UniqueId is missing"))?;
    let status = text("Status").filter(|status| ["SUCCESS", "FAILURE"].contains(status));
    let status = status.ok_or_else(|| wrong("Status must be SUCCESS or FAILURE"))?;
    let signal = json!({ "Status": status, "Reason": text("Reason").unwrap_or_default(), "Data": text("Data").unwrap_or_default() });
    Ok((id.to_owned(), signal))
}

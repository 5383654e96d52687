//! Events of stacks.
use super::errors::invalid;
use super::stack::find;
use crate::request::RequestContext;
use vpclab_wire::{Timestamp, WireError, cloudformation as wire};

/// How many events a page has.
const PAGE: usize = 100;

/// `DescribeStackEvents`: the newest first.
pub async fn describe_stack_events(
    cx: &RequestContext,
    req: wire::DescribeStackEventsInput,
) -> Result<wire::DescribeStackEventsOutput, WireError> {
    let cloud = cx.snapshot();
    let name = req.stack_name;
    let stack = find(&cloud, &cx.scope, &name).map_err(|_| invalid(format!("Stack [{name}] does not exist")))?;
    // The token is the number of the last event shown: new events do not shift the pages.
    let before: u64 = match req.next_token.as_deref() {
        None => u64::MAX,
        Some(token) => token.parse().map_err(|_| invalid("NextToken is invalid"))?,
    };
    let mut events: Vec<_> = cloud.events_of_stack(&stack.id).rev().filter(|(number, _)| *number < before).take(PAGE + 1).collect();
    let more = events.len() > PAGE;
    events.truncate(PAGE);
    let next_token = events.last().filter(|_| more).map(|(number, _)| number.to_string());
    let shown = |event: &vpclab_cloud::StackEvent| wire::StackEvent {
        stack_id: Some(stack.id.to_string()),
        event_id: Some(event.id.clone()),
        stack_name: Some(stack.name.clone()),
        logical_resource_id: Some(event.logical.clone()),
        physical_resource_id: Some(event.physical.clone()),
        resource_type: Some(event.kind.clone()),
        timestamp: Some(Timestamp(event.at.0)),
        resource_status: Some(event.status.clone()),
        resource_status_reason: event.reason.clone(),
        resource_properties: event.properties.clone(),
        client_request_token: event.token.clone(),
        detailed_status: None,
    };
    Ok(wire::DescribeStackEventsOutput { stack_events: events.into_iter().map(|(_, event)| shown(event)).collect(), next_token })
}

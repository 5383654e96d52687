//! CloudFormation stacks, their events, resources and templates.
use super::{Asked, Items, item};
use serde_json::json;
use vpclab_cloud::StackId;

/// The most events of a stack that are shown: the newest.
const MAX_EVENTS: usize = 1_000;

/// All stacks that are still there.
pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.stacks.values().filter(|stack| stack.is_living()).map(|stack| {
        let outputs: Vec<_> = stack
            .outputs
            .iter()
            .map(|one| json!({"Key": one.key, "Value": one.value, "Description": one.description, "ExportName": one.export}))
            .collect();
        let parameters: Vec<_> = stack
            .spec
            .parameters
            .iter()
            .map(|one| json!({"Key": one.key, "Value": if one.no_echo { "****" } else { &one.value }, "ResolvedValue": if one.no_echo { None } else { one.resolved.as_deref() }}))
            .collect();
        item(&stack.scope, &stack.spec.tags, json!({
            "StackId": stack.id.as_str(),
            "StackName": stack.name,
            "StackStatus": stack.status.as_str(),
            "StackStatusReason": stack.reason,
            "Description": stack.spec.description,
            "CreationTime": stack.created.0,
            "LastUpdatedTime": stack.updated.map(|at| at.0),
            "ParentId": stack.parent.as_ref().map(StackId::as_str),
            "Capabilities": stack.spec.capabilities,
            "TerminationProtection": stack.termination_protection,
            "Outputs": outputs,
            "Parameters": parameters,
        }))
    }))
}

/// The events of the stack that is asked for, the newest first.
pub(super) fn events<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let id = StackId::named(asked.of);
    let own = asked.cloud.stack_events.range((id.clone(), 0)..=(id, u64::MAX)).rev().take(MAX_EVENTS);
    Box::new(own.map(|(_, event)| {
        json!({
            "EventId": event.id, "Timestamp": event.at.0, "LogicalResourceId": event.logical, "PhysicalResourceId": event.physical,
            "ResourceType": event.kind, "ResourceStatus": event.status, "ResourceStatusReason": event.reason,
        })
    }))
}

/// The resources of the stack that is asked for.
pub(super) fn resources<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let id = StackId::named(asked.of);
    let own = asked.cloud.stack_resources.range((id.clone(), String::new())..).take_while(move |((of, _), _)| *of == id);
    Box::new(own.map(|(_, one)| {
        json!({
            "LogicalResourceId": one.logical, "PhysicalResourceId": one.physical, "ResourceType": one.kind,
            "ResourceStatus": one.status.as_str(), "ResourceStatusReason": one.reason, "LastUpdatedTimestamp": one.updated.0,
        })
    }))
}

/// The template of the stack that is asked for, as it was given and after its transforms.
pub(super) fn template<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let found = asked.cloud.stacks.get(&StackId::named(asked.of)).and_then(|stack| asked.cloud.stack_template(stack));
    Box::new(found.into_iter().map(|template| json!({"Original": template.original, "Processed": template.processed})))
}

//! The resources of stacks.
use super::errors::invalid;
use super::request;
use super::stack::find;
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::{Stack, StackResource};
use vpclab_wire::{Timestamp, WireError, cloudformation as wire};

/// How many resources a page has, and `DescribeStackResources` at most.
const PAGE: usize = 100;

/// `DescribeStackResource`
pub async fn describe_stack_resource(
    cx: &RequestContext,
    req: wire::DescribeStackResourceInput,
) -> Result<wire::DescribeStackResourceOutput, WireError> {
    let cloud = cx.snapshot();
    let name = &req.stack_name;
    let stack = find(&cloud, &cx.scope, name).map_err(|_| invalid(format!("Stack '{name}' does not exist")))?;
    let logical = &req.logical_resource_id;
    let found = cloud.stack_resource(&stack.id, logical);
    let found = found.ok_or_else(|| invalid(format!("Resource {logical} does not exist for stack {}", stack.name)))?;
    let detail = wire::StackResourceDetail {
        stack_name: Some(stack.name.clone()),
        stack_id: Some(stack.id.to_string()),
        logical_resource_id: Some(found.logical.clone()),
        physical_resource_id: found.physical.clone(),
        resource_type: Some(found.kind.clone()),
        last_updated_timestamp: Some(Timestamp(found.updated.0)),
        resource_status: Some(found.status.to_string()),
        resource_status_reason: found.reason.clone(),
        description: None,
        metadata: found.metadata.as_ref().map(|metadata| metadata.to_string()),
        drift_information: not_checked(),
    };
    Ok(wire::DescribeStackResourceOutput { stack_resource_detail: Some(detail) })
}

fn not_checked() -> Option<wire::StackResourceDriftInformation> {
    Some(wire::StackResourceDriftInformation { stack_resource_drift_status: Some("NOT_CHECKED".to_owned()), last_check_timestamp: None })
}

/// `DescribeStackResources`: of a stack, or of the stack that a physical id belongs to.
pub async fn describe_stack_resources(
    cx: &RequestContext,
    req: wire::DescribeStackResourcesInput,
) -> Result<wire::DescribeStackResourcesOutput, WireError> {
    let cloud = cx.snapshot();
    let stack = match (&req.stack_name, &req.physical_resource_id) {
        (Some(name), None) => find(&cloud, &cx.scope, name)?,
        (None, Some(physical)) => {
            let owns = |stack: &&Arc<Stack>| {
                stack.is_living()
                    && cloud.resources_of_stack(&stack.id).any(|one| !one.status.is_gone() && one.physical.as_ref() == Some(physical))
            };
            cloud.stacks_of(&cx.scope).find(owns).ok_or_else(|| invalid(format!("Stack for {physical} does not exist")))?
        }
        (None, None) => return Err(invalid("Either stackName or physicalResourceId must be specified")),
        (Some(_), Some(_)) => return Err(invalid("StackName and PhysicalResourceId cannot both be specified")),
    };
    let wanted = |one: &&Arc<StackResource>| req.logical_resource_id.as_ref().is_none_or(|logical| *logical == one.logical);
    let shown = |one: &Arc<StackResource>| wire::StackResource {
        stack_name: Some(stack.name.clone()),
        stack_id: Some(stack.id.to_string()),
        logical_resource_id: Some(one.logical.clone()),
        physical_resource_id: one.physical.clone(),
        resource_type: Some(one.kind.clone()),
        timestamp: Some(Timestamp(one.updated.0)),
        resource_status: Some(one.status.to_string()),
        resource_status_reason: one.reason.clone(),
        description: None,
        drift_information: not_checked(),
    };
    let stack_resources: Vec<_> = cloud.resources_of_stack(&stack.id).filter(wanted).take(PAGE).map(shown).collect();
    if let (Some(logical), true) = (&req.logical_resource_id, stack_resources.is_empty()) {
        return Err(invalid(format!("Resource {logical} does not exist for stack {}", stack.name)));
    }
    Ok(wire::DescribeStackResourcesOutput { stack_resources })
}

/// `ListStackResources`
pub async fn list_stack_resources(
    cx: &RequestContext,
    req: wire::ListStackResourcesInput,
) -> Result<wire::ListStackResourcesOutput, WireError> {
    let cloud = cx.snapshot();
    let stack = find(&cloud, &cx.scope, &req.stack_name)?;
    let (found, next_token) = request::page(cloud.resources_of_stack(&stack.id), req.next_token.as_deref(), PAGE)?;
    let summary = |one: &Arc<StackResource>| wire::StackResourceSummary {
        logical_resource_id: Some(one.logical.clone()),
        physical_resource_id: one.physical.clone(),
        resource_type: Some(one.kind.clone()),
        last_updated_timestamp: Some(Timestamp(one.updated.0)),
        resource_status: Some(one.status.to_string()),
        resource_status_reason: one.reason.clone(),
        drift_information: Some(wire::StackResourceDriftInformationSummary {
            stack_resource_drift_status: Some("NOT_CHECKED".to_owned()),
            last_check_timestamp: None,
        }),
    };
    Ok(wire::ListStackResourcesOutput { stack_resource_summaries: found.into_iter().map(summary).collect(), next_token })
}

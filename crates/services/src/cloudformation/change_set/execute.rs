//! Executing and deleting change sets.
use super::{check_policy, find, started};
use crate::cloudformation::draft::{Asked, draft};
use crate::cloudformation::errors::{change, invalid, no_stack, unserved};
use crate::cloudformation::plan::given;
use crate::cloudformation::start::{self, Manner};
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::ChangeSet;
use vpclab_cloud::change_set::ExecutionStatus;
use vpclab_cloud::stack::{OnFailure, StackStatus};
use vpclab_wire::{WireError, cloudformation as wire};

/// `ExecuteChangeSet`. All change sets of the stack are gone after it.
pub async fn execute_change_set(cx: &RequestContext, req: wire::ExecuteChangeSetInput) -> Result<wire::ExecuteChangeSetOutput, WireError> {
    if req.retain_except_on_create == Some(true) {
        return Err(unserved("RetainExceptOnCreate"));
    }
    let set = change(cx, |cloud, c| {
        let set = Arc::clone(find(cloud, &c.scope, &req.change_set_name, req.stack_name.as_deref())?);
        let stack = cloud.stacks.get(&set.stack).cloned().ok_or_else(|| no_stack(set.stack.as_str()))?;
        if set.execution != ExecutionStatus::Available {
            let message = format!("ChangeSet [{}] cannot be executed in its current status of [{}]", set.id, set.status.as_str());
            return Err(WireError::new(400, "InvalidChangeSetStatus", message));
        }
        let ready = if set.creates { stack.status == StackStatus::ReviewInProgress } else { !stack.status.is_running() };
        if !ready {
            return Err(invalid(format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status)));
        }
        check_policy(&stack, &set)?;
        let on_failure = match (set.on_failure, req.disable_rollback) {
            (_, Some(true)) => OnFailure::DoNothing,
            (Some(word), _) => word,
            (None, _) => OnFailure::Rollback,
        };
        let manner = Manner { on_failure, token: req.client_request_token, timeout_minutes: None, change_set: Some(set.id.clone()) };
        // Judged again: what it was made from may have changed.
        let asked = Asked {
            template: set.template.original.clone(),
            parameters: given(&set.spec).0,
            capabilities: set.spec.capabilities.clone(),
            tags: set.spec.tags.clone(),
            role_arn: set.spec.role_arn.clone(),
            needs_auto_expand: false,
            processed: set.template.processed.clone(),
            now: c.now,
            ..Asked::default()
        };
        let made = draft(cloud, &c.scope, (&stack.id, &stack.name), &asked)?;
        if set.creates {
            start::create(cloud, c, &stack.id, made.into(), manner);
        } else {
            start::update(cloud, c, &stack.id, made.into(), manner);
        }
        let all: Vec<_> = cloud.change_sets_of(&stack.id).into_iter().filter(|one| one.id != set.id).map(|one| one.id.clone()).collect();
        for id in all {
            cloud.change_sets.remove(&id);
        }
        let executed = ChangeSet { execution: ExecutionStatus::ExecuteComplete, ..ChangeSet::clone(&set) };
        cloud.change_sets.insert(set.id.clone(), Arc::new(executed));
        Ok(set)
    })
    .await?;
    started(cx, &set).await;
    Ok(wire::ExecuteChangeSetOutput {})
}

/// `DeleteChangeSet`. One that is not there is fine.
pub async fn delete_change_set(cx: &RequestContext, req: wire::DeleteChangeSetInput) -> Result<wire::DeleteChangeSetOutput, WireError> {
    change(cx, |cloud, c| {
        let found = find(cloud, &c.scope, &req.change_set_name, req.stack_name.as_deref());
        let id = match found {
            Ok(set) => set.id.clone(),
            Err(error) if error.code == "ChangeSetNotFound" => return Ok(()),
            Err(error) => return Err(error),
        };
        cloud.change_sets.remove(&id);
        Ok(())
    })
    .await?;
    Ok(wire::DeleteChangeSetOutput {})
}

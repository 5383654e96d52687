//! Executing and deleting change sets.
use super::{check_policy, find, started};
use crate::cloudformation::draft::{Asked, draft};
use crate::cloudformation::errors::{change, invalid, no_stack, unserved};
use crate::cloudformation::plan::given;
use crate::cloudformation::start::{self, Manner};
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::change_set::ExecutionStatus;
use vpclab_cloud::stack::{OnFailure, StackStatus};
use vpclab_cloud::{ChangeSet, Cloud};
use vpclab_wire::{WireError, cloudformation as wire};

/// `ExecuteChangeSet`. All change sets of the stack are gone after it.
pub async fn execute_change_set(cx: &RequestContext, req: wire::ExecuteChangeSetInput) -> Result<wire::ExecuteChangeSetOutput, WireError> {
    if req.retain_except_on_create == Some(true) {
        return Err(unserved("RetainExceptOnCreate"));
    }
    let set = change(cx, |cloud, c| {
        let set = Arc::clone(find(cloud, &c.scope, &req.change_set_name, req.stack_name.as_deref())?);
        let stack = cloud.stacks.get(&set.stack).cloned().ok_or_else(|| no_stack(set.stack.as_str()))?;
        if let Some(nested) = &set.nested {
            return Err(invalid(format!(
                "ChangeSet [{}] is a nested change set and can only be executed from its root change set [{}]",
                set.id, nested.root
            )));
        }
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
        executed(cloud, &set);
        Ok(set)
    })
    .await?;
    started(cx, &set).await;
    Ok(wire::ExecuteChangeSetOutput {})
}

/// Notes that a change set is executed, with those of nested stacks; the others of the same stacks are gone.
fn executed(cloud: &mut Cloud, set: &ChangeSet) {
    let others: Vec<_> = cloud.change_sets_of(&set.stack).into_iter().filter(|one| one.id != set.id).map(|one| one.id.clone()).collect();
    others.iter().for_each(|id| cloud.remove_change_set(id));
    let nested: Vec<_> = cloud.nested_change_sets(&set.id).cloned().collect();
    nested.iter().for_each(|set| executed(cloud, set));
    let executed = ChangeSet { execution: ExecutionStatus::ExecuteComplete, ..set.clone() };
    cloud.change_sets.insert(set.id.clone(), Arc::new(executed));
}

/// `DeleteChangeSet`. One that is not there is fine.
pub async fn delete_change_set(cx: &RequestContext, req: wire::DeleteChangeSetInput) -> Result<wire::DeleteChangeSetOutput, WireError> {
    change(cx, |cloud, c| {
        let found = find(cloud, &c.scope, &req.change_set_name, req.stack_name.as_deref());
        let id = match found {
            Ok(set)
                if let Some(nested) = &set.nested
                    && cloud.change_sets.contains_key(&nested.root) =>
            {
                return Err(invalid(format!(
                    "ChangeSet [{}] is a nested change set and can only be deleted from its root change set [{}]",
                    set.id, nested.root
                )));
            }
            Ok(set) => set.id.clone(),
            Err(error) if error.code == "ChangeSetNotFound" => return Ok(()),
            Err(error) => return Err(error),
        };
        cloud.remove_change_set(&id);
        Ok(())
    })
    .await?;
    Ok(wire::DeleteChangeSetOutput {})
}

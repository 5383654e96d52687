//! Turning back: `CancelUpdateStack`, `ContinueUpdateRollback`, `RollbackStack`.
use super::{begin, living};
use crate::cloudformation::errors::{change, invalid, unserved};
use crate::cloudformation::start::{Manner, operation};
use crate::request::RequestContext;
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::stack::{Phase, ResourceStatus, StackOperation, StackStatus};
use vpclab_wire::{WireError, cloudformation as wire};

/// `CancelUpdateStack`
pub async fn cancel_update_stack(cx: &RequestContext, req: wire::CancelUpdateStackInput) -> Result<(), WireError> {
    change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, &req.stack_name)?);
        if stack.status != StackStatus::UpdateInProgress {
            return Err(invalid("CancelUpdateStack cannot be called from current stack status"));
        }
        cloud.with_stack(&stack.id, |stack| {
            if let Some(operation) = &mut stack.operation {
                operation.cancelled = true;
            }
        });
        Ok(())
    })
    .await
}

/// `ContinueUpdateRollback`
pub async fn continue_update_rollback(
    cx: &RequestContext,
    req: wire::ContinueUpdateRollbackInput,
) -> Result<wire::ContinueUpdateRollbackOutput, WireError> {
    let skip: BTreeSet<String> = req.resources_to_skip.into_iter().collect();
    let id = change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, &req.stack_name)?);
        if stack.status != StackStatus::UpdateRollbackFailed {
            return Err(invalid(format!("Stack:{} is in {} state and can not be rolled back.", stack.id, stack.status)));
        }
        for name in &skip {
            let failed = cloud.stack_resource(&stack.id, name).is_some_and(|one| one.status == ResourceStatus::UpdateFailed);
            if !failed {
                return Err(invalid(format!("The resource {name} is not in the UPDATE_FAILED state and cannot be skipped")));
            }
        }
        let manner = Manner { token: req.client_request_token.clone(), ..Manner::default() };
        let operation = StackOperation { skip: skip.clone(), ..operation(cloud, c, &stack.id, Phase::UpdateRollback, &manner) };
        cloud.with_stack(&stack.id, |stack| stack.operation = Some(operation));
        cloud.set_stack_status(c, &stack.id, StackStatus::UpdateRollbackInProgress, Some("User Initiated"));
        Ok(stack.id.clone())
    })
    .await?;
    begin(cx, &id).await;
    Ok(wire::ContinueUpdateRollbackOutput {})
}

/// `RollbackStack`: of a creation or an update that failed and was left as it was.
pub async fn rollback_stack(cx: &RequestContext, req: wire::RollbackStackInput) -> Result<wire::RollbackStackOutput, WireError> {
    if req.retain_except_on_create == Some(true) {
        return Err(unserved("RetainExceptOnCreate"));
    }
    let id = change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, &req.stack_name)?);
        let (phase, status) = match stack.status {
            StackStatus::CreateFailed => (Phase::Rollback, StackStatus::RollbackInProgress),
            StackStatus::UpdateFailed => (Phase::UpdateRollback, StackStatus::UpdateRollbackInProgress),
            other => return Err(invalid(format!("Stack:{} is in {other} state and can not be rolled back.", stack.id))),
        };
        let manner = Manner { token: req.client_request_token.clone(), ..Manner::default() };
        let operation = operation(cloud, c, &stack.id, phase, &manner);
        cloud.with_stack(&stack.id, |stack| {
            stack.operation = Some(operation);
            if let (Phase::UpdateRollback, Some(previous)) = (phase, stack.previous.clone()) {
                stack.spec = previous;
            }
        });
        cloud.set_stack_status(c, &stack.id, status, Some("User Initiated"));
        Ok(stack.id.clone())
    })
    .await?;
    begin(cx, &id).await;
    Ok(wire::RollbackStackOutput { stack_id: Some(id.to_string()) })
}

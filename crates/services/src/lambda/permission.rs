//! Resource policies of functions.
use super::errors::word;
use super::function::own;
use crate::request::RequestContext;
use vpclab_cloud::function::Permission;
use vpclab_wire::{WireError, lambda as wire};

/// `AddPermission`.
pub async fn add_permission(cx: &RequestContext, req: wire::AddPermissionRequest) -> Result<wire::AddPermissionResponse, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "AddPermission")?;
    let permission = Permission {
        sid: req.statement_id,
        action: req.action,
        principal: req.principal,
        source_arn: req.source_arn,
        source_account: req.source_account,
        organization: req.principal_org_id,
    };
    let arn = vpclab_cloud::function::function_arn(&cx.scope, &name.name);
    let resource = match &name.qualifier {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    };
    let statement = permission.statement(&resource).to_string();
    cx.change(word, |cloud, c| cloud.add_permission(c, &name.name, name.qualifier.as_deref(), req.revision_id.as_deref(), permission))
        .await?;
    Ok(wire::AddPermissionResponse { statement: Some(statement) })
}

/// `RemovePermission`.
pub async fn remove_permission(cx: &RequestContext, req: wire::RemovePermissionRequest) -> Result<(), WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "RemovePermission")?;
    cx.change(word, |cloud, c| {
        cloud.remove_permission(c, &name.name, name.qualifier.as_deref(), req.revision_id.as_deref(), &req.statement_id)
    })
    .await
}

/// `GetPolicy`.
pub async fn get_policy(cx: &RequestContext, req: wire::GetPolicyRequest) -> Result<wire::GetPolicyResponse, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "GetPolicy")?;
    let found = cx.snapshot().function_policy(&cx.scope, &name.name, name.qualifier.as_deref());
    let (policy, revision) = found.map_err(|why| word(&why))?;
    Ok(wire::GetPolicyResponse { policy: Some(policy), revision_id: Some(revision) })
}

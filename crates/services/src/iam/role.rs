//! Roles.
use super::page::page;
use super::{boundary, document, encoded, found, tag, time, word};
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::iam::{CreateRole, Role};
use vpclab_wire::{WireError, iam as wire};

/// `CreateRole`
pub async fn create_role(cx: &RequestContext, req: wire::CreateRoleRequest) -> Result<wire::CreateRoleResponse, WireError> {
    let input = CreateRole {
        name: req.role_name,
        path: req.path,
        trust: found(document::trust_policy(&req.assume_role_policy_document))?,
        description: req.description,
        max_session: req.max_session_duration.map(|seconds| u32::try_from(seconds).unwrap_or(0)),
        boundary: req.permissions_boundary,
        tags: tag::read(req.tags)?,
    };
    let role = cx.change(word, |cloud, c| cloud.create_role(c, input)).await?;
    Ok(wire::CreateRoleResponse { role: Some(wire::Role { role_last_used: None, ..show(&role) }) })
}

/// `GetRole`
pub async fn get_role(cx: &RequestContext, req: wire::GetRoleRequest) -> Result<wire::GetRoleResponse, WireError> {
    let cloud = cx.snapshot();
    let role = found(cloud.role(&cx.scope.account, &req.role_name))?;
    Ok(wire::GetRoleResponse { role: Some(show(role)) })
}

/// `ListRoles`
pub async fn list_roles(cx: &RequestContext, req: wire::ListRolesRequest) -> Result<wire::ListRolesResponse, WireError> {
    let cloud = cx.snapshot();
    let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
    let roles = cloud.roles_of(&cx.scope.account).filter(|role| role.identity.path.starts_with(&prefix));
    let page = page(roles, |role| role.identity.name.to_lowercase(), req.marker.as_deref(), req.max_items)?.show(|role| in_list(role));
    Ok(wire::ListRolesResponse { roles: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `UpdateRole`
pub async fn update_role(cx: &RequestContext, req: wire::UpdateRoleRequest) -> Result<wire::UpdateRoleResponse, WireError> {
    let seconds = req.max_session_duration.map(|seconds| u32::try_from(seconds).unwrap_or(0));
    cx.change(word, |cloud, c| cloud.update_role(c, &req.role_name, req.description, seconds)).await?;
    Ok(wire::UpdateRoleResponse {})
}

/// `UpdateRoleDescription`
pub async fn update_role_description(
    cx: &RequestContext,
    req: wire::UpdateRoleDescriptionRequest,
) -> Result<wire::UpdateRoleDescriptionResponse, WireError> {
    let changed = cx.change(word, |cloud, c| {
        cloud.update_role(c, &req.role_name, Some(req.description), None)?;
        Ok(Arc::clone(cloud.role(&c.scope.account, &req.role_name)?))
    });
    let role = changed.await?;
    Ok(wire::UpdateRoleDescriptionResponse { role: Some(show(&role)) })
}

/// `UpdateAssumeRolePolicy`
pub async fn update_assume_role_policy(cx: &RequestContext, req: wire::UpdateAssumeRolePolicyRequest) -> Result<(), WireError> {
    let trust = found(document::trust_policy(&req.policy_document))?;
    cx.change(word, |cloud, c| cloud.set_trust_policy(c, &req.role_name, trust)).await
}

/// `DeleteRole`
pub async fn delete_role(cx: &RequestContext, req: wire::DeleteRoleRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.delete_role(c, &req.role_name)).await
}

/// A role with all that is known of it.
pub(super) fn show(role: &Role) -> wire::Role {
    let identity = &role.identity;
    wire::Role {
        path: Some(identity.path.clone()),
        role_name: Some(identity.name.clone()),
        role_id: Some(identity.id.clone()),
        arn: Some(role.arn()),
        create_date: time(identity.created),
        assume_role_policy_document: encoded(role.trust.text()),
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session).ok(),
        permissions_boundary: boundary(identity.boundary.as_ref()),
        tags: tag::show(&identity.tags),
        role_last_used: Some(wire::RoleLastUsed::default()),
    }
}

/// A role as lists show it: without tags, boundary and last use.
pub(super) fn in_list(role: &Role) -> wire::Role {
    wire::Role { permissions_boundary: None, tags: Vec::new(), role_last_used: None, ..show(role) }
}

//! Users.
use super::page::page;
use super::{boundary, found, tag, time, word};
use crate::request::RequestContext;
use vpclab_cloud::iam::{CreateUser, User};
use vpclab_wire::{WireError, iam as wire};

/// `CreateUser`
pub async fn create_user(cx: &RequestContext, req: wire::CreateUserRequest) -> Result<wire::CreateUserResponse, WireError> {
    let input = CreateUser { name: req.user_name, path: req.path, boundary: req.permissions_boundary, tags: tag::read(req.tags)? };
    let user = cx.change(word, |cloud, c| cloud.create_user(c, input)).await?;
    Ok(wire::CreateUserResponse { user: Some(show(&user)) })
}

/// `GetUser`: the caller when no user is named, who may be the account's root.
pub async fn get_user(cx: &RequestContext, req: wire::GetUserRequest) -> Result<wire::GetUserResponse, WireError> {
    let cloud = cx.snapshot();
    let account = &cx.scope.account;
    if req.user_name.is_none() && cx.caller.is_root(account, &cloud) {
        let arn = format!("arn:aws:iam::{account}:root");
        let user = wire::User { user_id: Some(account.to_string()), arn: Some(arn), ..wire::User::default() };
        return Ok(wire::GetUserResponse { user: Some(user) });
    }
    let name = super::user_of(cx, req.user_name)?;
    Ok(wire::GetUserResponse { user: Some(show(found(cloud.user(account, &name))?)) })
}

/// `ListUsers`
pub async fn list_users(cx: &RequestContext, req: wire::ListUsersRequest) -> Result<wire::ListUsersResponse, WireError> {
    let cloud = cx.snapshot();
    let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
    let users = cloud.users_of(&cx.scope.account).filter(|user| user.identity.path.starts_with(&prefix));
    let page = page(users, |user| user.identity.name.to_lowercase(), req.marker.as_deref(), req.max_items)?;
    let page = page.show(|user| wire::User { permissions_boundary: None, tags: Vec::new(), ..show(user) });
    Ok(wire::ListUsersResponse { users: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `UpdateUser`
pub async fn update_user(cx: &RequestContext, req: wire::UpdateUserRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.update_user(c, &req.user_name, req.new_user_name, req.new_path)).await
}

/// `DeleteUser`
pub async fn delete_user(cx: &RequestContext, req: wire::DeleteUserRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.delete_user(c, &req.user_name)).await
}

fn show(user: &User) -> wire::User {
    let identity = &user.identity;
    wire::User {
        path: Some(identity.path.clone()),
        user_name: Some(identity.name.clone()),
        user_id: Some(identity.id.clone()),
        arn: Some(user.arn()),
        create_date: time(identity.created),
        password_last_used: None,
        permissions_boundary: boundary(identity.boundary.as_ref()),
        tags: tag::show(&identity.tags),
    }
}

//! The policies of roles and users: inline ones, attached ones, the boundary. Each operation is there for both.
use super::page::page;
use super::{document, encoded, found, word};
use crate::request::RequestContext;
use vpclab_cloud::iam::Holder;
use vpclab_wire::{WireError, iam as wire};

macro_rules! put {
    ($($name:ident $Request:ident $kind:ident $holder:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub async fn $name(cx: &RequestContext, req: wire::$Request) -> Result<(), WireError> {
            let document = found(document::identity_policy(&req.policy_document))?;
            let holder = Holder::$kind(req.$holder);
            cx.change(word, |cloud, c| cloud.put_inline_policy(c, &holder, &req.policy_name, document)).await
        }
    )*};
}
put! {
    put_role_policy PutRolePolicyRequest Role role_name;
    put_user_policy PutUserPolicyRequest User user_name;
}

macro_rules! get {
    ($($name:ident $Request:ident $Response:ident $kind:ident $holder:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub async fn $name(cx: &RequestContext, req: wire::$Request) -> Result<wire::$Response, WireError> {
            let (cloud, holder) = (cx.snapshot(), Holder::$kind(req.$holder.clone()));
            let policy = found(cloud.inline_policy(&cx.scope.account, &holder, &req.policy_name))?;
            let policy_document = encoded(policy.text());
            Ok(wire::$Response { $holder: Some(req.$holder), policy_name: Some(req.policy_name), policy_document })
        }
    )*};
}
get! {
    get_role_policy GetRolePolicyRequest GetRolePolicyResponse Role role_name;
    get_user_policy GetUserPolicyRequest GetUserPolicyResponse User user_name;
}

macro_rules! list {
    ($($name:ident $Request:ident $Response:ident $kind:ident $holder:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub async fn $name(cx: &RequestContext, req: wire::$Request) -> Result<wire::$Response, WireError> {
            let (cloud, holder) = (cx.snapshot(), Holder::$kind(req.$holder));
            let identity = found(cloud.identity(&cx.scope.account, &holder))?;
            let page = page(identity.inline_policies.keys().cloned(), Clone::clone, req.marker.as_deref(), req.max_items)?;
            Ok(wire::$Response { policy_names: page.items, is_truncated: page.is_truncated, marker: page.marker })
        }
    )*};
}
list! {
    list_role_policies ListRolePoliciesRequest ListRolePoliciesResponse Role role_name;
    list_user_policies ListUserPoliciesRequest ListUserPoliciesResponse User user_name;
}

macro_rules! list_attached {
    ($($name:ident $Request:ident $Response:ident $kind:ident $holder:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub async fn $name(cx: &RequestContext, req: wire::$Request) -> Result<wire::$Response, WireError> {
            let (cloud, holder) = (cx.snapshot(), Holder::$kind(req.$holder));
            let identity = found(cloud.identity(&cx.scope.account, &holder))?;
            let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
            let attached = identity.attached_policies.iter().filter(|arn| path_of(arn).starts_with(&prefix));
            let page = page(attached, |arn| (*arn).clone(), req.marker.as_deref(), req.max_items)?.show(|arn| attached_policy(arn));
            Ok(wire::$Response { attached_policies: page.items, is_truncated: page.is_truncated, marker: page.marker })
        }
    )*};
}
list_attached! {
    list_attached_role_policies ListAttachedRolePoliciesRequest ListAttachedRolePoliciesResponse Role role_name;
    list_attached_user_policies ListAttachedUserPoliciesRequest ListAttachedUserPoliciesResponse User user_name;
}

macro_rules! simple {
    ($($name:ident $Request:ident $kind:ident $holder:ident: |$cloud:ident, $c:ident, $of:ident, $req:ident| $act:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub async fn $name(cx: &RequestContext, $req: wire::$Request) -> Result<(), WireError> {
            let $of = Holder::$kind($req.$holder);
            cx.change(word, |$cloud, $c| $act).await
        }
    )*};
}
simple! {
    delete_role_policy DeleteRolePolicyRequest Role role_name: |cloud, c, of, req| cloud.delete_inline_policy(c, &of, &req.policy_name);
    delete_user_policy DeleteUserPolicyRequest User user_name: |cloud, c, of, req| cloud.delete_inline_policy(c, &of, &req.policy_name);
    attach_role_policy AttachRolePolicyRequest Role role_name: |cloud, c, of, req| cloud.attach_policy(c, &of, &req.policy_arn);
    attach_user_policy AttachUserPolicyRequest User user_name: |cloud, c, of, req| cloud.attach_policy(c, &of, &req.policy_arn);
    detach_role_policy DetachRolePolicyRequest Role role_name: |cloud, c, of, req| cloud.detach_policy(c, &of, &req.policy_arn);
    detach_user_policy DetachUserPolicyRequest User user_name: |cloud, c, of, req| cloud.detach_policy(c, &of, &req.policy_arn);
    put_role_permissions_boundary PutRolePermissionsBoundaryRequest Role role_name:
        |cloud, c, of, req| cloud.set_permissions_boundary(c, &of, Some(req.permissions_boundary));
    put_user_permissions_boundary PutUserPermissionsBoundaryRequest User user_name:
        |cloud, c, of, req| cloud.set_permissions_boundary(c, &of, Some(req.permissions_boundary));
    delete_role_permissions_boundary DeleteRolePermissionsBoundaryRequest Role role_name:
        |cloud, c, of, req| cloud.set_permissions_boundary(c, &of, None);
    delete_user_permissions_boundary DeleteUserPermissionsBoundaryRequest User user_name:
        |cloud, c, of, req| cloud.set_permissions_boundary(c, &of, None);
}

/// `/service-role/` of `arn:aws:iam::aws:policy/service-role/NAME`.
fn path_of(arn: &str) -> &str {
    let from = arn.find('/').unwrap_or(arn.len());
    let to = arn.rfind('/').map_or(arn.len(), |at| at + 1);
    arn.get(from..to).unwrap_or("/")
}

fn attached_policy(arn: &str) -> wire::AttachedPolicy {
    wire::AttachedPolicy { policy_name: arn.rsplit('/').next().map(str::to_owned), policy_arn: Some(arn.to_owned()) }
}

//! AWS Identity and Access Management. Its entities are records: the trust policy of a role says who can assume it, and policies of
//! identities bind no call to the lab's own port (`docs/decisions` says why).
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/>
mod access_key;
mod document;
mod inline_policy;
mod instance_profile;
mod managed_policy;
mod page;
mod policy_version;
mod role;
mod tag;
mod user;

pub use access_key::{create_access_key, delete_access_key, get_access_key_last_used, list_access_keys, update_access_key};
pub use document::{identity_policy, trust_policy};
pub use inline_policy::{
    attach_role_policy, attach_user_policy, delete_role_permissions_boundary, delete_role_policy, delete_user_permissions_boundary,
    delete_user_policy, detach_role_policy, detach_user_policy, get_role_policy, get_user_policy, list_attached_role_policies,
    list_attached_user_policies, list_role_policies, list_user_policies, put_role_permissions_boundary, put_role_policy,
    put_user_permissions_boundary, put_user_policy,
};
pub use instance_profile::{
    add_role_to_instance_profile, create_instance_profile, delete_instance_profile, get_instance_profile, list_instance_profiles,
    list_instance_profiles_for_role, remove_role_from_instance_profile,
};
pub use managed_policy::{create_policy, delete_policy, get_policy, list_entities_for_policy, list_policies};
pub use policy_version::{
    create_policy_version, delete_policy_version, get_policy_version, list_policy_versions, set_default_policy_version,
};
pub use role::{create_role, delete_role, get_role, list_roles, update_assume_role_policy, update_role, update_role_description};
pub use tag::{
    list_instance_profile_tags, list_policy_tags, list_role_tags, list_user_tags, tag_instance_profile, tag_policy, tag_role, tag_user,
    untag_instance_profile, untag_policy, untag_role, untag_user,
};
pub use user::{create_user, delete_user, get_user, list_users, update_user};

#[cfg(test)]
mod tests;

use crate::request::RequestContext;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vpclab_cloud::{IamRefusal as I, Refusal, Timestamp};
use vpclab_wire::{WireError, iam as wire};

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let Refusal::Iam(why) = refusal else {
        // Refusals of other services cannot come out of operations of IAM; whatever does was asked wrongly.
        return WireError::new(400, "InvalidInput", refusal.to_string());
    };
    let (status, code) = match why {
        I::NotFound(_) => (404, "NoSuchEntity"),
        I::Exists(_) => (409, "EntityAlreadyExists"),
        I::DeleteConflict(_) => (409, "DeleteConflict"),
        I::Limit(_) => (409, "LimitExceeded"),
        I::MalformedPolicy(_) => (400, "MalformedPolicyDocument"),
        I::InvalidInput(_) => (400, "InvalidInput"),
        I::Constraint(_) => (400, "ValidationError"),
    };
    WireError::new(status, code, why.to_string())
}

fn constraint(text: impl Into<String>) -> WireError {
    word(&I::Constraint(text.into()).into())
}

fn found<T>(answer: Result<T, Refusal>) -> Result<T, WireError> {
    answer.map_err(|refusal| word(&refusal))
}

/// What RFC 3986 leaves as it is: documents are answered percent-encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(document: &str) -> Option<String> {
    Some(utf8_percent_encode(document, ENCODED).to_string())
}

/// IAM's times have no fraction of a second.
fn time(at: Timestamp) -> Option<vpclab_wire::Timestamp> {
    Some(vpclab_wire::Timestamp::from_millis(at.0).whole_seconds())
}

fn boundary(arn: Option<&String>) -> Option<wire::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".into()),
        permissions_boundary_arn: Some(arn.clone()),
    })
}

/// `ListAccountAliases`: accounts of a lab have none.
pub async fn list_account_aliases(
    _: &RequestContext,
    req: wire::ListAccountAliasesRequest,
) -> Result<wire::ListAccountAliasesResponse, WireError> {
    let page = page::page(Vec::<String>::new(), Clone::clone, req.marker.as_deref(), req.max_items)?;
    Ok(wire::ListAccountAliasesResponse { account_aliases: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// The user of a request: named, or else the caller.
fn user_of(cx: &RequestContext, name: Option<String>) -> Result<String, WireError> {
    match (name, cx.caller.user(&cx.scope.account, &cx.snapshot())) {
        (Some(name), _) | (None, Some(name)) => Ok(name),
        (None, None) => Err(constraint("Must specify userName when calling with non-User credentials")),
    }
}

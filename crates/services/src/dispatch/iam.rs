//! IAM: operation -> handler.

use http::request::Parts;
use vpclab_wire::WireError;
use vpclab_wire::iam::{Operation, PROTOCOL, UNSERVED, VERSION};
use vpclab_wire::query::Params;

use super::{Handler, by_action, table};
use crate::iam;

table!(iam, Params, {
    AddRoleToInstanceProfile => iam::add_role_to_instance_profile,
    AttachRolePolicy => iam::attach_role_policy,
    AttachUserPolicy => iam::attach_user_policy,
    CreateAccessKey => iam::create_access_key,
    CreateInstanceProfile => iam::create_instance_profile,
    CreatePolicy => iam::create_policy,
    CreatePolicyVersion => iam::create_policy_version,
    CreateRole => iam::create_role,
    CreateUser => iam::create_user,
    DeleteAccessKey => iam::delete_access_key,
    DeleteInstanceProfile => iam::delete_instance_profile,
    DeletePolicy => iam::delete_policy,
    DeletePolicyVersion => iam::delete_policy_version,
    DeleteRole => iam::delete_role,
    DeleteRolePermissionsBoundary => iam::delete_role_permissions_boundary,
    DeleteRolePolicy => iam::delete_role_policy,
    DeleteUser => iam::delete_user,
    DeleteUserPermissionsBoundary => iam::delete_user_permissions_boundary,
    DeleteUserPolicy => iam::delete_user_policy,
    DetachRolePolicy => iam::detach_role_policy,
    DetachUserPolicy => iam::detach_user_policy,
    GetAccessKeyLastUsed => iam::get_access_key_last_used,
    GetInstanceProfile => iam::get_instance_profile,
    GetPolicy => iam::get_policy,
    GetPolicyVersion => iam::get_policy_version,
    GetRole => iam::get_role,
    GetRolePolicy => iam::get_role_policy,
    GetUser => iam::get_user,
    GetUserPolicy => iam::get_user_policy,
    ListAccessKeys => iam::list_access_keys,
    ListAttachedRolePolicies => iam::list_attached_role_policies,
    ListAttachedUserPolicies => iam::list_attached_user_policies,
    ListEntitiesForPolicy => iam::list_entities_for_policy,
    ListInstanceProfileTags => iam::list_instance_profile_tags,
    ListInstanceProfiles => iam::list_instance_profiles,
    ListInstanceProfilesForRole => iam::list_instance_profiles_for_role,
    ListPolicies => iam::list_policies,
    ListPolicyTags => iam::list_policy_tags,
    ListPolicyVersions => iam::list_policy_versions,
    ListRolePolicies => iam::list_role_policies,
    ListRoleTags => iam::list_role_tags,
    ListRoles => iam::list_roles,
    ListUserPolicies => iam::list_user_policies,
    ListUserTags => iam::list_user_tags,
    ListUsers => iam::list_users,
    PutRolePermissionsBoundary => iam::put_role_permissions_boundary,
    PutRolePolicy => iam::put_role_policy,
    PutUserPermissionsBoundary => iam::put_user_permissions_boundary,
    PutUserPolicy => iam::put_user_policy,
    RemoveRoleFromInstanceProfile => iam::remove_role_from_instance_profile,
    SetDefaultPolicyVersion => iam::set_default_policy_version,
    TagInstanceProfile => iam::tag_instance_profile,
    TagPolicy => iam::tag_policy,
    TagRole => iam::tag_role,
    TagUser => iam::tag_user,
    UntagInstanceProfile => iam::untag_instance_profile,
    UntagPolicy => iam::untag_policy,
    UntagRole => iam::untag_role,
    UntagUser => iam::untag_user,
    UpdateAccessKey => iam::update_access_key,
    UpdateAssumeRolePolicy => iam::update_assume_role_policy,
    UpdateRole => iam::update_role,
    UpdateRoleDescription => iam::update_role_description,
    UpdateUser => iam::update_user,
    ListAccountAliases => iam::list_account_aliases,
});

/// The handler of the request's action.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<Params>, Params), WireError> {
    by_action("iam", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, VERSION), (parts, body))
}

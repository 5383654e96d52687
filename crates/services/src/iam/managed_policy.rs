//! Managed policies: the account's own and AWS's.
use super::page::page;
use super::{constraint, document, found, tag, time, word};
use crate::request::RequestContext;
use vpclab_cloud::iam::{AnyPolicy, CreatePolicy, Identity, ManagedPolicy, aws_policy};
use vpclab_cloud::{AccountId, Cloud, Timestamp};
use vpclab_wire::{WireError, iam as wire};

/// When AWS's policies are said to have been made: IAM is of that day.
pub(super) const AWS_CREATED: Timestamp = Timestamp(1_423_180_800_000);

/// `CreatePolicy`
pub async fn create_policy(cx: &RequestContext, req: wire::CreatePolicyRequest) -> Result<wire::CreatePolicyResponse, WireError> {
    let input = CreatePolicy {
        name: req.policy_name,
        path: req.path,
        document: found(document::identity_policy(&req.policy_document))?,
        description: req.description,
        tags: tag::read(req.tags)?,
    };
    let policy = cx.change(word, |cloud, c| cloud.create_policy(c, input)).await?;
    Ok(wire::CreatePolicyResponse { policy: Some(own(&cx.snapshot(), &policy)) })
}

/// `GetPolicy`
pub async fn get_policy(cx: &RequestContext, req: wire::GetPolicyRequest) -> Result<wire::GetPolicyResponse, WireError> {
    let cloud = cx.snapshot();
    let policy = found(cloud.any_policy(&cx.scope.account, &req.policy_arn))?;
    Ok(wire::GetPolicyResponse { policy: Some(show(&cloud, &cx.scope.account, policy)) })
}

/// `ListPolicies`
pub async fn list_policies(cx: &RequestContext, req: wire::ListPoliciesRequest) -> Result<wire::ListPoliciesResponse, WireError> {
    let (cloud, account) = (cx.snapshot(), &cx.scope.account);
    let (with_own, with_aws) = match req.scope.as_deref() {
        None | Some("All") => (true, true),
        Some("Local") => (true, false),
        Some("AWS") => (false, true),
        Some(other) => return Err(not_in_enum(other, "scope", "[AWS, Local, All]")),
    };
    let as_boundary = match req.policy_usage_filter.as_deref() {
        None | Some("PermissionsPolicy") => false,
        Some("PermissionsBoundary") => true,
        Some(other) => return Err(not_in_enum(other, "policyUsageFilter", "[PermissionsBoundary, PermissionsPolicy]")),
    };
    let own = cloud.managed_policies_of(account).filter(|_| with_own).map(AnyPolicy::Own);
    let aws = aws_policy::ALL.iter().filter(|_| with_aws).map(AnyPolicy::Aws);
    let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
    let used = |policy: &wire::Policy| match (req.only_attached.unwrap_or(false), as_boundary) {
        (false, _) => true,
        (true, false) => policy.attachment_count != Some(0),
        (true, true) => policy.permissions_boundary_usage_count != Some(0),
    };
    let listed = |policy| wire::Policy { description: None, tags: Vec::new(), ..show(&cloud, account, policy) };
    let mut policies: Vec<wire::Policy> = own.chain(aws).map(listed).collect();
    policies.retain(|policy| policy.path.as_ref().is_some_and(|path| path.starts_with(&prefix)) && used(policy));
    policies.sort_by_cached_key(sort_key);
    let page = page(policies, sort_key, req.marker.as_deref(), req.max_items)?;
    Ok(wire::ListPoliciesResponse { policies: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// By name, and of two with one name the account's own by its ARN.
fn sort_key(policy: &wire::Policy) -> String {
    format!("{} {}", policy.policy_name.clone().unwrap_or_default().to_lowercase(), policy.arn.clone().unwrap_or_default())
}

/// `ListEntitiesForPolicy`: there are no groups.
pub async fn list_entities_for_policy(
    cx: &RequestContext,
    req: wire::ListEntitiesForPolicyRequest,
) -> Result<wire::ListEntitiesForPolicyResponse, WireError> {
    let (cloud, account) = (cx.snapshot(), &cx.scope.account);
    found(cloud.any_policy(account, &req.policy_arn))?;
    let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
    let (attached, bounded) = match req.policy_usage_filter.as_deref() {
        None => (true, true),
        Some("PermissionsPolicy") => (true, false),
        Some("PermissionsBoundary") => (false, true),
        Some(other) => return Err(not_in_enum(other, "policyUsageFilter", "[PermissionsBoundary, PermissionsPolicy]")),
    };
    let has = |identity: &Identity| {
        let uses = attached && identity.attached_policies.contains(&req.policy_arn)
            || bounded && identity.boundary.as_ref() == Some(&req.policy_arn);
        uses && identity.path.starts_with(&prefix)
    };
    let (roles, users) = match req.entity_filter.as_deref() {
        None => (true, true),
        Some("Role") => (true, false),
        Some("User") => (false, true),
        Some("Group" | "LocalManagedPolicy" | "AWSManagedPolicy") => (false, false),
        Some(other) => return Err(not_in_enum(other, "entityFilter", "[User, Role, Group, LocalManagedPolicy, AWSManagedPolicy]")),
    };
    let roles = cloud.roles_of(account).filter(|_| roles).map(|role| (false, &role.identity));
    let users = cloud.users_of(account).filter(|_| users).map(|user| (true, &user.identity));
    let holders = users.chain(roles).filter(|(_, identity)| has(identity));
    // `false` stands before `true`: roles come in the first pages.
    let mut holders: Vec<(bool, &Identity)> = holders.collect();
    holders.sort_by_key(|(is_user, identity)| (*is_user, identity.name.to_lowercase()));
    let key = |(is_user, identity): &(bool, &Identity)| format!("{} {}", u8::from(*is_user), identity.name.to_lowercase());
    let page = page(holders, key, req.marker.as_deref(), req.max_items)?;
    let mut answer = wire::ListEntitiesForPolicyResponse { is_truncated: page.is_truncated, marker: page.marker, ..Default::default() };
    for (is_user, identity) in page.items {
        let (name, id) = (Some(identity.name.clone()), Some(identity.id.clone()));
        if is_user {
            answer.policy_users.push(wire::PolicyUser { user_name: name, user_id: id });
        } else {
            answer.policy_roles.push(wire::PolicyRole { role_name: name, role_id: id });
        }
    }
    Ok(answer)
}

/// `DeletePolicy`
pub async fn delete_policy(cx: &RequestContext, req: wire::DeletePolicyRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.delete_policy(c, &req.policy_arn)).await
}

fn show(cloud: &Cloud, account: &AccountId, policy: AnyPolicy<'_>) -> wire::Policy {
    let policy = match policy {
        AnyPolicy::Own(policy) => return own(cloud, policy),
        AnyPolicy::Aws(policy) => policy,
    };
    let (attached, bounding) = cloud.policy_uses(account, &policy.arn());
    wire::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id()),
        arn: Some(policy.arn()),
        path: Some(policy.path.to_owned()),
        default_version_id: Some("v1".to_owned()),
        attachment_count: i32::try_from(attached).ok(),
        permissions_boundary_usage_count: i32::try_from(bounding).ok(),
        is_attachable: Some(true),
        description: None,
        create_date: time(AWS_CREATED),
        update_date: time(AWS_CREATED),
        tags: Vec::new(),
    }
}

fn own(cloud: &Cloud, policy: &ManagedPolicy) -> wire::Policy {
    let (attached, bounding) = cloud.policy_uses(&policy.account, &policy.arn());
    wire::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn()),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: i32::try_from(attached).ok(),
        permissions_boundary_usage_count: i32::try_from(bounding).ok(),
        is_attachable: Some(true),
        description: policy.description.clone(),
        create_date: time(policy.created),
        update_date: time(policy.updated),
        tags: tag::show(&policy.tags),
    }
}

fn not_in_enum(value: &str, member: &str, legal: &str) -> WireError {
    constraint(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: {legal}"
    ))
}

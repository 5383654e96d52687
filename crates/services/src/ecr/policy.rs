//! Who may use a repository, and which images it would remove. Both are read and kept.
use super::{check_registry, invalid, word};
use crate::request::RequestContext;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::repository::Repository;
use vpclab_policy::{Policy, parse_json};
use vpclab_wire::{WireError, ecr as wire};

/// The most characters of a policy of a repository, and of its lifecycle.
const POLICY_MOST: usize = 10_240;
const LIFECYCLE_MOST: usize = 30_720;

/// `SetRepositoryPolicy`
pub async fn set_repository_policy(
    cx: &RequestContext,
    req: wire::SetRepositoryPolicyRequest,
) -> Result<wire::SetRepositoryPolicyResponse, WireError> {
    check_registry(cx, req.registry_id.as_deref(), &req.repository_name)?;
    check_repository_policy(&req.policy_text)?;
    let policy_text = Some(req.policy_text);
    let edited = edit(cx, &req.repository_name, |found| found.policy.clone_from(&policy_text)).await?;
    let (registry_id, repository_name) = whose(&edited);
    Ok(wire::SetRepositoryPolicyResponse { registry_id, repository_name, policy_text })
}

/// `GetRepositoryPolicy`
pub async fn get_repository_policy(
    cx: &RequestContext,
    req: wire::GetRepositoryPolicyRequest,
) -> Result<wire::GetRepositoryPolicyResponse, WireError> {
    let found = found(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let policy_text = Some(found.policy.clone().ok_or_else(|| no_policy(&found))?);
    let (registry_id, repository_name) = whose(&found);
    Ok(wire::GetRepositoryPolicyResponse { registry_id, repository_name, policy_text })
}

/// `DeleteRepositoryPolicy`
pub async fn delete_repository_policy(
    cx: &RequestContext,
    req: wire::DeleteRepositoryPolicyRequest,
) -> Result<wire::DeleteRepositoryPolicyResponse, WireError> {
    let found = found(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let policy_text = Some(found.policy.clone().ok_or_else(|| no_policy(&found))?);
    edit(cx, &req.repository_name, |found| found.policy = None).await?;
    let (registry_id, repository_name) = whose(&found);
    Ok(wire::DeleteRepositoryPolicyResponse { registry_id, repository_name, policy_text })
}

/// `PutLifecyclePolicy`
pub async fn put_lifecycle_policy(
    cx: &RequestContext,
    req: wire::PutLifecyclePolicyRequest,
) -> Result<wire::PutLifecyclePolicyResponse, WireError> {
    check_registry(cx, req.registry_id.as_deref(), &req.repository_name)?;
    check_lifecycle_policy(&req.lifecycle_policy_text)?;
    let lifecycle_policy_text = Some(req.lifecycle_policy_text);
    let edited = edit(cx, &req.repository_name, |found| found.lifecycle_policy.clone_from(&lifecycle_policy_text)).await?;
    let (registry_id, repository_name) = whose(&edited);
    Ok(wire::PutLifecyclePolicyResponse { registry_id, repository_name, lifecycle_policy_text })
}

/// `GetLifecyclePolicy`
pub async fn get_lifecycle_policy(
    cx: &RequestContext,
    req: wire::GetLifecyclePolicyRequest,
) -> Result<wire::GetLifecyclePolicyResponse, WireError> {
    let found = found(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let lifecycle_policy_text = Some(found.lifecycle_policy.clone().ok_or_else(|| no_lifecycle(&found))?);
    let (registry_id, repository_name) = whose(&found);
    Ok(wire::GetLifecyclePolicyResponse { registry_id, repository_name, lifecycle_policy_text, last_evaluated_at: None })
}

/// `DeleteLifecyclePolicy`
pub async fn delete_lifecycle_policy(
    cx: &RequestContext,
    req: wire::DeleteLifecyclePolicyRequest,
) -> Result<wire::DeleteLifecyclePolicyResponse, WireError> {
    let found = found(cx, req.registry_id.as_deref(), &req.repository_name)?;
    let lifecycle_policy_text = Some(found.lifecycle_policy.clone().ok_or_else(|| no_lifecycle(&found))?);
    edit(cx, &req.repository_name, |found| found.lifecycle_policy = None).await?;
    let (registry_id, repository_name) = whose(&found);
    Ok(wire::DeleteLifecyclePolicyResponse { registry_id, repository_name, lifecycle_policy_text, last_evaluated_at: None })
}

/// Reads a repository's policy: it has principals and no resources, for it is on its resource.
///
/// # Errors
/// `InvalidParameterException` when it is none.
pub fn check_repository_policy(text: &str) -> Result<(), WireError> {
    let wrong = |why: &str| invalid("PolicyText", &format!("Invalid repository policy provided: {why}"));
    if text.chars().count() > POLICY_MOST {
        return Err(wrong("it is longer than 10240 characters"));
    }
    let value = parse_json(text).map_err(|why| wrong(&why.to_string()))?;
    Policy::from_value(&value).map_err(|why| wrong(&why.to_string()))?;
    let statements = value.get("Statement").map(|list| list.as_array().map_or_else(|| vec![list], |list| list.iter().collect()));
    for statement in statements.unwrap_or_default() {
        if statement.get("Principal").is_none() && statement.get("NotPrincipal").is_none() {
            return Err(wrong("a statement has no Principal"));
        }
        if statement.get("Resource").is_some() || statement.get("NotResource").is_some() {
            return Err(wrong("a statement has a Resource"));
        }
    }
    Ok(())
}

/// Reads a lifecycle policy.
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>
///
/// # Errors
/// `InvalidParameterException` when it is none.
pub fn check_lifecycle_policy(text: &str) -> Result<(), WireError> {
    let wrong = |why: &str| invalid("LifecyclePolicyText", &format!("Lifecycle policy validation failure: {why}"));
    if text.chars().count() > LIFECYCLE_MOST {
        return Err(wrong("it is longer than 30720 characters"));
    }
    let value = parse_json(text).map_err(|why| wrong(&why.to_string()))?;
    let rules =
        value.get("rules").and_then(Value::as_array).ok_or_else(|| wrong("object has missing required properties ([\"rules\"])"))?;
    let mut priorities = BTreeSet::new();
    for rule in rules {
        let priority = rule.get("rulePriority").and_then(Value::as_i64).filter(|priority| *priority > 0);
        let priority = priority.ok_or_else(|| wrong("a rule has no rulePriority"))?;
        if !priorities.insert(priority) {
            return Err(wrong("Duplicate rulePriority found"));
        }
        let at = |path: &str| rule.pointer(path).and_then(Value::as_str);
        if !at("/selection/tagStatus").is_some_and(|status| ["tagged", "untagged", "any"].contains(&status)) {
            return Err(wrong("selection.tagStatus is one of tagged, untagged and any"));
        }
        if !at("/selection/countType").is_some_and(|kind| ["imageCountMoreThan", "sinceImagePushed"].contains(&kind)) {
            return Err(wrong("vpclab takes a selection.countType of imageCountMoreThan or sinceImagePushed"));
        }
        if rule.pointer("/selection/countNumber").and_then(Value::as_i64).is_none_or(|count| count <= 0) {
            return Err(wrong("selection.countNumber is a number of at least 1"));
        }
        if at("/action/type") != Some("expire") {
            return Err(wrong("vpclab takes an action.type of expire"));
        }
    }
    Ok(())
}

fn found(cx: &RequestContext, registry: Option<&str>, name: &str) -> Result<Arc<Repository>, WireError> {
    check_registry(cx, registry, name)?;
    cx.snapshot().repository(&cx.scope, name).cloned().map_err(|refusal| word(&refusal))
}

async fn edit(cx: &RequestContext, name: &str, edit: impl FnOnce(&mut Repository)) -> Result<Arc<Repository>, WireError> {
    cx.change(word, |cloud, c| cloud.edit_repository(c, name, edit)).await
}

fn whose(repository: &Repository) -> (Option<String>, Option<String>) {
    (Some(repository.scope.account.to_string()), Some(repository.name.clone()))
}

fn no_policy(repository: &Repository) -> WireError {
    let (name, registry) = (&repository.name, &repository.scope.account);
    let text = format!("Repository policy does not exist for the repository with name '{name}' in the registry with id '{registry}'");
    WireError::new(400, "RepositoryPolicyNotFoundException", text)
}

fn no_lifecycle(repository: &Repository) -> WireError {
    let (name, registry) = (&repository.name, &repository.scope.account);
    let text = format!("Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{registry}'");
    WireError::new(400, "LifecyclePolicyNotFoundException", text)
}

//! Stack policies: which updates of which resources are allowed.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html>
use super::errors::{change, invalid};
use super::request;
use super::stack::{find, living};
use crate::request::RequestContext;
use serde_json::Value;
use std::sync::Arc;
use vpclab_cloud::change_set::{ChangeAction, Replacement, ResourceChange};
use vpclab_wire::{WireError, cloudformation as wire};

/// The longest policy.
const MAX: usize = 16_384;

/// `SetStackPolicy`
pub async fn set_stack_policy(cx: &RequestContext, req: wire::SetStackPolicyInput) -> Result<(), WireError> {
    let policy = read(cx, req.stack_policy_body, req.stack_policy_url).await?;
    change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, &req.stack_name)?);
        cloud.with_stack(&stack.id, |stack| stack.policy = policy);
        Ok(())
    })
    .await
}

/// `GetStackPolicy`
pub async fn get_stack_policy(cx: &RequestContext, req: wire::GetStackPolicyInput) -> Result<wire::GetStackPolicyOutput, WireError> {
    let stack_policy_body = find(&cx.snapshot(), &cx.scope, &req.stack_name)?.policy.clone();
    Ok(wire::GetStackPolicyOutput { stack_policy_body })
}

/// The policy of a request.
///
/// # Errors
/// A policy that is none.
pub async fn read(cx: &RequestContext, body: Option<String>, url: Option<String>) -> Result<Option<String>, WireError> {
    let text = match (body, url) {
        (None, None) => return Ok(None),
        (Some(body), None) => body,
        (None, Some(url)) => request::at(cx, &url).await?,
        (Some(_), Some(_)) => return Err(invalid("You cannot specify both StackPolicyBody and StackPolicyURL")),
    };
    if text.len() > MAX {
        return Err(invalid(format!("Stack policy is longer than {MAX} bytes")));
    }
    let policy: Value = serde_json::from_str(&text).map_err(|why| invalid(format!("Error validating stack policy: {why}")))?;
    for statement in statements(&policy) {
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) || statement.get("Principal").is_none() {
            return Err(invalid("Error validating stack policy: Invalid stack policy"));
        }
        if words(statement.get("Action")).is_empty() && words(statement.get("NotAction")).is_empty() {
            return Err(invalid("Error validating stack policy: Invalid stack policy"));
        }
    }
    if statements(&policy).is_empty() {
        return Err(invalid("Error validating stack policy: Invalid stack policy"));
    }
    Ok(Some(text))
}

/// Refuses an update of which the policy does not allow every change.
///
/// # Errors
/// The first change that is not allowed.
pub fn check(policy: Option<&str>, changes: &[ResourceChange]) -> Result<(), WireError> {
    let Some(policy) = policy.and_then(|text| serde_json::from_str::<Value>(text).ok()) else { return Ok(()) };
    for change in changes {
        let actions: &[&str] = match (change.action, change.replacement) {
            (ChangeAction::Add, _) => continue,
            (ChangeAction::Remove, _) => &["Update:Delete"],
            (ChangeAction::Modify, Some(Replacement::True)) => &["Update:Replace"],
            (ChangeAction::Modify, Some(Replacement::Conditional)) => &["Update:Modify", "Update:Replace"],
            (ChangeAction::Modify, _) => &["Update:Modify"],
        };
        if !actions.iter().all(|action| is_allowed(&policy, action, change)) {
            return Err(invalid(format!(
                "Action denied by stack policy: Statement [#1] does not allow [{}] for resource [LogicalResourceId/{}]",
                actions.join(", "),
                change.logical
            )));
        }
    }
    Ok(())
}

fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

fn words(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Everything is denied that no statement allows, once there is a policy.
fn is_allowed(policy: &Value, action: &str, change: &ResourceChange) -> bool {
    let resource = format!("LogicalResourceId/{}", change.logical);
    let physical = format!("PhysicalResourceId/{}", change.physical.as_deref().unwrap_or_default());
    let matches = |statement: &Value, member: &str, candidates: &[&str]| {
        let listed = words(statement.get(member));
        if !listed.is_empty() {
            return listed.iter().any(|pattern| candidates.iter().any(|text| wildcard(pattern, text)));
        }
        let not = words(statement.get(format!("Not{member}")));
        not.is_empty() || !not.iter().any(|pattern| candidates.iter().any(|text| wildcard(pattern, text)))
    };
    let of_type = |statement: &Value| {
        let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return true };
        condition.iter().all(|(operator, keys)| {
            let listed = words(keys.get("ResourceType"));
            let found = listed
                .iter()
                .any(|pattern| if operator.ends_with("Like") { wildcard(pattern, &change.kind) } else { *pattern == change.kind });
            if operator.contains("Not") { !found } else { found }
        })
    };
    let applies = |statement: &&Value| {
        matches(statement, "Action", &[action]) && matches(statement, "Resource", &[&resource, &physical]) && of_type(statement)
    };
    let effects: Vec<_> = statements(policy).into_iter().filter(applies).filter_map(|one| one.get("Effect")?.as_str()).collect();
    effects.contains(&"Allow") && !effects.contains(&"Deny")
}

fn wildcard(pattern: &str, text: &str) -> bool {
    crate::ec2::filters::wildcard(pattern, text)
}

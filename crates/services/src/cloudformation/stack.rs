//! Stacks.
use super::draft::{DraftError, draft};
use super::errors::{change, constraint, invalid, no_stack, unserved};
use super::start::{self, Begun, Manner};
use super::{policy, request};
use crate::request::RequestContext;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use vpclab_cloud::stack::{OnFailure, Phase, StackStatus};
use vpclab_cloud::{Cloud, Scope, Stack, StackId};
use vpclab_wire::{Timestamp, WireError, cloudformation as wire};

pub mod rollback;

/// How long an answer waits for the end of the operation it began. Clients that poll ask next after many seconds.
const ANSWER_WAITS: Duration = Duration::from_millis(1000);
/// How many stacks a page has.
const PAGE: usize = 100;

/// Starts the stack's task, and gives it a moment to come to its end.
pub(super) async fn begin(cx: &RequestContext, id: &StackId) {
    cx.engine.runners().ensure(&cx.engine, id);
    cx.engine.runners().wait(id, ANSWER_WAITS).await;
}

/// The living stack of that name, or the one of that id.
pub(super) fn find<'a>(cloud: &'a Cloud, scope: &Scope, name: &str) -> Result<&'a Arc<Stack>, WireError> {
    cloud.stack_named(scope, name).ok_or_else(|| no_stack(name))
}

/// A stack to be changed: a deleted one is not there.
pub(super) fn living<'a>(cloud: &'a Cloud, scope: &Scope, name: &str) -> Result<&'a Arc<Stack>, WireError> {
    find(cloud, scope, name).and_then(|stack| if stack.is_living() { Ok(stack) } else { Err(no_stack(name)) })
}

/// `CreateStack`
pub async fn create_stack(cx: &RequestContext, req: wire::CreateStackInput) -> Result<wire::CreateStackOutput, WireError> {
    request::refuse(&req.notification_ar_ns, &req.resource_types, req.rollback_configuration.as_ref())?;
    if req.retain_except_on_create == Some(true) {
        return Err(unserved("RetainExceptOnCreate"));
    }
    let on_failure = match (req.on_failure.as_deref(), req.disable_rollback) {
        (Some(_), Some(_)) => return Err(invalid("You can specify either DisableRollback or OnFailure, but not both.")),
        (Some(word), None) => OnFailure::parse(word)
            .ok_or_else(|| constraint(word, "onFailure", "Member must satisfy enum value set: [ROLLBACK, DELETE, DO_NOTHING]"))?,
        (None, Some(true)) => OnFailure::DoNothing,
        (None, _) => OnFailure::Rollback,
    };
    let minutes = req.timeout_in_minutes.map(|minutes| u32::try_from(minutes).ok().filter(|minutes| *minutes > 0));
    let timeout_minutes = match minutes {
        Some(None) => {
            return Err(constraint(
                &format!("{:?}", req.timeout_in_minutes),
                "timeoutInMinutes",
                "Member must have value greater than or equal to 1",
            ));
        }
        Some(minutes) => minutes,
        None => None,
    };
    let policy = policy::read(cx, req.stack_policy_body, req.stack_policy_url).await?;
    let template = request::template(cx, req.template_body, req.template_url, None).await?;
    let asked =
        request::asked(cx, template, request::parameters(req.parameters, None)?, req.capabilities, request::tags(req.tags)?, req.role_arn)
            .await?;
    let manner = Manner { on_failure, token: req.client_request_token, timeout_minutes, change_set: None };
    let id = change(cx, |cloud, c| {
        if let Some(made) = repeated(cloud, &c.scope, &req.stack_name, manner.token.as_deref()) {
            return Ok(made);
        }
        let id = start::blank(cloud, c, &req.stack_name, None)?;
        let made = match draft(cloud, &c.scope, (&id, &req.stack_name), &asked) {
            Ok(made) => Begun::from(made),
            Err(DraftError::Macro(why)) => Begun::refused(&asked, why.to_string()),
            Err(DraftError::Refused(error)) => return Err(error),
        };
        start::create(cloud, c, &id, made, manner);
        cloud.with_stack(&id, |stack| {
            stack.termination_protection = req.enable_termination_protection.unwrap_or(false);
            stack.policy = policy;
        });
        Ok(id)
    })
    .await?;
    begin(cx, &id).await;
    Ok(wire::CreateStackOutput { stack_id: Some(id.to_string()) })
}

/// The stack that a request with this token made already.
fn repeated(cloud: &Cloud, scope: &Scope, name: &str, token: Option<&str>) -> Option<StackId> {
    let stack = cloud.stack_named(scope, name)?;
    let operation = stack.operation.as_ref().filter(|operation| token.is_some() && operation.token.as_deref() == token)?;
    (operation.number == 1).then(|| stack.id.clone())
}

/// `UpdateStack`
pub async fn update_stack(cx: &RequestContext, req: wire::UpdateStackInput) -> Result<wire::UpdateStackOutput, WireError> {
    request::refuse(&req.notification_ar_ns, &req.resource_types, req.rollback_configuration.as_ref())?;
    if req.retain_except_on_create == Some(true) {
        return Err(unserved("RetainExceptOnCreate"));
    }
    let stack = living(&cx.snapshot(), &cx.scope, &req.stack_name).cloned();
    let stack = stack.map_err(|_| invalid(format!("Stack [{}] does not exist", req.stack_name)))?;
    let previous = (req.use_previous_template == Some(true)).then(|| original(&cx.snapshot(), &stack));
    let during = policy::read(cx, req.stack_policy_during_update_body, req.stack_policy_during_update_url).await?;
    let policy = policy::read(cx, req.stack_policy_body, req.stack_policy_url).await?;
    let template = request::template(cx, req.template_body, req.template_url, previous).await?;
    let role_arn = req.role_arn.or_else(|| stack.spec.role_arn.clone());
    // Without any tags given the stack keeps its own.
    let tags = if req.tags.is_empty() { stack.spec.tags.clone() } else { request::tags(req.tags)? };
    let asked = request::asked(cx, template, request::parameters(req.parameters, Some(&stack))?, req.capabilities, tags, role_arn).await?;
    let on_failure = if req.disable_rollback == Some(true) { OnFailure::DoNothing } else { OnFailure::Rollback };
    let manner = Manner { on_failure, token: req.client_request_token, ..Manner::default() };
    let id = stack.id.clone();
    change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, id.as_str())?);
        let again = stack
            .operation
            .as_ref()
            .is_some_and(|last| last.token.is_some() && last.token == manner.token && matches!(last.phase, Phase::Update | Phase::Cleanup));
        if again {
            return Ok(());
        }
        let made = match start::draft_update(cloud, &stack, &asked) {
            Ok(made) if !made.differs && policy.is_none() => return Err(invalid("No updates are to be performed.")),
            Ok(made) => {
                policy::check(during.as_deref().or(stack.policy.as_deref()), &made.changes)?;
                Begun::from(made.draft)
            }
            Err(DraftError::Macro(why)) => Begun::refused(&asked, why.to_string()),
            Err(DraftError::Refused(error)) => return Err(error),
        };
        cloud.with_stack(&stack.id, |stack| stack.policy = policy.or(stack.policy.take()));
        start::update(cloud, c, &stack.id, made, manner);
        Ok(())
    })
    .await?;
    begin(cx, &id).await;
    Ok(wire::UpdateStackOutput { stack_id: Some(id.to_string()) })
}

/// The template's text as it was given last.
pub(super) fn original(cloud: &Cloud, stack: &Stack) -> String {
    cloud.stack_template(stack).map(|template| template.original.clone()).unwrap_or_default()
}

/// `DeleteStack`. One that is not there is fine.
pub async fn delete_stack(cx: &RequestContext, req: wire::DeleteStackInput) -> Result<(), WireError> {
    let id = change(cx, |cloud, c| {
        let Some(stack) = cloud.stack_named(&c.scope, &req.stack_name).filter(|stack| stack.is_living()) else { return Ok(None) };
        let stack = Arc::clone(stack);
        if stack.termination_protection {
            return Err(invalid(format!(
                "Stack [{}] cannot be deleted while TerminationProtection is enabled",
                if req.stack_name.starts_with("arn:") { stack.id.as_str() } else { &stack.name }
            )));
        }
        let retain: BTreeSet<String> = req.retain_resources.into_iter().collect();
        start::delete(cloud, c, &stack.id, retain, req.client_request_token)?;
        Ok(Some(stack.id.clone()))
    })
    .await?;
    if let Some(id) = id {
        begin(cx, &id).await;
    }
    Ok(())
}

/// `DescribeStacks`
pub async fn describe_stacks(cx: &RequestContext, req: wire::DescribeStacksInput) -> Result<wire::DescribeStacksOutput, WireError> {
    let cloud = cx.snapshot();
    if let Some(name) = req.stack_name.as_deref().filter(|name| !name.is_empty()) {
        let stack = find(&cloud, &cx.scope, name)?;
        return Ok(wire::DescribeStacksOutput { stacks: vec![shown(stack)], next_token: None });
    }
    let stacks = newest_first(cloud.stacks_of(&cx.scope).filter(|stack| stack.is_living()));
    let (stacks, next_token) = request::page(stacks.into_iter(), req.next_token.as_deref(), PAGE)?;
    Ok(wire::DescribeStacksOutput { stacks: stacks.into_iter().map(|stack| shown(stack)).collect(), next_token })
}

/// `ListStacks`
pub async fn list_stacks(cx: &RequestContext, req: wire::ListStacksInput) -> Result<wire::ListStacksOutput, WireError> {
    let words: Vec<&str> = StackStatus::ALL.iter().map(|status| status.as_str()).collect();
    if let Some(other) = req.stack_status_filter.iter().find(|word| !words.contains(&word.as_str()) && !word.starts_with("IMPORT_")) {
        let all = format!("Member must satisfy constraint: [Member must satisfy enum value set: [{}]]", words.join(", "));
        return Err(constraint(&format!("[{other}]"), "stackStatusFilter", &all));
    }
    let cloud = cx.snapshot();
    let wanted = |stack: &&Arc<Stack>| {
        req.stack_status_filter.is_empty() || req.stack_status_filter.iter().any(|word| word == stack.status.as_str())
    };
    let stacks = newest_first(cloud.stacks_of(&cx.scope).filter(wanted));
    let (stacks, next_token) = request::page(stacks.into_iter(), req.next_token.as_deref(), PAGE)?;
    let summary = |stack: &Arc<Stack>| wire::StackSummary {
        stack_id: Some(stack.id.to_string()),
        stack_name: Some(stack.name.clone()),
        template_description: stack.spec.description.clone(),
        creation_time: Some(Timestamp(stack.created.0)),
        last_updated_time: stack.updated.map(|at| Timestamp(at.0)),
        deletion_time: stack.deleted.map(|at| Timestamp(at.0)),
        stack_status: Some(stack.status.to_string()),
        stack_status_reason: stack.reason.clone(),
        parent_id: stack.parent.as_ref().map(ToString::to_string),
        root_id: stack.root.as_ref().map(ToString::to_string),
        drift_information: Some(wire::StackDriftInformationSummary {
            stack_drift_status: Some("NOT_CHECKED".to_owned()),
            last_check_timestamp: None,
        }),
    };
    Ok(wire::ListStacksOutput { stack_summaries: stacks.into_iter().map(summary).collect(), next_token })
}

fn newest_first<'a>(stacks: impl Iterator<Item = &'a Arc<Stack>>) -> Vec<&'a Arc<Stack>> {
    let mut stacks: Vec<_> = stacks.collect();
    stacks.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.name.cmp(&b.name)));
    stacks
}

/// `UpdateTerminationProtection`
pub async fn update_termination_protection(
    cx: &RequestContext,
    req: wire::UpdateTerminationProtectionInput,
) -> Result<wire::UpdateTerminationProtectionOutput, WireError> {
    let id = change(cx, |cloud, c| {
        let stack = Arc::clone(living(cloud, &c.scope, &req.stack_name)?);
        if stack.parent.is_some() {
            return Err(invalid(format!(
                "Termination protection cannot be updated on nested stacks. Please update it on the root stack [{}]",
                stack.root.as_ref().map(ToString::to_string).unwrap_or_default()
            )));
        }
        cloud.with_stack(&stack.id, |stack| stack.termination_protection = req.enable_termination_protection);
        Ok(stack.id.clone())
    })
    .await?;
    Ok(wire::UpdateTerminationProtectionOutput { stack_id: Some(id.to_string()) })
}

/// Parameters as answers show them: those with `NoEcho` are masked.
pub(super) fn shown_parameters(parameters: &[vpclab_cloud::stack::StackParameter]) -> Vec<wire::Parameter> {
    let masked = |one: &vpclab_cloud::stack::StackParameter, text: &str| if one.no_echo { "****".to_owned() } else { text.to_owned() };
    let shown = |one: &vpclab_cloud::stack::StackParameter| wire::Parameter {
        parameter_key: Some(one.key.clone()),
        parameter_value: Some(masked(one, &one.value)),
        use_previous_value: None,
        resolved_value: one.resolved.as_deref().map(|text| masked(one, text)),
    };
    parameters.iter().map(shown).collect()
}

/// Tags as answers show them.
pub(super) fn shown_tags(tags: &vpclab_cloud::Tags) -> Vec<wire::Tag> {
    tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

fn shown(stack: &Stack) -> wire::Stack {
    let output = |output: &vpclab_cloud::stack::StackOutput| wire::Output {
        output_key: Some(output.key.clone()),
        output_value: Some(output.value.clone()),
        description: output.description.clone(),
        export_name: output.export.clone(),
    };
    wire::Stack {
        stack_id: Some(stack.id.to_string()),
        stack_name: Some(stack.name.clone()),
        change_set_id: stack.change_set.as_ref().map(ToString::to_string),
        description: stack.spec.description.clone(),
        parameters: shown_parameters(&stack.spec.parameters),
        creation_time: Some(Timestamp(stack.created.0)),
        deletion_time: stack.deleted.map(|at| Timestamp(at.0)),
        last_updated_time: stack.updated.map(|at| Timestamp(at.0)),
        rollback_configuration: Some(wire::RollbackConfiguration::default()),
        stack_status: Some(stack.status.to_string()),
        stack_status_reason: stack.reason.clone(),
        disable_rollback: Some(stack.disable_rollback),
        notification_ar_ns: Vec::new(),
        timeout_in_minutes: stack.timeout_minutes.and_then(|minutes| i32::try_from(minutes).ok()),
        capabilities: stack.spec.capabilities.clone(),
        outputs: stack.outputs.iter().map(output).collect(),
        role_arn: stack.spec.role_arn.clone(),
        tags: shown_tags(&stack.spec.tags),
        enable_termination_protection: Some(stack.termination_protection),
        parent_id: stack.parent.as_ref().map(ToString::to_string),
        root_id: stack.root.as_ref().map(ToString::to_string),
        drift_information: Some(wire::StackDriftInformation {
            stack_drift_status: Some("NOT_CHECKED".to_owned()),
            last_check_timestamp: None,
        }),
        retain_except_on_create: None,
        detailed_status: None,
    }
}

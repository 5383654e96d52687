//! Beginning operations of stacks. Each of these is part of one change; the stack's task is started after it.
use super::changes::changes;
use super::draft::{Asked, Draft, DraftError, draft};
use super::errors::{constraint, invalid};
use super::plan::Plan;
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::change_set::ResourceChange;
use vpclab_cloud::stack::{ChangeSetId, MAX_STACKS, OnFailure, Phase, StackOperation, StackSpec, StackStatus};
use vpclab_cloud::{Cloud, Context, Stack, StackId, StackTemplate};
use vpclab_wire::WireError;

/// How an operation is to go.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// What becomes of a failure.
    pub on_failure: OnFailure,
    /// `ClientRequestToken`
    pub token: Option<String>,
    /// How long a creation may take.
    pub timeout_minutes: Option<u32>,
    /// The change set that is executed.
    pub change_set: Option<ChangeSetId>,
}

/// A stack's name: letters, digits and hyphens.
///
/// # Errors
/// Another name.
pub fn check_name(name: &str) -> Result<(), WireError> {
    let legal = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !legal {
        return Err(constraint(name, "stackName", "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"));
    }
    if name.len() > 128 {
        return Err(constraint(name, "stackName", "Member must have length less than or equal to 128"));
    }
    Ok(())
}

/// A stack with nothing in it, `REVIEW_IN_PROGRESS`.
///
/// # Errors
/// A name that is taken or not legal, too many stacks.
pub fn blank(cloud: &mut Cloud, c: &mut Context, name: &str, parent: Option<&Stack>) -> Result<StackId, WireError> {
    check_name(name)?;
    if cloud.stack_named(&c.scope, name).is_some() {
        return Err(WireError::new(400, "AlreadyExistsException", format!("Stack [{name}] already exists")));
    }
    if cloud.stacks_of(&c.scope).filter(|stack| stack.is_living()).count() >= MAX_STACKS {
        return Err(WireError::new(400, "LimitExceededException", "Limit for stack has been exceeded"));
    }
    let scope = c.scope.clone();
    cloud.forget_deleted_stacks(&scope, c.now);
    let id = StackId::fresh(&c.scope, name, &mut c.ids);
    let stack = Stack {
        id: id.clone(),
        name: name.to_owned(),
        scope,
        created: c.now,
        updated: None,
        deleted: None,
        status: StackStatus::ReviewInProgress,
        reason: None,
        spec: StackSpec::default(),
        previous: None,
        outputs: Vec::new(),
        disable_rollback: false,
        timeout_minutes: None,
        termination_protection: false,
        policy: None,
        parent: parent.map(|parent| parent.id.clone()),
        root: parent.map(|parent| parent.root.clone().unwrap_or_else(|| parent.id.clone())),
        change_set: None,
        operation: None,
    };
    cloud.stacks.insert(id.clone(), Arc::new(stack));
    Ok(id)
}

/// Begins to make a stack that is blank.
pub fn create(cloud: &mut Cloud, c: &mut Context, id: &StackId, made: Begun, manner: Manner) {
    let template = cloud.add_stack_template(id, made.template);
    let operation = StackOperation { refused: made.refused, ..operation(cloud, c, id, Phase::Create, &manner) };
    cloud.with_stack(id, |stack| {
        stack.spec = StackSpec { template, ..made.spec };
        stack.timeout_minutes = manner.timeout_minutes;
        stack.disable_rollback = manner.on_failure == OnFailure::DoNothing;
        stack.change_set = manner.change_set;
        stack.operation = Some(operation);
    });
    cloud.set_stack_status(c, id, StackStatus::CreateInProgress, Some("User Initiated"));
}

/// What an operation begins with.
pub struct Begun {
    /// The template's texts.
    pub template: Arc<StackTemplate>,
    /// What is asked; the template's number is to be set.
    pub spec: StackSpec,
    /// Why it turns back at once.
    pub refused: Option<String>,
}

impl From<Draft> for Begun {
    fn from(draft: Draft) -> Self {
        Self { template: draft.template, spec: draft.spec, refused: None }
    }
}

impl Begun {
    /// What is asked by a template whose macro failed.
    #[must_use]
    pub fn refused(asked: &Asked, why: String) -> Self {
        let spec = StackSpec {
            capabilities: asked.capabilities.clone(),
            tags: asked.tags.clone(),
            role_arn: asked.role_arn.clone(),
            ..StackSpec::default()
        };
        let template = Arc::new(StackTemplate { original: asked.template.clone(), processed: None });
        Self { template, spec, refused: Some(why) }
    }
}

/// A draft of an update and what it would change.
pub struct UpdateDraft {
    /// The draft.
    pub draft: Draft,
    /// What happens to resources.
    pub changes: Vec<ResourceChange>,
    /// Whether anything changes: a resource, an output, a tag.
    pub differs: bool,
    /// Whether anything but resources does.
    pub differs_beside: bool,
}

/// Judges an update.
///
/// # Errors
/// A stack that cannot be updated now, a request that is wrong.
pub fn draft_update(cloud: &Cloud, stack: &Arc<Stack>, asked: &Asked) -> Result<UpdateDraft, DraftError> {
    let updatable = stack.status.is_updatable() || matches!(stack.status, StackStatus::UpdateFailed | StackStatus::CreateFailed);
    if !updatable {
        return Err(invalid(format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status)).into());
    }
    let draft = draft(cloud, &stack.scope, (&stack.id, &stack.name), asked)?;
    let other_kind: Vec<&str> = (draft.plan.resources().iter())
        .filter(|want| {
            let record = cloud.stack_resource(&stack.id, &want.logical);
            record.is_some_and(|record| !record.status.is_gone() && record.kind != want.kind)
        })
        .map(|want| want.logical.as_str())
        .collect();
    if !other_kind.is_empty() {
        return Err(invalid(format!(
            "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
            other_kind.join(", ")
        ))
        .into());
    }
    let old = Plan::of(cloud, stack).ok();
    let same_tags = stack.spec.tags == draft.spec.tags;
    let changes = changes(cloud, stack, old.as_ref(), &draft.plan, same_tags).map_err(|why| super::errors::template(&why))?;
    let unfinished = !stack.status.is_updatable();
    let same_outputs = old.as_ref().is_some_and(|old| {
        let (old, new) = (&old.bound().template().outputs, &draft.plan.bound().template().outputs);
        let same = |old: &vpclab_template::Output, new: &vpclab_template::Output| {
            old.name == new.name
                && old.value.same(&new.value)
                && old.description == new.description
                && match (&old.export, &new.export) {
                    (Some(old), Some(new)) => old.same(new),
                    (None, None) => true,
                    _ => false,
                }
        };
        old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
    }) && draft.plan.outputs(cloud, stack).is_ok_and(|outputs| outputs == stack.outputs);
    let differs_beside = unfinished || !same_tags || !same_outputs;
    Ok(UpdateDraft { draft, differs: differs_beside || !changes.is_empty(), changes, differs_beside })
}

/// Begins an update.
pub fn update(cloud: &mut Cloud, c: &mut Context, id: &StackId, made: Begun, manner: Manner) {
    let template = cloud.add_stack_template(id, made.template);
    let operation = StackOperation { refused: made.refused, ..operation(cloud, c, id, Phase::Update, &manner) };
    let now = c.now;
    cloud.with_stack(id, |stack| {
        let current = std::mem::replace(&mut stack.spec, StackSpec { template, ..made.spec });
        // After a failed update that was left as it was, what worked last is what to go back to.
        if stack.previous.is_none() || stack.status.is_updatable() {
            stack.previous = Some(current);
        }
        stack.updated = Some(now);
        stack.disable_rollback = manner.on_failure == OnFailure::DoNothing;
        stack.change_set = manner.change_set;
        stack.operation = Some(operation);
    });
    cloud.set_stack_status(c, id, StackStatus::UpdateInProgress, Some("User Initiated"));
}

/// Begins to remove a stack.
///
/// # Errors
/// A stack that is protected or whose exports are used, resources to retain that did not fail.
pub fn delete(cloud: &mut Cloud, c: &mut Context, id: &StackId, retain: BTreeSet<String>, token: Option<String>) -> Result<(), WireError> {
    let Some(stack) = cloud.stacks.get(id).cloned().filter(|stack| stack.is_living()) else { return Ok(()) };
    if stack.status == StackStatus::DeleteInProgress {
        return Ok(());
    }
    for output in &stack.outputs {
        if let Some(name) = &output.export
            && let Some(user) = cloud.importers_of(&stack.scope, name).find(|user| user.id != *id)
        {
            return Err(invalid(format!("Export {name} cannot be deleted as it is in use by {}", user.name)));
        }
    }
    if !retain.is_empty() {
        if stack.status != StackStatus::DeleteFailed {
            return Err(invalid(format!(
                "Invalid operation on stack [{id}]. When you delete a stack, specify which resources to retain only when the stack is in the \
                 DELETE_FAILED state."
            )));
        }
        let unknown: Vec<_> = retain.iter().filter(|name| cloud.stack_resource(id, name).is_none()).map(String::as_str).collect();
        if !unknown.is_empty() {
            return Err(invalid(format!("Resources [{}] do not exist in the stack", unknown.join(", "))));
        }
    }
    let manner = Manner { token, ..Manner::default() };
    let operation = StackOperation { retain, ..operation(cloud, c, id, Phase::Delete, &manner) };
    cloud.with_stack(id, |stack| stack.operation = Some(operation));
    cloud.set_stack_status(c, id, StackStatus::DeleteInProgress, Some("User Initiated"));
    Ok(())
}

/// A new operation of a stack.
#[must_use]
pub fn operation(cloud: &Cloud, c: &Context, id: &StackId, phase: Phase, manner: &Manner) -> StackOperation {
    let last = cloud.stacks.get(id).and_then(|stack| stack.operation.as_ref());
    StackOperation {
        number: last.map_or(1, |last| last.number.saturating_add(1)),
        phase,
        token: manner.token.clone(),
        started: c.now,
        on_failure: manner.on_failure,
        retain: BTreeSet::new(),
        skip: BTreeSet::new(),
        cancelled: false,
        refused: None,
    }
}

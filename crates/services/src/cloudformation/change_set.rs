//! Change sets.
use super::draft::{Asked, DraftError, draft};
use super::errors::{self, constraint, invalid, no_stack, unserved};
use super::stack::{begin, living, original, shown_parameters, shown_tags};
use super::start::{self, Begun, UpdateDraft};
use super::{changes, policy, request};
use crate::engine::ChangeError;
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::change_set::{ChangeSetStatus, ExecutionStatus, MAX_CHANGE_SETS, NestedIn, ResourceChange};
use vpclab_cloud::stack::{ChangeSetId, OnFailure, StackStatus};
use vpclab_cloud::{ChangeSet, Cloud, Context, Scope, Stack};
use vpclab_wire::{Timestamp, WireError, cloudformation as wire};

mod execute;
mod import;
mod nested;
pub use execute::{delete_change_set, execute_change_set};
use nested::{Halt, Nested, Templates};

/// How many changes or change sets a page has.
const PAGE: usize = 100;
/// Why a change set without changes failed. Clients look for these words.
const NO_CHANGES: &str = "The submitted information didn't contain changes. Submit different information to create a change set.";

/// The change set of that ARN, or of that name in a stack.
pub(super) fn find<'a>(cloud: &'a Cloud, scope: &Scope, name: &str, stack: Option<&str>) -> Result<&'a Arc<ChangeSet>, WireError> {
    let missing = || WireError::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"));
    if name.starts_with("arn:") {
        return cloud.change_set(scope, name).ok_or_else(missing);
    }
    let stack = stack.ok_or_else(|| invalid("StackName must be specified if ChangeSetName is not specified as an ARN."))?;
    let stack = cloud.stack_named(scope, stack).filter(|found| found.is_living()).ok_or_else(|| no_stack(stack))?;
    cloud.change_sets_of(&stack.id).into_iter().find(|set| set.name == name).ok_or_else(missing)
}

/// `CreateChangeSet`. It is complete with the answer.
pub async fn create_change_set(cx: &RequestContext, req: wire::CreateChangeSetInput) -> Result<wire::CreateChangeSetOutput, WireError> {
    request::refuse(&req.notification_ar_ns, &req.resource_types, req.rollback_configuration.as_ref())?;
    let legal = req.change_set_name.starts_with(|c: char| c.is_ascii_alphabetic())
        && req.change_set_name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && req.change_set_name.len() <= 128;
    if !legal {
        let pattern = "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*";
        return Err(constraint(&req.change_set_name, "changeSetName", pattern));
    }
    let includes_nested = req.include_nested_stacks == Some(true);
    let imports_existing = req.import_existing_resources == Some(true);
    let creates = match req.change_set_type.as_deref() {
        None | Some("UPDATE") => false,
        Some("CREATE") => true,
        Some("IMPORT") => return Err(unserved("ChangeSetType IMPORT")),
        Some(other) => return Err(constraint(other, "changeSetType", "Member must satisfy enum value set: [IMPORT, UPDATE, CREATE]")),
    };
    let on_failure = match req.on_stack_failure.as_deref() {
        None => None,
        Some(word) => Some(
            OnFailure::parse(word)
                .ok_or_else(|| constraint(word, "onStackFailure", "Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]"))?,
        ),
    };
    let stack = cx.snapshot().stack_named(&cx.scope, &req.stack_name).filter(|stack| stack.is_living()).cloned();
    let previous = match (&stack, req.use_previous_template) {
        (Some(stack), Some(true)) => Some(original(&cx.snapshot(), stack)),
        _ => None,
    };
    let template = request::template(cx, req.template_body, req.template_url, previous).await?;
    let kept = stack.as_deref().filter(|_| req.tags.is_empty() && !creates).map(|stack| stack.spec.tags.clone());
    let tags = match kept {
        Some(tags) => tags,
        None => request::tags(req.tags)?,
    };
    let role_arn = req.role_arn.or_else(|| stack.as_ref().and_then(|stack| stack.spec.role_arn.clone()));
    let asked =
        request::asked(cx, template, request::parameters(req.parameters, stack.as_deref())?, req.capabilities, tags, role_arn).await?;
    // A change set shows what macros do before it is done.
    let asked = Asked { needs_auto_expand: false, ..asked };
    let frame = Frame { name: req.change_set_name, description: req.description, creates, includes_nested, imports_existing, on_failure };
    let mut templates = Templates::new();
    let set = loop {
        let made = cx.engine.change(&cx.scope, cx.dry_run, |cloud, c| make(cloud, c, (&req.stack_name, &frame), &asked, &templates));
        match made.await {
            Ok(set) => break set,
            Err(ChangeError::Refused(Halt::Needs(urls))) => nested::fetch(cx, &mut templates, urls).await,
            Err(why) => {
                return Err(errors::worded(why, |halt| match halt {
                    Halt::Refused(error) => error,
                    Halt::Needs(_) => invalid("the templates of nested stacks are missing"),
                }));
            }
        }
    };
    Ok(wire::CreateChangeSetOutput { id: Some(set.id.to_string()), stack_id: Some(set.stack.to_string()) })
}

/// Makes a change set, and those of nested stacks as far as their templates are here.
fn make(
    cloud: &mut Cloud,
    c: &mut Context,
    (stack, frame): (&str, &Frame),
    asked: &Asked,
    templates: &Templates,
) -> Result<ChangeSet, Halt> {
    let stack = stack_of(cloud, c, stack, frame.creates)?;
    let sets = cloud.change_sets_of(&stack.id);
    if sets.iter().any(|set| set.name == frame.name) {
        let message = format!("ChangeSet {} already exists", frame.name);
        return Err(WireError::new(400, "AlreadyExistsException", message).into());
    }
    if sets.len() >= MAX_CHANGE_SETS {
        return Err(WireError::new(400, "LimitExceededException", "ChangeSet limit exceeded for the stack").into());
    }
    let id = ChangeSetId::fresh(&c.scope, &frame.name, &mut c.ids);
    let mut made = match drafted(cloud, &stack, asked, frame.creates) {
        Ok(made) => made,
        Err(DraftError::Refused(error)) => return Err(error.into()),
        Err(DraftError::Macro(why)) => {
            let why = why.to_string();
            return Ok(frame.fill(cloud, c, (id, None), &stack, (Begun::refused(asked, why.clone()), Vec::new()), Some(why)));
        }
    };
    if frame.imports_existing
        && let Some((name, kind)) = import::existing(cloud, &stack, &made.changes)
    {
        let what = format!("ImportExistingResources where there is something to import ({kind} {name} exists)");
        return Err(unserved(&what).into());
    }
    let missing = made.draft.spec.imports.iter().find(|name| cloud.export(&c.scope, name).is_none()).cloned();
    let failed = if frame.includes_nested { Nested::new(frame, templates).all(cloud, c, (&id, &stack), &mut made)? } else { None };
    let reason = match missing {
        Some(name) => Some(format!("No export named {name} found")),
        None if failed.is_some() => failed,
        None if made.differs => None,
        None => Some(NO_CHANGES.to_owned()),
    };
    Ok(frame.fill(cloud, c, (id, None), &stack, (made.draft.into(), made.changes), reason))
}

/// What a change set would do.
fn drafted(cloud: &Cloud, stack: &Arc<Stack>, asked: &Asked, creates: bool) -> Result<UpdateDraft, DraftError> {
    if !creates {
        return start::draft_update(cloud, stack, asked);
    }
    let draft = draft(cloud, &stack.scope, (&stack.id, &stack.name), asked)?;
    let changes = changes::changes(cloud, stack, None, &draft.plan, true).map_err(|why| super::errors::template(&why))?;
    Ok(UpdateDraft { draft, changes, differs: true, differs_beside: true })
}

/// What a request says of a change set beside its template.
#[derive(Clone)]
struct Frame {
    name: String,
    description: Option<String>,
    creates: bool,
    includes_nested: bool,
    imports_existing: bool,
    on_failure: Option<OnFailure>,
}

impl Frame {
    /// Makes the change set; one with a reason has failed.
    fn fill(
        &self,
        cloud: &mut Cloud,
        c: &Context,
        (id, nested): (ChangeSetId, Option<NestedIn>),
        stack: &Stack,
        (begun, changes): (Begun, Vec<ResourceChange>),
        reason: Option<String>,
    ) -> ChangeSet {
        let (status, execution) = match reason {
            None => (ChangeSetStatus::CreateComplete, ExecutionStatus::Available),
            Some(_) => (ChangeSetStatus::Failed, ExecutionStatus::Unavailable),
        };
        let set = ChangeSet {
            id,
            name: self.name.clone(),
            scope: c.scope.clone(),
            stack: stack.id.clone(),
            description: self.description.clone(),
            created: c.now,
            status,
            reason,
            execution,
            creates: self.creates,
            includes_nested: self.includes_nested,
            imports_existing: self.imports_existing,
            on_failure: self.on_failure,
            spec: begun.spec,
            template: begun.template,
            changes,
            nested,
        };
        cloud.change_sets.insert(set.id.clone(), Arc::new(set.clone()));
        set
    }
}

/// The stack of a new change set; one that makes its stack makes it now, to be reviewed.
fn stack_of(cloud: &mut Cloud, c: &mut Context, name: &str, creates: bool) -> Result<Arc<Stack>, WireError> {
    let found = cloud.stack_named(&c.scope, name).filter(|stack| stack.is_living()).cloned();
    match (found, creates) {
        (Some(stack), true) if stack.status == StackStatus::ReviewInProgress && stack.parent.is_some() => Err(invalid(format!(
            "Stack [{}] is a nested stack in REVIEW_IN_PROGRESS: it is created by the change set of its root stack only",
            stack.name
        ))),
        (Some(stack), true) if stack.status == StackStatus::ReviewInProgress => Ok(stack),
        (Some(stack), true) => {
            Err(invalid(format!("Stack [{}] already exists and cannot be created again with the changeSet [{name}].", stack.name)))
        }
        (None, true) => {
            let id = start::blank(cloud, c, name, None)?;
            cloud.set_stack_status(c, &id, StackStatus::ReviewInProgress, Some("User Initiated"));
            cloud.stacks.get(&id).cloned().ok_or_else(|| no_stack(name))
        }
        (Some(_), false) => living(cloud, &c.scope, name).cloned(),
        (None, false) => Err(invalid(format!("Stack [{name}] does not exist"))),
    }
}

/// `DescribeChangeSet`
pub async fn describe_change_set(
    cx: &RequestContext,
    req: wire::DescribeChangeSetInput,
) -> Result<wire::DescribeChangeSetOutput, WireError> {
    let cloud = cx.snapshot();
    let set = find(&cloud, &cx.scope, &req.change_set_name, req.stack_name.as_deref())?;
    let name = cloud.stacks.get(&set.stack).map(|stack| stack.name.clone());
    let values = req.include_property_values == Some(true);
    let (changes, next_token) = request::page(set.changes.iter(), req.next_token.as_deref(), PAGE)?;
    Ok(wire::DescribeChangeSetOutput {
        change_set_name: Some(set.name.clone()),
        change_set_id: Some(set.id.to_string()),
        stack_id: Some(set.stack.to_string()),
        stack_name: name,
        description: set.description.clone(),
        parameters: shown_parameters(&set.spec.parameters),
        creation_time: Some(Timestamp(set.created.0)),
        execution_status: Some(set.execution.as_str().to_owned()),
        status: Some(set.status.as_str().to_owned()),
        status_reason: set.reason.clone(),
        notification_ar_ns: Vec::new(),
        rollback_configuration: Some(wire::RollbackConfiguration::default()),
        capabilities: set.spec.capabilities.clone(),
        tags: shown_tags(&set.spec.tags),
        changes: changes.into_iter().map(|change| shown(change, values)).collect(),
        next_token,
        include_nested_stacks: Some(set.includes_nested),
        parent_change_set_id: set.nested.as_ref().map(|nested| nested.parent.to_string()),
        root_change_set_id: set.nested.as_ref().map(|nested| nested.root.to_string()),
        on_stack_failure: set.on_failure.map(|word| {
            match word {
                OnFailure::Rollback => "ROLLBACK",
                OnFailure::DoNothing => "DO_NOTHING",
                OnFailure::Delete => "DELETE",
            }
            .to_owned()
        }),
        import_existing_resources: Some(set.imports_existing),
    })
}

fn shown(change: &ResourceChange, values: bool) -> wire::Change {
    let details = change.details.iter().map(|detail| wire::ResourceChangeDetail {
        target: Some(wire::ResourceTargetDefinition {
            attribute: Some(detail.attribute.clone()),
            name: detail.name.clone(),
            requires_recreation: Some(detail.requires_recreation.clone()),
            ..Default::default()
        }),
        evaluation: Some(detail.evaluation.clone()),
        change_source: Some(detail.source.clone()),
        causing_entity: detail.causing_entity.clone(),
    });
    let context = |properties: &Option<serde_json::Map<String, serde_json::Value>>| {
        let properties = properties.as_ref().filter(|_| values)?;
        Some(serde_json::json!({ "Properties": properties }).to_string())
    };
    wire::Change {
        type_: Some("Resource".to_owned()),
        resource_change: Some(wire::ResourceChange {
            policy_action: change.policy_action.clone().filter(|_| change.action != vpclab_cloud::change_set::ChangeAction::Add),
            action: Some(change.action.as_str().to_owned()),
            logical_resource_id: Some(change.logical.clone()),
            physical_resource_id: change.physical.clone(),
            resource_type: Some(change.kind.clone()),
            replacement: change.replacement.map(|word| word.as_str().to_owned()),
            scope: change.scope.clone(),
            details: details.collect(),
            change_set_id: change.change_set.as_ref().map(ToString::to_string),
            before_context: context(&change.before),
            after_context: context(&change.after),
        }),
    }
}

/// `ListChangeSets`
pub async fn list_change_sets(cx: &RequestContext, req: wire::ListChangeSetsInput) -> Result<wire::ListChangeSetsOutput, WireError> {
    let cloud = cx.snapshot();
    let stack = super::stack::find(&cloud, &cx.scope, &req.stack_name)?;
    let summary = |set: &Arc<ChangeSet>| wire::ChangeSetSummary {
        stack_id: Some(stack.id.to_string()),
        stack_name: Some(stack.name.clone()),
        change_set_id: Some(set.id.to_string()),
        change_set_name: Some(set.name.clone()),
        execution_status: Some(set.execution.as_str().to_owned()),
        status: Some(set.status.as_str().to_owned()),
        status_reason: set.reason.clone(),
        creation_time: Some(Timestamp(set.created.0)),
        description: set.description.clone(),
        include_nested_stacks: Some(set.includes_nested),
        parent_change_set_id: set.nested.as_ref().map(|nested| nested.parent.to_string()),
        root_change_set_id: set.nested.as_ref().map(|nested| nested.root.to_string()),
        import_existing_resources: Some(set.imports_existing),
    };
    let (sets, next_token) = request::page(cloud.change_sets_of(&stack.id).into_iter(), req.next_token.as_deref(), PAGE)?;
    Ok(wire::ListChangeSetsOutput { summaries: sets.into_iter().map(summary).collect(), next_token })
}

/// Whether the stack's policy lets a change set be executed.
fn check_policy(stack: &Stack, set: &ChangeSet) -> Result<(), WireError> {
    policy::check(stack.policy.as_deref(), &set.changes)
}

/// Starts the task of a change set's stack.
async fn started(cx: &RequestContext, set: &ChangeSet) {
    begin(cx, &set.stack).await;
}

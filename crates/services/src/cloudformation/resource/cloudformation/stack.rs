//! `AWS::CloudFormation::Stack`: a stack inside of a stack. It runs by itself; the outer one waits for it.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-stack.html>
use crate::cloudformation::draft::{Asked, draft};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Stability, Wanted};
use crate::cloudformation::{request, start};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::stack::{ChangeSetId, OnFailure, Phase, StackStatus};
use vpclab_cloud::{ChangeSet, Cloud, Context, StackId, Timestamp};
use vpclab_template::{Given, UNKNOWN};
use vpclab_wire::WireError;

const TEMPLATE: &str = "Template";
const FILES: &str = "Files";
const PROCESSED: &str = "Processed";

/// The type.
pub struct Stack;

impl ResourceType for Stack {
    fn served(&self) -> &'static [&'static str] {
        &["Parameters", "Tags", "TemplateURL", "TimeoutInMinutes"]
    }

    fn prepares(&self, action: Action, _properties: &Properties<'_>) -> bool {
        action != Action::Delete
    }

    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let set = change_set(&ask.cx.snapshot(), ask.stack, ask.logical).filter(|_| !turns_back(ask.stack)).cloned();
            // What was reviewed is made, whatever there is at its place now.
            let text = match &set {
                Some(set) => set.template.original.clone(),
                None => request::at(ask.cx, &ask.properties.required("TemplateURL")?).await.map_err(refused)?,
            };
            // A macro that was run without a value that is known now runs again.
            let processed = set.and_then(|set| set.template.processed.clone()).filter(|text| !text.contains(UNKNOWN));
            let files = match processed {
                Some(_) => BTreeMap::new(),
                None => request::files(ask.cx, &text).await.map_err(refused)?,
            };
            Ok(prepared(&text, &files, processed.as_deref()))
        })
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        // One that was reviewed is there already.
        let reviewed = reviewed(cloud, want);
        let (id, name) = match &reviewed {
            Some((stack, _)) => (stack.id.clone(), stack.name.clone()),
            None => {
                let name = want.physical_name(c, 128);
                (start::blank(cloud, c, &name, Some(want.stack)).map_err(refused)?, name)
            }
        };
        let asked = asked(want, c.now)?;
        let made = draft(cloud, &c.scope, (&id, &name), &asked).map_err(|why| refused(why.into()))?;
        let manner = start::Manner {
            // A nested stack that failed is removed with what is around it.
            on_failure: OnFailure::DoNothing,
            timeout_minutes: want.properties.number("TimeoutInMinutes")?,
            change_set: reviewed.map(|(_, set)| set),
            ..start::Manner::default()
        };
        start::create(cloud, c, &id, made.into(), manner);
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = StackId::named(is.physical);
        let stack = cloud.stacks.get(&id).cloned().ok_or_else(|| Failure::not_found(format!("Stack {id} does not exist")))?;
        // A former process began this update, and did not come to noting that it waits for it; or what failed went back by itself.
        let went_back = turns_back(want.stack) && stack.status == StackStatus::UpdateRollbackComplete;
        if stack.status.is_running() || went_back {
            return Ok(Made::new(id));
        }
        let made = start::draft_update(cloud, &stack, &asked(want, c.now)?).map_err(|why| refused(why.into()))?;
        if made.differs {
            let change_set = change_set(cloud, want.stack, want.logical).map(|set| set.id.clone());
            start::update(cloud, c, &id, made.draft.into(), start::Manner { change_set, ..start::Manner::default() });
        }
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        start::delete(cloud, c, &StackId::named(is.physical), BTreeSet::new(), None).map_err(refused)
    }

    fn stable(&self, cloud: &Cloud, _now: Timestamp, is: &Existing<'_>) -> Stability {
        let Some(stack) = cloud.stacks.get(&StackId::named(is.physical)) else {
            return Stability::Failed("The nested stack is gone".to_owned());
        };
        match stack.status {
            StackStatus::CreateComplete | StackStatus::UpdateComplete => Stability::Ready,
            StackStatus::UpdateRollbackComplete if turns_back(is.stack) => Stability::Ready,
            status if status.is_running() => Stability::Waiting,
            StackStatus::UpdateRollbackComplete | StackStatus::UpdateRollbackFailed | StackStatus::UpdateFailed => {
                let began = "UPDATE_ROLLBACK_IN_PROGRESS";
                let last = cloud.events_of_stack(&stack.id).rev().find(|(_, event)| event.status == began && event.physical == is.physical);
                let why = last.and_then(|(_, event)| event.reason.as_deref()).or(stack.reason.as_deref()).unwrap_or_default();
                let text = format!("Embedded stack {} was not successfully updated. Currently in {began} with reason: {why}", stack.id);
                Stability::Failed(text)
            }
            _ => {
                let why = stack.reason.as_deref().unwrap_or_default();
                Stability::Failed(format!("Embedded stack {} was not successfully created: {why}", stack.id))
            }
        }
    }

    fn gone(&self, cloud: &Cloud, _now: Timestamp, is: &Existing<'_>) -> Stability {
        match cloud.stacks.get(&StackId::named(is.physical)).map(|stack| stack.status) {
            None | Some(StackStatus::DeleteComplete) => Stability::Ready,
            Some(StackStatus::DeleteFailed) => Stability::Failed(format!("Embedded stack {} was not successfully deleted: ", is.physical)),
            Some(_) => Stability::Waiting,
        }
    }

    /// `Outputs.{name}`
    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let stack = cloud.stacks.get(&StackId::named(is.physical)).map(Arc::clone);
        let outputs = stack.iter().flat_map(|stack| stack.outputs.iter());
        outputs.map(|output| (format!("Outputs.{}", output.key), Value::String(output.value.clone()))).collect()
    }

    fn is_always_visited(&self) -> bool {
        true
    }
}

/// Whether the outer stack is being rolled back.
fn turns_back(stack: &vpclab_cloud::Stack) -> bool {
    stack.operation.as_ref().is_some_and(|operation| operation.phase == Phase::UpdateRollback)
}

fn refused(error: WireError) -> Failure {
    Failure::plain(error.message)
}

/// The change set of the nested stack that came with the one that is being executed.
fn change_set<'a>(cloud: &'a Cloud, stack: &vpclab_cloud::Stack, logical: &str) -> Option<&'a Arc<ChangeSet>> {
    let outer = stack.change_set.as_ref()?;
    cloud.change_sets.values().find(|set| {
        let nested = set.nested.as_ref();
        nested.is_some_and(|nested| nested.parent == *outer && nested.logical == logical)
    })
}

/// The stack that waits for that change set to be executed.
fn reviewed(cloud: &Cloud, want: &Wanted<'_>) -> Option<(Arc<vpclab_cloud::Stack>, ChangeSetId)> {
    let set = change_set(cloud, want.stack, want.logical)?;
    let stack = cloud.stacks.get(&set.stack).filter(|stack| stack.status == StackStatus::ReviewInProgress)?;
    Some((Arc::clone(stack), set.id.clone()))
}

/// The template of a nested stack, the files that it includes by their URL, and what it becomes where its macros have run already.
pub(in crate::cloudformation) fn prepared(template: &str, files: &BTreeMap<String, String>, processed: Option<&str>) -> Prepared {
    Prepared { value: json!({ TEMPLATE: template, FILES: files, PROCESSED: processed }), kept: None }
}

/// What the outer stack asks of the nested one. Lists are joined, as parameters are texts.
pub(in crate::cloudformation) fn asked(want: &Wanted<'_>, now: Timestamp) -> Result<Asked, Failure> {
    let prepared = |name: &str| want.prepared.value.get(name);
    let template = prepared(TEMPLATE).and_then(Value::as_str).unwrap_or_default().to_owned();
    let processed = prepared(PROCESSED).and_then(Value::as_str).map(str::to_owned);
    let files = prepared(FILES).and_then(|files| serde_json::from_value(files.clone()).ok()).unwrap_or_default();
    let text = |value: &Value| match value {
        Value::Array(list) => {
            let parts: Option<Vec<_>> = list.iter().map(crate::cloudformation::properties::text_of).collect();
            parts.map(|parts| parts.join(","))
        }
        other => crate::cloudformation::properties::text_of(other),
    };
    let given = want.properties.object("Parameters")?;
    let parameters = given.iter().flat_map(|given| given.all()).map(|(name, value)| {
        let value =
            text(value).ok_or_else(|| Failure::invalid(format!("Value of the parameter {name} must be a String or a list of them")))?;
        Ok((name.clone(), Given::Value(value)))
    });
    let mut tags = want.tags()?;
    // Those of AWS's own name the nested stack itself.
    tags.retain(|key, _| !key.starts_with("aws:"));
    Ok(Asked {
        template,
        parameters: parameters.collect::<Result<_, Failure>>()?,
        capabilities: want.stack.spec.capabilities.clone(),
        tags,
        role_arn: want.stack.spec.role_arn.clone(),
        needs_auto_expand: true,
        processed,
        files,
        now,
    })
}

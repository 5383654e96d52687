//! Making, updating and replacing one resource, and writing down what was made.
use super::super::memory::{Key, Memory, Order};
use super::super::record;
use super::{Done, Forward, Way};
use crate::cloudformation::creation_policy;
use crate::cloudformation::plan::Desired;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Failure, Made, Prepared, ResourceType, Wanted};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::stack::{FormerResource, ResourceSignals, ResourceStatus as Status, uuid};
use vpclab_cloud::{Cloud, Context, Stack, StackId, StackResource, Tags};
use vpclab_template::schema;

/// What CloudFormation says of an update by replacement.
const REPLACING: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

impl Forward {
    /// Makes, updates or replaces a resource, or has that prepared.
    pub(super) fn make(
        &self,
        memory: &mut Memory,
        cloud: &mut Cloud,
        c: &mut Context,
        (kind, want): (&dyn ResourceType, &Desired),
        (way, found): (Way, Option<&StackResource>),
        (properties, tags): (Map<String, Value>, Tags),
    ) -> Done {
        let stack = &self.stack;
        let key = Key::Current(want.logical.clone());
        let creates = !matches!((&way, found), (Way::Update, Some(_)));
        let action = if creates { Action::Create } else { Action::Update };
        let mut found = found.cloned();
        if let (Way::Replace, Some(found)) = (&way, &found)
            && let Some(name) = custom_name(want, found, &properties)
        {
            let text = format!(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and update the stack \
                 again."
            );
            return self.fail(memory, cloud, c, want, Some(found), &Failure::plain(text));
        }
        if matches!(way, Way::Create) {
            let blank = self.blank(want, c, properties.clone(), tags.clone());
            if found.as_ref().is_none_or(|found| found.status != Status::CreateInProgress) {
                record::mark(cloud, c, stack, blank.clone(), Status::CreateInProgress, None);
            }
            found = Some(blank);
        } else if let Some(found) = found.as_mut().filter(|found| found.status != Status::UpdateInProgress) {
            let reason = creates.then_some(REPLACING);
            record::mark(cloud, c, stack, found.clone(), Status::UpdateInProgress, reason);
            found.status = Status::UpdateInProgress;
        }
        let Some(found) = found else { return Done::Waiting };
        let prepared = match memory.doomed.remove(&key).map(Err).or_else(|| memory.prepared.remove(&key)) {
            Some(Err(failure)) => return self.fail(memory, cloud, c, want, Some(&found), &failure),
            Some(Ok(prepared)) => prepared,
            None if kind.prepares(action, &Properties::new(&properties)) => {
                if memory.room == 0 {
                    return Done::Waiting;
                }
                memory.room -= 1;
                memory.preparing.insert(key.clone());
                return Done::Prepare(Box::new(Order {
                    key,
                    kind: want.kind.clone(),
                    action,
                    stack: Arc::clone(stack),
                    physical: found.physical.clone().filter(|_| !creates),
                    properties,
                    old: (!creates).then(|| found.properties.clone()),
                    token: uuid(&mut c.ids),
                }));
            }
            None => Prepared::default(),
        };
        let signals = match self.signals(cloud, c, want) {
            Ok(signals) => signals.filter(|_| creates),
            Err(why) => return self.fail(memory, cloud, c, want, Some(&found), &Failure::invalid(why)),
        };
        if let Some((name, owner)) = taken(cloud, stack, want, &properties).filter(|_| creates) {
            let failure = Failure::plain(format!("{name} already exists in stack {owner}"));
            return self.fail(memory, cloud, c, want, Some(&found), &failure);
        }
        memory.acted = Some(key);
        memory.visited.insert(want.logical.clone());
        let mut trial = cloud.clone();
        let wanted = Wanted {
            stack,
            logical: &want.logical,
            properties: Properties::new(&properties),
            stack_tags: &tags,
            prepared: prepared.clone(),
            awaits_signals: signals.is_some(),
        };
        let made = if creates {
            kind.create(&mut trial, c, &wanted)
        } else {
            kind.update(&mut trial, c, &record::existing(stack, &found, prepared), &wanted)
        };
        match made {
            Err(failure) => self.fail(memory, cloud, c, want, Some(&found), &failure),
            Ok(made) => {
                *cloud = trial;
                let found = StackResource { signals, ..found };
                let record = self.made(cloud, c, want, found, made, (properties, tags), creates);
                self.wait(memory, cloud, c, kind, want, &record)
            }
        }
    }

    /// The signals that a resource is to wait for once it is made.
    fn signals(&self, cloud: &Cloud, c: &Context, want: &Desired) -> Result<Option<ResourceSignals>, String> {
        let Ok(plan) = &self.plan else { return Ok(None) };
        let Some(policy) = plan.creation_policy(&want.logical, cloud, &self.stack)? else { return Ok(None) };
        creation_policy::read(&policy, &want.logical, c.now)
    }

    pub(super) fn blank(&self, want: &Desired, c: &Context, properties: Map<String, Value>, tags: Tags) -> StackResource {
        let mut record = StackResource {
            stack: self.stack.id.clone(),
            logical: want.logical.clone(),
            kind: want.kind.clone(),
            physical: None,
            status: Status::CreateInProgress,
            reason: None,
            updated: c.now,
            properties,
            tags,
            attributes: Map::new(),
            depends_on: BTreeSet::new(),
            deletion_policy: None,
            update_replace_policy: None,
            metadata: None,
            former: Vec::new(),
            is_new: true,
            signals: None,
        };
        want.note(&mut record);
        record
    }

    /// Writes down what was made; what it replaced is kept for the cleanup or for a rollback.
    #[expect(clippy::too_many_arguments, reason = "one step of make, apart for its length")]
    fn made(
        &self,
        cloud: &mut Cloud,
        c: &mut Context,
        want: &Desired,
        mut record: StackResource,
        made: Made,
        (properties, tags): (Map<String, Value>, Tags),
        creates: bool,
    ) -> StackResource {
        let is_other = record.physical.as_ref().is_some_and(|physical| *physical != made.physical);
        if is_other
            && !made.renamed
            && let Some(physical) = record.physical.take()
        {
            let original = !record.is_new && !record.former.iter().any(|former| former.original);
            record.former.push(FormerResource {
                kind: record.kind.clone(),
                physical,
                properties: std::mem::take(&mut record.properties),
                tags: std::mem::take(&mut record.tags),
                attributes: std::mem::take(&mut record.attributes),
                retained: matches!(want.update_replace_policy.as_deref(), Some("Retain")),
                original,
            });
        }
        record.kind.clone_from(&want.kind);
        record.physical = Some(made.physical);
        record.properties = properties;
        record.tags = tags;
        record.attributes = made.attributes;
        want.note(&mut record);
        if creates {
            let status = if record.status == Status::CreateInProgress { Status::CreateInProgress } else { Status::UpdateInProgress };
            record::mark(cloud, c, &self.stack, record.clone(), status, Some("Resource creation Initiated"));
            record.status = status;
        } else {
            record.status = Status::UpdateInProgress;
            record.updated = c.now;
            cloud.put_stack_resource(record.clone());
        }
        record
    }
}

/// The name that a template gives to a resource, when what replaces it would have the same.
fn custom_name<'a>(want: &Desired, found: &StackResource, properties: &'a Map<String, Value>) -> Option<&'a str> {
    if found.kind != want.kind || found.status == Status::CreateFailed {
        return None;
    }
    let [identifier] = schema::of(&want.kind)?.identifier() else { return None };
    let name = properties.get(identifier)?.as_str()?;
    (found.physical.as_deref() == Some(name)).then_some(name)
}

/// The name that a template gives to a resource, when a stack of the same account and region has such a resource already.
fn taken<'a>(cloud: &'a Cloud, stack: &Stack, want: &Desired, properties: &'a Map<String, Value>) -> Option<(&'a str, &'a StackId)> {
    let [identifier] = schema::of(&want.kind)?.identifier() else { return None };
    let name = properties.get(identifier)?.as_str()?;
    let owner = cloud.stack_resources.values().find(|one| {
        let is_other = one.stack != stack.id || one.logical != want.logical;
        is_other
            && one.kind == want.kind
            && one.physical.as_deref() == Some(name)
            && !one.status.is_gone()
            && cloud.stacks.get(&one.stack).is_some_and(|owner| owner.scope == stack.scope && owner.is_living())
    })?;
    Some((name, &owner.stack))
}

/// Takes back what an update replaced; what replaced it goes in the cleanup.
pub(super) fn take_back(cloud: &mut Cloud, c: &mut Context, stack: &Stack, found: &StackResource) {
    let mut record = found.clone();
    let Some(at) = record.former.iter().position(|former| former.original) else { return };
    let back = record.former.remove(at);
    if let Some(physical) = record.physical.take() {
        record.former.push(FormerResource {
            kind: record.kind,
            physical,
            properties: record.properties,
            tags: record.tags,
            attributes: record.attributes,
            retained: false,
            original: false,
        });
    }
    record.kind = back.kind;
    record.physical = Some(back.physical);
    record.properties = back.properties;
    record.tags = back.tags;
    record.attributes = back.attributes;
    record.is_new = false;
    record::mark(cloud, c, stack, record, Status::UpdateComplete, None);
}

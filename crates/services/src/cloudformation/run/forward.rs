//! Making and updating resources, in the order that their references ask for.
mod ending;
mod make;

use super::memory::{Key, Memory, Order};
use super::{Step, Worker, record};
use crate::cloudformation::creation_policy;
use crate::cloudformation::plan::{Change, Desired, Plan, change};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{self, Failure, Prepared, ResourceType, Stability};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::stack::{Phase, ResourceStatus as Status};
use vpclab_cloud::{Cloud, Context, Stack, StackResource, Tags, Timestamp};

/// How long a resource may take to be ready, unless its type knows better.
const STABLE_LIMIT: i64 = 3600 * 1000;

/// A phase that brings resources to a template.
pub(super) struct Forward {
    stack: Arc<Stack>,
    phase: Phase,
    number: u64,
    skip: BTreeSet<String>,
    plan: Result<Plan, String>,
}

enum Done {
    /// It is as it should be; or it failed.
    Settled,
    /// It is not what it should be yet, and is to be looked at again at once.
    Again,
    /// It is not ready yet.
    Waiting,
    Prepare(Box<Order>),
}

/// How a resource is to become what the template says.
enum Way {
    Create,
    Update,
    Replace,
    /// It is being made or updated, with the properties it is to have.
    Wait,
    Nothing,
}

impl Forward {
    pub(super) fn new(cloud: &Cloud, stack: &Arc<Stack>) -> Self {
        let operation = stack.operation.as_ref();
        Self {
            stack: Arc::clone(stack),
            phase: operation.map_or(Phase::Create, |operation| operation.phase),
            number: operation.map_or(0, |operation| operation.number),
            skip: operation.map_or_else(BTreeSet::new, |operation| operation.skip.clone()),
            plan: Plan::of(cloud, stack),
        }
    }

    /// The tags that a resource gets from the stack.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>
    fn stack_tags(&self, logical: &str) -> Tags {
        let mut tags = self.stack.spec.tags.clone();
        tags.insert("aws:cloudformation:stack-name".to_owned(), self.stack.name.clone());
        tags.insert("aws:cloudformation:stack-id".to_owned(), self.stack.id.to_string());
        tags.insert("aws:cloudformation:logical-id".to_owned(), logical.to_owned());
        tags
    }

    /// Whether it is something with an operation of its own that is not over.
    fn is_lingering(&self, cloud: &Cloud, want: &Desired) -> bool {
        let found = cloud.stack_resource(&self.stack.id, &want.logical);
        found.is_some_and(|found| found.status.is_in_progress() && found.physical.is_some())
            && resource::of(&want.kind).is_some_and(|kind| kind.is_always_visited())
            && self.phase != Phase::Create
    }

    /// Brings one resource a step on.
    fn settle(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context, plan: &Plan, want: &Desired) -> Done {
        let stack = &self.stack;
        let found = cloud.stack_resource(&stack.id, &want.logical).filter(|found| !found.status.is_gone()).cloned();
        let Some(kind) = resource::of(&want.kind) else {
            return self.fail(memory, cloud, c, want, found.as_deref(), &record::unserved(&want.kind));
        };
        if self.phase == Phase::UpdateRollback {
            if self.skip.contains(&want.logical) {
                if let Some(found) = &found {
                    record::mark(cloud, c, stack, StackResource::clone(found), Status::UpdateComplete, None);
                }
                return settled(memory, want);
            }
            if let Some(found) = found.as_deref().filter(|found| found.former.iter().any(|former| former.original)) {
                make::take_back(cloud, c, stack, found);
                return Done::Again;
            }
        }
        if let Some(found) =
            found.as_deref().filter(|found| found.physical.is_some() && found.status.is_in_progress() && found.signals.is_some())
        {
            // It is made. What its properties refer to may change or go while it waits for its signals: that begins nothing new.
            return self.wait(memory, cloud, c, kind, want, found);
        }
        let properties = match plan.properties(&want.logical, cloud, stack) {
            Ok(properties) => properties,
            Err(why) => return self.fail(memory, cloud, c, want, found.as_deref(), &Failure::plain(why)),
        };
        let tags = self.stack_tags(&want.logical);
        let found = found.as_deref();
        match (self.way(memory, kind, want, found, (&properties, &tags), c.now), found) {
            (Way::Nothing, Some(found)) => {
                self.adopt(cloud, c, want, found);
                settled(memory, want)
            }
            (Way::Wait, Some(found)) => self.wait(memory, cloud, c, kind, want, found),
            (way, found) => self.make(memory, cloud, c, (kind, want), (way, found), (properties, tags)),
        }
    }

    fn way(
        &self,
        memory: &Memory,
        kind: &dyn ResourceType,
        want: &Desired,
        found: Option<&StackResource>,
        (properties, tags): (&Map<String, Value>, &Tags),
        now: Timestamp,
    ) -> Way {
        let Some(found) = found else { return Way::Create };
        if found.physical.is_none() {
            return Way::Create;
        }
        if found.status == Status::CreateFailed {
            // It was half made: what there is of it goes, and another one is made.
            return Way::Replace;
        }
        let lacks_signals = found.signals.as_ref().is_some_and(|signals| creation_policy::stable(signals, now) != Stability::Ready);
        if found.status == Status::UpdateFailed && lacks_signals && self.phase != Phase::UpdateRollback {
            // What replaced another one, and never said that it is ready.
            return Way::Replace;
        }
        let (old, new) = (Properties::new(&found.properties), Properties::new(properties));
        let taggable = kind.served().iter().any(|name| ["Tags", "TagSpecifications"].contains(name));
        match change(&want.kind, &found.properties, properties) {
            _ if found.kind != want.kind => Way::Replace,
            Change::Replace => Way::Replace,
            Change::InPlace | Change::Conditional if kind.replaces(&old, &new) => Way::Replace,
            Change::InPlace | Change::Conditional => Way::Update,
            Change::Nothing if taggable && &found.tags != tags => Way::Update,
            Change::Nothing if found.status == Status::CreateInProgress => Way::Wait,
            Change::Nothing if self.phase != Phase::Create && kind.is_always_visited() && !memory.visited.contains(&want.logical) => {
                Way::Update
            }
            Change::Nothing if found.status.is_in_progress() => Way::Wait,
            Change::Nothing => Way::Nothing,
        }
    }

    /// A resource that needs nothing: what the template says about it may have changed all the same.
    fn adopt(&self, cloud: &mut Cloud, c: &mut Context, want: &Desired, found: &StackResource) {
        let mut record = found.clone();
        want.note(&mut record);
        if self.phase == Phase::UpdateRollback && found.status.is_failed() {
            record::mark(cloud, c, &self.stack, record, Status::UpdateComplete, None);
        } else if &record != found {
            cloud.put_stack_resource(record);
        }
    }

    /// Completes a resource that is ready.
    fn wait(
        &self,
        memory: &mut Memory,
        cloud: &mut Cloud,
        c: &mut Context,
        kind: &dyn ResourceType,
        want: &Desired,
        found: &StackResource,
    ) -> Done {
        let stable = match (kind.stable(cloud, c.now, &record::existing(&self.stack, found, Prepared::default())), &found.signals) {
            (Stability::Ready, Some(signals)) => creation_policy::stable(signals, c.now),
            (stable, _) => stable,
        };
        let limits_itself = kind.limits_itself() || found.signals.is_some();
        match stable {
            Stability::Ready => {
                let status = if found.status == Status::CreateInProgress { Status::CreateComplete } else { Status::UpdateComplete };
                record::mark(cloud, c, &self.stack, found.clone(), status, None);
                settled(memory, want)
            }
            Stability::Waiting if !limits_itself && c.now.0.saturating_sub(found.updated.0) > STABLE_LIMIT => {
                self.fail(memory, cloud, c, want, Some(found), &Failure::new("NotStabilized", "Resource did not stabilize in an hour"))
            }
            Stability::Waiting => Done::Waiting,
            Stability::Failed(why) => self.fail(memory, cloud, c, want, Some(found), &Failure::plain(why)),
        }
    }

    fn fail(
        &self,
        memory: &mut Memory,
        cloud: &mut Cloud,
        c: &mut Context,
        want: &Desired,
        found: Option<&StackResource>,
        failure: &Failure,
    ) -> Done {
        let reason = record::reason(c, failure);
        let now = cloud.stack_resource(&self.stack.id, &want.logical).filter(|now| !now.status.is_gone());
        let record = now.map(|now| StackResource::clone(now)).or_else(|| found.cloned());
        let record = record.unwrap_or_else(|| {
            // Its properties could not be read, so it was not begun.
            self.blank(want, c, Map::new(), self.stack_tags(&want.logical))
        });
        let creates = record.physical.is_none() || matches!(record.status, Status::CreateInProgress | Status::CreateFailed);
        let status = if creates { Status::CreateFailed } else { Status::UpdateFailed };
        record::mark(cloud, c, &self.stack, record, status, Some(&reason));
        memory.failed.push(Key::Current(want.logical.clone()));
        Done::Settled
    }
}

fn has_failed(memory: &Memory, want: &Desired) -> bool {
    memory.failed.iter().any(|key| key.logical() == want.logical)
}

fn settled(memory: &mut Memory, want: &Desired) -> Done {
    memory.settled.insert(want.logical.clone());
    Done::Settled
}

impl Worker for Forward {
    fn step(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context) -> Step {
        let mut step = Step::default();
        let current = cloud.stacks.get(&self.stack.id).cloned();
        let operation = current.as_ref().and_then(|stack| stack.operation.as_ref());
        let Some(operation) = operation.filter(|operation| operation.number == self.number && operation.phase == self.phase) else {
            return Step { over: true, ..step };
        };
        let plan = match self.check(cloud, c, operation) {
            Ok(plan) => plan,
            Err(why) => {
                self.undo(memory, cloud, c, &why);
                return Step { over: true, ..step };
            }
        };
        let mut acted = 0;
        'batch: loop {
            let mut progress = false;
            step.waiting = false;
            for want in plan.resources() {
                let key = Key::Current(want.logical.clone());
                let ready = want.depends_on.iter().all(|needed| memory.settled.contains(needed));
                if !ready || memory.settled.contains(&want.logical) || memory.preparing.contains(&key) || memory.failed.contains(&key) {
                    continue;
                }
                if acted >= memory.batch {
                    step.progress = true;
                    break 'batch;
                }
                if !memory.failed.is_empty() && !self.is_lingering(cloud, want) {
                    continue;
                }
                let done = self.settle(memory, cloud, c, plan, want);
                acted += usize::from(memory.acted.as_ref() == Some(&key));
                match done {
                    Done::Settled | Done::Again => progress = true,
                    Done::Waiting => step.waiting = true,
                    Done::Prepare(order) => step.orders.push(*order),
                }
                step.progress |= progress;
            }
            if !progress {
                break;
            }
        }
        if !memory.failed.is_empty() {
            // Nested stacks are let come to their end first: they can be turned back only then.
            if !plan.resources().iter().any(|want| !has_failed(memory, want) && self.is_lingering(cloud, want)) {
                let why = self.failed(memory, cloud);
                self.undo(memory, cloud, c, &why);
                step.over = true;
            }
            return Step { orders: Vec::new(), ..step };
        }
        if plan.resources().iter().all(|want| memory.settled.contains(&want.logical)) {
            if let Err(why) = self.finish(cloud, c, plan) {
                self.undo(memory, cloud, c, &why);
            }
            step.over = true;
        }
        step
    }
}

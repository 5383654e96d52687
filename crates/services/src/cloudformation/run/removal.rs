//! Removing resources: those of a deleted stack, of a creation that failed, and those that an update left over.
use super::memory::{Key, Memory, Order};
use super::{Step, Worker, record};
use crate::cloudformation::plan::Plan;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{self, Action, Existing, Failure, Prepared, Stability};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::stack::{FormerResource, Phase, ResourceStatus, StackStatus, uuid};
use vpclab_cloud::{Cloud, Context, Stack, StackId, StackResource};

/// A phase that removes resources.
pub(super) struct Removal {
    stack: Arc<Stack>,
    phase: Phase,
    number: u64,
    retain: BTreeSet<String>,
    /// What stays, in a cleanup; none when that cannot be told.
    keep: Option<BTreeSet<String>>,
}

/// Something to be removed.
#[derive(Clone)]
struct Target {
    key: Key,
    kind: String,
    physical: Option<String>,
    properties: Map<String, Value>,
    record: Arc<StackResource>,
    former: Option<FormerResource>,
}

enum Done {
    /// It is gone, or failed to go.
    Settled,
    Waiting,
    Prepare(Box<Order>),
}

impl Removal {
    pub(super) fn new(cloud: &Cloud, stack: &Arc<Stack>) -> Self {
        let operation = stack.operation.as_ref();
        let phase = operation.map_or(Phase::Delete, |operation| operation.phase);
        let keep = match phase {
            Phase::Cleanup | Phase::RollbackCleanup => Plan::of(cloud, stack).ok().map(|plan| plan.names()),
            _ => Some(BTreeSet::new()),
        };
        Self {
            stack: Arc::clone(stack),
            phase,
            keep,
            number: operation.map_or(0, |operation| operation.number),
            retain: operation.map_or_else(BTreeSet::new, |operation| operation.retain.clone()),
        }
    }

    /// What is still to be removed.
    fn targets(&self, cloud: &Cloud, keep: &BTreeSet<String>) -> Vec<Target> {
        let mut targets = Vec::new();
        for record in cloud.resources_of_stack(&self.stack.id) {
            for former in &record.former {
                targets.push(Target {
                    key: Key::Former(record.logical.clone(), former.physical.clone()),
                    kind: former.kind.clone(),
                    physical: Some(former.physical.clone()),
                    properties: former.properties.clone(),
                    record: Arc::clone(record),
                    former: Some(former.clone()),
                });
            }
            if !record.status.is_gone() && !keep.contains(&record.logical) {
                targets.push(Target {
                    key: Key::Current(record.logical.clone()),
                    kind: record.kind.clone(),
                    physical: record.physical.clone(),
                    properties: record.properties.clone(),
                    record: Arc::clone(record),
                    former: None,
                });
            }
        }
        targets
    }

    /// Whether the template says to leave it alone.
    fn is_kept(&self, target: &Target) -> bool {
        let undoes_creation = match self.phase {
            Phase::Rollback => true,
            Phase::RollbackCleanup => target.record.is_new || target.former.is_some(),
            Phase::Delete | Phase::Cleanup | Phase::Create | Phase::Update | Phase::UpdateRollback => false,
        };
        if let Some(former) = &target.former {
            return former.retained && !undoes_creation;
        }
        let asked = self.phase == Phase::Delete && self.retain.contains(&target.record.logical);
        asked
            || match target.record.deletion_policy.as_deref() {
                Some("Retain") => true,
                Some("RetainExceptOnCreate") => !undoes_creation,
                _ => false,
            }
    }

    fn remove(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context, target: &Target) -> Done {
        let stack = &self.stack;
        if target.physical.is_none() {
            self.note(cloud, c, target, ResourceStatus::DeleteComplete, None);
            return Done::Settled;
        }
        if self.is_kept(target) {
            self.note(cloud, c, target, ResourceStatus::DeleteSkipped, None);
            return Done::Settled;
        }
        let Some(kind) = resource::of(&target.kind) else {
            return self.fail(memory, cloud, c, target, &record::unserved(&target.kind));
        };
        let prepared = match memory.doomed.remove(&target.key).map(Err).or_else(|| memory.prepared.remove(&target.key)) {
            Some(Err(failure)) => return self.fail(memory, cloud, c, target, &failure),
            Some(Ok(prepared)) => Some(prepared),
            None => None,
        };
        if !memory.leaving.contains(&target.key) {
            if prepared.is_none() && kind.prepares(Action::Delete, &Properties::new(&target.properties)) {
                return self.order(memory, cloud, c, target);
            }
            if target.former.is_some() || target.record.status != ResourceStatus::DeleteInProgress {
                self.note(cloud, c, target, ResourceStatus::DeleteInProgress, None);
            }
            let mut trial = cloud.clone();
            match kind.delete(&mut trial, c, &as_existing(stack, target, prepared.unwrap_or_default())) {
                Ok(()) => *cloud = trial,
                Err(failure) if failure.code == "NotFound" => {}
                Err(failure) => return self.fail(memory, cloud, c, target, &failure),
            }
            memory.acted = Some(target.key.clone());
        }
        match kind.gone(cloud, c.now, &as_existing(stack, target, Prepared::default())) {
            Stability::Ready => {
                memory.leaving.remove(&target.key);
                self.note(cloud, c, target, ResourceStatus::DeleteComplete, None);
                Done::Settled
            }
            Stability::Waiting => {
                memory.leaving.insert(target.key.clone());
                Done::Waiting
            }
            Stability::Failed(why) => {
                memory.leaving.remove(&target.key);
                self.fail(memory, cloud, c, target, &Failure::plain(why))
            }
        }
    }

    fn order(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context, target: &Target) -> Done {
        if memory.room == 0 {
            return Done::Waiting;
        }
        memory.room -= 1;
        memory.preparing.insert(target.key.clone());
        if target.former.is_some() || target.record.status != ResourceStatus::DeleteInProgress {
            self.note(cloud, c, target, ResourceStatus::DeleteInProgress, None);
        }
        Done::Prepare(Box::new(Order {
            key: target.key.clone(),
            kind: target.kind.clone(),
            action: Action::Delete,
            stack: Arc::clone(&self.stack),
            physical: target.physical.clone(),
            properties: target.properties.clone(),
            old: None,
            token: uuid(&mut c.ids),
        }))
    }

    fn fail(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context, target: &Target, failure: &Failure) -> Done {
        let reason = record::reason(c, failure);
        self.note(cloud, c, target, ResourceStatus::DeleteFailed, Some(&reason));
        memory.failed.push(target.key.clone());
        Done::Settled
    }

    fn note(&self, cloud: &mut Cloud, c: &mut Context, target: &Target, status: ResourceStatus, reason: Option<&str>) {
        let Some(former) = &target.former else {
            let now = cloud.stack_resource(&self.stack.id, &target.record.logical).unwrap_or(&target.record);
            let now = StackResource::clone(now);
            return record::mark(cloud, c, &self.stack, now, status, reason);
        };
        let logical = &target.record.logical;
        record::tell_former(cloud, c, &self.stack, (logical, former), status, reason);
        if status.is_gone()
            && let Some(now) = cloud.stack_resource(&self.stack.id, logical)
        {
            let mut now = StackResource::clone(now);
            now.former.retain(|one| one.physical != former.physical);
            cloud.put_stack_resource(now);
        }
    }

    /// The end of the phase.
    fn finish(&self, memory: &Memory, cloud: &mut Cloud, c: &mut Context) {
        let id = &self.stack.id;
        let failed: BTreeSet<&str> = memory.failed.iter().map(Key::logical).collect();
        let why = format!("The following resource(s) failed to delete: {}. ", record::list(failed.iter().copied()));
        let left_over = "Update successful. One or more resources could not be deleted.";
        let all_gone = failed.is_empty();
        let (status, reason) = match (self.phase, all_gone) {
            (Phase::Delete, true) => (StackStatus::DeleteComplete, None),
            (Phase::Delete, false) => (StackStatus::DeleteFailed, Some(why.as_str())),
            (Phase::Rollback, true) => (StackStatus::RollbackComplete, None),
            (Phase::Rollback, false) => (StackStatus::RollbackFailed, Some(why.as_str())),
            (Phase::RollbackCleanup, _) => (StackStatus::UpdateRollbackComplete, None),
            (_, true) => (StackStatus::UpdateComplete, None),
            (_, false) => (StackStatus::UpdateComplete, Some(left_over)),
        };
        cloud.set_stack_status(c, id, status, reason);
        let now = c.now;
        cloud.with_stack(id, |stack| match status {
            StackStatus::DeleteComplete => {
                stack.deleted = Some(now);
                stack.outputs.clear();
                stack.previous = None;
            }
            StackStatus::RollbackComplete => stack.outputs.clear(),
            StackStatus::UpdateComplete | StackStatus::UpdateRollbackComplete => stack.previous = None,
            _ => {}
        });
        settle_records(cloud, id, matches!(status, StackStatus::UpdateComplete | StackStatus::UpdateRollbackComplete));
        if status == StackStatus::DeleteComplete {
            let sets: Vec<_> = cloud.change_sets_of(id).iter().map(|set| set.id.clone()).collect();
            sets.iter().for_each(|set| cloud.remove_change_set(set));
            cloud.forget_deleted_stacks(&self.stack.scope, c.now);
        }
        if let Some(set) = self.stack.change_set.as_ref().filter(|_| status != StackStatus::UpdateComplete) {
            cloud.drop_unused_nested(set);
        }
        cloud.drop_old_stack_templates(id);
    }
}

/// After an operation no resource is new any more; what an update removed is no longer of the stack.
fn settle_records(cloud: &mut Cloud, id: &StackId, forget: bool) {
    let records: Vec<_> = cloud.resources_of_stack(id).cloned().collect();
    for record in records {
        if forget && record.status.is_gone() && record.former.is_empty() {
            cloud.stack_resources.remove(&(id.clone(), record.logical.clone()));
        } else if record.is_new {
            cloud.put_stack_resource(StackResource { is_new: false, ..StackResource::clone(&record) });
        }
    }
}

fn as_existing<'a>(stack: &'a Stack, target: &'a Target, prepared: Prepared) -> Existing<'a> {
    match &target.former {
        Some(former) => record::existing_former(stack, &target.record.logical, former, prepared),
        None => record::existing(stack, &target.record, prepared),
    }
}

impl Worker for Removal {
    fn step(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context) -> Step {
        let mut step = Step::default();
        let current = cloud.stacks.get(&self.stack.id).and_then(|stack| stack.operation.as_ref());
        if current.is_none_or(|operation| operation.number != self.number || operation.phase != self.phase) {
            return Step { over: true, ..step };
        }
        let Some(keep) = &self.keep else {
            // Its template was read when the update began; if it cannot be read now, nothing is removed.
            self.finish(memory, cloud, c);
            return Step { over: true, ..step };
        };
        let mut acted = 0;
        loop {
            let targets = self.targets(cloud, keep);
            let mut dependants: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for target in &targets {
                for needed in &target.record.depends_on {
                    dependants.entry(needed).or_default().insert(&target.record.logical);
                }
            }
            let free = |target: &&Target| {
                let logical = target.record.logical.as_str();
                dependants.get(logical).is_none_or(|who| who.iter().all(|one| *one == logical))
                    && !memory.failed.contains(&target.key)
                    && !memory.preparing.contains(&target.key)
            };
            let ready: Vec<Target> = targets.iter().filter(free).cloned().collect();
            let mut progress = false;
            step.waiting = false;
            for target in ready {
                if acted >= memory.batch {
                    return Step { progress: true, ..step };
                }
                match self.remove(memory, cloud, c, &target) {
                    Done::Settled => {
                        acted += 1;
                        progress = true;
                    }
                    Done::Waiting => step.waiting = true,
                    Done::Prepare(order) => step.orders.push(*order),
                }
            }
            if !progress {
                break;
            }
        }
        step.progress = acted > 0;
        if acted == 0 && !step.waiting && step.orders.is_empty() && memory.preparing.is_empty() {
            self.finish(memory, cloud, c);
            step.over = true;
        }
        step
    }
}

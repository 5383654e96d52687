//! How making and updating ends: with outputs, or on the way back.
use super::super::memory::{Key, Memory};
use super::super::record;
use super::Forward;
use crate::cloudformation::plan::Plan;
use std::collections::BTreeSet;
use vpclab_cloud::stack::{OnFailure, Phase, ResourceStatus, StackOperation, StackOutput, StackStatus};
use vpclab_cloud::{Cloud, Context, StackResource};

impl Forward {
    /// What has to be so before anything is made.
    pub(super) fn check(&self, cloud: &Cloud, c: &Context, operation: &StackOperation) -> Result<&Plan, String> {
        let limit = self.stack.timeout_minutes.filter(|_| self.phase == Phase::Create);
        if limit.is_some_and(|minutes| c.now.0.saturating_sub(operation.started.0) > i64::from(minutes) * 60_000) {
            return Err("Stack creation time exceeded the specified timeout. ".to_owned());
        }
        if let Some(why) = operation.refused.as_ref().filter(|_| self.phase != Phase::UpdateRollback) {
            return Err(why.clone());
        }
        if operation.cancelled {
            return Err("User Initiated".to_owned());
        }
        if let Some(missing) = self.stack.spec.imports.iter().find(|name| cloud.export(&self.stack.scope, name).is_none()) {
            return Err(format!("No export named {missing} found. "));
        }
        self.plan.as_ref().map_err(Clone::clone)
    }

    /// All resources are as they should be.
    pub(super) fn finish(&self, cloud: &mut Cloud, c: &mut Context, plan: &Plan) -> Result<(), String> {
        let id = &self.stack.id;
        let outputs = plan.outputs(cloud, &self.stack)?;
        if self.phase != Phase::UpdateRollback {
            self.check_exports(cloud, &outputs)?;
        }
        cloud.with_stack(id, |stack| stack.outputs = outputs);
        match self.phase {
            Phase::Create => {
                cloud.set_stack_status(c, id, StackStatus::CreateComplete, None);
                let new: Vec<_> =
                    cloud.resources_of_stack(id).map(|one| StackResource { is_new: false, ..StackResource::clone(one) }).collect();
                new.into_iter().for_each(|resource| cloud.put_stack_resource(resource));
            }
            Phase::UpdateRollback => self.enter(cloud, c, Phase::RollbackCleanup, StackStatus::UpdateRollbackCleanupInProgress, None),
            _ => self.enter(cloud, c, Phase::Cleanup, StackStatus::UpdateCleanupInProgress, None),
        }
        Ok(())
    }

    /// Exports are unique in the account and region, and those in use stay as they are.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>
    fn check_exports(&self, cloud: &Cloud, outputs: &[StackOutput]) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for name in outputs.iter().filter_map(|output| output.export.as_deref()) {
            if !names.insert(name) {
                return Err(format!("Export with name {name} is already exported by stack {}. ", self.stack.name));
            }
            if let Some((other, _)) = cloud
                .exports_of(&self.stack.scope)
                .find(|(other, output)| other.id != self.stack.id && output.export.as_deref() == Some(name))
            {
                return Err(format!("Export with name {name} is already exported by stack {}. ", other.name));
            }
        }
        for old in &self.stack.outputs {
            let Some(name) = old.export.as_deref() else { continue };
            let Some(user) = cloud.importers_of(&self.stack.scope, name).next() else { continue };
            let new = outputs.iter().find(|output| output.export.as_deref() == Some(name));
            if new.is_none_or(|new| new.value != old.value) {
                let verb = if new.is_some() { "updated" } else { "deleted" };
                return Err(format!("Export {name} cannot be {verb} as it is in use by {}", user.name));
            }
        }
        Ok(())
    }

    /// Why the stack fails, when resources did.
    pub(super) fn failed(&self, memory: &Memory, cloud: &Cloud) -> String {
        let of = |status: ResourceStatus| -> Vec<&str> {
            let failed = memory.failed.iter().map(Key::logical);
            failed.filter(|name| cloud.stack_resource(&self.stack.id, name).is_some_and(|found| found.status == status)).collect()
        };
        let mut text = String::new();
        for (names, verb) in [(of(ResourceStatus::CreateFailed), "create"), (of(ResourceStatus::UpdateFailed), "update")] {
            if !names.is_empty() {
                text.push_str(&format!("The following resource(s) failed to {verb}: {}. ", record::list(names)));
            }
        }
        text
    }

    /// Ends what is under way, and turns back as the operation says.
    pub(super) fn undo(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context, why: &str) {
        let (id, stack) = (&self.stack.id, &self.stack);
        let under_way: Vec<_> =
            cloud.resources_of_stack(id).filter(|one| one.status.is_in_progress()).map(|one| StackResource::clone(one)).collect();
        for one in under_way {
            let (status, reason) = match one.status {
                ResourceStatus::CreateInProgress => (ResourceStatus::CreateFailed, "Resource creation cancelled"),
                _ => (ResourceStatus::UpdateFailed, "Resource update cancelled"),
            };
            memory.failed.push(Key::Current(one.logical.clone()));
            record::mark(cloud, c, stack, one, status, Some(reason));
        }
        // With the ones that were cancelled.
        let failed = self.failed(memory, cloud);
        let why = if failed.is_empty() { why } else { failed.as_str() };
        let on_failure = stack.operation.as_ref().map_or(OnFailure::Rollback, |operation| operation.on_failure);
        match (self.phase, on_failure) {
            (Phase::Create, OnFailure::Rollback) => {
                let why = format!("{why}{}Rollback requested by user.", gap(why));
                self.enter(cloud, c, Phase::Rollback, StackStatus::RollbackInProgress, Some(&why));
            }
            (Phase::Create, OnFailure::Delete) => {
                let why = format!("{why}{}Delete requested by user.", gap(why));
                self.enter(cloud, c, Phase::Delete, StackStatus::DeleteInProgress, Some(&why));
            }
            (Phase::Create, OnFailure::DoNothing) => cloud.set_stack_status(c, id, StackStatus::CreateFailed, Some(why)),
            (Phase::UpdateRollback, _) => cloud.set_stack_status(c, id, StackStatus::UpdateRollbackFailed, Some(why)),
            (_, OnFailure::DoNothing) => cloud.set_stack_status(c, id, StackStatus::UpdateFailed, Some(why)),
            _ => {
                cloud.with_stack(id, |stack| {
                    if let Some(previous) = stack.previous.clone() {
                        stack.spec = previous;
                    }
                });
                self.enter(cloud, c, Phase::UpdateRollback, StackStatus::UpdateRollbackInProgress, Some(why));
            }
        }
        if let Some(set) = &stack.change_set {
            // What it did not come to, it does not come to any more.
            cloud.drop_unused_nested(set);
        }
    }

    fn enter(&self, cloud: &mut Cloud, c: &mut Context, phase: Phase, status: StackStatus, reason: Option<&str>) {
        cloud.with_stack(&self.stack.id, |stack| {
            if let Some(operation) = &mut stack.operation {
                operation.phase = phase;
                operation.cancelled = false;
            }
        });
        cloud.set_stack_status(c, &self.stack.id, status, reason);
    }
}

fn gap(text: &str) -> &'static str {
    if text.ends_with(' ') { "" } else { " " }
}

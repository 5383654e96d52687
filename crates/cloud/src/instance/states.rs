//! How instances are started, stopped, terminated and changed.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>
use super::{Instance, InstanceState};
use crate::{Cloud, Context, InstanceId, NetworkInterface, Refusal, Scope, SecurityGroupId};
use std::sync::Arc;

/// What a call did to the state of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The instance.
    pub instance: InstanceId,
    /// The state before.
    pub from: InstanceState,
    /// The state now.
    pub to: InstanceState,
}

/// The one thing that `ModifyInstanceAttribute` changes; both are the primary interface's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModifyInstance {
    /// Other security groups.
    SecurityGroups(Vec<SecurityGroupId>),
    /// The source/destination check on or off.
    SourceDestCheck(bool),
}

impl Cloud {
    /// `StartInstances`. One that runs stays as it is.
    ///
    /// # Errors
    /// An unknown instance, or one that is terminated; then none is started.
    pub fn start_instances(&mut self, cx: &mut Context, ids: &[InstanceId]) -> Result<Vec<StateChange>, Refusal> {
        let changes = self.change_states(cx, ids, |instance| match instance.state {
            InstanceState::Running => Ok(instance),
            InstanceState::Stopped => Ok(Instance { state: InstanceState::Running, state_reason: None, launched: cx.now, ..instance }),
            InstanceState::Terminated => Err(Refusal::IncorrectInstanceState { instance: instance.id, action: "started" }),
        })?;
        for change in changes.iter().filter(|change| change.from != change.to) {
            let instance = self.instances.get(&change.instance).filter(|instance| instance.has_public_address);
            let interface = instance.and_then(|instance| self.network_interfaces.get(instance.interface.as_ref()?)).map(Arc::clone);
            if let Some(interface) = interface.filter(|interface| self.public_address_of(&interface.id).is_none()) {
                self.lend_public_address(cx, &interface);
            }
        }
        Ok(changes)
    }

    /// `StopInstances`. One that is stopped stays as it is. `reason` is what describe calls show as the cause.
    ///
    /// # Errors
    /// An unknown instance, or one that is terminated; then none is stopped.
    pub fn stop_instances(&mut self, cx: &mut Context, ids: &[InstanceId], reason: &str) -> Result<Vec<StateChange>, Refusal> {
        let changes = self.change_states(cx, ids, |instance| match instance.state {
            InstanceState::Stopped => Ok(instance),
            InstanceState::Running => Ok(Instance { state: InstanceState::Stopped, state_reason: Some(reason.to_owned()), ..instance }),
            InstanceState::Terminated => Err(Refusal::IncorrectInstanceState { instance: instance.id, action: "stopped" }),
        })?;
        for change in &changes {
            let interface = self.instances.get(&change.instance).and_then(|instance| instance.interface.clone());
            let Some(interface) = interface else { continue };
            // An Elastic IP address stays with the interface; a lent one goes back.
            if self.public_address_of(&interface).is_some_and(|address| address.allocation.is_none()) {
                self.drop_public_address(&interface);
            }
        }
        Ok(changes)
    }

    /// `TerminateInstances`: their interfaces go with them, or are free again. One that is terminated stays so.
    ///
    /// # Errors
    /// An unknown instance; then none is terminated.
    pub fn terminate_instances(&mut self, cx: &mut Context, ids: &[InstanceId], reason: &str) -> Result<Vec<StateChange>, Refusal> {
        let changes = self.change_states(cx, ids, |instance| {
            if instance.state == InstanceState::Terminated {
                return Ok(instance);
            }
            let reason = Some(reason.to_owned());
            Ok(Instance { state: InstanceState::Terminated, state_reason: reason, terminated: Some(cx.now), ..instance })
        })?;
        for change in &changes {
            self.release_interface(&change.instance);
        }
        Ok(changes)
    }

    /// `ModifyInstanceAttribute`.
    ///
    /// # Errors
    /// An unknown or terminated instance, an unknown group, a group of another VPC.
    pub fn modify_instance(&mut self, cx: &mut Context, id: &InstanceId, change: ModifyInstance) -> Result<(), Refusal> {
        let instance = self.shown_instance(cx, id)?;
        let interface = instance.interface.as_ref().and_then(|interface| self.network_interfaces.get(interface));
        let Some(mut interface) = interface.map(|found| NetworkInterface::clone(found)) else {
            return Err(Refusal::IncorrectInstanceState { instance: id.clone(), action: "modified" });
        };
        match change {
            ModifyInstance::SourceDestCheck(check) => interface.source_dest_check = check,
            ModifyInstance::SecurityGroups(groups) => {
                let vpc = self.visible_vpc(&cx.scope, &interface.vpc)?;
                interface.security_groups = self.groups_or_default(vpc, &groups, |_| Refusal::DifferentNetworks)?;
            }
        }
        self.network_interfaces.insert(interface.id.clone(), Arc::new(interface));
        Ok(())
    }

    /// Instances that a describe or a state call names, each once and in the order given.
    ///
    /// # Errors
    /// Those that are not there, all of them named.
    pub fn shown_instances(&self, scope: &Scope, now: crate::Timestamp, ids: &[InstanceId]) -> Result<Vec<Arc<Instance>>, Refusal> {
        let mut found: Vec<Arc<Instance>> = Vec::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.instances.get(id).filter(|instance| &instance.scope == scope && instance.is_shown(now)) {
                Some(instance) if found.iter().any(|other| other.id == instance.id) => {}
                Some(instance) => found.push(Arc::clone(instance)),
                None => missing.push(id.clone()),
            }
        }
        match missing.as_slice() {
            [] => Ok(found),
            [one] => Err(Refusal::InstanceNotFound(one.clone())),
            _ => Err(Refusal::InstancesNotFound(missing)),
        }
    }

    fn shown_instance(&self, cx: &Context, id: &InstanceId) -> Result<&Arc<Instance>, Refusal> {
        let instance = self.visible_instance(&cx.scope, id)?;
        if instance.is_shown(cx.now) { Ok(instance) } else { Err(Refusal::InstanceNotFound(id.clone())) }
    }

    fn change_states(
        &mut self,
        cx: &Context,
        ids: &[InstanceId],
        change: impl Fn(Instance) -> Result<Instance, Refusal>,
    ) -> Result<Vec<StateChange>, Refusal> {
        let before = self.shown_instances(&cx.scope, cx.now, ids)?;
        let after = before.iter().map(|instance| change(Instance::clone(instance))).collect::<Result<Vec<_>, _>>()?;
        let mut changes = Vec::new();
        for (before, after) in before.iter().zip(after) {
            changes.push(StateChange { instance: after.id.clone(), from: before.state, to: after.state });
            if after != **before {
                self.instances.insert(after.id.clone(), Arc::new(after));
            }
        }
        Ok(changes)
    }

    /// Removes or frees the interface of a terminated instance.
    fn release_interface(&mut self, id: &InstanceId) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(interface) = Arc::make_mut(instance).interface.take() else { return };
        let goes = |at: &crate::Attachment| at.delete_on_termination;
        let is_lent = self.public_address_of(&interface).is_some_and(|address| address.allocation.is_none());
        if is_lent || self.network_interfaces.get(&interface).and_then(|found| found.attachment.as_ref()).is_some_and(goes) {
            self.drop_public_address(&interface);
        }
        let Some(found) = self.network_interfaces.get_mut(&interface) else { return };
        if found.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination) {
            self.network_interfaces.remove(&interface);
        } else {
            Arc::make_mut(found).attachment = None;
        }
    }
}

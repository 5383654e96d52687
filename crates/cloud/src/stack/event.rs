//! What happened to a stack and its resources, in order.
use super::{Stack, StackId, uuid};
use crate::{Cloud, Context, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many events of a stack are kept; the oldest go first.
pub const MAX_EVENTS: u64 = 20_000;

/// An event. Keyed by stack and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackEvent {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The logical id: the resource's, or the stack's name.
    pub logical: String,
    /// The physical id; empty when there is none yet.
    pub physical: String,
    /// The type of the resource.
    pub kind: String,
    /// The status reached.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// The resource's properties as JSON.
    pub properties: Option<String>,
    /// `ClientRequestToken` of the operation.
    pub token: Option<String>,
}

/// An event to be written.
#[derive(Clone, Debug, Default)]
pub struct NewEvent<'a> {
    /// The logical id.
    pub logical: &'a str,
    /// The physical id.
    pub physical: &'a str,
    /// The type of the resource.
    pub kind: &'a str,
    /// The status reached.
    pub status: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// The resource's properties as JSON.
    pub properties: Option<String>,
}

impl Cloud {
    /// The events of a stack, the oldest first.
    pub fn events_of_stack(&self, id: &StackId) -> impl DoubleEndedIterator<Item = (u64, &Arc<StackEvent>)> {
        self.stack_events.range((id.clone(), 0)..=(id.clone(), u64::MAX)).map(|((_, number), event)| (*number, event))
    }

    /// Writes an event of a stack.
    pub fn stack_event(&mut self, c: &mut Context, id: &StackId, event: NewEvent<'_>) {
        let number = self.events_of_stack(id).next_back().map_or(1, |(number, _)| number.saturating_add(1));
        let token = self.stacks.get(id).and_then(|stack| stack.operation.as_ref()?.token.clone());
        let event_id = match event.kind {
            "AWS::CloudFormation::Stack" if event.physical == id.as_str() => uuid(&mut c.ids),
            _ => format!("{}-{}-{}", event.logical, event.status, uuid(&mut c.ids)),
        };
        let event = StackEvent {
            id: event_id,
            at: c.now,
            logical: event.logical.to_owned(),
            physical: event.physical.to_owned(),
            kind: event.kind.to_owned(),
            status: event.status.to_owned(),
            reason: event.reason.map(str::to_owned),
            properties: event.properties,
            token,
        };
        self.stack_events.insert((id.clone(), number), Arc::new(event));
        if let Some(old) = number.checked_sub(MAX_EVENTS) {
            self.stack_events.remove(&(id.clone(), old));
        }
    }

    /// Gives a stack a status and writes the event of it.
    pub fn set_stack_status(&mut self, c: &mut Context, id: &StackId, status: super::StackStatus, reason: Option<&str>) {
        let Some(stack) = self.stacks.get_mut(id).map(Arc::make_mut) else { return };
        stack.status = status;
        stack.reason = reason.map(str::to_owned);
        let name = stack.name.clone();
        self.stack_event(
            c,
            id,
            NewEvent {
                logical: &name,
                physical: id.as_str(),
                kind: "AWS::CloudFormation::Stack",
                status: status.as_str(),
                reason,
                properties: None,
            },
        );
    }

    /// Changes a stack in place.
    pub fn with_stack(&mut self, id: &StackId, edit: impl FnOnce(&mut Stack)) {
        if let Some(stack) = self.stacks.get_mut(id).map(Arc::make_mut) {
            edit(stack);
        }
    }
}

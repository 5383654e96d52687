//! Change sets: what an update would do, to be looked at before it is done.
use crate::stack::{ChangeSetId, OnFailure, StackId, StackSpec, StackStatus, StackTemplate};
use crate::{Cloud, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many change sets a stack has.
pub const MAX_CHANGE_SETS: usize = 100;

/// A change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: ChangeSetId,
    /// Its name: unique in the stack.
    pub name: String,
    /// Its account and region.
    pub scope: Scope,
    /// Its stack.
    pub stack: StackId,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// `CREATE_COMPLETE`, `FAILED`.
    pub status: ChangeSetStatus,
    /// Why.
    pub reason: Option<String>,
    /// Whether it can be executed.
    pub execution: ExecutionStatus,
    /// Whether it makes the stack.
    pub creates: bool,
    /// `IncludeNestedStacks`.
    #[serde(default)]
    pub includes_nested: bool,
    /// `ImportExistingResources`.
    #[serde(default)]
    pub imports_existing: bool,
    /// `OnStackFailure`.
    pub on_failure: Option<OnFailure>,
    /// What would be asked of the stack.
    pub spec: StackSpec,
    /// The template.
    pub template: Arc<StackTemplate>,
    /// What would change, in the template's order.
    pub changes: Vec<ResourceChange>,
    /// Where it belongs, when it is one of a nested stack that came with that of the outer stack.
    #[serde(default)]
    pub nested: Option<NestedIn>,
}

/// The place of a nested stack's change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NestedIn {
    /// The change set of the stack around it.
    pub parent: ChangeSetId,
    /// The one that was asked for.
    pub root: ChangeSetId,
    /// The nested stack's name in the template around it.
    pub logical: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $(#[doc = concat!("`", $text, "`")] $variant,)* }
        impl $name {
            /// As CloudFormation writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}
words! {
    /// The status of a change set.
    ChangeSetStatus { CreateComplete = "CREATE_COMPLETE", Failed = "FAILED", }
}
words! {
    /// Whether a change set can be executed, or was.
    ExecutionStatus {
        Unavailable = "UNAVAILABLE",
        Available = "AVAILABLE",
        ExecuteInProgress = "EXECUTE_IN_PROGRESS",
        ExecuteComplete = "EXECUTE_COMPLETE",
        ExecuteFailed = "EXECUTE_FAILED",
        Obsolete = "OBSOLETE",
    }
}
words! {
    /// What would happen to a resource.
    ChangeAction { Add = "Add", Modify = "Modify", Remove = "Remove", }
}
words! {
    /// Whether a resource would be replaced.
    Replacement { True = "True", False = "False", Conditional = "Conditional", }
}

/// What would become of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// What would happen.
    pub action: ChangeAction,
    /// The resource's name in the template.
    pub logical: String,
    /// The id of what is there.
    pub physical: Option<String>,
    /// Its type.
    pub kind: String,
    /// Whether it would be replaced; for modifications.
    pub replacement: Option<Replacement>,
    /// `Delete`, `Retain`, … when something would be removed.
    pub policy_action: Option<String>,
    /// Which of its attributes change: `Properties`, `Tags`, `Metadata`, `DeletionPolicy`, …
    pub scope: Vec<String>,
    /// Why, in detail.
    pub details: Vec<ChangeDetail>,
    /// Its properties before, when asked for.
    pub before: Option<Map<String, Value>>,
    /// Its properties after.
    pub after: Option<Map<String, Value>>,
    /// The change set of a nested stack.
    #[serde(default)]
    pub change_set: Option<ChangeSetId>,
}

/// One reason for a modification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDetail {
    /// `Properties`, `Tags`, …
    pub attribute: String,
    /// The property.
    pub name: Option<String>,
    /// `Never`, `Conditionally`, `Always`.
    pub requires_recreation: String,
    /// `Static` or `Dynamic`.
    pub evaluation: String,
    /// `DirectModification`, `ResourceReference`, `ResourceAttribute`, `ParameterReference`, `Automatic`.
    pub source: String,
    /// What causes the change, such as the parameter's name.
    pub causing_entity: Option<String>,
}

impl Cloud {
    /// The change sets of a stack, the oldest first.
    #[must_use]
    pub fn change_sets_of(&self, stack: &StackId) -> Vec<&Arc<ChangeSet>> {
        let mut sets: Vec<_> = self.change_sets.values().filter(|set| &set.stack == stack).collect();
        sets.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        sets
    }

    /// A change set by its ARN.
    #[must_use]
    pub fn change_set(&self, scope: &Scope, id: &str) -> Option<&Arc<ChangeSet>> {
        self.change_sets.get(&ChangeSetId::named(id)).filter(|set| &set.scope == scope)
    }

    /// The change sets of nested stacks that came with one.
    pub fn nested_change_sets<'a>(&'a self, id: &'a ChangeSetId) -> impl Iterator<Item = &'a Arc<ChangeSet>> {
        self.change_sets.values().filter(move |set| set.nested.as_ref().is_some_and(|nested| nested.parent == *id))
    }

    /// Removes a change set with those of nested stacks that came with it, and the stacks that are there only to be reviewed by them.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html>
    pub fn remove_change_set(&mut self, id: &ChangeSetId) {
        let nested: Vec<_> = self.nested_change_sets(id).map(|set| set.id.clone()).collect();
        nested.iter().for_each(|id| self.remove_change_set(id));
        let Some(set) = self.change_sets.remove(id) else { return };
        let is_reviewed = self.stacks.get(&set.stack).is_some_and(|stack| stack.status == StackStatus::ReviewInProgress);
        if set.nested.is_some() && is_reviewed {
            self.forget_stack(&set.stack);
        }
    }

    /// Removes the nested change sets that came with one that was executed, as far as their stacks are still only there to be reviewed: the
    /// operation ended before it came to them.
    pub fn drop_unused_nested(&mut self, id: &ChangeSetId) {
        let nested: Vec<_> = self.nested_change_sets(id).map(|set| (set.id.clone(), set.stack.clone())).collect();
        for (set, stack) in nested {
            match self.stacks.get(&stack).map(|stack| stack.status) {
                Some(StackStatus::ReviewInProgress) => self.remove_change_set(&set),
                // One that runs still may come to its own.
                Some(status) if status.is_running() => {}
                _ => self.drop_unused_nested(&set),
            }
        }
    }
}

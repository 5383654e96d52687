//! CloudFormation stacks: what is asked of them, where they are in their life, and their place in the account.
//!
//! A stack is four tables: the stack itself, its templates, its resources and its events, so that a step of a large stack
//! writes little. Every step of an operation is in these records, so that the operation can go on after a crash.
use crate::{Cloud, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, sync::Arc};

mod event;
mod operation;
mod resource;
mod status;
#[cfg(test)]
mod tests;

pub use event::{NewEvent, StackEvent};
pub use operation::{OnFailure, Phase, StackOperation};
pub use resource::{FormerResource, ResourceSignals, StackResource};
pub use status::{ResourceStatus, StackStatus};

/// How many stacks an account has in a region.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub const MAX_STACKS: usize = 2000;
/// How long a deleted stack can be described by its id: 90 days.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
pub const DELETED_SHOWN_FOR: i64 = 90 * 24 * 3600 * 1000;
/// How many deleted stacks of an account and region are kept; the oldest go first.
pub const MAX_DELETED: usize = 200;

macro_rules! arns {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Arc<str>);
        impl $name {
            /// A new ARN: the name and a fresh UUID.
            pub fn fresh(scope: &Scope, name: &str, ids: &mut crate::IdSource) -> Self {
                let (region, account) = (&scope.region, &scope.account);
                Self(format!("arn:aws:cloudformation:{region}:{account}:{}/{name}/{}", $kind, uuid(ids)).into())
            }
            /// The ARN.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
            /// The ARN that a caller names; whether there is such a thing is another question.
            #[must_use]
            pub fn named(text: &str) -> Self { Self(text.into()) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}
arns! {
    /// A stack's id: `arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid}`.
    StackId = "stack";
    /// A change set's id: `arn:aws:cloudformation:{region}:{account}:changeSet/{name}/{uuid}`.
    ChangeSetId = "changeSet";
}

/// A random UUID.
pub fn uuid(ids: &mut crate::IdSource) -> String {
    [8, 4, 4, 4, 12].map(|len| ids.hex(len)).join("-")
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Its ARN.
    pub id: StackId,
    /// Its name: unique among the living stacks of the scope.
    pub name: String,
    /// Its account and region.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// When the last update began.
    pub updated: Option<Timestamp>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// Its status.
    pub status: StackStatus,
    /// Why.
    pub reason: Option<String>,
    /// What is asked of it now.
    pub spec: StackSpec,
    /// What an update that failed goes back to.
    pub previous: Option<StackSpec>,
    /// Its outputs.
    pub outputs: Vec<StackOutput>,
    /// Whether a failed creation or update is left as it is.
    pub disable_rollback: bool,
    /// How long its creation may take.
    pub timeout_minutes: Option<u32>,
    /// Whether it may not be deleted.
    pub termination_protection: bool,
    /// Its stack policy, a JSON document.
    pub policy: Option<String>,
    /// The stack that it is nested in.
    pub parent: Option<StackId>,
    /// The outermost of the stacks that it is nested in.
    pub root: Option<StackId>,
    /// The change set that it was last made or updated by.
    pub change_set: Option<ChangeSetId>,
    /// The operation that runs, or that ran last.
    pub operation: Option<StackOperation>,
}

/// What is asked of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackSpec {
    /// Which of the stack's templates.
    pub template: u64,
    /// The template's description.
    pub description: Option<String>,
    /// The parameters in the template's order.
    pub parameters: Vec<StackParameter>,
    /// What the caller acknowledged.
    pub capabilities: Vec<String>,
    /// The stack's tags, which its resources get too.
    pub tags: Tags,
    /// The role given for its operations.
    pub role_arn: Option<String>,
    /// The exports that its template imports.
    pub imports: BTreeSet<String>,
}

/// A parameter of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackParameter {
    /// Its name.
    pub key: String,
    /// The value given or the default.
    pub value: String,
    /// What the Parameter Store had under that name, for parameters of such a type.
    pub resolved: Option<String>,
    /// Whether answers mask it.
    pub no_echo: bool,
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackOutput {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its description.
    pub description: Option<String>,
    /// The name it is exported under.
    pub export: Option<String>,
}

/// One of a stack's templates. Keyed by stack and [`StackSpec::template`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackTemplate {
    /// As it was given.
    pub original: String,
    /// After its transforms, as JSON; none when it has none.
    pub processed: Option<String>,
}

impl StackTemplate {
    /// What the stack is made of: the processed text, or the original.
    #[must_use]
    pub fn effective(&self) -> &str {
        self.processed.as_deref().unwrap_or(&self.original)
    }
}

impl Stack {
    /// Whether it is still there.
    #[must_use]
    pub fn is_living(&self) -> bool {
        self.status != StackStatus::DeleteComplete
    }
}

impl Cloud {
    /// The stacks of an account and region, in order of name and age, deleted ones included.
    pub fn stacks_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<Stack>> {
        let prefix = format!("arn:aws:cloudformation:{}:{}:stack/", scope.region, scope.account);
        self.stacks.range(StackId::named(&prefix)..).take_while(move |(id, _)| id.as_str().starts_with(&prefix)).map(|(_, stack)| stack)
    }

    /// The living stack of that name, or the stack of that id, living or not.
    #[must_use]
    pub fn stack_named(&self, scope: &Scope, name_or_id: &str) -> Option<&Arc<Stack>> {
        if name_or_id.starts_with("arn:") {
            return self.stacks.get(&StackId::named(name_or_id)).filter(|stack| &stack.scope == scope);
        }
        let prefix = format!("arn:aws:cloudformation:{}:{}:stack/{name_or_id}/", scope.region, scope.account);
        let same = self.stacks.range(StackId::named(&prefix)..).take_while(|(id, _)| id.as_str().starts_with(&prefix));
        same.map(|(_, stack)| stack).find(|stack| stack.is_living())
    }

    /// The template a stack is made of now.
    #[must_use]
    pub fn stack_template(&self, stack: &Stack) -> Option<&Arc<StackTemplate>> {
        self.stack_templates.get(&(stack.id.clone(), stack.spec.template))
    }

    /// Gives a stack one more template and tells its number.
    pub fn add_stack_template(&mut self, id: &StackId, template: Arc<StackTemplate>) -> u64 {
        let range = (id.clone(), 0)..=(id.clone(), u64::MAX);
        let number = self.stack_templates.range(range).next_back().map_or(1, |((_, number), _)| number.saturating_add(1));
        self.stack_templates.insert((id.clone(), number), template);
        number
    }

    /// Removes the templates that neither the stack nor what it may go back to is made of.
    pub fn drop_old_stack_templates(&mut self, id: &StackId) {
        let Some(stack) = self.stacks.get(id) else { return };
        let kept: BTreeSet<u64> = [Some(&stack.spec), stack.previous.as_ref()].into_iter().flatten().map(|spec| spec.template).collect();
        let range = (id.clone(), 0)..=(id.clone(), u64::MAX);
        let old: Vec<_> = self.stack_templates.range(range).map(|(key, _)| key.clone()).filter(|(_, n)| !kept.contains(n)).collect();
        for key in old {
            self.stack_templates.remove(&key);
        }
    }

    /// The exports of an account and region: stack and output.
    pub fn exports_of(&self, scope: &Scope) -> impl Iterator<Item = (&Arc<Stack>, &StackOutput)> {
        let living = self.stacks_of(scope).filter(|stack| stack.is_living());
        living.flat_map(|stack| stack.outputs.iter().filter(|output| output.export.is_some()).map(move |output| (stack, output)))
    }

    /// The value of an export.
    #[must_use]
    pub fn export(&self, scope: &Scope, name: &str) -> Option<&str> {
        self.exports_of(scope).find(|(_, output)| output.export.as_deref() == Some(name)).map(|(_, output)| output.value.as_str())
    }

    /// The living stacks that import an export.
    pub fn importers_of<'a>(&'a self, scope: &Scope, export: &'a str) -> impl Iterator<Item = &'a Arc<Stack>> {
        self.stacks_of(scope).filter(|stack| stack.is_living()).filter(move |stack| {
            stack.spec.imports.contains(export) || stack.previous.as_ref().is_some_and(|spec| spec.imports.contains(export))
        })
    }

    /// Removes what is no longer shown of deleted stacks.
    pub fn forget_deleted_stacks(&mut self, scope: &Scope, now: Timestamp) {
        let mut gone: Vec<(Timestamp, StackId)> =
            self.stacks_of(scope).filter_map(|stack| Some((stack.deleted.filter(|_| !stack.is_living())?, stack.id.clone()))).collect();
        gone.sort();
        let over = gone.len().saturating_sub(MAX_DELETED);
        for (at, (deleted, id)) in gone.into_iter().enumerate() {
            if at < over || now.0.saturating_sub(deleted.0) > DELETED_SHOWN_FOR {
                self.forget_stack(&id);
            }
        }
    }

    /// Removes a stack with all that is recorded of it; its resources are not touched.
    pub fn forget_stack(&mut self, id: &StackId) {
        self.stacks.remove(id);
        let keys: Vec<_> = self.resources_of_stack(id).map(|resource| (id.clone(), resource.logical.clone())).collect();
        for key in keys {
            self.stack_resources.remove(&key);
        }
        let keys: Vec<_> = self.stack_events.range((id.clone(), 0)..=(id.clone(), u64::MAX)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.stack_events.remove(&key);
        }
        let keys: Vec<_> = self.stack_templates.range((id.clone(), 0)..=(id.clone(), u64::MAX)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.stack_templates.remove(&key);
        }
        let sets: Vec<_> = self.change_sets.values().filter(|set| &set.stack == id).map(|set| set.id.clone()).collect();
        sets.iter().for_each(|set| self.remove_change_set(set));
    }
}

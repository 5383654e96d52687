//! What a stack knows of each of its resources.
use super::{ResourceStatus, StackId};
use crate::{Cloud, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A resource of a stack. Keyed by stack and logical id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackResource {
    /// Its stack.
    pub stack: StackId,
    /// Its name in the template.
    pub logical: String,
    /// Its type, such as `AWS::EC2::VPC`.
    pub kind: String,
    /// The id of what was made; none before that.
    pub physical: Option<String>,
    /// Its status.
    pub status: ResourceStatus,
    /// Why.
    pub reason: Option<String>,
    /// When the status was reached.
    pub updated: Timestamp,
    /// The properties it was last made or updated with, resolved.
    pub properties: Map<String, Value>,
    /// The tags it got from the stack.
    pub tags: Tags,
    /// What `Fn::GetAtt` answers, as far as it was known when it was made.
    pub attributes: Map<String, Value>,
    /// The resources that it was made after.
    pub depends_on: BTreeSet<String>,
    /// `DeletionPolicy`.
    pub deletion_policy: Option<String>,
    /// `UpdateReplacePolicy`.
    pub update_replace_policy: Option<String>,
    /// `Metadata`, as JSON.
    pub metadata: Option<Value>,
    /// What it replaced and what is still there: until the update's cleanup, or until a rollback takes it back.
    pub former: Vec<FormerResource>,
    /// Whether the operation that runs made it.
    pub is_new: bool,
    /// The signals that it waits for, or waited for.
    #[serde(default)]
    pub signals: Option<ResourceSignals>,
}

/// `CreationPolicy`, and the signals that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceSignals {
    /// `Count`: how many have to come.
    pub wanted: u32,
    /// `Timeout`, in milliseconds.
    pub timeout_ms: i64,
    /// Since when it waits.
    pub began: Timestamp,
    /// What came by its unique id, and whether that was a success.
    pub got: BTreeMap<String, bool>,
}

/// What a resource was before it was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerResource {
    /// Its type.
    pub kind: String,
    /// The id of what was made.
    pub physical: String,
    /// The properties it was made with.
    pub properties: Map<String, Value>,
    /// The tags it got from the stack.
    pub tags: Tags,
    /// Its attributes.
    pub attributes: Map<String, Value>,
    /// `UpdateReplacePolicy` and `DeletionPolicy` say so: it is left alone.
    pub retained: bool,
    /// Whether it comes from before the operation that runs: a rollback takes such a one back and removes the others.
    pub original: bool,
}

impl Cloud {
    /// The resources of a stack in order of logical id, deleted ones included.
    pub fn resources_of_stack(&self, id: &StackId) -> impl Iterator<Item = &Arc<StackResource>> {
        let of = id.clone();
        self.stack_resources.range((id.clone(), String::new())..).take_while(move |((stack, _), _)| *stack == of).map(|(_, found)| found)
    }

    /// A resource of a stack.
    #[must_use]
    pub fn stack_resource(&self, id: &StackId, logical: &str) -> Option<&Arc<StackResource>> {
        self.stack_resources.get(&(id.clone(), logical.to_owned()))
    }

    /// Writes what is known of a resource.
    pub fn put_stack_resource(&mut self, resource: StackResource) {
        self.stack_resources.insert((resource.stack.clone(), resource.logical.clone()), Arc::new(resource));
    }
}

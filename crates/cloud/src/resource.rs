//! Resources of a REST API: the nodes of its path tree.
use crate::{ResourceId, RestApiId, method::Method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A resource. Keyed by API and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its API.
    pub api: RestApiId,
    /// Its id.
    pub id: ResourceId,
    /// Its parent; none for the root.
    pub parent: Option<ResourceId>,
    /// The last part of its path: literal, `{param}` or `{proxy+}`; empty for the root.
    pub path_part: String,
    /// Its whole path, such as `/pets/{id}`.
    pub path: String,
    /// Its methods by name; `ANY` is one of them.
    pub methods: BTreeMap<String, Method>,
}

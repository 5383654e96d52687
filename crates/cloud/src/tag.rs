//! Tags: at most 50 a resource, as EC2 has them.
use std::collections::BTreeMap;

/// The tags of a resource.
pub type Tags = BTreeMap<String, String>;

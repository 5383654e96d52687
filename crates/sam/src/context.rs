//! What the transform of one resource knows of the rest.
use crate::{
    made::Made,
    resolve::Parameters,
    text::Text,
    value::{Dict, Val},
};
use indexmap::IndexMap;

/// Shared by the resources of one template.
pub(crate) struct Context<'a> {
    pub(crate) partition: &'static str,
    pub(crate) parameters: Parameters,
    /// ARNs of managed policies that AWS's list lacks.
    pub(crate) managed_policies: &'a std::collections::BTreeMap<String, String>,
    pub(crate) now: i64,
    /// The section `Conditions` of what comes out.
    pub(crate) conditions: Option<Dict>,
    /// The resources as they stood before the first was transformed.
    pub(crate) originals: Dict,
    /// The names of an API's functions, which its deployment depends on.
    pub(crate) function_names: IndexMap<Text, String>,
    pub(crate) record_sets: IndexMap<Text, Made>,
    pub(crate) usage_plan: SharedUsagePlan,
}

/// What the APIs that share a usage plan have put into it.
#[derive(Default)]
pub(crate) struct SharedUsagePlan {
    pub(crate) depends_on: Vec<Val>,
    pub(crate) stages: Vec<Val>,
    pub(crate) stage_keys: Vec<Val>,
    pub(crate) conditions: Vec<Text>,
    pub(crate) unconditional: bool,
    pub(crate) deletion: Option<Val>,
    pub(crate) replacement: Option<Val>,
}

/// The partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-iso-", "aws-iso"),
        ("us-isob", "aws-iso-b"),
        ("us-gov", "aws-us-gov"),
        ("eu-isoe", "aws-iso-e"),
        ("us-isof", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let region = region.to_lowercase();
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

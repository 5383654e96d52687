//! The section `Resources`.
use super::{alphanumeric, is_map, text, unknown};
use crate::{Map, Node, Span, TemplateError, Value};

const ATTRIBUTES: &[&str] = &[
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
];

/// What becomes of a resource that leaves the stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Retain,
    /// It stays, but not when its own creation is rolled back.
    RetainExceptOnCreate,
    /// It is deleted after a snapshot.
    Snapshot,
}

/// A resource as the template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its logical id.
    pub logical: String,
    /// Its type, `AWS::EC2::VPC`.
    pub kind: String,
    /// The properties' expressions; an empty object if there are none.
    pub properties: Node,
    /// Logical ids that come before it.
    pub depends_on: Vec<String>,
    /// The condition without which it is not there.
    pub condition: Option<String>,
    /// What becomes of it when it leaves the stack.
    pub deletion_policy: DeletionPolicy,
    /// What becomes of it when it is replaced.
    pub update_replace_policy: DeletionPolicy,
    /// `CreationPolicy`.
    pub creation_policy: Option<Node>,
    /// `UpdatePolicy`.
    pub update_policy: Option<Node>,
    /// `Metadata`.
    pub metadata: Option<Node>,
    /// Where the logical id is written.
    pub at: Span,
    /// Where the type is written.
    pub kind_at: Span,
}

impl Resource {
    pub(super) fn read(logical: &str, at: Span, node: &Node, unfinished: bool) -> Result<Resource, TemplateError> {
        if !alphanumeric(logical) {
            return Err(TemplateError::format(format_args!("Resource name {logical} is non alphanumeric."), at));
        }
        if logical.len() > 255 {
            return Err(TemplateError::format(format_args!("Resource name {logical} is longer than 255 characters."), at));
        }
        let here = format!("[/Resources/{logical}]");
        let map = node
            .as_map()
            .ok_or_else(|| TemplateError::format(format_args!("{here} Every Resources object must be an object."), node.at.or(at)))?;
        let missing = || TemplateError::format(format_args!("{here} Every Resources object must contain a Type member."), at);
        let kind = map.get("Type").ok_or_else(missing)?;
        let kind_at = kind.at;
        let kind = kind.as_str().filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| TemplateError::format(format_args!("{here} Every Type member must be a string."), kind_at))?;
        // A macro's own attributes are gone once it has run.
        if let Some(first) = unknown(map, ATTRIBUTES).first().filter(|_| !unfinished) {
            return Err(TemplateError::new(format!("Invalid template resource property '{first}'"), map.key_at(first)));
        }
        let properties = match map.get("Properties") {
            None => Node::from(Map::new()).at(at),
            Some(node) if is_map(node) => node.clone(),
            Some(node) => return Err(TemplateError::format(format_args!("{here} Every Properties member must be an object."), node.at)),
        };
        Ok(Resource {
            logical: logical.to_owned(),
            kind: kind.to_owned(),
            properties,
            depends_on: map.get("DependsOn").map(depends_on).transpose()?.unwrap_or_default(),
            condition: map.get("Condition").map(|node| text(node, "Condition")).transpose()?,
            deletion_policy: policy(map, "DeletionPolicy", unfinished)?.unwrap_or_default(),
            update_replace_policy: policy(map, "UpdateReplacePolicy", unfinished)?.unwrap_or_default(),
            creation_policy: map.get("CreationPolicy").cloned(),
            update_policy: map.get("UpdatePolicy").cloned(),
            metadata: map.get("Metadata").cloned(),
            at,
            kind_at,
        })
    }
}

fn depends_on(node: &Node) -> Result<Vec<String>, TemplateError> {
    let name = |node: &Node| {
        let text = node.as_str().map(str::to_owned);
        text.ok_or_else(|| TemplateError::format("DependsOn must be a string or list of strings.", node.at))
    };
    match &node.value {
        Value::List(items) => items.iter().map(name).collect(),
        _ => Ok(vec![name(node)?]),
    }
}

/// `Retain`, …; a function, which only `AWS::LanguageExtensions` may replace, is none yet.
fn policy(map: &Map, attribute: &str, unfinished: bool) -> Result<Option<DeletionPolicy>, TemplateError> {
    let Some(node) = map.get(attribute) else { return Ok(None) };
    let retain = || if attribute == "DeletionPolicy" { Some(DeletionPolicy::RetainExceptOnCreate) } else { None };
    let policy = match node.as_str() {
        Some("Delete") => Some(DeletionPolicy::Delete),
        Some("Retain") => Some(DeletionPolicy::Retain),
        Some("RetainExceptOnCreate") => retain(),
        Some("Snapshot") => Some(DeletionPolicy::Snapshot),
        Some(_) => None,
        None if is_map(node) && unfinished => Some(DeletionPolicy::default()),
        None => return Err(TemplateError::format(format_args!("Every {attribute} member must be a string."), node.at)),
    };
    match policy {
        Some(policy) => Ok(Some(policy)),
        None => {
            let given = node.as_str().unwrap_or_default();
            Err(TemplateError::format(format_args!("Unrecognized {attribute} {given}"), node.at))
        }
    }
}

//! The section `Outputs`.
use super::{alphanumeric, text, unknown};
use crate::{Node, Span, TemplateError};

/// What a stack tells when it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The value's expression.
    pub value: Node,
    /// The description.
    pub description: Option<String>,
    /// The expression of the name under which it is exported.
    pub export: Option<Node>,
    /// The condition without which it is not there.
    pub condition: Option<String>,
    /// Where the name is written.
    pub at: Span,
}

impl Output {
    pub(super) fn read(name: &str, at: Span, node: &Node) -> Result<Output, TemplateError> {
        if !alphanumeric(name) {
            return Err(TemplateError::format(format_args!("Output name {name} is non alphanumeric."), at));
        }
        let value = || TemplateError::format("Every Outputs member must contain a Value object", node.at.or(at));
        let map = node.as_map().ok_or_else(value)?;
        if let Some(first) = unknown(map, &["Condition", "Description", "Export", "Value"]).first() {
            return Err(TemplateError::new(format!("Invalid template output property '{first}'"), map.key_at(first)));
        }
        let exported = |node: &Node| {
            let name = node.as_map().filter(|map| map.len() == 1).and_then(|map| map.get("Name"));
            let why = "Every Export member must contain a Name, and nothing else";
            name.cloned().ok_or_else(|| TemplateError::format(format_args!("Output {name:?} is malformed. {why}"), node.at))
        };
        Ok(Output {
            name: name.to_owned(),
            value: map.get("Value").cloned().ok_or_else(value)?,
            description: map.get("Description").map(|node| text(node, "Description")).transpose()?,
            export: map.get("Export").map(exported).transpose()?,
            condition: map.get("Condition").map(|node| text(node, "Condition")).transpose()?,
            at,
        })
    }
}

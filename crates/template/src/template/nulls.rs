//! No `null` in a template.
use crate::{Node, TemplateError, Value};

/// Refuses the first `null`: `[/Resources/A/Properties/B] 'null' values are not allowed in templates`.
pub(super) fn refuse(node: &Node) -> Result<(), TemplateError> {
    let mut path = Vec::new();
    if let Some(at) = find(node, &mut path) {
        return Err(TemplateError::new(format!("[/{}] 'null' values are not allowed in templates", path.join("/")), at));
    }
    Ok(())
}

fn find(node: &Node, path: &mut Vec<String>) -> Option<crate::Span> {
    let mut inside = |key: String, node: &Node| {
        path.push(key);
        let found = find(node, path);
        if found.is_none() {
            path.pop();
        }
        found
    };
    match &node.value {
        Value::Null => Some(node.at),
        Value::List(items) => items.iter().enumerate().find_map(|(index, item)| inside(index.to_string(), item)),
        Value::Map(map) => map.entries().find_map(|(key, key_at, item)| inside(key.to_owned(), item).map(|at| at.or(key_at))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

//! Whether a template's resource types and properties are served: a stack fails by name and line before anything is made.
use crate::cloudformation::creation_policy;
use crate::cloudformation::errors::{invalid, template as wrong};
use crate::cloudformation::resource::{self, ResourceType};
use std::collections::BTreeSet;
use vpclab_template::{Bound, Node, Template, TemplateError, Value, schema};
use vpclab_wire::WireError;

/// Refuses types that AWS does not have.
pub(super) fn check(template: &Template) -> Result<(), WireError> {
    let unknown: BTreeSet<&str> = template
        .resources
        .iter()
        .map(|one| one.kind.as_str())
        .filter(|kind| !schema::exists(kind) && resource::of(kind).is_none())
        .collect();
    if !unknown.is_empty() {
        let list: Vec<_> = unknown.into_iter().collect();
        return Err(invalid(format!("Template format error: Unrecognized resource types: [{}]", list.join(", "))));
    }
    Ok(())
}

/// Refuses the types that are not served. A resource that a condition leaves out is not made, and may be of any type.
pub(super) fn check_types(bound: &Bound) -> Result<(), WireError> {
    match bound.resources().find(|one| resource::of(&one.kind).is_none()) {
        None => Ok(()),
        Some(one) => {
            let message = format!("vpclab does not serve the resource type {} of the resource {} yet", one.kind, one.logical);
            Err(wrong(&TemplateError::new(message, one.kind_at)))
        }
    }
}

/// Refuses the properties that are not served.
pub(super) fn check_properties(bound: &Bound) -> Result<(), WireError> {
    for one in bound.resources() {
        let Some(kind) = resource::of(&one.kind) else { continue };
        let unserved = |name: &str, node: &Node| {
            let message = format!("vpclab does not serve the attribute {name} of the resource {} yet", one.logical);
            Err(wrong(&TemplateError::new(message, node.at)))
        };
        if let Some(node) = &one.update_policy {
            return unserved("UpdatePolicy", node);
        }
        if let Some(node) = &one.creation_policy {
            if !creation_policy::KINDS.contains(&one.kind.as_str()) {
                return unserved("CreationPolicy", node);
            }
            let members = node.as_map().into_iter().flat_map(|map| map.iter());
            if let Some((name, node)) = members.into_iter().find(|(name, _)| *name != "ResourceSignal") {
                return unserved(&format!("CreationPolicy.{name}"), node);
            }
        }
        let refuse = |path: &str, node: &Node| {
            let message = format!("vpclab does not serve the property {path} of {} (resource {}) yet", one.kind, one.logical);
            wrong(&TemplateError::new(message, node.at))
        };
        let known = |path: &str| {
            let served = kind.served();
            served == ["*"] || served.contains(&path) || path.split_once('.').is_some_and(|(first, _)| is_whole(kind, first))
        };
        let mut found = None;
        walk(&one.properties, "", &mut |path, node| {
            if found.is_none() && !known(path) && is_of_schema(&one.kind, path) {
                found = Some(refuse(path, node));
            }
            // Below what is served as a whole, everything is.
            !is_whole(kind, path)
        });
        if let Some(error) = found {
            return Err(error);
        }
    }
    Ok(())
}

/// Whether the type has such a property at all: others are refused in AWS's words.
fn is_of_schema(kind: &str, path: &str) -> bool {
    let first = path.split_once('.').map_or(path, |(first, _)| first);
    schema::of(kind).is_none_or(|schema| path != first || schema.properties().any(|name| name == first))
}

/// Whether all members of a property are served.
fn is_whole(kind: &dyn ResourceType, path: &str) -> bool {
    !kind.served().iter().any(|served| served.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// Visits the members of objects, of those in lists, and of both branches of conditions. `visit` tells whether to look inside.
fn walk(node: &Node, path: &str, visit: &mut impl FnMut(&str, &Node) -> bool) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| walk(item, path, visit)),
        Value::Map(_) if node.function().is_some() => {
            if let Some(("Fn::If", argument)) = node.function() {
                argument.as_list().into_iter().flatten().skip(1).for_each(|branch| walk(branch, path, visit));
            }
        }
        Value::Map(map) => {
            for (name, member) in map.iter() {
                let inside = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                if visit(&inside, member) {
                    walk(member, &inside, visit);
                }
            }
        }
        _ => {}
    }
}

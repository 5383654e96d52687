//! What the sections have in common, and the small ones.
use super::{MAPPINGS_MAX, Transform, alphanumeric, is_map, text as member_text, unknown};
use crate::{Map, Node, Span, TemplateError, Value};

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// Refuses sections that nobody knows. `Globals` is SAM's.
pub(super) fn known(map: &Map) -> Result<(), TemplateError> {
    let mut unknown = unknown(map, SECTIONS);
    if map.contains("Transform") {
        unknown.retain(|key| *key != "Globals");
    }
    match unknown.first() {
        None => Ok(()),
        Some(first) => {
            let message = format!("Invalid template property or properties [{}]", unknown.join(", "));
            Err(TemplateError::new(message, map.key_at(first)))
        }
    }
}

pub(super) fn version(map: &Map) -> Result<Option<String>, TemplateError> {
    let Some(node) = map.get("AWSTemplateFormatVersion") else { return Ok(None) };
    match node.scalar_text() {
        Some(version) if version == "2010-09-09" => Ok(Some(version)),
        version => {
            let version = version.unwrap_or_default();
            Err(TemplateError::new(
                format!("Template format error: {version} is not a supported value for AWSTemplateFormatVersion."),
                node.at,
            ))
        }
    }
}

pub(super) fn text(map: &Map, section: &str) -> Result<Option<String>, TemplateError> {
    map.get(section).map(|node| member_text(node, section)).transpose()
}

/// A text, an object `{Name, Parameters}`, or a list of those.
pub(super) fn transforms(map: &Map) -> Result<Vec<Transform>, TemplateError> {
    let one = |node: &Node| {
        let named = |name: &Node, parameters: Option<&Node>| {
            let name = name.as_str().ok_or_else(|| TemplateError::new("Key Name of transform definition must be a string.", name.at))?;
            Ok(Transform { name: name.to_owned(), parameters: parameters.cloned(), at: node.at })
        };
        match &node.value {
            Value::Map(map) => match map.get("Name") {
                Some(name) => named(name, map.get("Parameters")),
                None => Err(TemplateError::new("Key Name of transform definition must be a string.", node.at)),
            },
            _ => named(node, None),
        }
    };
    match map.get("Transform") {
        None => Ok(Vec::new()),
        Some(Node { value: Value::List(items), .. }) => items.iter().map(one).collect(),
        Some(node) => Ok(vec![one(node)?]),
    }
}

/// The members of a section. What a macro will replace (`Fn::…`) is passed over while it has not.
pub(super) fn members<T>(
    map: &Map,
    section: &str,
    unfinished: bool,
    max: usize,
    read: impl Fn(&str, Span, &Node) -> Result<T, TemplateError>,
) -> Result<Vec<T>, TemplateError> {
    let Some(node) = map.get(section) else { return Ok(Vec::new()) };
    let members = node.as_map().ok_or_else(|| TemplateError::format(format_args!("{section} section must be an object."), node.at))?;
    if members.len() > max {
        let what = section.to_ascii_lowercase();
        let why = format!("Number of {what}, {}, is greater than maximum allowed, {max}", members.len());
        return Err(TemplateError::format(why, node.at));
    }
    let left = |key: &str| unfinished && key.starts_with("Fn::");
    members.entries().filter(|(key, ..)| !left(key)).map(|(key, at, node)| read(key, at, node)).collect()
}

/// Map -> key -> attribute -> text or list of texts.
pub(super) fn mappings(map: &Map, unfinished: bool) -> Result<Map, TemplateError> {
    let members = members(map, "Mappings", unfinished, MAPPINGS_MAX, |name, at, node| {
        if !alphanumeric(name) {
            return Err(TemplateError::format(
                format_args!("Mappings element name '{name}' must be non-empty and can contain only alphanumerics."),
                at,
            ));
        }
        if !unfinished {
            mapping(name, node)?;
        }
        Ok((name.to_owned(), at, node.clone()))
    })?;
    Ok(collect(members))
}

fn mapping(name: &str, node: &Node) -> Result<(), TemplateError> {
    let object = |node: &Node| TemplateError::format(format_args!("Every Mappings member {name} must be a map"), node.at);
    for key in node.as_map().ok_or_else(|| object(node))?.values() {
        for attribute in key.as_map().ok_or_else(|| object(key))?.values() {
            let fits = match &attribute.value {
                Value::List(items) => items.iter().all(|item| item.scalar_text().is_some()),
                _ => attribute.scalar_text().is_some(),
            };
            if !fits {
                return Err(TemplateError::format("Every Mappings attribute must be a String or a List.", attribute.at));
            }
        }
    }
    Ok(())
}

pub(super) fn conditions(map: &Map, unfinished: bool) -> Result<Map, TemplateError> {
    let members = members(map, "Conditions", unfinished, usize::MAX, |name, at, node| {
        if !is_map(node) {
            let why = "Conditions can only be boolean operations on parameters and other conditions";
            return Err(TemplateError::format(why, node.at));
        }
        Ok((name.to_owned(), at, node.clone()))
    })?;
    Ok(collect(members))
}

fn collect(members: Vec<(String, Span, Node)>) -> Map {
    let mut map = Map::new();
    for (name, at, node) in members {
        map.insert_at(name, at, node);
    }
    map
}

//! `AWS::Include`: parts of a template that lie elsewhere (transform-aws-include.html).
use crate::{Map, Node, Span, TemplateError, Value};

pub(crate) const INCLUDE: &str = "AWS::Include";
/// The most parts that one template may have elsewhere.
const INCLUDES_MAX: usize = 100;

/// Puts in what `fetch` gives for each `Location` (an `s3://` URL, or an expression of one). What is put in may replace a value
/// that is nothing but the call, or stand beside other keys; it has no includes of its own.
///
/// # Errors
/// Those of `fetch`; a call without a location; a key that is there already.
pub fn include(node: &Node, fetch: &mut dyn FnMut(&Node, Span) -> Result<Node, TemplateError>) -> Result<Node, TemplateError> {
    let mut left = INCLUDES_MAX;
    let mut done = inside(node, fetch, &mut left)?;
    let Some(map) = done.as_map_mut() else { return Ok(done) };
    // At the top, the section `Transform` says the same.
    let at = map.key_at("Transform");
    let calls = match map.remove("Transform") {
        None => return Ok(done),
        Some(Node { value: Value::List(items), .. }) => items,
        Some(one) => vec![one],
    };
    let mut others = Vec::new();
    for call in calls {
        match location(&call)? {
            Some(location) => merge(map, fetch(location, call.at)?, call.at, true)?,
            None => others.push(call),
        }
    }
    if !others.is_empty() {
        map.insert_at("Transform", at, Node::from(others).at(at));
    }
    Ok(done)
}

/// Where the macro is called first inside of the template. Recursion follows the tree, whose depth is bounded.
pub(crate) fn first(node: &Node) -> Option<Span> {
    match &node.value {
        Value::List(items) => items.iter().find_map(first),
        Value::Map(map) => map.entries().find_map(|(key, at, item)| {
            let calls = key == "Fn::Transform" && item.get("Name").and_then(Node::as_str) == Some(INCLUDE);
            if calls { Some(at) } else { first(item) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The location that a call of the macro names; nothing if it calls another one.
fn location(call: &Node) -> Result<Option<&Node>, TemplateError> {
    if call.get("Name").and_then(Node::as_str) != Some(INCLUDE) {
        return Ok(None);
    }
    let location = call.get("Parameters").and_then(|parameters| parameters.get("Location"));
    let missing = || TemplateError::new(format!("Transform {INCLUDE} failed with: The location parameter is missing."), call.at);
    location.map(Some).ok_or_else(missing)
}

/// Recursion follows the tree, whose depth is bounded.
fn inside(node: &Node, fetch: &mut dyn FnMut(&Node, Span) -> Result<Node, TemplateError>, left: &mut usize) -> Result<Node, TemplateError> {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| inside(item, fetch, left)).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let mut done = Map::new();
            let mut included = None;
            for (key, key_at, item) in map.entries() {
                match if key == "Fn::Transform" { location(item)? } else { None } {
                    Some(location) => {
                        let many = || TemplateError::new(format!("a template may include at most {INCLUDES_MAX} parts"), item.at);
                        *left = left.checked_sub(1).ok_or_else(many)?;
                        included = Some(fetch(location, item.at)?.originating(item.at));
                    }
                    None => {
                        done.insert_at(key, key_at, inside(item, fetch, left)?);
                    }
                }
            }
            match included {
                Some(included) if done.is_empty() => return Ok(included),
                Some(included) => merge(&mut done, included, node.at, false)?,
                None => {}
            }
            Value::Map(done)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => node.value.clone(),
    };
    Ok(Node { value, at: node.at })
}

/// Puts the keys of an included part beside the others; `sections` tells whether those of equal sections are put together.
fn merge(into: &mut Map, part: Node, at: Span, sections: bool) -> Result<(), TemplateError> {
    let failed = |why: String| TemplateError::new(format!("Transform {INCLUDE} failed with: {why}"), at);
    let Value::Map(part) = part.value else { return Err(failed("The included content is no object.".to_owned())) };
    for (key, key_at, item) in part.into_entries() {
        match (into.get_mut(&key), item.value) {
            (None, value) => {
                into.insert_at(key, key_at, Node { value, at: item.at });
            }
            (Some(Node { value: Value::Map(there), .. }), Value::Map(more)) if sections => {
                merge(there, Node::from(more), at, false)?;
            }
            (Some(_), _) => return Err(failed(format!("The key {key} is there already."))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::include;
    use crate::{TemplateError, parse};
    use serde_json::json;

    fn included(yaml: &str, part: &str) -> Result<serde_json::Value, String> {
        let part = parse(part).unwrap();
        let mut seen = Vec::new();
        let done = include(&parse(yaml).unwrap(), &mut |location, at| {
            seen.push(location.as_str().unwrap().to_owned());
            if location.as_str() == Some("gone") { Err(TemplateError::new("gone", at)) } else { Ok(part.clone()) }
        });
        done.map(|node| node.to_json()).map_err(|why| why.to_string())
    }

    #[test]
    fn parts_are_put_in() {
        let call = "'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}";
        assert_eq!(included(&format!("a: {{b: {{{call}}}, c: 1}}"), "x: 1"), Ok(json!({"a": {"b": {"x": 1}, "c": 1}})));
        assert_eq!(included(&format!("a: {{b: 2, {call}}}"), "x: 1"), Ok(json!({"a": {"b": 2, "x": 1}})));
        assert!(included(&format!("a: {{x: 2, {call}}}"), "x: 1").unwrap_err().contains("The key x is there already."));
        assert_eq!(
            included("Transform: {Name: 'AWS::Include', Parameters: {Location: l}}\nResources: {A: 1}", "Resources: {B: 2}\nOutputs: {}"),
            Ok(json!({"Resources": {"A": 1, "B": 2}, "Outputs": {}}))
        );
        let both = "Transform: [X, {Name: 'AWS::Include', Parameters: {Location: l}}]";
        assert_eq!(included(both, "a: 1"), Ok(json!({"a": 1, "Transform": ["X"]})));
        assert_eq!(included("a: {'Fn::Transform': {Name: Mine}}", "x: 1"), Ok(json!({"a": {"Fn::Transform": {"Name": "Mine"}}})));
        assert!(included("a: {'Fn::Transform': {Name: 'AWS::Include'}}", "x: 1").unwrap_err().contains("location parameter is missing"));
        assert_eq!(
            included("a: !Transform {Name: 'AWS::Include', Parameters: {Location: gone}}", "x: 1"),
            Err("gone (line 1, column 4)".to_owned())
        );
        let many = format!("a: [{}]", vec![format!("{{{call}}}"); 101].join(", "));
        assert!(included(&many, "x: 1").unwrap_err().contains("at most 100 parts"));
    }
}

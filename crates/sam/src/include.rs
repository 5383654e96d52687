//! `AWS::Include`: parts of a template that lie in S3.
//!
//! CloudFormation user guide, "AWS::Include transform". It runs before the transform of AWS SAM, so that a definition can be included.
//! The caller fetches: [`includes`] says what, [`include`] puts it in.
use crate::{Input, transform::parameters, value::Val};
use std::collections::BTreeMap;
use vpclab_template::{Map, Node, Span, TemplateError, Value};

const CALL: &str = "Fn::Transform";
const NAME: &str = "AWS::Include";
/// More calls than this are refused.
const MOST: usize = 200;

/// One call of `AWS::Include`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// `s3://bucket/key`.
    pub location: String,
    /// Where it is called.
    pub at: Span,
}

/// Every call in a template.
///
/// # Errors
/// A location that is no text with the values of the parameters, and too many calls.
pub fn includes(template: &Node, input: &Input) -> Result<Vec<Include>, TemplateError> {
    let mut found = Vec::new();
    visit(template, true, &mut |call| {
        if found.len() >= MOST {
            return Err(failed("more than 200 files are included", call.at));
        }
        found.push(Include { location: location(template, input, call)?, at: call.at });
        Ok(())
    })?;
    Ok(found)
}

/// The template with what its calls include; `contents` by location. What is included calls nothing itself.
///
/// # Errors
/// A location without content, and a content that is no map where there are other keys.
pub fn include(template: &Node, input: &Input, contents: &BTreeMap<String, Node>) -> Result<Node, TemplateError> {
    replace(template, true, &|call| {
        let location = location(template, input, call)?;
        contents.get(&location).cloned().ok_or_else(|| failed(&format!("nothing lies at {location}"), call.at))
    })
}

fn failed(why: &str, at: Span) -> TemplateError {
    TemplateError::new(format!("Transform {NAME} failed with: {why}."), at)
}

/// The calls under a key: one, or a list of them.
fn calls(map: &Map, top: bool) -> Vec<&Node> {
    let Some(node) = map.get(if top { "Transform" } else { CALL }) else { return Vec::new() };
    let all = node.as_list().unwrap_or(std::slice::from_ref(node));
    all.iter().filter(|call| is_call(call)).collect()
}

fn is_call(node: &Node) -> bool {
    node.get("Name").and_then(Node::as_str) == Some(NAME)
}

fn visit(node: &Node, top: bool, each: &mut impl FnMut(&Node) -> Result<(), TemplateError>) -> Result<(), TemplateError> {
    match &node.value {
        Value::List(items) => items.iter().try_for_each(|item| visit(item, false, each)),
        Value::Map(map) => {
            calls(map, top).into_iter().try_for_each(&mut *each)?;
            map.values().try_for_each(|node| visit(node, false, each))
        }
        _ => Ok(()),
    }
}

type Fetch<'a> = dyn Fn(&Node) -> Result<Node, TemplateError> + 'a;

fn replace(node: &Node, top: bool, fetch: &Fetch) -> Result<Node, TemplateError> {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| replace(item, false, fetch)).collect::<Result<_, _>>()?),
        Value::Map(map) => return replace_map(map, node.at, top, fetch),
        value => value.clone(),
    };
    Ok(Node { value, at: node.at })
}

fn replace_map(map: &Map, at: Span, top: bool, fetch: &Fetch) -> Result<Node, TemplateError> {
    let calls = calls(map, top);
    let key = if top { "Transform" } else { CALL };
    if let ([call], 1) = (calls.as_slice(), map.len()) {
        return fetch(call);
    }
    let mut out = Map::new();
    for (name, key_at, node) in map.entries() {
        if name != key || calls.is_empty() {
            out.insert_at(name, key_at, replace(node, false, fetch)?);
            continue;
        }
        // Other transforms stay.
        let others: Vec<Node> = node.as_list().unwrap_or(&[]).iter().filter(|call| !is_call(call)).cloned().collect();
        if !others.is_empty() {
            out.insert_at(name, key_at, Node { value: Value::List(others), at: node.at });
        }
        for call in &calls {
            let content = fetch(call)?;
            let map = content.as_map().ok_or_else(|| failed("what is included beside other keys is no map", call.at))?;
            for (name, key_at, node) in map.entries() {
                out.insert_at(name, key_at, node.clone());
            }
        }
    }
    Ok(Node { value: Value::Map(out), at })
}

fn location(template: &Node, input: &Input, call: &Node) -> Result<String, TemplateError> {
    let wrong = || failed("The location parameter is not a valid S3 uri", call.at);
    let location = call.get("Parameters").and_then(|parameters| parameters.get("Location")).ok_or_else(wrong)?;
    let template = Val::from(template);
    let parameters = parameters(template.dict().ok_or_else(wrong)?, input, false);
    let location = parameters.resolve(&mut location.into()).map_err(|_| wrong())?;
    // `Fn::Sub` keeps its name, with the values inside.
    let location = location.get("Fn::Sub").unwrap_or(&location).text();
    let location = location.filter(|location| !location.contains("${") && crate::location::parse(location).is_some()).ok_or_else(wrong)?;
    Ok(location.to_string())
}

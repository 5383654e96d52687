//! Short tags of functions: `!GetAtt A.B` -> `{"Fn::GetAtt": ["A", "B"]}`.
use crate::{Map, Node, Span, Value};
use std::borrow::Cow;

/// The functions that have a short tag (the pages of intrinsic-function-reference, and the functions of rules).
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

/// The long name of a tag's function.
pub(super) fn long(suffix: &str) -> Option<Cow<'static, str>> {
    match suffix {
        "Ref" => Some("Ref".into()),
        "Condition" => Some("Condition".into()),
        _ => FUNCTIONS.contains(&suffix).then(|| format!("Fn::{suffix}").into()),
    }
}

/// The call of a function with its argument; `!GetAtt A.B.C` is split at the first dot.
pub(super) fn call(function: &str, mut argument: Node, at: Span) -> Node {
    if let ("Fn::GetAtt", Value::String(path)) = (function, &argument.value)
        && let Some((logical, attribute)) = path.split_once('.')
    {
        let part = |text: &str| Node::from(text).at(argument.at);
        argument.value = Value::List(vec![part(logical), part(attribute)]);
    }
    let mut map = Map::new();
    map.insert_at(function, at, argument);
    Node::from(map).at(at)
}

//! The section `Rules`.
use super::{text, unknown};
use crate::{Node, Span, TemplateError};

/// What the parameters must satisfy together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The expression without which the rule does not count.
    pub condition: Option<Node>,
    /// What must be true.
    pub assertions: Vec<Assertion>,
}

/// What must be true of the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    /// The expression.
    pub assert: Node,
    /// What to tell if it is false.
    pub description: Option<String>,
}

impl Rule {
    pub(super) fn read(name: &str, at: Span, node: &Node) -> Result<Rule, TemplateError> {
        let wrong = |why: &str| TemplateError::format(format_args!("Rule {name}: {why}"), node.at.or(at));
        let map = node.as_map().ok_or_else(|| wrong("a rule must be an object"))?;
        if let Some(first) = unknown(map, &["Assertions", "RuleCondition"]).first() {
            return Err(TemplateError::format(format_args!("Rule {name}: unknown member {first}"), map.key_at(first)));
        }
        let assertions = map.get("Assertions").and_then(Node::as_list).ok_or_else(|| wrong("Assertions must be a list"))?;
        let assertion = |node: &Node| {
            let assert = node.get("Assert").cloned().ok_or_else(|| wrong("every assertion must contain Assert"))?;
            let description = node.get("AssertDescription").map(|node| text(node, "AssertDescription")).transpose()?;
            Ok(Assertion { assert, description })
        };
        Ok(Rule {
            name: name.to_owned(),
            condition: map.get("RuleCondition").cloned(),
            assertions: assertions.iter().map(assertion).collect::<Result<_, TemplateError>>()?,
        })
    }
}

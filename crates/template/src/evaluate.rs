//! Expressions -> values.
//!
//! Source: AWS CloudFormation User Guide, intrinsic-function-reference.html and the pages of the functions.
use crate::{Map, Node, Pseudo, Span, TemplateError, Value};
use std::collections::BTreeMap;

mod list;
mod logic;
mod lookup;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use logic::Asker;
pub use logic::Facts;

/// What stands for a value that is only known once a resource is made, in a preview (the words of AWS's change sets).
pub const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// How much one expression may become, in bytes and values.
const BUDGET: usize = 16 << 20;

/// What the resources of the stack and the account tell. A value that is not known yet is `None`.
pub trait Attributes {
    /// What `Ref` gives of a resource.
    fn reference(&self, logical: &str) -> Option<serde_json::Value>;
    /// What `Fn::GetAtt` gives of a resource; the path may have dots.
    fn attribute(&self, logical: &str, path: &str) -> Option<serde_json::Value>;
    /// The value that another stack exports by this name.
    fn import(&self, export: &str) -> Option<String>;
    /// The availability zones of a region.
    fn zones(&self, region: &str) -> Vec<String>;
}

/// No resources: for what must be known before.
pub(crate) struct Nothing;

impl Attributes for Nothing {
    fn reference(&self, _: &str) -> Option<serde_json::Value> {
        None
    }
    fn attribute(&self, _: &str, _: &str) -> Option<serde_json::Value> {
        None
    }
    fn import(&self, _: &str) -> Option<String> {
        None
    }
    fn zones(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterValue {
    /// One.
    Text(String),
    /// Those of a list.
    List(Vec<String>),
}

impl ParameterValue {
    fn node(&self) -> Node {
        match self {
            ParameterValue::Text(text) => text.as_str().into(),
            ParameterValue::List(items) => items.iter().map(|item| Node::from(item.as_str())).collect::<Vec<_>>().into(),
        }
    }
}

/// What is known before any resource is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) pseudo: Pseudo,
    pub(crate) parameters: BTreeMap<String, ParameterValue>,
    pub(crate) mappings: Map,
    pub(crate) conditions: BTreeMap<String, bool>,
}

/// Evaluates one expression after the other until the budget is spent.
pub(crate) struct Evaluator<'a> {
    scope: &'a Scope,
    attributes: &'a dyn Attributes,
    /// Whether what is not known yet becomes [`UNKNOWN`]; else it is an error.
    preview: bool,
    /// Whether the functions of `AWS::LanguageExtensions` are known.
    extended: bool,
    left: usize,
}

type Evaluated<T = Option<Node>> = Result<T, TemplateError>;

impl<'a> Evaluator<'a> {
    pub(crate) fn new(scope: &'a Scope, attributes: &'a dyn Attributes, preview: bool) -> Evaluator<'a> {
        Evaluator { scope, attributes, preview, extended: false, left: BUDGET }
    }

    /// With the functions of `AWS::LanguageExtensions`.
    pub(crate) fn extended(scope: &'a Scope, attributes: &'a dyn Attributes) -> Evaluator<'a> {
        Evaluator { scope, attributes, preview: false, extended: true, left: BUDGET }
    }

    /// The value, with the places of what it was made of; nothing for `AWS::NoValue`.
    pub(crate) fn value(&mut self, node: &Node) -> Evaluated {
        self.spend(16, node.at)?;
        let value = match &node.value {
            Value::Null | Value::Bool(_) | Value::Number(_) => node.value.clone(),
            Value::String(text) => {
                self.spend(text.len(), node.at)?;
                node.value.clone()
            }
            Value::List(items) => Value::List(self.values(items)?),
            Value::Map(map) => match node.function() {
                Some((function, argument)) if function != "Condition" => return self.call(function, argument, node.at),
                _ => Value::Map(self.map(map)?),
            },
        };
        Ok(Some(Node { value, at: node.at }))
    }

    fn map(&mut self, map: &Map) -> Evaluated<Map> {
        let mut done = Map::new();
        for (key, key_at, node) in map.entries() {
            if key == "Fn::Transform" {
                return Err(self.no_transform(node, key_at));
            }
            self.spend(key.len(), key_at)?;
            if let Some(node) = self.value(node)? {
                done.insert_at(key, key_at, node);
            }
        }
        Ok(done)
    }

    /// The values of a list, without what is `AWS::NoValue`.
    fn values(&mut self, items: &[Node]) -> Evaluated<Vec<Node>> {
        let mut done = Vec::with_capacity(items.len());
        for item in items {
            done.extend(self.value(item)?);
        }
        Ok(done)
    }

    fn call(&mut self, function: &str, argument: &Node, at: Span) -> Evaluated {
        let made = |node: Node| Ok(Some(node.originating(at)));
        match function {
            "Ref" => self.reference(argument, at),
            "Fn::Base64" => made(self.base64(argument, at)?),
            "Fn::Cidr" => made(self.cidr(argument, at)?),
            "Fn::FindInMap" => self.find_in_map(argument, at),
            "Fn::GetAtt" => made(self.get_att(argument, at)?),
            "Fn::GetAZs" => made(self.zones(argument, at)?),
            "Fn::If" => self.choose(argument, at),
            "Fn::ImportValue" => made(self.import(argument, at)?),
            "Fn::Join" => made(self.join(argument, at)?),
            "Fn::Length" if self.extended => made(self.length(argument, at)?),
            "Fn::Select" => self.select(argument, at),
            "Fn::Split" => made(self.split(argument, at)?),
            "Fn::Sub" => made(self.sub(argument, at)?),
            "Fn::ToJsonString" if self.extended => made(self.json_string(argument)?),
            "Fn::Transform" => Err(self.no_transform(argument, at)),
            _ => Err(unsupported(function, at)),
        }
    }

    /// The text of an argument that must be one; `wrong` is the function's complaint.
    fn text(&mut self, node: &Node, wrong: &str) -> Evaluated<String> {
        let value = self.value(node)?;
        let text = value.as_ref().and_then(Node::scalar_text);
        text.ok_or_else(|| TemplateError::new(wrong, node.at))
    }

    fn spend(&mut self, cost: usize, at: Span) -> Evaluated<()> {
        let left = self.left.checked_sub(cost);
        self.left = left.ok_or_else(|| TemplateError::new("Template error: the value of an expression is too large", at))?;
        Ok(())
    }

    /// Counts a value that was not copied part by part.
    fn spend_node(&mut self, node: &Node, at: Span) -> Evaluated<()> {
        self.spend(16, at)?;
        match &node.value {
            Value::String(text) => self.spend(text.len(), at),
            Value::List(items) => items.iter().try_for_each(|item| self.spend_node(item, at)),
            Value::Map(map) => map.iter().try_for_each(|(key, item)| {
                self.spend(key.len(), at)?;
                self.spend_node(item, at)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn no_transform(&self, argument: &Node, at: Span) -> TemplateError {
        let name = argument.get("Name").unwrap_or(argument).as_str().unwrap_or_default();
        let full = if name.contains("::") { name.to_owned() } else { format!("{}::{name}", self.scope.pseudo.account_id) };
        TemplateError::new(format!("No transform named {full} found."), at)
    }
}

/// Whether a value stands for what is not known yet.
fn is_unknown(node: &Node) -> bool {
    node.as_str() == Some(UNKNOWN)
}

pub(crate) fn unsupported(function: &str, at: Span) -> TemplateError {
    TemplateError::new(
        format!(
            "Template error: Encountered unsupported function: {function} Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, \
             Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, \
             Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]"
        ),
        at,
    )
}

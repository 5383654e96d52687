//! A value of a template, and where it is written.
use crate::Map;
use serde_json::Number;
use std::fmt;

/// A part of the template's text. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The line on which it begins; 0 for what was not written but generated.
    pub line: u32,
    /// The column at which it begins.
    pub column: u32,
    /// The line on which it ends.
    pub end_line: u32,
    /// The column before which it ends.
    pub end_column: u32,
}

impl Span {
    /// Of what was generated.
    pub const NONE: Span = Span { line: 0, column: 0, end_line: 0, end_column: 0 };

    /// This place, or the other if this is none.
    #[must_use]
    pub fn or(self, other: Span) -> Span {
        if self == Span::NONE { other } else { self }
    }
}

/// `line 3, column 5`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A value and where it is written. Equality asks for the same places too; [`Node::same`] does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where.
    pub at: Span,
}

/// A value. Functions are in their long form: `!Ref X` is `{"Ref": "X"}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that fits in 64 bits or a float; a longer one is a text.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Map(Map),
}

impl Value {
    /// `Null`, `Boolean`, `Number`, `String`, `List` or `Map`, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "Null",
            Value::Bool(_) => "Boolean",
            Value::Number(_) => "Number",
            Value::String(_) => "String",
            Value::List(_) => "List",
            Value::Map(_) => "Map",
        }
    }
}

impl Node {
    /// A generated `null`.
    #[must_use]
    pub fn null() -> Node {
        Value::Null.into()
    }

    /// A generated call of a function: `Node::call("Fn::Sub", "${A}")`, `Node::call("Ref", "A")`.
    pub fn call(function: &str, argument: impl Into<Node>) -> Node {
        Map::of(function, argument).into()
    }

    /// The same value at a place.
    #[must_use]
    pub fn at(mut self, at: Span) -> Node {
        self.at = at;
        self
    }

    /// The same value, with every part that has no place at this one: what is generated points to its origin.
    #[must_use]
    pub fn originating(mut self, at: Span) -> Node {
        self.originate(at);
        self
    }

    fn originate(&mut self, at: Span) {
        self.at = self.at.or(at);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.originate(at)),
            Value::Map(map) => map.values_mut().for_each(|node| node.originate(at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Whether two values say the same: places and the order of keys do not count.
    #[must_use]
    pub fn same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(key, node)| b.get(key).is_some_and(|other| node.same(other)))
            }
            (a, b) => a == b,
        }
    }

    /// The function that this calls, and its argument: an object whose one key is `Ref`, `Condition` or `Fn::…`.
    #[must_use]
    pub fn function(&self) -> Option<(&str, &Node)> {
        let map = self.as_map().filter(|map| map.len() == 1)?;
        map.first().filter(|(key, _)| matches!(*key, "Ref" | "Condition") || key.starts_with("Fn::"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = &self.value { Some(*value) } else { None }
    }

    /// The number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        if let Value::Number(number) = &self.value { Some(number) } else { None }
    }

    /// The number, if it is whole.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// The list, to be changed.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Node>> {
        if let Value::List(items) = &mut self.value { Some(items) } else { None }
    }

    /// The object.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The object, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// The value of a key, if this is an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// As CloudFormation writes a scalar where it wants a text: `true`, `80`, `x`; nothing for lists, objects and `null`.
    #[must_use]
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value without its places; keys in order.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(map) => map.iter().map(|(key, node)| (key.to_owned(), node.to_json())).collect(),
        }
    }

    /// A generated node; keys in order.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Node {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Number(number.clone()),
            serde_json::Value::String(text) => Value::String(text.clone()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(Node::from_json).collect()),
            serde_json::Value::Object(object) => {
                Value::Map(object.iter().map(|(key, json)| (key.as_str(), Node::from_json(json))).collect())
            }
        }
        .into()
    }
}

macro_rules! from {
    ($($type:ty => |$given:ident| $value:expr;)*) => {$(
        impl From<$type> for Node {
            fn from($given: $type) -> Node {
                Node { value: $value, at: Span::NONE }
            }
        }
    )*};
}

from! {
    Value => |value| value;
    &str => |text| Value::String(text.to_owned());
    String => |text| Value::String(text);
    bool => |value| Value::Bool(value);
    i64 => |number| Value::Number(number.into());
    u64 => |number| Value::Number(number.into());
    Number => |number| Value::Number(number);
    Vec<Node> => |items| Value::List(items);
    Map => |map| Value::Map(map);
}

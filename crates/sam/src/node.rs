//! Between the template's nodes and the transform's values.
use crate::{
    text::Text,
    value::{Dict, Kind, Val},
};
use vpclab_template::{Map, Node, Value};

impl From<&Node> for Val {
    fn from(node: &Node) -> Val {
        let kind = match &node.value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => Kind::Number(number.clone()),
            Value::String(text) => Kind::Text(Text::own(text.as_str())),
            Value::List(items) => Kind::List(items.iter().map(Val::from).collect()),
            Value::Map(map) => {
                let mut dict = Dict::new();
                for (key, at, node) in map.entries() {
                    dict.insert_at(key, at, node);
                }
                Kind::Dict(dict)
            }
        };
        Val { kind, at: node.at }
    }
}

impl From<&Val> for Node {
    fn from(val: &Val) -> Node {
        let value = match &val.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.to_string()),
            Kind::List(items) => Value::List(items.iter().map(Node::from).collect()),
            Kind::Dict(dict) => {
                let mut map = Map::new();
                for (key, val) in dict.iter() {
                    map.insert_at(key.as_str(), dict.key_at(key), val);
                }
                Value::Map(map)
            }
        };
        Node { value, at: val.at }
    }
}

//! `Fn::ToJsonString` of what is partly known later: the text in pieces, joined by CloudFormation.
use crate::{Node, TemplateError, Value};

/// Whether a part is known, and its value.
type Known<'a> = &'a dyn Fn(&Node) -> bool;
type Evaluate<'a> = &'a dyn Fn(&Node) -> Result<Node, TemplateError>;

/// `{"Fn::Join": ["", ["{\"a\":\"", {"Ref": "B"}, "\"}"]]}`.
pub(super) fn join(node: &Node, known: Known<'_>, evaluate: Evaluate<'_>) -> Result<Node, TemplateError> {
    let mut pieces = Pieces { done: Vec::new(), text: String::new() };
    pieces.add(node, known, evaluate)?;
    pieces.close();
    Ok(Node::call("Fn::Join", vec![Node::from(""), Node::from(pieces.done)]))
}

struct Pieces {
    done: Vec<Node>,
    text: String,
}

impl Pieces {
    fn close(&mut self) {
        if !self.text.is_empty() {
            self.done.push(std::mem::take(&mut self.text).into());
        }
    }

    fn add(&mut self, node: &Node, known: Known<'_>, evaluate: Evaluate<'_>) -> Result<(), TemplateError> {
        if node.function().is_some_and(|(function, _)| function != "Condition") {
            if known(node) {
                self.text += &evaluate(node)?.to_json().to_string();
            } else {
                self.text.push('"');
                self.close();
                self.done.push(node.clone());
                self.text.push('"');
            }
            return Ok(());
        }
        match &node.value {
            Value::List(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.text += if index > 0 { "," } else { "" };
                    self.add(item, known, evaluate)?;
                }
                self.text.push(']');
            }
            Value::Map(map) => {
                self.text.push('{');
                for (index, (key, item)) in map.iter().enumerate() {
                    self.text += if index > 0 { "," } else { "" };
                    self.text += &serde_json::Value::from(key).to_string();
                    self.text.push(':');
                    self.add(item, known, evaluate)?;
                }
                self.text.push('}');
            }
            _ => self.text += &node.to_json().to_string(),
        }
        Ok(())
    }
}

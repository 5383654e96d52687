//! `Fn::Sub`, `Fn::Join`, `Fn::Base64`, `Fn::ToJsonString`.
use super::{Evaluated, Evaluator, UNKNOWN, is_unknown};
use crate::{
    Node, Span, TemplateError, Value,
    sub::{Piece, pieces},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

pub(super) const SUB: &str = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, \
                   and an optional second argument to specify a mapping of values to replace in the string";
const JOIN: &str = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined \
                    or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";

impl Evaluator<'_> {
    pub(super) fn sub(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong = || TemplateError::new(SUB, at);
        let (text, given) = match &argument.value {
            Value::String(text) => (text, None),
            Value::List(items) => match items.as_slice() {
                [Node { value: Value::String(text), .. }] => (text, None),
                [Node { value: Value::String(text), .. }, Node { value: Value::Map(given), .. }] => (text, Some(given)),
                _ => return Err(wrong()),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) => return Err(wrong()),
        };
        let mut done = String::new();
        for piece in pieces(text, at)? {
            let before = done.len();
            match piece {
                Piece::Literal(text) => done.push_str(text),
                Piece::Dollar => done.push_str("${"),
                Piece::Variable(name) => {
                    let node = match (given.and_then(|given| given.get(name)), name.split_once('.')) {
                        (Some(node), _) => self.value(node)?,
                        (None, Some((logical, attribute))) => Some(self.attribute(logical, attribute, at)?),
                        (None, None) => Some(self.named(name, at)?),
                    };
                    done.push_str(
                        &node.as_ref().and_then(Node::scalar_text).ok_or_else(|| wrong().because(format!("`${{{name}}}` is no text")))?,
                    );
                }
            }
            self.spend(done.len() - before, at)?;
        }
        Ok(done.into())
    }

    pub(super) fn join(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let wrong = || TemplateError::new(JOIN, at);
        let Some([delimiter, items]) = argument.as_list() else { return Err(wrong()) };
        let delimiter = self.text(delimiter, JOIN)?;
        let items = self.value(items)?.ok_or_else(wrong)?;
        if is_unknown(&items) {
            return Ok(UNKNOWN.into());
        }
        let items = items.as_list().ok_or_else(wrong)?;
        let mut done = String::new();
        for (index, item) in items.iter().enumerate() {
            let before = done.len();
            if index > 0 {
                done.push_str(&delimiter);
            }
            done.push_str(&item.scalar_text().ok_or_else(wrong)?);
            self.spend(done.len() - before, at)?;
        }
        Ok(done.into())
    }

    pub(super) fn base64(&mut self, argument: &Node, at: Span) -> Evaluated<Node> {
        let text = self.text(argument, "Template error: every Fn::Base64 object must have a String-typed value.")?;
        if text == UNKNOWN {
            return Ok(text.into());
        }
        self.spend(text.len().saturating_mul(2), at)?;
        Ok(BASE64_STANDARD.encode(text).into())
    }

    /// Of `AWS::LanguageExtensions` (intrinsic-function-reference-ToJsonString.html).
    pub(super) fn json_string(&mut self, argument: &Node) -> Evaluated<Node> {
        let wrong = || TemplateError::new("Template error: every Fn::ToJsonString object must have a map or a list.", argument.at);
        let value = self.value(argument)?.ok_or_else(wrong)?;
        match value.value {
            Value::Map(_) | Value::List(_) => {}
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(wrong()),
        }
        let text = value.to_json().to_string();
        self.spend(text.len(), argument.at)?;
        Ok(text.into())
    }
}

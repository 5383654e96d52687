//! Properties that do not fit, and values in the form that fits.
use super::{Kind, Schema, Shape};
use crate::{Map, Node, Span, TemplateError, UNKNOWN, Value};
use serde_json::Number;

/// The most problems that are told of one resource.
const PROBLEMS_MAX: usize = 20;

/// Why properties do not fit a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// AWS's text.
    pub message: String,
    /// The property, `SecurityGroupIngress/0/FromPort`.
    pub path: String,
    /// Where.
    pub at: Span,
}

impl From<Problem> for TemplateError {
    fn from(problem: Problem) -> TemplateError {
        TemplateError::new(problem.message, problem.at)
    }
}

impl Schema {
    /// What does not fit about a resource's properties. Functions that are not evaluated yet, and what is unknown in a preview,
    /// fit everywhere; of `Fn::If` both branches must.
    #[must_use]
    pub fn check(&self, properties: &Node) -> Vec<Problem> {
        let mut checker = Checker { schema: self, problems: Vec::new() };
        checker.object(&self.shape, properties, &mut Vec::new());
        checker.problems
    }

    /// The properties in the form that the schema asks for: `"80"` as the number 80 where a number is asked for, 80 as the text
    /// `80` where a text is. What does not fit stays.
    #[must_use]
    pub fn conform(&self, properties: &Node) -> Node {
        self.conform_to(&self.shape, properties)
    }

    fn conform_to(&self, shape: &Shape, node: &Node) -> Node {
        let shape = self.follow(shape);
        let value = match &node.value {
            Value::Map(map) => {
                let mut done = Map::new();
                for (key, key_at, node) in map.entries() {
                    let inner = shape.properties.get(key).or(shape.values.as_deref());
                    done.insert_at(key, key_at, inner.map_or_else(|| node.clone(), |shape| self.conform_to(shape, node)));
                }
                Value::Map(done)
            }
            Value::List(items) => match &shape.items {
                Some(shape) => Value::List(items.iter().map(|item| self.conform_to(shape, item)).collect()),
                None => node.value.clone(),
            },
            Value::String(_) | Value::Number(_) | Value::Bool(_) => scalar(&shape.kinds, node).unwrap_or_else(|| node.value.clone()),
            Value::Null => Value::Null,
        };
        Node { value, at: node.at }
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn tell(&mut self, message: String, path: &[String], at: Span) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { message, path: path.join("/"), at });
        }
    }

    /// Recursion follows the value, whose depth is bounded.
    fn value(&mut self, shape: &'a Shape, node: &Node, path: &mut Vec<String>) {
        let shape = self.schema.follow(shape);
        match node.function() {
            Some(("Fn::If", Node { value: Value::List(items), .. })) => {
                return items.iter().skip(1).for_each(|branch| self.value(shape, branch, path));
            }
            Some((function, _)) if function != "Condition" => return,
            _ => {}
        }
        let any = shape.kinds.is_empty();
        match &node.value {
            Value::String(text) if text.contains(UNKNOWN) => {}
            Value::Map(_) if any || shape.kinds.contains(&Kind::Object) => self.object(shape, node, path),
            Value::List(items) if any || shape.kinds.contains(&Kind::Array) => {
                for (index, item) in items.iter().enumerate().filter(|_| shape.items.is_some()) {
                    path.push(index.to_string());
                    shape.items.iter().for_each(|shape| self.value(shape, item, path));
                    path.pop();
                }
            }
            Value::String(_) | Value::Number(_) | Value::Bool(_) if any || scalar(&shape.kinds, node).is_some() => {
                let allowed = shape.allowed.is_empty() || node.scalar_text().is_some_and(|text| shape.allowed.contains(&text));
                if !allowed {
                    let allowed = shape.allowed.join(", ");
                    let given = node.scalar_text().unwrap_or_default();
                    self.tell(
                        format!("#/{}: {given} is not a valid enum value; valid values are [{allowed}]", path.join("/")),
                        path,
                        node.at,
                    );
                }
            }
            _ => {
                let name = path.iter().rev().find(|part| part.parse::<usize>().is_err()).cloned().unwrap_or_default();
                let kinds = self.words(shape);
                self.tell(format!("Value of property {name} must be {kinds}"), path, node.at);
            }
        }
    }

    fn object(&mut self, shape: &'a Shape, node: &Node, path: &mut Vec<String>) {
        let Some(map) = node.as_map() else { return };
        for (key, key_at, value) in map.entries() {
            path.push(key.to_owned());
            let own = shape.properties.get(key).filter(|_| !self.schema.is_read_only(&path.join("/")));
            match own.or(shape.values.as_deref()) {
                Some(inner) => self.value(inner, value, path),
                None if shape.open || shape.properties.is_empty() => {}
                None => self.tell(format!("Encountered unsupported property {key}"), path, key_at.or(value.at)),
            }
            path.pop();
        }
        for name in shape.required.iter().filter(|name| !map.contains(name)) {
            path.push(name.clone());
            self.tell(format!("Property {name} cannot be empty."), path, node.at);
            path.pop();
        }
    }

    /// `of type String`, `of type List of String`, `an object`.
    fn words(&self, shape: &Shape) -> String {
        let Some(kind) = shape.kinds.first() else { return "a value".to_owned() };
        match kind {
            Kind::String => "of type String".to_owned(),
            Kind::Integer => "of type Integer".to_owned(),
            Kind::Number => "of type Number".to_owned(),
            Kind::Boolean => "of type Boolean".to_owned(),
            Kind::Object => "an object".to_owned(),
            Kind::Array => {
                let item = shape.items.as_deref().map(|item| self.schema.follow(item)).and_then(|item| item.kinds.first());
                let of = if item == Some(&Kind::String) { " of String" } else { "" };
                format!("of type List{of}")
            }
        }
    }
}

/// A scalar as one of the kinds; nothing if it cannot be one. A text that is JSON where an object may be a text stays a text.
fn scalar(kinds: &[Kind], node: &Node) -> Option<Value> {
    let text = node.scalar_text()?;
    kinds.iter().find_map(|kind| match kind {
        Kind::String => Some(Value::String(text.clone())),
        Kind::Boolean => match text.as_str() {
            "true" | "True" | "TRUE" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Integer => {
            let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then(|| format!("{number:.0}"));
            let text =
                text.trim().parse::<i64>().map(|number| number.to_string()).ok().or_else(|| text.trim().parse().ok().and_then(whole))?;
            text.parse::<i64>().ok().map(|number| Value::Number(number.into()))
        }
        Kind::Number => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| text.parse().ok().and_then(Number::from_f64)).map(Value::Number)
        }
        Kind::Array | Kind::Object => None,
    })
}

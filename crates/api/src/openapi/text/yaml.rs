//! YAML events -> one value, without recursion.
use super::{DEPTH_MAX, ImportError, TEXT_MAX, VALUES_MAX, syntax};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

pub(super) fn read(text: &str) -> Result<Value, ImportError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|why| syntax(why.to_string()))?;
        builder.event(event, span)?;
    }
    builder.done.ok_or_else(|| syntax("the document is empty"))
}

/// How much a value holds.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    values: usize,
    text: usize,
}

/// A list or an object that is not closed yet.
struct Open {
    anchor: usize,
    before: Size,
    kind: Kind,
}

enum Kind {
    List(Vec<Value>),
    Object {
        object: Map<String, Value>,
        /// The key that waits for its value.
        key: Option<String>,
        /// What `<<` merges in, under what is written out.
        merged: Vec<Map<String, Value>>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Value, Size)>,
    used: Size,
    done: Option<Value>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), ImportError> {
        let at = span.start;
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.done.is_some() => Err(located(at, "there is more than one document")),
            Event::DocumentStart(_) => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                let before = self.used;
                self.spend(Size { values: 1, text: text.len() }, at)?;
                if self.wants_key() {
                    return self.key(text.into_owned(), style, anchor, at);
                }
                let value = scalar(&text, style, tag.as_deref(), at)?;
                self.put(value, anchor, before, at)
            }
            Event::Alias(anchor) => {
                if self.wants_key() {
                    return Err(located(at, "an alias cannot be a key"));
                }
                let (value, size) = self.anchors.get(&anchor).cloned().ok_or_else(|| located(at, "an alias refers to itself"))?;
                let before = self.used;
                self.spend(size, at)?;
                self.put(value, 0, before, at)
            }
            Event::SequenceStart(anchor, tag) => self.start(Kind::List(Vec::new()), anchor, tag.as_deref(), at),
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Object { object: Map::new(), key: None, merged: Vec::new() };
                self.start(kind, anchor, tag.as_deref(), at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Object { key: None, .. }, .. }))
    }

    fn spend(&mut self, size: Size, at: Marker) -> Result<(), ImportError> {
        self.used.values = self.used.values.saturating_add(size.values);
        self.used.text = self.used.text.saturating_add(size.text);
        if self.used.values > VALUES_MAX || self.used.text > TEXT_MAX {
            return Err(located(at, "the document is too large once its aliases are written out"));
        }
        Ok(())
    }

    fn start(&mut self, kind: Kind, anchor: usize, tag: Option<&Tag>, at: Marker) -> Result<(), ImportError> {
        if let Some(tag) = tag.filter(|tag| !matches!(tag.suffix.as_str(), "map" | "seq") || !tag.is_yaml_core_schema()) {
            return Err(located(at, format!("the tag `{tag}` has no meaning in an OpenAPI document")));
        }
        if self.wants_key() {
            return Err(located(at, "a key must be a text"));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(located(at, format!("the document is nested deeper than {DEPTH_MAX}")));
        }
        let before = self.used;
        self.spend(Size { values: 1, text: 0 }, at)?;
        self.open.push(Open { anchor, before, kind });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), ImportError> {
        let Some(Open { anchor, before, kind }) = self.open.pop() else {
            return Err(located(at, "something ends that did not begin"));
        };
        let value = match kind {
            Kind::List(items) => Value::Array(items),
            Kind::Object { mut object, merged, .. } => {
                for (key, value) in merged.into_iter().flatten() {
                    if !object.contains_key(&key) {
                        object.insert(key, value);
                    }
                }
                Value::Object(object)
            }
        };
        self.put(value, anchor, before, at)
    }

    fn key(&mut self, text: String, style: ScalarStyle, anchor: usize, at: Marker) -> Result<(), ImportError> {
        if anchor != 0 {
            return Err(located(at, "a key cannot have an anchor"));
        }
        let merge = text == "<<" && style == ScalarStyle::Plain;
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::Object { object, key, .. }) => {
                if !merge && object.contains_key(&text) {
                    return Err(located(at, format!("the key `{text}` occurs twice")));
                }
                // No key of an OpenAPI document has a NUL in it, so that it can stand for the merge key.
                *key = Some(if merge { MERGE.to_owned() } else { text });
                Ok(())
            }
            Some(Kind::List(_)) | None => Err(located(at, "a key stands outside an object")),
        }
    }

    /// Puts a whole value where it belongs; `before` is how much was used before it.
    fn put(&mut self, value: Value, anchor: usize, before: Size, at: Marker) -> Result<(), ImportError> {
        if anchor != 0 {
            let size = Size { values: self.used.values - before.values, text: self.used.text - before.text };
            // The copy for the aliases counts, too.
            self.spend(size, at)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.done = Some(value),
            Some(Kind::List(items)) => items.push(value),
            Some(Kind::Object { object, key, merged }) => match (key.take(), value) {
                (None, _) => return Err(located(at, "a key must be a text")),
                (Some(key), value) if key != MERGE => {
                    object.insert(key, value);
                }
                (Some(_), Value::Object(other)) => merged.push(other),
                (Some(_), Value::Array(others)) => {
                    for other in others {
                        let Value::Object(other) = other else { return Err(located(at, "`<<` merges objects")) };
                        merged.push(other);
                    }
                }
                (Some(_), _) => return Err(located(at, "`<<` merges objects")),
            },
        }
        Ok(())
    }
}

const MERGE: &str = "\0<<";

/// The core schema of YAML 1.2, but for account numbers and for numbers that JSON would write differently: these stay texts.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Marker) -> Result<Value, ImportError> {
    match tag {
        None => {}
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => return Ok(Value::String(text.to_owned())),
        Some(tag) => return Err(located(at, format!("the tag `{tag}` has no meaning in an OpenAPI document"))),
    }
    if style != ScalarStyle::Plain {
        return Ok(Value::String(text.to_owned()));
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    })
}

fn number(text: &str) -> Option<Number> {
    let account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let starts = text.strip_prefix('-').unwrap_or(text).bytes().next().is_some_and(|b| b.is_ascii_digit());
    if account || !starts {
        return None;
    }
    let number: Number = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn located(at: Marker, why: impl std::fmt::Display) -> ImportError {
    syntax(format!("line {}, column {}: {why}", at.line(), at.col() + 1))
}

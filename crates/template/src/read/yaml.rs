//! YAML events -> tree, without recursion.
use super::{DEPTH_MAX, TEXT_MAX, VALUES_MAX, count, scalar, tag, too_deep, twice};
use crate::{Map, Node, Span, TemplateError, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::{borrow::Cow, collections::BTreeMap};

pub(super) fn read(text: &str) -> Result<Node, TemplateError> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|why| malformed(place(*why.marker(), *why.marker())).because(why.info()))?;
        builder.event(event, place(span.start, span.end))?;
    }
    builder.done.ok_or_else(|| TemplateError::nowhere("Template format error: the template is empty"))
}

fn place(start: saphyr_parser::Marker, end: saphyr_parser::Marker) -> Span {
    Span { line: count(start.line()), column: count(start.col() + 1), end_line: count(end.line()), end_column: count(end.col() + 1) }
}

fn malformed(at: Span) -> TemplateError {
    TemplateError::format("YAML not well-formed.", at)
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
    at: Span,
    function: Option<Cow<'static, str>>,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map {
        map: Map,
        key: Waiting,
        /// What `<<` merges in, under what is written out.
        merged: Vec<Map>,
    },
}

/// The key that waits for its value.
enum Waiting {
    No,
    Key(String, Span),
    Merge,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Size)>,
    used: Size,
    done: Option<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, at: Span) -> Result<(), TemplateError> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.done.is_some() => Err(malformed(at).because("there is more than one document")),
            Event::DocumentStart(_) => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                let before = self.used;
                self.spend(Size { values: 1, text: text.len() }, at)?;
                if self.wants_key() {
                    return self.key(text.into_owned(), style, at);
                }
                let node = scalar(&text, style, tag.as_deref(), at)?;
                self.put(node, anchor, before)
            }
            Event::Alias(anchor) => {
                if self.wants_key() {
                    return Err(malformed(at).because("an alias cannot be a key"));
                }
                let (node, size) = self.anchors.get(&anchor).cloned().ok_or_else(|| malformed(at).because("an alias refers to itself"))?;
                let before = self.used;
                self.spend(size, at)?;
                self.put(node, 0, before)
            }
            Event::SequenceStart(anchor, tag) => self.start(Kind::List(Vec::new()), anchor, tag.as_deref(), "seq", at),
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Map { map: Map::new(), key: Waiting::No, merged: Vec::new() };
                self.start(kind, anchor, tag.as_deref(), "map", at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Kind::Map { key: Waiting::No, .. }, .. }))
    }

    fn spend(&mut self, size: Size, at: Span) -> Result<(), TemplateError> {
        self.used.values = self.used.values.saturating_add(size.values);
        self.used.text = self.used.text.saturating_add(size.text);
        if self.used.values > VALUES_MAX || self.used.text > 4 * TEXT_MAX {
            return Err(TemplateError::format("the template is too large once its aliases are written out", at));
        }
        Ok(())
    }

    fn start(&mut self, kind: Kind, anchor: usize, tag: Option<&Tag>, core: &str, at: Span) -> Result<(), TemplateError> {
        let function = match tag {
            None => None,
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == core => None,
            Some(tag) => Some(function(tag, at)?),
        };
        if self.wants_key() {
            return Err(malformed(at).because("a key must be a text"));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep(at));
        }
        let before = self.used;
        self.spend(Size { values: 1, text: 0 }, at)?;
        self.open.push(Open { anchor, before, at, function, kind });
        Ok(())
    }

    fn end(&mut self, end: Span) -> Result<(), TemplateError> {
        let Some(Open { anchor, before, at, function, kind }) = self.open.pop() else {
            return Err(malformed(end).because("something ends that did not begin"));
        };
        let at = Span { end_line: end.end_line, end_column: end.end_column, ..at };
        let node = match kind {
            Kind::List(items) => Node::from(items),
            Kind::Map { mut map, merged, .. } => {
                for (key, key_at, node) in merged.into_iter().flat_map(Map::into_entries) {
                    if !map.contains(&key) {
                        map.insert_at(key, key_at, node);
                    }
                }
                Node::from(map)
            }
        }
        .at(at);
        self.put(function.map_or_else(|| node.clone(), |function| tag::call(&function, node.clone(), at)), anchor, before)
    }

    fn key(&mut self, text: String, style: ScalarStyle, at: Span) -> Result<(), TemplateError> {
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::Map { map, key, .. }) => {
                if text == "<<" && style == ScalarStyle::Plain {
                    *key = Waiting::Merge;
                } else if map.contains(&text) {
                    return Err(twice(&text, at));
                } else {
                    *key = Waiting::Key(text, at);
                }
                Ok(())
            }
            Some(Kind::List(_)) | None => Err(malformed(at).because("a key stands outside an object")),
        }
    }

    /// Puts a whole node where it belongs; `before` is how much was used before it.
    fn put(&mut self, node: Node, anchor: usize, before: Size) -> Result<(), TemplateError> {
        let at = node.at;
        if anchor != 0 {
            let size = Size { values: self.used.values - before.values, text: self.used.text - before.text };
            // The copy for the aliases counts, too.
            self.spend(size, at)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let merges = || malformed(at).because("`<<` merges objects");
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.done = Some(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map { map, key, merged }) => match std::mem::replace(key, Waiting::No) {
                Waiting::No => return Err(malformed(at).because("a key must be a text")),
                Waiting::Key(key, key_at) => {
                    map.insert_at(key, key_at, node);
                }
                Waiting::Merge => match node.value {
                    Value::Map(other) => merged.push(other),
                    Value::List(others) => {
                        for other in others {
                            let Value::Map(other) = other.value else { return Err(merges()) };
                            merged.push(other);
                        }
                    }
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(merges()),
                },
            },
        }
        Ok(())
    }
}

fn function(tag: &Tag, at: Span) -> Result<Cow<'static, str>, TemplateError> {
    let long = (tag.handle == "!").then(|| tag::long(&tag.suffix)).flatten();
    long.ok_or_else(|| malformed(at).because(format!("the tag `{tag}` is not supported in a template")))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Span) -> Result<Node, TemplateError> {
    let value = match tag {
        None if style == ScalarStyle::Plain => scalar::plain(text),
        None => Value::String(text.to_owned()),
        Some(tag) if tag.is_yaml_core_schema() => {
            let value = match tag.suffix.as_str() {
                "str" => Some(Value::String(text.to_owned())),
                "int" => scalar::integer(text).map(Value::Number),
                "float" => scalar::float(text).or_else(|| scalar::integer(text)).map(Value::Number),
                "bool" => Some(scalar::plain(text)).filter(|value| matches!(value, Value::Bool(_))),
                "null" => Some(scalar::plain(text)).filter(|value| matches!(value, Value::Null)),
                _ => None,
            };
            value.ok_or_else(|| malformed(at).because(format!("`{text}` cannot be read by the tag `!!{}`", tag.suffix)))?
        }
        // `! word` is a text.
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Value::String(text.to_owned()),
        // The argument of a function is a text, whatever it looks like: `!Ref 1`.
        Some(tag) => return Ok(tag::call(&function(tag, at)?, Node::from(text).at(at), at)),
    };
    Ok(Node::from(value).at(at))
}

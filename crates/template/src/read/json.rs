//! JSON -> tree with places. Recursion is bounded by the depth.
use super::{DEPTH_MAX, count, too_deep, twice};
use crate::{Map, Node, Span, TemplateError, Value};
use serde_json::Number;

pub(super) fn read(text: &str) -> Result<Node, TemplateError> {
    let mut reader = Reader { text, at: 0, line: 1, line_start: 0 };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.peek().is_some() { Err(reader.malformed("the template goes on after its end")) } else { Ok(node) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek().filter(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    /// Line and column of the cursor.
    fn here(&self) -> (u32, u32) {
        let line = self.text.get(self.line_start..self.at).unwrap_or_default();
        (count(self.line), count(line.chars().count() + 1))
    }

    fn since(&self, (line, column): (u32, u32)) -> Span {
        let (end_line, end_column) = self.here();
        Span { line, column, end_line, end_column }
    }

    fn malformed(&self, why: impl Into<String>) -> TemplateError {
        TemplateError::format("JSON not well-formed.", self.since(self.here())).because(why)
    }

    fn take(&mut self, word: &str) -> bool {
        let here = self.rest().starts_with(word);
        self.at += if here { word.len() } else { 0 };
        here
    }

    fn value(&mut self, depth: usize) -> Result<Node, TemplateError> {
        let start = self.here();
        if depth > DEPTH_MAX {
            return Err(too_deep(self.since(start)));
        }
        let value = match self.peek() {
            Some(b'{') => Value::Map(self.map(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.take("true") => Value::Bool(true),
            _ if self.take("false") => Value::Bool(false),
            _ if self.take("null") => Value::Null,
            Some(_) => return Err(self.malformed("a value is expected")),
            None => return Err(self.malformed("the template ends too early")),
        };
        Ok(Node { value, at: self.since(start) })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, TemplateError> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take("]") {
            return Ok(items);
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take("]") {
                return Ok(items);
            }
            if !self.take(",") {
                return Err(self.malformed("`,` or `]` is expected"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Map, TemplateError> {
        self.at += 1;
        let mut map = Map::new();
        self.space();
        if self.take("}") {
            return Ok(map);
        }
        loop {
            self.space();
            let start = self.here();
            if self.peek() != Some(b'"') {
                return Err(self.malformed("a key in double quotes is expected"));
            }
            let key = self.string()?;
            let key_at = self.since(start);
            if map.contains(&key) {
                return Err(twice(&key, key_at));
            }
            self.space();
            if !self.take(":") {
                return Err(self.malformed("`:` is expected"));
            }
            self.space();
            let node = self.value(depth + 1)?;
            map.insert_at(key, key_at, node);
            self.space();
            if self.take("}") {
                return Ok(map);
            }
            if !self.take(",") {
                return Err(self.malformed("`,` or `}` is expected"));
            }
        }
    }

    /// Finds the end; what is between is read by `serde_json`.
    fn string(&mut self) -> Result<String, TemplateError> {
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let end = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            end
        });
        let Some(end) = end else { return Err(self.malformed("a text does not end")) };
        let literal = self.rest().get(..end + 2).unwrap_or_default();
        let text = serde_json::from_str::<String>(literal).map_err(|why| self.malformed(reason(&why)))?;
        self.at += end + 2;
        Ok(text)
    }

    fn number(&mut self) -> Result<Value, TemplateError> {
        let digits = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest().bytes().take_while(digits).count();
        let literal = self.rest().get(..length).unwrap_or_default();
        let number: Number = serde_json::from_str(literal).map_err(|why| self.malformed(reason(&why)))?;
        // `serde_json` reads floats to the last digit but one; a whole number of more than 64 bits would lose digits.
        let value = match (number.is_f64(), literal.contains(['.', 'e', 'E'])) {
            (true, true) => Value::Number(literal.parse().ok().and_then(Number::from_f64).unwrap_or(number)),
            (true, false) => Value::String(literal.to_owned()),
            (false, _) => Value::Number(number),
        };
        self.at += length;
        Ok(value)
    }
}

/// What `serde_json` says, without its own place.
fn reason(why: &serde_json::Error) -> String {
    let text = why.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

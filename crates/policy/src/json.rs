//! JSON with duplicate keys refused: `serde_json` alone keeps the last of two equal keys, so a second `"Condition"`
//! would silently replace the first.

use crate::{DOCUMENT_MAX_CHARS, PolicyError};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads one JSON document; an object that names a key twice is refused. Depth is bounded by `serde_json` (128).
pub fn parse_json(text: &str) -> Result<Value, PolicyError> {
    if text.len() > DOCUMENT_MAX_CHARS {
        return Err(PolicyError::TooLong { length: text.len(), limit: DOCUMENT_MAX_CHARS });
    }
    read_json(text).map_err(|why| PolicyError::Json(why.to_string()))
}

/// The same for a text that the caller has bounded, of any kind of document.
///
/// # Errors
/// What is wrong, and where.
pub fn read_json(text: &str) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Number::from_f64(v).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Strict)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` occurs twice")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_duplicates_and_keeps_order() {
        assert!(parse_json(r#"{"a":1,"a":2}"#).is_err());
        assert!(parse_json(r#"{"a":1} x"#).is_err());
        let value = parse_json(r#"{"z":1,"a":[true,null,1.5,"x"]}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"z":1,"a":[true,null,1.5,"x"]}"#);
        assert!(parse_json(&"[".repeat(100_000)).is_err());
    }
}

//! Reading the members of a document, with the place in every error.
use super::ImportError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) type Object = Map<String, Value>;

pub(super) fn member<'a>(object: &'a Object, place: &str, name: &str) -> Result<&'a Value, ImportError> {
    object.get(name).ok_or_else(|| ImportError::Missing { place: under(place, name) })
}

pub(super) fn under(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn malformed(place: &str, wanted: &'static str) -> ImportError {
    ImportError::Malformed { place: if place.is_empty() { "the document".to_owned() } else { place.to_owned() }, wanted }
}

pub(super) fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Object, ImportError> {
    value.as_object().ok_or_else(|| malformed(place, "an object"))
}

pub(super) fn array<'a>(value: &'a Value, place: &str) -> Result<&'a Vec<Value>, ImportError> {
    value.as_array().ok_or_else(|| malformed(place, "a list"))
}

/// A text; numbers and truth values count, because YAML writes them without quotes.
pub(super) fn text(value: &Value, place: &str) -> Result<String, ImportError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(malformed(place, "a text")),
    }
}

pub(super) fn optional_text(object: &Object, place: &str, name: &str) -> Result<Option<String>, ImportError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => text(value, &under(place, name)).map(Some),
    }
}

/// `true` and `"true"`: templates write both.
pub(super) fn truth(value: &Value, place: &str) -> Result<bool, ImportError> {
    match value {
        Value::Bool(yes) => Ok(*yes),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(malformed(place, "true or false")),
    }
}

pub(super) fn texts(value: &Value, place: &str) -> Result<Vec<String>, ImportError> {
    array(value, place)?.iter().map(|item| text(item, place)).collect()
}

pub(super) fn text_map(object: &Object, place: &str, name: &str) -> Result<BTreeMap<String, String>, ImportError> {
    let place = under(place, name);
    match object.get(name) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(value) => {
            self::object(value, &place)?.iter().map(|(key, value)| Ok((key.clone(), text(value, &under(&place, key))?))).collect()
        }
    }
}

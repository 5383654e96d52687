//! Decoding from JSON and writing JSON.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::protocol::At;
use crate::scalar::FromText;
use crate::{Blob, Timestamp, WireError};

/// The longest list of a request: CloudWatch Logs takes 10,000 events at once.
const MAX_LIST: usize = 10_000;

/// A request of a JSON 1.x service, parsed but not typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    document: Value,
}

impl Request {
    /// Parses the body; no body is an empty object.
    pub fn parse(body: &[u8]) -> Result<Self, WireError> {
        Ok(Self { document: document(body)? })
    }

    /// The parameters of the operation.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }
}

/// The operation in `X-Amz-Target`, without the service's prefix and the dot.
#[must_use]
pub fn target<'h>(headers: &'h HeaderMap, prefix: &str) -> Option<&'h str> {
    headers.get("x-amz-target")?.to_str().ok()?.strip_prefix(prefix)?.strip_prefix('.')
}

/// A body as JSON; no body is an empty object.
pub(crate) fn document(body: &[u8]) -> Result<Value, WireError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    // serde_json refuses a nesting deeper than 128.
    serde_json::from_slice(body).map_err(|error| WireError::new(400, "SerializationException", format!("The body is not JSON: {error}")))
}

/// A value read from JSON.
pub trait FromJson: Sized {
    /// Reads the value.
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError>;
}

/// A JSON object that is being decoded. A member that is `null` counts as absent.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    /// The object that `value` is.
    pub fn new(value: &'a Value, at: &At<'_>) -> Result<Self, WireError> {
        value.as_object().map(Self).ok_or_else(|| at.invalid(&value.to_string(), "an object"))
    }

    /// The members of `map`.
    #[must_use]
    pub const fn of(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }

    /// Refuses by name what is not served.
    pub fn check(self, at: &At<'_>, served: &[&str], refused: &[&str], only: &[(&str, &[&str])]) -> Result<(), WireError> {
        for (name, value) in self.0 {
            let name = name.as_str();
            if served.contains(&name) || value.is_null() {
                continue;
            }
            let place = at.member(name);
            if let Some((_, accepted)) = only.iter().find(|(known, _)| *known == name) {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                if !accepted.contains(&text.as_str()) {
                    return Err(place.unserved_value(&text, accepted));
                }
            } else if refused.contains(&name) {
                return Err(place.unserved());
            } else {
                return Err(place.unknown());
            }
        }
        Ok(())
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A member that may be absent.
    pub fn optional<T: FromJson>(self, at: &At<'_>, name: &str) -> Result<Option<T>, WireError> {
        self.get(name).map(|value| T::from_json(value, &at.member(name))).transpose()
    }

    /// A member that has to be there.
    pub fn required<T: FromJson>(self, at: &At<'_>, name: &str) -> Result<T, WireError> {
        self.optional(at, name)?.ok_or_else(|| at.member(name).missing())
    }

    /// A list or map; absent is empty.
    pub fn many<T: FromJson + Default>(self, at: &At<'_>, name: &str) -> Result<T, WireError> {
        Ok(self.optional(at, name)?.unwrap_or_default())
    }
}

impl FromJson for String {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            // A map's `null` (a template that passes the body through) is an empty text.
            Value::Null => Ok(String::new()),
            _ => Err(at.invalid(&value.to_string(), "a string")),
        }
    }
}

impl FromJson for bool {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        value.as_bool().ok_or_else(|| at.invalid(&value.to_string(), "true or false"))
    }
}

impl FromJson for i32 {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        let number = value.as_i64().and_then(|number| Self::try_from(number).ok());
        number.ok_or_else(|| at.invalid(&value.to_string(), "a 32-bit integer"))
    }
}

impl FromJson for i64 {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        value.as_i64().ok_or_else(|| at.invalid(&value.to_string(), "a 64-bit integer"))
    }
}

impl FromJson for f64 {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        value.as_f64().ok_or_else(|| at.invalid(&value.to_string(), "a number"))
    }
}

impl FromJson for Timestamp {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        match value {
            Value::String(text) => Self::from_text(text, at),
            _ => Self::from_text(&value.to_string(), at),
        }
    }
}

impl FromJson for Blob {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        Self::from_text(&String::from_json(value, at)?, at)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        let items = value.as_array().ok_or_else(|| at.invalid(&value.to_string(), "a list"))?;
        if items.len() > MAX_LIST {
            return Err(at.invalid(&format!("{} items", items.len()), &format!("at most {MAX_LIST} items")));
        }
        let read = |(number, item)| T::from_json(item, &at.member(&format!("{number}")));
        items.iter().enumerate().map(read).collect()
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn from_json(value: &Value, at: &At<'_>) -> Result<Self, WireError> {
        let map = value.as_object().ok_or_else(|| at.invalid(&value.to_string(), "an object"))?;
        let read = |(name, item): (&String, _)| Ok((name.clone(), T::from_json(item, &at.member(name))?));
        map.iter().map(read).collect()
    }
}

/// A value written as JSON.
pub trait ToJson {
    /// The JSON.
    fn to_json(&self) -> Value;
}

/// Writes the members of a structure.
#[derive(Debug, Default)]
pub struct ObjectWriter(Map<String, Value>);

impl ObjectWriter {
    /// A member that is written when it is set.
    pub fn optional<T: ToJson>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.to_json());
        }
    }

    /// A list or map that is written when it holds something, or always if AWS does so.
    pub fn many<T: ToJson>(&mut self, name: &str, value: &T, empty: bool, always: bool) {
        if !empty || always {
            self.0.insert(name.to_owned(), value.to_json());
        }
    }

    /// The object.
    #[must_use]
    pub fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Value {
                Value::from(self.clone())
            }
        }
    )*};
}
plain!(String, bool, i32, i64, f64);

impl ToJson for Timestamp {
    /// Seconds since 1970, with the milliseconds as a fraction if there are any.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age stay below 2^53")]
    fn to_json(&self) -> Value {
        if self.0 % 1000 == 0 { Value::from(self.epoch_seconds()) } else { Value::from(self.0 as f64 / 1000.0) }
    }
}

impl ToJson for Blob {
    fn to_json(&self) -> Value {
        Value::from(self.to_base64())
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(T::to_json).collect())
    }
}

impl<T: ToJson> ToJson for BTreeMap<String, T> {
    fn to_json(&self) -> Value {
        Value::Object(self.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
    }
}

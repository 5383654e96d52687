//! What a function's answer means.
use super::{header, is_binary};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// The answer of a function, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAnswer {
    /// The status, 100 to 599.
    pub status: u16,
    /// The headers; names as the client sees them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer that is none: the client gets 502.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Malformed Lambda proxy response: {0}")]
pub struct Malformed(pub String);

/// The only members an answer may have.
const MEMBERS: &[&str] = &["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

impl ProxyAnswer {
    /// Reads a function's answer. `accept` is the client's `Accept` header: together with the API's binary media types it says whether a
    /// body in Base64 is decoded.
    ///
    /// # Errors
    /// An answer that is no object, has other members, or members of other types.
    pub fn read(payload: &[u8], binary_media_types: &[String], accept: Option<&str>) -> Result<Self, Malformed> {
        let malformed = |what: &str| Malformed(what.to_owned());
        let Ok(Value::Object(answer)) = serde_json::from_slice(payload) else {
            return Err(malformed("the answer is no JSON object"));
        };
        if let Some(other) = answer.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
            return Err(Malformed(format!("the answer has a member `{other}`")));
        }
        let status = status(answer.get("statusCode"))?;
        let mut headers = headers(&answer)?;
        let text = match answer.get("body") {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text,
            Some(_) => return Err(malformed("`body` is no string")),
        };
        let encoded = match answer.get("isBase64Encoded") {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => return Err(malformed("`isBase64Encoded` is no boolean")),
        };
        // Only the first media type of `Accept` counts.
        let wanted = accept.and_then(|accept| accept.split(',').next()).map(str::trim);
        let body = if encoded && is_binary(binary_media_types, wanted) {
            STANDARD.decode(text).map_err(|_| malformed("`body` is no Base64"))?
        } else {
            text.as_bytes().to_vec()
        };
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        Ok(Self { status, headers, body })
    }
}

/// A number, or its digits as text; 200 when nothing is said.
fn status(of: Option<&Value>) -> Result<u16, Malformed> {
    let number = match of {
        None | Some(Value::Null) => Some(200),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    let status = number.and_then(|number| u16::try_from(number).ok()).filter(|status| (100..600).contains(status));
    status.ok_or_else(|| Malformed("`statusCode` is no status".to_owned()))
}

/// `headers` and `multiValueHeaders` together; of a name in both, the latter's values count, and one value of the former is not repeated.
fn headers(answer: &Map<String, Value>) -> Result<Vec<(String, String)>, Malformed> {
    let object = |member: &str| match answer.get(member) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => Ok(map.iter().collect::<Vec<_>>()),
        Some(_) => Err(Malformed(format!("`{member}` is no object"))),
    };
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &Value| {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return Err(Malformed(format!("the header `{name}` is no string"))),
        };
        if let Some(shown) = header::answered(name) {
            let twin = |(known, same): &(String, String)| known.eq_ignore_ascii_case(&shown) && *same == value;
            if !found.iter().any(twin) {
                found.push((shown.into_owned(), value));
            }
        }
        Ok(())
    };
    for (name, values) in object("multiValueHeaders")? {
        let Value::Array(values) = values else { return Err(Malformed(format!("the values of header `{name}` are no list"))) };
        values.iter().try_for_each(|value| add(name, value))?;
    }
    object("headers")?.into_iter().try_for_each(|(name, value)| add(name, value))?;
    Ok(found)
}

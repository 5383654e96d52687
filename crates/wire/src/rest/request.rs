//! A request of a REST protocol.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::Value;

use super::Matched;
use crate::json::{FromJson, Object};
use crate::protocol::At;
use crate::query::MAX_LIST;
use crate::scalar::FromText;
use crate::xml::{Element, FromXml};
use crate::{Blob, WireError, form};

/// A request of a REST protocol, routed but not typed.
#[derive(Debug, Clone)]
pub struct Request {
    labels: BTreeMap<&'static str, String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// The request that `matched` a route.
    #[must_use]
    pub fn new(matched: Matched, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let fixed = matched.fixed;
        let query = form::pairs(uri.query().unwrap_or_default().as_bytes())
            // Some SDKs add the operation's name as `x-id`.
            .filter(|(name, value)| !name.starts_with("X-Amz-") && name != "x-id" && !fixed.iter().any(|(n, v)| n == name && v == value))
            .collect();
        Self { labels: matched.labels, query, headers, body }
    }

    /// Refuses by name what the query string holds and is not served.
    pub fn check_query(&self, at: &At<'_>, served: &[&str], refused: &[&str], only: &[(&str, &[&str])]) -> Result<(), WireError> {
        for (name, value) in &self.query {
            let place = at.member(name);
            let name = name.as_str();
            if let Some((_, accepted)) = only.iter().find(|(known, _)| *known == name) {
                if !accepted.contains(&value.as_str()) {
                    return Err(place.unserved_value(value, accepted));
                }
            } else if refused.contains(&name) {
                return Err(place.unserved());
            } else if !served.contains(&name) {
                return Err(place.unknown());
            }
        }
        Ok(())
    }

    /// Refuses by name the headers of the operation that are not served. Others belong to HTTP or nobody.
    pub fn check_headers(&self, at: &At<'_>, refused: &[&str], only: &[(&str, &[&str])]) -> Result<(), WireError> {
        for (name, accepted) in only {
            let place = at.member(name);
            if let Some(value) = self.header::<String>(at, name)?
                && !accepted.contains(&value.as_str())
            {
                return Err(place.unserved_value(&value, accepted));
            }
        }
        match refused.iter().find(|name| self.headers.contains_key(**name)) {
            Some(name) => Err(at.member(name).unserved()),
            None => Ok(()),
        }
    }

    /// The body as JSON; no body is an empty object.
    pub fn document(&self) -> Result<Value, WireError> {
        crate::json::document(&self.body)
    }

    /// The body's members.
    pub fn object<'a>(&self, document: &'a Value, at: &At<'_>) -> Result<Object<'a>, WireError> {
        Object::new(document, &at.member("body"))
    }

    /// The body as an XML document whose outermost element is `root`; no body is an empty one.
    pub fn xml(&self, at: &At<'_>, root: &str) -> Result<Element, WireError> {
        if self.is_empty() {
            return Ok(Element::default());
        }
        let element = Element::parse(&self.body).map_err(|why| at.malformed(&why))?;
        if element.name() != root {
            return Err(at.malformed(&format!("the outermost element is {}, not {root}", element.name())));
        }
        Ok(element)
    }

    fn is_empty(&self) -> bool {
        self.body.iter().all(u8::is_ascii_whitespace)
    }

    /// The body as it is.
    #[must_use]
    pub fn payload(&self) -> Blob {
        Blob(self.body.clone())
    }

    /// The body as text, if there is one.
    pub fn text_payload(&self, at: &At<'_>) -> Result<Option<String>, WireError> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.body).map_err(|_| at.malformed("it is not UTF-8"))?;
        Ok(Some(text.to_owned()))
    }

    /// The body as one structure in JSON, if there is one.
    pub fn json_payload<T: FromJson>(&self, at: &At<'_>) -> Result<Option<T>, WireError> {
        if self.is_empty() {
            return Ok(None);
        }
        T::from_json(&self.document()?, at).map(Some)
    }

    /// The body as one structure in an XML element called `root`, if there is one.
    pub fn xml_payload<T: FromXml>(&self, at: &At<'_>, root: &str) -> Result<Option<T>, WireError> {
        if self.is_empty() {
            return Ok(None);
        }
        T::from_xml(&self.xml(at, root)?, &at.member(root)).map(Some)
    }

    /// A label of the path.
    pub fn label<T: FromText>(&self, at: &At<'_>, name: &str) -> Result<T, WireError> {
        let at = at.member(name);
        let text = self.labels.get(name).ok_or_else(|| at.missing())?;
        T::from_text(text, &at)
    }

    /// A parameter of the query string.
    pub fn query<T: FromText>(&self, at: &At<'_>, name: &str) -> Result<Option<T>, WireError> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| T::from_text(text, &at.member(name))).transpose()
    }

    /// A parameter that the query string may repeat.
    pub fn query_list<T: FromText>(&self, at: &At<'_>, name: &str) -> Result<Vec<T>, WireError> {
        let at = at.member(name);
        let found: Vec<_> = self.query.iter().filter(|(known, _)| known == name).collect();
        if found.len() > MAX_LIST {
            return Err(at.invalid(&format!("{} items", found.len()), "a shorter list"));
        }
        found.into_iter().map(|(_, text)| T::from_text(text, &at)).collect()
    }

    /// The parameters of the query string that have no name of their own in the interface.
    #[must_use]
    pub fn query_map(&self, named: &[&str]) -> BTreeMap<String, String> {
        let open = self.query.iter().filter(|(name, _)| !named.contains(&name.as_str()));
        open.cloned().collect()
    }

    /// A header.
    pub fn header<T: FromText>(&self, at: &At<'_>, name: &str) -> Result<Option<T>, WireError> {
        let Some(value) = self.headers.get(name) else {
            return Ok(None);
        };
        let at = at.member(name);
        T::from_text(text(value, &at)?, &at).map(Some)
    }

    /// The items of a header that separates them by commas.
    pub fn header_list<T: FromText>(&self, at: &At<'_>, name: &str) -> Result<Vec<T>, WireError> {
        let at = at.member(name);
        let mut items = Vec::new();
        for value in self.headers.get_all(name) {
            for item in text(value, &at)?.split(',') {
                items.push(T::from_text(item.trim(), &at)?);
            }
        }
        Ok(items)
    }

    /// The headers that begin with `prefix`, by the rest of their names (`x-amz-meta-colour` -> `colour`).
    pub fn header_map(&self, at: &At<'_>, prefix: &str) -> Result<BTreeMap<String, String>, WireError> {
        let mut map = BTreeMap::new();
        for (name, value) in &self.headers {
            if let Some(rest) = name.as_str().strip_prefix(prefix) {
                map.insert(rest.to_owned(), text(value, &at.member(name.as_str()))?.to_owned());
            }
        }
        Ok(map)
    }
}

/// A header's text; UTF-8 goes through as it came.
fn text<'v>(value: &'v http::HeaderValue, at: &At<'_>) -> Result<&'v str, WireError> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| at.invalid("…", "UTF-8"))
}

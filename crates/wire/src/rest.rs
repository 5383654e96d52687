//! Requests of REST protocols: routing by method and path, labels, query string and body.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::json::Object;
use crate::protocol::At;
use crate::query::MAX_LIST;
use crate::scalar::FromText;
use crate::{Blob, WireError, form};

/// One operation's method and path, as the interface description has them.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// `/restapis/{restapi_id}/stages`; a segment in braces is a label.
    pub template: &'static str,
    /// Query parameters that choose the operation, such as `mode=import`.
    pub fixed: &'static [(&'static str, &'static str)],
    /// The operation's name.
    pub operation: &'static str,
}

/// A request that matched a route.
#[derive(Debug, Clone)]
pub struct Matched {
    /// The operation's name.
    pub operation: &'static str,
    labels: BTreeMap<&'static str, String>,
    fixed: &'static [(&'static str, &'static str)],
}

/// The first of `routes` that the request matches. The table has the more specific first.
#[must_use]
pub fn route(routes: &[Route], method: &str, uri: &Uri) -> Option<Matched> {
    let query: Vec<_> = form::pairs(uri.query().unwrap_or_default().as_bytes()).collect();
    routes.iter().find_map(|route| {
        let chosen = route.fixed.iter().all(|(name, value)| query.iter().any(|(n, v)| n == name && v == value));
        if route.method != method || !chosen {
            return None;
        }
        let labels = labels(route.template, uri.path())?;
        Some(Matched { operation: route.operation, labels, fixed: route.fixed })
    })
}

/// The labels of `template` in `path`, or `None` when the path has another form.
fn labels(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut found = BTreeMap::new();
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let label = wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match label {
            Some(label) if label.ends_with('+') => {
                let rest: Vec<_> = segments.collect();
                let value = rest.join("/");
                found.insert(label.trim_end_matches('+'), decode(&value)?);
                return (!rest.is_empty()).then_some(found);
            }
            Some(label) => {
                let value = decode(segments.next()?)?;
                if value.is_empty() {
                    return None;
                }
                found.insert(label, value);
            }
            None if segments.next()? == wanted => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(found)
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

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
            .filter(|(name, value)| !name.starts_with("X-Amz-") && !fixed.iter().any(|(n, v)| n == name && v == value))
            .collect();
        Self { labels: matched.labels, query, headers, body }
    }

    /// Refuses by name what the query string holds and is not served.
    pub fn check_query(&self, at: &At<'_>, served: &[&str], refused: &[&str]) -> Result<(), WireError> {
        for (name, _) in &self.query {
            let place = at.member(name);
            if refused.contains(&name.as_str()) {
                return Err(place.unserved());
            }
            if !served.contains(&name.as_str()) {
                return Err(place.unknown());
            }
        }
        Ok(())
    }

    /// The body as JSON; no body is an empty object.
    pub fn document(&self) -> Result<Value, WireError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Object(Map::new()));
        }
        // serde_json refuses a nesting deeper than 128.
        serde_json::from_slice(&self.body)
            .map_err(|error| WireError::new(400, "SerializationException", format!("The body is not JSON: {error}")))
    }

    /// The body's members.
    pub fn object<'a>(&self, document: &'a Value, at: &At<'_>) -> Result<Object<'a>, WireError> {
        Object::new(document, &at.member("body"))
    }

    /// The body as it is.
    #[must_use]
    pub fn payload(&self) -> Blob {
        Blob(self.body.clone())
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
        let text = value.to_str().map_err(|_| at.invalid("…", "printable characters"))?;
        T::from_text(text, &at).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[
        Route { method: "POST", template: "/r", fixed: &[("mode", "import")], operation: "Import" },
        Route { method: "POST", template: "/r", fixed: &[], operation: "Create" },
        Route { method: "GET", template: "/r/mine", fixed: &[], operation: "GetMine" },
        Route { method: "GET", template: "/r/{id}", fixed: &[], operation: "Get" },
        Route { method: "PUT", template: "/tags/{arn}", fixed: &[], operation: "Tag" },
        Route { method: "GET", template: "/p/{path+}", fixed: &[], operation: "Rest" },
    ];

    fn matched(method: &str, uri: &str) -> Option<(&'static str, Vec<String>)> {
        let uri: Uri = uri.parse().unwrap();
        route(ROUTES, method, &uri).map(|m| (m.operation, m.labels.into_values().collect()))
    }

    #[test]
    fn the_specific_route_wins() {
        assert_eq!(matched("POST", "/r?mode=import").unwrap().0, "Import");
        assert_eq!(matched("POST", "/r?mode=other").unwrap().0, "Create");
        assert_eq!(matched("GET", "/r/mine").unwrap().0, "GetMine");
        assert_eq!(matched("GET", "/r/x%20y").unwrap(), ("Get", vec!["x y".to_owned()]));
    }

    #[test]
    fn an_encoded_slash_stays_in_its_label() {
        let (operation, labels) = matched("PUT", "/tags/arn%3Aaws%3A%2Frestapis%2Fabc").unwrap();
        assert_eq!((operation, labels), ("Tag", vec!["arn:aws:/restapis/abc".to_owned()]));
    }

    #[test]
    fn a_greedy_label_takes_the_rest() {
        assert_eq!(matched("GET", "/p/a/b").unwrap(), ("Rest", vec!["a/b".to_owned()]));
        assert_eq!(matched("GET", "/p"), None);
    }

    #[test]
    fn other_methods_and_lengths_do_not_match() {
        assert_eq!(matched("PUT", "/r/mine"), None);
        assert_eq!(matched("GET", "/r/a/b"), None);
        assert_eq!(matched("GET", "/"), None);
    }
}

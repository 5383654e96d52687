//! REST protocols: routing by method and path, [requests](Request) and [answers](Answer).

mod answer;
mod request;

use std::collections::BTreeMap;

use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

pub use answer::{Answer, Output};
pub use request::Request;

use crate::form;

/// One operation's method and path, as the interface description has them.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// `/restapis/{restapi_id}/stages`; a segment in braces is a label.
    pub template: &'static str,
    /// Query parameters that choose the operation, such as `mode=import`.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Query parameters (`uploadId`) and headers (`x-amz-copy-source:`) without which it is another operation.
    pub needs: &'static [&'static str],
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
pub fn route(routes: &[Route], method: &str, uri: &Uri, headers: &HeaderMap) -> Option<Matched> {
    let query: Vec<_> = form::pairs(uri.query().unwrap_or_default().as_bytes()).collect();
    routes.iter().find_map(|route| {
        let given = |need: &&str| match need.strip_suffix(':') {
            Some(header) => headers.contains_key(header),
            None => query.iter().any(|(name, _)| name == need),
        };
        let chosen =
            route.fixed.iter().all(|(name, value)| query.iter().any(|(n, v)| n == name && v == value)) && route.needs.iter().all(given);
        if route.method != method || !chosen {
            return None;
        }
        let labels = labels(route.template, uri.path())?;
        Some(Matched { operation: route.operation, labels, fixed: route.fixed })
    })
}

/// The labels of `template` in `path`, or `None` when the path has another form.
fn labels(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    // Some interfaces write a slash at the end, some clients do.
    let template = template.strip_suffix('/').unwrap_or(template);
    // The key of an object may end in a slash.
    let path = if template.ends_with("+}") { path } else { path.strip_suffix('/').unwrap_or(path) };
    let mut found = BTreeMap::new();
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let label = wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match label {
            Some(label) if label.ends_with('+') => {
                let rest: Vec<_> = segments.collect();
                let value = decode(&rest.join("/"))?;
                let given = !value.is_empty();
                found.insert(label.trim_end_matches('+'), value);
                return given.then_some(found);
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

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[
        Route { method: "POST", template: "/r", fixed: &[("mode", "import")], needs: &[], operation: "Import" },
        Route { method: "POST", template: "/r", fixed: &[], needs: &[], operation: "Create" },
        Route { method: "GET", template: "/r/mine", fixed: &[], needs: &[], operation: "GetMine" },
        Route { method: "GET", template: "/r/{id}", fixed: &[], needs: &[], operation: "Get" },
        Route { method: "PUT", template: "/tags/{arn}", fixed: &[], needs: &[], operation: "Tag" },
        Route { method: "PUT", template: "/p/{path+}", fixed: &[], needs: &["part", "x-copy:"], operation: "Copy" },
        Route { method: "PUT", template: "/p/{path+}", fixed: &[], needs: &["part"], operation: "Part" },
        Route { method: "GET", template: "/p/{path+}", fixed: &[], needs: &[], operation: "Rest" },
    ];

    fn matched(method: &str, uri: &str) -> Option<(&'static str, Vec<String>)> {
        let uri: Uri = uri.parse().unwrap();
        route(ROUTES, method, &uri, &HeaderMap::new()).map(|m| (m.operation, m.labels.into_values().collect()))
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
        assert_eq!(matched("GET", "/p/a//b/").unwrap(), ("Rest", vec!["a//b/".to_owned()]));
        assert_eq!(matched("GET", "/p"), None);
        assert_eq!(matched("GET", "/p/"), None);
    }

    #[test]
    fn what_an_operation_needs_tells_it_from_others() {
        assert_eq!(matched("PUT", "/p/a?part=1").unwrap().0, "Part");
        assert_eq!(matched("PUT", "/p/a"), None);
        let headers = HeaderMap::from_iter([("x-copy".parse().unwrap(), "b".parse().unwrap())]);
        let copy = route(ROUTES, "PUT", &Uri::from_static("/p/a?part=1"), &headers).unwrap();
        assert_eq!(copy.operation, "Copy");
    }

    #[test]
    fn other_methods_and_lengths_do_not_match() {
        assert_eq!(matched("PUT", "/r/mine"), None);
        assert_eq!(matched("GET", "/r/a/b"), None);
        assert_eq!(matched("GET", "/"), None);
    }
}

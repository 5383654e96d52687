//! The compiled resource tree of a deployment.
//!
//! At each level a literal goes before `{param}`, and that before `{proxy+}`; a branch that dead-ends gives way to the
//! next. A resource that is found decides: if it lacks the method, no other resource is tried.

use super::MethodView;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;

/// The resources of a deployment with their methods.
#[derive(Debug, Default)]
pub struct Routes {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameter: Option<Box<(String, Node)>>,
    proxy: Option<Box<(String, Leaf)>>,
    leaf: Option<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    id: String,
    path: String,
    methods: HashMap<String, MethodView>,
}

/// The resource and method that a path leads to.
#[derive(Debug)]
pub(crate) struct RouteMatch<'a> {
    pub(crate) method: &'a MethodView,
    pub(crate) resource_id: &'a str,
    pub(crate) resource_path: &'a str,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Routes {
    /// Adds a resource by its id and whole path, with its methods by name (`ANY` included).
    pub fn insert(&mut self, id: &str, path: &str, methods: HashMap<String, MethodView>) {
        let leaf = Leaf {
            id: id.to_owned(),
            path: path.to_owned(),
            methods,
        };
        let mut node = &mut self.root;
        for segment in segments(path) {
            let name = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
            node = match name {
                None => node.literals.entry(segment.to_owned()).or_default(),
                Some(name) => match name.strip_suffix('+') {
                    // A greedy parameter has no children.
                    Some(name) => {
                        node.proxy = Some(Box::new((name.to_owned(), leaf)));
                        return;
                    }
                    None => {
                        &mut node
                            .parameter
                            .get_or_insert_with(|| Box::new((name.to_owned(), Node::default())))
                            .1
                    }
                },
            };
        }
        node.leaf = Some(leaf);
    }

    /// Routes a method and a path that is not decoded yet.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<RouteMatch<'_>> {
        let decoded: Vec<String> = segments(path)
            .map(|s| percent_decode_str(s).decode_utf8_lossy().into_owned())
            .collect();
        let mut parameters = Vec::new();
        let leaf = self.root.find(&decoded, &mut parameters)?;
        let method = leaf
            .methods
            .get(method)
            .or_else(|| leaf.methods.get("ANY").filter(|_| any_covers(method)))?;
        Some(RouteMatch {
            method,
            resource_id: &leaf.id,
            resource_path: &leaf.path,
            parameters,
        })
    }
}

fn any_covers(method: &str) -> bool {
    matches!(
        method,
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT"
    )
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|s| !s.is_empty())
}

impl Node {
    /// Depth is that of the resource tree, which is bounded by the longest path a resource can have.
    fn find(&self, rest: &[String], parameters: &mut Vec<(String, String)>) -> Option<&Leaf> {
        let Some((first, after)) = rest.split_first() else {
            return self.leaf.as_ref();
        };
        if let Some(leaf) = self
            .literals
            .get(first)
            .and_then(|node| node.find(after, parameters))
        {
            return Some(leaf);
        }
        if let Some((name, node)) = self.parameter.as_deref() {
            parameters.push((name.clone(), first.clone()));
            if let Some(leaf) = node.find(after, parameters) {
                return Some(leaf);
            }
            parameters.pop();
        }
        let (name, leaf) = self.proxy.as_deref()?;
        parameters.push((name.clone(), rest.join("/")));
        Some(leaf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Authorization, IntegrationView};

    fn routes(paths: &[(&str, &str)]) -> Routes {
        let mut routes = Routes::default();
        for (path, method) in paths {
            let view = MethodView {
                authorization: Authorization::Open,
                api_key_required: false,
                required: vec![],
                integration: IntegrationView::NotBuilt(String::new()),
            };
            routes.insert(path, path, HashMap::from([((*method).to_owned(), view)]));
        }
        routes
    }

    fn found(routes: &Routes, method: &str, path: &str) -> Option<(String, Vec<(String, String)>)> {
        routes
            .find(method, path)
            .map(|m| (m.resource_path.to_owned(), m.parameters))
    }

    #[test]
    fn precedence() {
        let all = routes(&[
            ("/", "GET"),
            ("/pets", "GET"),
            ("/pets/dog", "GET"),
            ("/pets/{id}", "GET"),
            ("/pets/{id}/toys", "POST"),
            ("/{proxy+}", "ANY"),
        ]);
        let path = |method: &str, path: &str| found(&all, method, path).map(|f| f.0);
        assert_eq!(path("GET", "/").as_deref(), Some("/"));
        assert_eq!(path("GET", "/pets/dog").as_deref(), Some("/pets/dog"));
        assert_eq!(path("GET", "/pets/cat/").as_deref(), Some("/pets/{id}"));
        assert_eq!(
            path("POST", "/pets/dog/toys").as_deref(),
            Some("/pets/{id}/toys")
        );
        assert_eq!(path("GET", "/x/y").as_deref(), Some("/{proxy+}"));
        assert_eq!(
            path("DELETE", "/pets/dog"),
            None,
            "a resource that is found decides"
        );
        assert_eq!(path("TRACE", "/x"), None, "ANY is not every method");
        assert_eq!(
            found(&all, "PUT", "/a%20b/c").unwrap().1,
            [("proxy".to_owned(), "a b/c".to_owned())]
        );
        assert_eq!(found(&all, "GET", "/pets/%64og").unwrap().0, "/pets/dog");
    }

    #[test]
    fn a_proxy_does_not_match_the_empty_rest() {
        let all = routes(&[("/parent/{proxy+}", "GET")]);
        assert!(found(&all, "GET", "/parent").is_none());
        assert!(found(&all, "GET", "/").is_none());
        assert!(found(&all, "GET", "/parent/x").is_some());
    }
}

//! Which resource and method of a deployment a request leads to.
//!
//! At each level a literal goes before `{param}`, and that before `{proxy+}`; the exact method goes before `ANY`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>).
//! Every segment is percent-decoded on its own, so that an encoded slash is part of a value and never a separator;
//! empty segments are skipped, so that a trailing slash leads to the same resource.
//!
//! AWS does not document what happens when the most specific branch leads nowhere. Here it gives way to the next one
//! (`find` is the only place that knows), while a resource that is found and has methods decides: when it lacks the one asked for,
//! no other resource is tried, as "sibling resources are excluded from the proxy".

use std::borrow::Cow;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::method::Method;
use vpclab_cloud::{Resource, ResourceId};

/// What `ANY` stands for.
pub const ANY_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The resources of a deployment, compiled. `M` is what the caller keeps for each method.
#[derive(Debug)]
pub struct RouteTree<M> {
    root: Node<M>,
}

/// Where a request leads.
#[derive(Debug)]
pub struct Matched<'t, 'p, M> {
    /// The resource.
    pub resource: &'t ResourceId,
    /// Its path as it is declared, such as `/pets/{id}`.
    pub resource_path: &'t str,
    /// The name under which the method is declared: the one asked for, or `ANY`.
    pub method_name: &'t str,
    /// What the caller keeps for it.
    pub method: &'t M,
    /// The path parameters, decoded, in the order of the path.
    pub parameters: Vec<(&'t str, Cow<'p, str>)>,
}

/// Why a request leads nowhere; the caller sees `Missing Authentication Token` for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute<'t> {
    /// No resource has this path.
    UnknownResource,
    /// The resource has neither this method nor `ANY`.
    UnknownMethod {
        /// The resource's path as it is declared.
        resource_path: &'t str,
    },
}

#[derive(Debug)]
struct Node<M> {
    /// By name, in order.
    literals: Vec<(Box<str>, Node<M>)>,
    parameter: Option<Box<(Box<str>, Node<M>)>>,
    proxy: Option<Box<(Box<str>, Leaf<M>)>>,
    leaf: Option<Leaf<M>>,
}

#[derive(Debug)]
struct Leaf<M> {
    resource: ResourceId,
    path: Box<str>,
    methods: Vec<(Box<str>, M)>,
}

type Parameters<'t, 'p> = Vec<(&'t str, Cow<'p, str>)>;

impl<M> RouteTree<M> {
    /// Compiles the tree of a deployment; `keep` says what is kept for each method.
    pub fn compile(snapshot: &ApiSnapshot, mut keep: impl FnMut(&Resource, &str, &Method) -> M) -> Self {
        let mut root = Node::default();
        for resource in &snapshot.resources {
            // A resource without methods answers nothing; it only holds its children, which say their whole path.
            if resource.methods.is_empty() {
                continue;
            }
            let methods = resource.methods.iter().map(|(name, method)| (name.as_str().into(), keep(resource, name, method)));
            let leaf = Leaf { resource: resource.id.clone(), path: resource.path.as_str().into(), methods: methods.collect() };
            root.insert(&resource.path, leaf);
        }
        Self { root }
    }

    /// Leads a method and a path (without the stage, not decoded) to a resource.
    ///
    /// # Errors
    /// When no resource has the path or the resource lacks the method.
    pub fn route<'t, 'p>(&'t self, method: &str, path: &'p str) -> Result<Matched<'t, 'p, M>, NoRoute<'t>> {
        let mut parameters = Vec::new();
        let leaf = self.root.find(path, &mut parameters).ok_or(NoRoute::UnknownResource)?;
        let (name, kept) = leaf.method(method).ok_or(NoRoute::UnknownMethod { resource_path: &leaf.path })?;
        Ok(Matched { resource: &leaf.resource, resource_path: &leaf.path, method_name: name, method: kept, parameters })
    }
}

impl<M> Default for Node<M> {
    fn default() -> Self {
        Self { literals: Vec::new(), parameter: None, proxy: None, leaf: None }
    }
}

impl<M> Leaf<M> {
    fn method(&self, method: &str) -> Option<(&str, &M)> {
        let named = |wanted: &str| self.methods.iter().find(|(name, _)| **name == *wanted);
        let any = || ANY_METHODS.contains(&method).then(|| named("ANY")).flatten();
        named(method).or_else(any).map(|(name, kept)| (&**name, kept))
    }
}

impl<M> Node<M> {
    fn insert(&mut self, path: &str, leaf: Leaf<M>) {
        let mut node = self;
        for segment in path.split('/').filter(|s| !s.is_empty()) {
            match Part::of(segment) {
                Part::Proxy(name) => {
                    node.proxy = Some(Box::new((name.into(), leaf)));
                    return;
                }
                Part::Parameter(name) => {
                    node = &mut node.parameter.get_or_insert_with(|| Box::new((name.into(), Node::default()))).1;
                }
                Part::Literal(name) => {
                    let at = match node.literals.binary_search_by(|(known, _)| (**known).cmp(name)) {
                        Ok(at) => at,
                        Err(at) => {
                            node.literals.insert(at, (name.into(), Node::default()));
                            at
                        }
                    };
                    let Some((_, child)) = node.literals.get_mut(at) else {
                        return;
                    };
                    node = child;
                }
            }
        }
        node.leaf = Some(leaf);
    }

    /// The resource of a path. Every node is visited at most once, so the cost is bounded by the size of the tree, and the depth
    /// by that of the resources.
    fn find<'t, 'p>(&'t self, rest: &'p str, parameters: &mut Parameters<'t, 'p>) -> Option<&'t Leaf<M>> {
        let rest = rest.trim_start_matches('/');
        if rest.is_empty() {
            return self.leaf.as_ref();
        }
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        let segment = decoded(segment);
        let literal = self.literals.binary_search_by(|(name, _)| (**name).cmp(&segment)).ok().and_then(|at| self.literals.get(at));
        if let Some(leaf) = literal.and_then(|(_, node)| node.find(after, parameters)) {
            return Some(leaf);
        }
        if let Some((name, node)) = self.parameter.as_deref() {
            let before = parameters.len();
            parameters.push((name, segment));
            if let Some(leaf) = node.find(after, parameters) {
                return Some(leaf);
            }
            parameters.truncate(before);
        }
        let (name, leaf) = self.proxy.as_deref()?;
        parameters.push((name, decoded_rest(rest)));
        Some(leaf)
    }
}

/// A path part as it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// `pets`
    Literal(&'a str),
    /// `{id}`
    Parameter(&'a str),
    /// `{proxy+}`
    Proxy(&'a str),
}

impl<'a> Part<'a> {
    /// The kind of a declared path part.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            None => Self::Literal(text),
            Some(name) => name.strip_suffix('+').map_or(Self::Parameter(name), Self::Proxy),
        }
    }
}

/// The rest of a path as the value of a greedy parameter.
fn decoded_rest(rest: &str) -> Cow<'_, str> {
    let rest = rest.trim_end_matches('/');
    if !rest.contains('%') && !rest.contains("//") {
        return Cow::Borrowed(rest);
    }
    let segments = rest.split('/').filter(|s| !s.is_empty());
    Cow::Owned(segments.map(decoded).collect::<Vec<_>>().join("/"))
}

/// A segment with `%XX` decoded; what is no such sequence stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = match (first, after) {
            (b'%', [high, low, tail @ ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| (h << 4 | l, tail)),
            _ => None,
        };
        let (byte, tail) = escape.unwrap_or((*first, after));
        bytes.push(byte);
        rest = tail;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests;

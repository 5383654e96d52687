//! Keys and values in the order in which they were written.
use crate::{Node, Span};
use indexmap::IndexMap;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    key_at: Span,
    node: Node,
}

/// An object of a template: unique keys in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(IndexMap<String, Entry>);

impl Map {
    /// No keys.
    #[must_use]
    pub fn new() -> Map {
        Map::default()
    }

    /// One key.
    pub fn of(key: impl Into<String>, node: impl Into<Node>) -> Map {
        let mut map = Map::new();
        map.insert(key, node);
        map
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.get(key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0.get_mut(key).map(|entry| &mut entry.node)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Where the key is written; [`Span::NONE`] if it is not.
    #[must_use]
    pub fn key_at(&self, key: &str) -> Span {
        self.0.get(key).map_or(Span::NONE, |entry| entry.key_at)
    }

    /// Sets a key: a new one at the end, a known one at its place. Returns the value before.
    pub fn insert(&mut self, key: impl Into<String>, node: impl Into<Node>) -> Option<Node> {
        let (key, node) = (key.into(), node.into());
        if let Some(entry) = self.0.get_mut(&key) {
            return Some(std::mem::replace(&mut entry.node, node));
        }
        self.0.insert(key, Entry { key_at: Span::NONE, node });
        None
    }

    /// Sets a key that stands in the text.
    pub fn insert_at(&mut self, key: impl Into<String>, key_at: Span, node: impl Into<Node>) -> Option<Node> {
        self.0.insert(key.into(), Entry { key_at, node: node.into() }).map(|entry| entry.node)
    }

    /// Takes a key away; the others stay in order.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        self.0.shift_remove(key).map(|entry| entry.node)
    }

    /// Keeps the keys for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Node) -> bool) {
        self.0.retain(|key, entry| keep(key, &mut entry.node));
    }

    /// How many keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first key and its value.
    #[must_use]
    pub fn first(&self) -> Option<(&str, &Node)> {
        self.iter().next()
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Node)> + ExactSizeIterator {
        self.0.iter().map(|(key, entry)| (key.as_str(), &entry.node))
    }

    /// Keys and values in order, the values to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&str, &mut Node)> + ExactSizeIterator {
        self.0.iter_mut().map(|(key, entry)| (key.as_str(), &mut entry.node))
    }

    /// Keys, where they are written, and values.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&str, Span, &Node)> + ExactSizeIterator {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry.key_at, &entry.node))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.keys().map(String::as_str)
    }

    /// The values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Node> + ExactSizeIterator {
        self.0.values().map(|entry| &entry.node)
    }

    /// The values in order, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Node> + ExactSizeIterator {
        self.0.values_mut().map(|entry| &mut entry.node)
    }

    /// Keys, where they are written, and values, taken out.
    pub fn into_entries(self) -> impl DoubleEndedIterator<Item = (String, Span, Node)> + ExactSizeIterator {
        self.0.into_iter().map(|(key, entry)| (key, entry.key_at, entry.node))
    }
}

impl<K: Into<String>, N: Into<Node>> FromIterator<(K, N)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, N)>>(pairs: I) -> Map {
        let mut map = Map::new();
        map.extend(pairs);
        map
    }
}

impl<K: Into<String>, N: Into<Node>> Extend<(K, N)> for Map {
    fn extend<I: IntoIterator<Item = (K, N)>>(&mut self, pairs: I) {
        for (key, node) in pairs {
            self.insert(key, node);
        }
    }
}

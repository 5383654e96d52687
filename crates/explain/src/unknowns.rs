//! What is not known about resources, as an import leaves it.
use std::collections::BTreeMap;

/// Facts that were not understood, by the id of the resource they are about: a route to a transit gateway, a rule with a prefix list.
/// A step whose evidence names such a resource is undetermined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    facts: BTreeMap<String, Vec<String>>,
}

impl Unknowns {
    /// Nothing is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Notes what is not understood about a resource, in one line.
    pub fn note(&mut self, id: impl Into<String>, what: impl Into<String>) {
        self.facts.entry(id.into()).or_default().push(what.into());
    }
    /// What is not known about a resource.
    #[must_use]
    pub fn about(&self, id: &str) -> &[String] {
        self.facts.get(id).map_or(&[], Vec::as_slice)
    }
    /// Whether everything is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
    /// All of it, by resource.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.facts.iter().map(|(id, facts)| (id.as_str(), facts.as_slice()))
    }
}

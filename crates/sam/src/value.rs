//! Values, as the transform's Python sees them.
use crate::{keys::Keys, text::Text};
use indexmap::IndexMap;
use serde_json::Number;
use std::sync::Arc;
use vpclab_template::Span;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Val {
    pub(crate) kind: Kind,
    pub(crate) at: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    List(Vec<Val>),
    Dict(Dict),
}

#[derive(Clone, Debug)]
struct Entry {
    at: Span,
    val: Val,
}

/// A `dict`: in the order of insertion, or in that of Python 2.7 ([`Keys`]), which definitions of APIs and everything near them have.
/// Clones share what they hold until one changes: a large definition is copied for each event that it gets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dict(Arc<Table>);

#[derive(Clone, Debug, Default)]
struct Table {
    entries: IndexMap<Text, Entry>,
    keys: Option<Keys>,
    /// A deep copy of this is this, all the way down: another copy changes no order. Any change ends it.
    settled: bool,
}

impl Dict {
    fn made(entries: IndexMap<Text, Entry>, keys: Option<Keys>, settled: bool) -> Dict {
        Dict(Arc::new(Table { entries, keys, settled }))
    }

    /// To be changed.
    fn table(&mut self) -> &mut Table {
        let table = Arc::make_mut(&mut self.0);
        table.settled = false;
        table
    }

    /// In the order of insertion.
    pub(crate) fn new() -> Dict {
        Dict::default()
    }

    /// In Python 2.7's order.
    pub(crate) fn old() -> Dict {
        Dict::made(IndexMap::new(), Some(Keys::new()), false)
    }

    /// One key, in the order of insertion.
    pub(crate) fn of(key: impl Into<Text>, val: impl Into<Val>) -> Dict {
        Dict::new().with(key, val)
    }

    #[must_use]
    pub(crate) fn with(mut self, key: impl Into<Text>, val: impl Into<Val>) -> Dict {
        self.insert(key, val);
        self
    }

    /// The value of a key; nothing for `null`.
    pub(crate) fn get(&self, key: &str) -> Option<&Val> {
        self.raw(key).filter(|val| !val.is_null())
    }

    /// The value of a key, `null` too.
    pub(crate) fn raw(&self, key: &str) -> Option<&Val> {
        self.0.entries.get(key).map(|entry| &entry.val)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Val> {
        self.table().entries.get_mut(key).map(|entry| &mut entry.val).filter(|val| !val.is_null())
    }

    /// Whether the key has a value that counts as true.
    pub(crate) fn truthy(&self, key: &str) -> Option<&Val> {
        self.get(key).filter(|val| val.truthy())
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.0.entries.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    pub(crate) fn insert(&mut self, key: impl Into<Text>, val: impl Into<Val>) {
        self.insert_at(key, Span::NONE, val);
    }

    pub(crate) fn insert_at(&mut self, key: impl Into<Text>, at: Span, val: impl Into<Val>) {
        let (key, val) = (key.into(), val.into());
        let table = self.table();
        if let Some(entry) = table.entries.get_mut(key.as_str()) {
            entry.val = val;
            return;
        }
        if let Some(keys) = &mut table.keys {
            keys.add(&key);
        }
        table.entries.insert(key, Entry { at, val });
    }

    /// The value of a key, which is set if the key is not there.
    pub(crate) fn or_insert(&mut self, key: impl Into<Text>, val: impl FnOnce() -> Val) -> Option<&mut Val> {
        let key = key.into();
        if !self.contains(&key) {
            self.insert(key.clone(), val());
        }
        self.table().entries.get_mut(key.as_str()).map(|entry| &mut entry.val)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Val> {
        let table = self.table();
        let (key, entry) = table.entries.shift_remove_entry(key)?;
        if let Some(keys) = &mut table.keys {
            keys.remove(&key);
        }
        Some(entry.val)
    }

    /// Python's `update`.
    pub(crate) fn update(&mut self, others: &Dict) {
        let order: Vec<Text> = others.keys().cloned().collect();
        if let Some(keys) = &mut self.table().keys {
            keys.merge(&order);
        }
        for key in order {
            if let Some(entry) = others.0.entries.get(key.as_str()) {
                self.insert_at(key, entry.at, entry.val.clone());
            }
        }
    }

    /// Python's `copy`: of this table alone.
    pub(crate) fn copy(&self) -> Dict {
        let order: Vec<Text> = self.keys().cloned().collect();
        let keys = self.0.keys.as_ref().map(|_| {
            let mut keys = Keys::new();
            keys.merge(&order);
            keys
        });
        Dict::made(self.0.entries.clone(), keys, false)
    }

    pub(crate) fn deep_copy(&self) -> Dict {
        if self.0.settled {
            return self.clone();
        }
        let old = &self.0.entries;
        let entries: IndexMap<_, _> =
            old.iter().map(|(key, entry)| (key.clone(), Entry { at: entry.at, val: entry.val.deep_copy() })).collect();
        let keys = self.0.keys.as_ref().map(Keys::deep_copy);
        let settled = keys == self.0.keys && entries.values().all(|entry: &Entry| entry.val.settled());
        Dict::made(entries, keys, settled)
    }

    /// The keys in the order in which Python visits them.
    pub(crate) fn keys(&self) -> Box<dyn Iterator<Item = &Text> + '_> {
        match &self.0.keys {
            Some(keys) => Box::new(keys.iter()),
            None => Box::new(self.0.entries.keys()),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Text, &Val)> {
        self.keys().filter_map(|key| self.0.entries.get(key.as_str()).map(|entry| (key, &entry.val)))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Val> {
        self.iter().map(|(_, val)| val)
    }

    /// In no particular order.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Val> {
        self.table().entries.values_mut().map(|entry| &mut entry.val)
    }

    /// Whether the order is Python 2.7's.
    pub(crate) fn is_old(&self) -> bool {
        self.0.keys.is_some()
    }

    pub(crate) fn key_at(&self, key: &str) -> Span {
        self.0.entries.get(key).map_or(Span::NONE, |entry| entry.at)
    }

    /// The only key and its value.
    pub(crate) fn only(&self) -> Option<(&Text, &Val)> {
        if self.len() == 1 { self.iter().next() } else { None }
    }
}

impl Val {
    pub(crate) const NULL: Val = Val { kind: Kind::Null, at: Span::NONE };

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub(crate) fn text(&self) -> Option<&Text> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    pub(crate) fn is(&self, letters: &str) -> bool {
        self.text().is_some_and(|text| text.as_str() == letters)
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(self.kind, Kind::Bool(true))
    }

    pub(crate) fn dict(&self) -> Option<&Dict> {
        if let Kind::Dict(dict) = &self.kind { Some(dict) } else { None }
    }

    pub(crate) fn dict_mut(&mut self) -> Option<&mut Dict> {
        if let Kind::Dict(dict) = &mut self.kind { Some(dict) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Val]> {
        if let Kind::List(items) = &self.kind { Some(items) } else { None }
    }

    pub(crate) fn list_mut(&mut self) -> Option<&mut Vec<Val>> {
        if let Kind::List(items) = &mut self.kind { Some(items) } else { None }
    }

    /// The value of a key, if this is a dict; nothing for `null`.
    pub(crate) fn get(&self, key: &str) -> Option<&Val> {
        self.dict()?.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Val> {
        self.dict_mut()?.get_mut(key)
    }

    /// What counts as true in Python.
    pub(crate) fn truthy(&self) -> bool {
        match &self.kind {
            Kind::Null => false,
            Kind::Bool(value) => *value,
            Kind::Number(number) => number.as_f64().is_none_or(|number| number != 0.0),
            Kind::Text(text) => !text.is_empty(),
            Kind::List(items) => !items.is_empty(),
            Kind::Dict(dict) => !dict.is_empty(),
        }
    }

    pub(crate) fn deep_copy(&self) -> Val {
        let kind = match &self.kind {
            Kind::List(items) => Kind::List(items.iter().map(Val::deep_copy).collect()),
            Kind::Dict(dict) => Kind::Dict(dict.deep_copy()),
            kind => kind.clone(),
        };
        Val { kind, at: self.at }
    }

    /// Whether a deep copy changes no order.
    fn settled(&self) -> bool {
        match &self.kind {
            Kind::List(items) => items.iter().all(Val::settled),
            Kind::Dict(dict) => dict.0.settled,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => true,
        }
    }

    /// What Python visits in a `for`: items, keys, letters. Nothing if it cannot.
    pub(crate) fn visit(&self) -> Option<Vec<Val>> {
        match &self.kind {
            Kind::List(items) => Some(items.clone()),
            Kind::Dict(dict) => Some(dict.keys().map(|key| key.clone().into()).collect()),
            Kind::Text(text) => Some(text.chars().map(|c| Text::own(c.to_string()).into()).collect()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
        }
    }

    /// Gives every part that has no place the place of its origin.
    pub(crate) fn originate(&mut self, at: Span) {
        self.at = self.at.or(at);
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| item.originate(at)),
            Kind::Dict(dict) => dict.values_mut().for_each(|val| val.originate(at)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {}
        }
    }

    fn number(&self) -> Option<Number> {
        match &self.kind {
            Kind::Bool(value) => Some(u8::from(*value).into()),
            Kind::Number(number) => Some(number.clone()),
            Kind::Null | Kind::Text(_) | Kind::List(_) | Kind::Dict(_) => None,
        }
    }
}

/// Python's equality: without places and the order of keys; `1` equals `1.0` and `True`.
impl PartialEq for Val {
    fn eq(&self, other: &Val) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Text(a), Kind::Text(b)) => a == b,
            (Kind::List(a), Kind::List(b)) => a == b,
            (Kind::Dict(a), Kind::Dict(b)) => a.len() == b.len() && a.iter().all(|(key, val)| b.raw(key) == Some(val)),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a == b || a.as_f64() == b.as_f64(),
                _ => false,
            },
        }
    }
}

macro_rules! from {
    ($($type:ty => |$given:ident| $kind:expr;)*) => {$(
        impl From<$type> for Val {
            fn from($given: $type) -> Val {
                Val { kind: $kind, at: Span::NONE }
            }
        }
    )*};
}

from! {
    &str => |text| Kind::Text(Text::own(text));
    String => |text| Kind::Text(Text::own(text));
    Text => |text| Kind::Text(text);
    &Text => |text| Kind::Text(text.clone());
    bool => |value| Kind::Bool(value);
    Vec<Val> => |items| Kind::List(items);
    Dict => |dict| Kind::Dict(dict);
}

impl From<&Val> for Val {
    fn from(val: &Val) -> Val {
        val.clone()
    }
}

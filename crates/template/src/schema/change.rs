//! What a change of properties means for a resource.
use super::Schema;
use serde_json::Value;

/// Whether a changed property needs a new resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recreation {
    /// It is changed in place.
    Never,
    /// It depends on more than the schema says.
    Conditionally,
    /// The resource is replaced.
    Always,
}

/// A property that is another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub property: String,
    /// Whether it needs a new resource.
    pub recreation: Recreation,
}

/// What became of a resource's properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It is changed in place.
    InPlace(Vec<Changed>),
    /// It may have to be replaced.
    Conditional(Vec<Changed>),
    /// It is replaced.
    Replace(Vec<Changed>),
}

impl Change {
    /// The properties that are others than before, by name.
    #[must_use]
    pub fn properties(&self) -> &[Changed] {
        match self {
            Change::None => &[],
            Change::InPlace(changed) | Change::Conditional(changed) | Change::Replace(changed) => changed,
        }
    }
}

impl Schema {
    /// What a change of the resolved properties means.
    #[must_use]
    pub fn change(&self, old: &Value, new: &Value) -> Change {
        let (null, empty) = (Value::Null, serde_json::Map::new());
        let of = |value: &'_ Value| value.as_object().unwrap_or(&empty).clone();
        let (old, new) = (of(old), of(new));
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        let mut changed = Vec::new();
        for name in names {
            let (before, after) = (old.get(name).unwrap_or(&null), new.get(name).unwrap_or(&null));
            if before != after {
                changed.push(Changed { property: name.clone(), recreation: self.recreation(name, before, after) });
            }
        }
        match changed.iter().map(|changed| changed.recreation).max() {
            None => Change::None,
            Some(Recreation::Never) => Change::InPlace(changed),
            Some(Recreation::Conditionally) => Change::Conditional(changed),
            Some(Recreation::Always) => Change::Replace(changed),
        }
    }

    fn recreation(&self, name: &str, before: &Value, after: &Value) -> Recreation {
        let touched = |paths: &[String]| {
            let mut below = paths.iter().filter_map(|path| {
                let mut parts = path.split('/');
                (parts.next() == Some(name)).then(|| parts.collect::<Vec<_>>())
            });
            below.any(|parts| at(&parts, before) != at(&parts, after))
        };
        if touched(&self.create_only) {
            Recreation::Always
        } else if touched(&self.conditional_create_only) {
            Recreation::Conditionally
        } else {
            Recreation::Never
        }
    }
}

/// The values at a path; `*` stands for every item.
pub(super) fn at<'a>(parts: &[&str], value: &'a Value) -> Vec<&'a Value> {
    let Some((part, rest)) = parts.split_first() else { return if value.is_null() { vec![] } else { vec![value] } };
    match (*part, value) {
        ("*", Value::Array(items)) => items.iter().flat_map(|item| at(rest, item)).collect(),
        (key, Value::Object(object)) => object.get(key).map(|value| at(rest, value)).unwrap_or_default(),
        _ => vec![],
    }
}

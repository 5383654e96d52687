//! Resources and events of a template that the transform reads.
use crate::{
    expect::Type,
    fault::{Fault, Out},
    made::check_id,
    text::Text,
    value::{Dict, Kind, Val},
};
use vpclab_template::Span;

/// What a property may be.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    /// Anything.
    Any,
    Map,
    Text,
    /// A text too, with less to say of it.
    OneText,
    List,
    Bool,
    Int,
    /// A text or a map.
    TextOrMap,
    /// A list of texts and maps.
    Items,
    /// A text, a map, or a list of them.
    Policies,
    /// A map of maps.
    MapOfMaps,
    /// `true` or `false`, and no function.
    PlainBool,
    /// One of two texts.
    Either(&'static str, &'static str),
}

/// A property of a type: its name, whether it must be there, and what it may be.
pub(crate) type Property = (&'static str, bool, Want);

/// A type that the transform reads.
pub(crate) struct Form {
    pub(crate) kind: &'static str,
    pub(crate) properties: &'static [Property],
}

/// One resource or event.
pub(crate) struct Source {
    pub(crate) id: Text,
    pub(crate) properties: Dict,
    pub(crate) depends_on: Option<Val>,
    pub(crate) attributes: Dict,
    pub(crate) at: Span,
}

const ATTRIBUTES: [&str; 5] = ["DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata"];
const PASSED: [&str; 3] = ["Condition", "DeletionPolicy", "UpdateReplacePolicy"];

impl Source {
    /// Reads a resource or event; `properties` are its properties.
    pub(crate) fn read(form: &Form, id: &Text, resource: &Dict, properties: Dict, at: Span) -> Out<Source> {
        check_id(id)?;
        for key in properties.keys() {
            if !form.properties.iter().any(|(name, ..)| *name == key.as_str()) {
                let message = format!("property {key} not defined for resource of type {}", form.kind);
                return Err(Fault::resource(id, message));
            }
        }
        let mut attributes = Dict::new();
        for name in ATTRIBUTES {
            if let Some(val) = resource.raw(name) {
                attributes.insert(name, val);
            }
        }
        form.properties.iter().try_for_each(|property| check(id, property, properties.get(property.0)))?;
        Ok(Source { id: id.clone(), properties, depends_on: resource.get("DependsOn").cloned(), attributes, at })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Val> {
        self.properties.get(name)
    }

    /// A property that counts as true.
    pub(crate) fn truthy(&self, name: &str) -> Option<&Val> {
        self.properties.truthy(name)
    }

    /// The attributes that everything it makes gets.
    pub(crate) fn passed(&self) -> Dict {
        let mut passed = Dict::new();
        for name in PASSED {
            if let Some(val) = self.attributes.raw(name) {
                passed.insert(name, val);
            }
        }
        passed
    }

    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::resource(&self.id, message)
    }
}

fn check(id: &Text, (name, required, want): &Property, val: Option<&Val>) -> Out<()> {
    let Some(val) = val else {
        let missing = Fault::resource(id, format!("Missing required property '{name}'."));
        return if *required { Err(missing) } else { Ok(()) };
    };
    let plain = matches!(want, Want::Any | Want::PlainBool);
    if (!plain && val.dict().is_some_and(|dict| dict.len() == 1)) || want.accepts(val) {
        return Ok(());
    }
    Err(Fault::resource(
        id,
        match want {
            Want::Map => format!("Property '{name}' should be a {}.", Type::Map.name()),
            Want::Text => format!("Property '{name}' should be a {}.", Type::String.name()),
            Want::Either(a, b) => format!("Property '{name}' should be a one of the strings: '{a}' or '{b}'."),
            _ => format!("Type of property '{name}' is invalid."),
        },
    ))
}

impl Want {
    fn accepts(self, val: &Val) -> bool {
        let text_or_map = |val: &Val| matches!(val.kind, Kind::Text(_) | Kind::Dict(_));
        match (self, &val.kind) {
            (Want::Any, _)
            | (Want::Map, Kind::Dict(_))
            | (Want::Text | Want::OneText, Kind::Text(_))
            | (Want::List, Kind::List(_))
            | (Want::Bool | Want::PlainBool | Want::Int, Kind::Bool(_))
            | (Want::TextOrMap | Want::Policies, Kind::Text(_) | Kind::Dict(_)) => true,
            (Want::Int, Kind::Number(number)) => !number.is_f64(),
            (Want::Items | Want::Policies, Kind::List(items)) => items.iter().all(text_or_map),
            (Want::MapOfMaps, Kind::Dict(dict)) => dict.values().all(|val| val.dict().is_some()),
            (Want::Either(a, b), Kind::Text(text)) => [a, b].contains(&text.as_str()),
            _ => false,
        }
    }
}

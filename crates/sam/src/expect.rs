//! Checks of types, in the words of AWS SAM.
use crate::{
    fault::{Fault, Out},
    text::Text,
    value::{Dict, Kind, Val},
};

/// A type that a message names.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    Map,
    List,
    String,
    Boolean,
}

impl Type {
    pub(crate) fn accepts(self, val: &Val) -> bool {
        matches!(
            (self, &val.kind),
            (Type::Map, Kind::Dict(_)) | (Type::List, Kind::List(_)) | (Type::String, Kind::Text(_)) | (Type::Boolean, Kind::Bool(_))
        )
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::Map => "map",
            Type::List => "list",
            Type::String => "string",
            Type::Boolean => "boolean",
        }
    }

    fn complaint(self, path: &str) -> String {
        format!("Property '{path}' should be a {}.", self.name())
    }

    /// Of a property of a resource.
    pub(crate) fn of(self, val: &Val, id: &Text, path: &str) -> Out<()> {
        if self.accepts(val) { Ok(()) } else { Err(Fault::resource(id, self.complaint(path))) }
    }

    /// Of a property of an event.
    pub(crate) fn of_event(self, val: &Val, id: &Text, path: &str) -> Out<()> {
        if self.accepts(val) { Ok(()) } else { Err(Fault::event(id, self.complaint(path))) }
    }
}

/// A map that is a property of a resource.
pub(crate) fn map<'a>(val: &'a Val, id: &Text, path: &str) -> Out<&'a Dict> {
    val.dict().ok_or_else(|| Fault::resource(id, Type::Map.complaint(path)))
}

/// A list that is a property of a resource.
pub(crate) fn list<'a>(val: &'a Val, id: &Text, path: &str) -> Out<&'a [Val]> {
    val.list().ok_or_else(|| Fault::resource(id, Type::List.complaint(path)))
}

/// A property that must be there.
pub(crate) fn required<'a>(val: Option<&'a Val>, id: &Text, path: &str) -> Out<&'a Val> {
    val.ok_or_else(|| Fault::resource(id, format!("Property '{path}' is required.")))
}

//! Which parts of a template have Python 2.7's order: those from which definitions of APIs are made, if there are any.
use crate::{
    text::Text,
    value::{Dict, Kind, Val},
};

/// Whether the template has an API, or an event that makes one.
pub(crate) fn has_api(template: &Dict) -> bool {
    let Some(resources) = template.get("Resources").and_then(Val::dict) else { return false };
    resources.values().filter_map(Val::dict).any(|resource| {
        let kind = resource.get("Type").and_then(Val::text).map_or("", Text::as_str);
        let events = || resource.get("Properties")?.get("Events")?.dict();
        match kind {
            "AWS::Serverless::Api" => true,
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => {
                events().is_some_and(|events| events.values().any(|event| event.get("Type").is_some_and(|kind| kind.is("Api"))))
            }
            _ => false,
        }
    })
}

/// Gives the parts that need it the old order.
pub(crate) fn convert(template: &mut Dict) {
    if let Some(api) = template.get_mut("Globals").and_then(|globals| globals.get_mut("Api")) {
        *api = old(api);
    }
    if let Some(Kind::Dict(parameters)) = template.get_mut("Parameters").map(|val| &mut val.kind) {
        for parameter in parameters.values_mut() {
            if let Some(default) = parameter.get_mut("Default") {
                *default = old(default);
            }
        }
        *parameters = old_keys(parameters);
    }
    if let Some(Kind::Dict(resources)) = template.get_mut("Resources").map(|val| &mut val.kind) {
        resources.values_mut().filter_map(Val::dict_mut).for_each(resource);
        *resources = old_keys(resources);
    }
}

fn resource(resource: &mut Dict) {
    let kind = resource.get("Type").and_then(Val::text).cloned();
    let Some(properties) = resource.get_mut("Properties") else { return };
    match kind.as_deref() {
        Some("AWS::Serverless::Api" | "AWS::Serverless::HttpApi") => *properties = old(properties),
        Some("AWS::Serverless::Function" | "AWS::Serverless::StateMachine") => {
            for name in ["FunctionName", "Events"] {
                if let Some(val) = properties.get_mut(name) {
                    *val = old(val);
                }
            }
            if let Some(condition) = resource.get_mut("Condition") {
                *condition = old(condition);
            }
        }
        _ => {}
    }
}

/// The value with texts as given and maps in the old order, all the way down.
pub(crate) fn old(val: &Val) -> Val {
    let kind = match &val.kind {
        Kind::Text(text) => Kind::Text(Text::given(text.as_str())),
        Kind::List(items) => Kind::List(items.iter().map(old).collect()),
        Kind::Dict(dict) => {
            let mut new = Dict::old();
            for (key, val) in dict.iter() {
                new.insert_at(Text::given(key.as_str()), dict.key_at(key), old(val));
            }
            Kind::Dict(new)
        }
        kind => kind.clone(),
    };
    Val { kind, at: val.at }
}

/// The keys alone.
fn old_keys(dict: &Dict) -> Dict {
    let mut new = Dict::old();
    for (key, val) in dict.iter() {
        new.insert_at(Text::given(key.as_str()), dict.key_at(key), val);
    }
    new
}

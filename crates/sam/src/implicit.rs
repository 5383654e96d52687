//! The definitions that the transform writes itself: of APIs without one, and of `ServerlessRestApi`, the API of events that name none.
use crate::{
    editor::{self, Editor},
    expect::Type,
    fault::{Fault, Out},
    intrinsic,
    text::Text,
    value::{Dict, Val},
};
use indexmap::IndexMap;

pub(crate) const IMPLICIT: &str = "ServerlessRestApi";
pub(crate) const API: &str = "AWS::Serverless::Api";
pub(crate) const MANAGED: &str = "__MANAGE_SWAGGER";

/// Gives every API without a definition an empty one.
pub(crate) fn default_definitions(resources: &mut Dict) {
    for resource in resources.values_mut().filter(|resource| resource.get("Type").is_some_and(|kind| kind.is(API))) {
        let Some(properties) = resource.get_mut("Properties").and_then(Val::dict_mut) else { continue };
        if properties.truthy("DefinitionBody").is_none() && properties.truthy("DefinitionUri").is_none() {
            properties.insert("DefinitionBody", editor::skeleton());
            properties.insert(MANAGED, true);
        }
    }
}

/// What the functions of one API's events say of themselves.
#[derive(Default)]
struct Users {
    /// Conditions by path and method.
    conditions: IndexMap<Text, IndexMap<Text, Option<Text>>>,
    deletion: Vec<Val>,
    replacement: Vec<Val>,
}

impl Users {
    fn conditions(&self) -> Vec<Option<Text>> {
        self.conditions.values().flat_map(IndexMap::values).cloned().collect()
    }
}

/// Adds the paths of events to the definitions that the transform manages, and `ServerlessRestApi` if one is left to it.
pub(crate) fn add_events(template: &mut Dict) -> Out<()> {
    let globals = template.get("Globals").and_then(|globals| globals.get("Function")).cloned().unwrap_or(Val::NULL);
    let resources = template.get_mut("Resources").and_then(Val::dict_mut).ok_or(Fault::Internal)?;
    let before = resources.raw(IMPLICIT).map(Val::deep_copy);
    resources.insert(IMPLICIT, new_api());
    let mut users: IndexMap<Text, Users> = IndexMap::new();
    let mut faults = Vec::new();
    let ids: Vec<Text> = resources.keys().cloned().collect();
    for id in ids {
        match function_events(resources, &id, &globals, &mut users) {
            Err(Fault::Event(event, message)) => faults.push(Fault::resource(&id, Fault::Event(event, message).message())),
            other => other?,
        }
    }
    let mut conditions = Vec::new();
    attributes(resources, users.get(IMPLICIT), &mut conditions);
    path_conditions(resources, &users, &mut conditions)?;
    let empty = || resources.get(IMPLICIT)?.get("Properties")?.get("DefinitionBody")?.get("paths")?.dict().map(Dict::is_empty);
    if empty() == Some(true) {
        match before {
            Some(before) => resources.insert(IMPLICIT, before),
            None => drop(resources.remove(IMPLICIT)),
        }
    }
    if !faults.is_empty() {
        return Err(Fault::Document(faults));
    }
    if !conditions.is_empty() {
        let all = template.or_insert("Conditions", || Dict::new().into()).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
        conditions.into_iter().for_each(|(name, condition)| all.insert(name, condition));
    }
    Ok(())
}

/// The same passage for HTTP APIs, which vpclab does not build: all that it leaves is a trace in the order of the resources.
pub(crate) fn pass_http_api(resources: &mut Dict) {
    const HTTP: &str = "ServerlessHttpApi";
    let before = resources.raw(HTTP).cloned();
    resources.insert(HTTP, Dict::new());
    match before {
        Some(before) => resources.insert(HTTP, before),
        None => drop(resources.remove(HTTP)),
    }
}

fn new_api() -> Dict {
    let properties = Dict::of("StageName", "Prod").with("DefinitionBody", editor::skeleton()).with(MANAGED, true);
    Dict::of("Type", API).with("Properties", properties)
}

fn function_events(resources: &mut Dict, id: &Text, globals: &Val, users: &mut IndexMap<Text, Users>) -> Out<()> {
    let Some(function) = resources.get(id).and_then(Val::dict) else { return Ok(()) };
    if function.get("Type").is_none_or(|kind| !kind.is("AWS::Serverless::Function") && !kind.is("AWS::Serverless::StateMachine")) {
        return Ok(());
    }
    let Some(properties) = function.get("Properties").and_then(Val::dict).cloned() else { return Ok(()) };
    let Some(events) = properties.get("Events").and_then(Val::dict) else { return Ok(()) };
    let mut apis = Dict::old();
    for (event_id, event) in events.iter().filter(|(_, event)| event.get("Type").is_some_and(|kind| kind.is("Api"))) {
        apis.insert(event_id.clone(), event);
    }
    let whole = function.clone();
    let ids: Vec<Text> = apis.keys().cloned().collect();
    for event_id in ids {
        let Some(event) = apis.get_mut(&event_id).and_then(Val::dict_mut) else { continue };
        let Some(own) = event.get_mut("Properties").filter(|own| own.truthy()) else { continue };
        let own = own.dict_mut().ok_or_else(|| Fault::event(&event_id, "Properties should be a map."))?;
        if !own.contains("RestApiId") {
            implicit_tags(resources, &properties, globals)?;
            own.insert("RestApiId", intrinsic::reference(&IMPLICIT.into()));
        }
        let place = place(&event_id, own)?;
        let user = users.entry(place.api.clone()).or_default();
        let condition = whole.get("Condition").and_then(Val::text).cloned();
        user.conditions.entry(place.path.clone()).or_default().insert(place.method.clone(), condition);
        user.deletion.extend(whole.truthy("DeletionPolicy").cloned());
        user.replacement.extend(whole.truthy("UpdateReplacePolicy").cloned());
        add_to_definition(resources, &event_id, &place)?;
    }
    let events = resources.get_mut(id).and_then(|function| function.get_mut("Properties")).and_then(|own| own.get_mut("Events"));
    events.and_then(Val::dict_mut).ok_or(Fault::Internal)?.update(&apis);
    Ok(())
}

/// Gives the implicit API the tags of a function that propagates them.
fn implicit_tags(resources: &mut Dict, properties: &Dict, globals: &Val) -> Out<()> {
    let own_or_global = |name: &str| properties.truthy(name).or_else(|| globals.get(name).filter(|val| val.truthy()));
    let (Some(_), Some(tags)) = (own_or_global("PropagateTags"), own_or_global("Tags")) else { return Ok(()) };
    let api = resources.get_mut(IMPLICIT).and_then(|api| api.get_mut("Properties")).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
    let all = api.or_insert("Tags", || Dict::new().into()).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
    all.update(tags.dict().ok_or(Fault::Internal)?);
    api.insert("PropagateTags", true);
    Ok(())
}

struct Place {
    api: Text,
    path: Text,
    method: Text,
}

/// The id in a `RestApiId`: a text or a `Ref`.
pub(crate) fn api_id(event: &Dict) -> Option<&Val> {
    let id = event.get("RestApiId")?;
    Some(id.dict().and_then(|id| id.raw("Ref")).unwrap_or(id))
}

fn place(event_id: &Text, event: &Dict) -> Out<Place> {
    for name in ["Path", "Method"] {
        if event.get(name).is_none() {
            return Err(Fault::event(event_id, format!("Property '{name}' is required.")));
        }
    }
    let text = |val: Option<&Val>, name: &str| -> Out<Text> {
        let val = val.unwrap_or(&Val::NULL);
        Type::String.of_event(val, event_id, name)?;
        val.text().cloned().ok_or(Fault::Internal)
    };
    Ok(Place {
        api: text(api_id(event), "RestApiId")?,
        path: text(event.get("Path"), "Path")?,
        method: text(event.get("Method"), "Method")?,
    })
}

fn add_to_definition(resources: &mut Dict, event_id: &Text, place: &Place) -> Out<()> {
    let api = resources.get_mut(&place.api).filter(|api| api.get("Type").is_none_or(|kind| !kind.is("AWS::Serverless::HttpApi")));
    let wrong = || Fault::event(event_id, format!("RestApiId must be a valid reference to an '{API}' resource in same template."));
    let api = api.ok_or_else(wrong)?;
    let Some(properties) = api.get_mut("Properties").and_then(Val::dict_mut) else { return Ok(()) };
    if !editor::is_definition(properties.get("DefinitionBody")) || properties.truthy(MANAGED).is_none() {
        return Ok(());
    }
    let mut editor = Editor::new(properties.get("DefinitionBody"))?;
    editor.add_path(&place.path, &place.method)?;
    properties.insert("DefinitionBody", editor.finish());
    Ok(())
}

type Conditions = Vec<(Text, Val)>;

/// The one condition under which any of these is true, if each has one.
fn one_condition(all: Vec<Option<Text>>, name: impl FnOnce() -> Text, made: &mut Conditions) -> Option<Text> {
    let mut all: Vec<Text> = all.into_iter().collect::<Option<_>>()?;
    all.sort();
    all.dedup();
    match all.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => {
            let name = name();
            made.extend(intrinsic::combined(all, &name));
            Some(name)
        }
    }
}

/// The implicit API exists and stays as its functions do.
fn attributes(resources: &mut Dict, users: Option<&Users>, made: &mut Conditions) {
    let (Some(users), Some(api)) = (users, resources.get_mut(IMPLICIT).and_then(Val::dict_mut)) else { return };
    if let Some(condition) = one_condition(users.conditions(), || "ServerlessRestApiCondition".into(), made) {
        api.insert("Condition", condition);
    }
    let strongest = |all: &[Val], order: &[&'static str]| order.iter().copied().find(|name| all.iter().any(|policy| policy.is(name)));
    if let Some(policy) = strongest(&users.deletion, &["Retain", "Delete"]) {
        api.insert("DeletionPolicy", policy);
    }
    if let Some(policy) = strongest(&users.replacement, &["Retain", "Snapshot", "Delete"]) {
        api.insert("UpdateReplacePolicy", policy);
    }
}

/// A path of which every method has a condition exists under them.
fn path_conditions(resources: &mut Dict, users: &IndexMap<Text, Users>, made: &mut Conditions) -> Out<()> {
    let ids: Vec<Text> =
        resources.iter().filter(|(_, own)| own.get("Type").is_some_and(|kind| kind.is(API))).map(|(id, _)| id.clone()).collect();
    for id in ids {
        let Some(properties) = resources.get_mut(&id).and_then(|api| api.get_mut("Properties")).and_then(Val::dict_mut) else { continue };
        if properties.truthy(MANAGED).is_none() {
            continue;
        }
        let mut editor = Editor::new(properties.get("DefinitionBody"))?;
        for path in editor.path_names() {
            let methods = users.get(&id).and_then(|users| users.conditions.get(&path)).ok_or(Fault::Internal)?;
            let name = || {
                let words = path.replace('/', "SLASH").replace('{', "OB").replace('}', "CB");
                Text::own(format!("{id}{words}PathCondition"))
            };
            if let Some(condition) = one_condition(methods.values().cloned().collect(), name, made) {
                editor.condition_path(&path, &condition);
            }
        }
        properties.insert("DefinitionBody", editor.finish());
    }
    Ok(())
}

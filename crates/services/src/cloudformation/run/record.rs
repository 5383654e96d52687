//! Writing down what happens to resources: their records, and the events of it.
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Prepared};
use serde_json::{Map, Value};
use vpclab_cloud::stack::{FormerResource, NewEvent, ResourceStatus, uuid};
use vpclab_cloud::{Cloud, Context, Stack, StackResource};

/// The longest properties that an event shows.
const SHOWN_PROPERTIES: usize = 16 * 1024;

/// Gives a resource a status, and writes the event of it.
pub(in crate::cloudformation) fn mark(
    cloud: &mut Cloud,
    c: &mut Context,
    stack: &Stack,
    mut resource: StackResource,
    status: ResourceStatus,
    reason: Option<&str>,
) {
    resource.status = status;
    resource.reason = reason.map(str::to_owned);
    resource.updated = c.now;
    let event = NewEvent {
        logical: &resource.logical,
        physical: resource.physical.as_deref().unwrap_or_default(),
        kind: &resource.kind,
        status: status.as_str(),
        reason,
        properties: shown(stack, &resource.properties),
    };
    cloud.stack_event(c, &stack.id, event);
    cloud.put_stack_resource(resource);
}

/// Writes the event of something that was replaced.
pub(super) fn tell_former(
    cloud: &mut Cloud,
    c: &mut Context,
    stack: &Stack,
    (logical, former): (&str, &FormerResource),
    status: ResourceStatus,
    reason: Option<&str>,
) {
    let event = NewEvent {
        logical,
        physical: &former.physical,
        kind: &former.kind,
        status: status.as_str(),
        reason,
        properties: shown(stack, &former.properties),
    };
    cloud.stack_event(c, &stack.id, event);
}

/// Properties as events show them: values of `NoEcho` parameters are masked.
fn shown(stack: &Stack, properties: &Map<String, Value>) -> Option<String> {
    let mut text = serde_json::to_string(properties).ok()?;
    if text.len() > SHOWN_PROPERTIES {
        return None;
    }
    let secrets = stack.spec.parameters.iter().chain(stack.previous.iter().flat_map(|spec| &spec.parameters));
    for secret in secrets.filter(|parameter| parameter.no_echo && !parameter.value.is_empty()) {
        let quoted = serde_json::to_string(&secret.value).unwrap_or_default();
        text = text.replace(quoted.trim_matches('"'), "****");
    }
    Some(text)
}

/// A failure's text, with ids of its own.
pub(super) fn reason(c: &mut Context, failure: &Failure) -> String {
    let (token, request) = (uuid(&mut c.ids), uuid(&mut c.ids));
    failure.text(&token, &request)
}

/// A type that is not served, met in a stack: one of an older vpclab, or of a newer one.
pub(super) fn unserved(kind: &str) -> Failure {
    Failure::new("InvalidTypeConfiguration", format!("vpclab does not serve the resource type {kind} yet"))
}

/// A resource as its type sees it.
pub(super) fn existing<'a>(stack: &'a Stack, resource: &'a StackResource, prepared: Prepared) -> Existing<'a> {
    Existing {
        scope: &stack.scope,
        stack,
        logical: &resource.logical,
        physical: resource.physical.as_deref().unwrap_or_default(),
        properties: Properties::new(&resource.properties),
        attributes: &resource.attributes,
        prepared,
    }
}

/// What a resource was before its replacement, as its type sees it.
pub(super) fn existing_former<'a>(stack: &'a Stack, logical: &'a str, former: &'a FormerResource, prepared: Prepared) -> Existing<'a> {
    Existing {
        scope: &stack.scope,
        stack,
        logical,
        physical: &former.physical,
        properties: Properties::new(&former.properties),
        attributes: &former.attributes,
        prepared,
    }
}

/// `[A, B]`
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    format!("[{}]", names.join(", "))
}

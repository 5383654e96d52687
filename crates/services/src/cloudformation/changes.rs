//! What an update would change, found out before it is done.
use super::plan::{Desired, Plan, changed};
use super::resource;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use vpclab_cloud::change_set::{ChangeAction, ChangeDetail, Replacement, ResourceChange};
use vpclab_cloud::{Cloud, Stack, StackResource};
use vpclab_template::schema::{Changed, Recreation};
use vpclab_template::{Node, TemplateError, UNKNOWN, Value as NodeValue};

/// The changes that bring a stack's resources to a plan, in the plan's order; what goes is last.
///
/// # Errors
/// What cannot be resolved.
pub fn changes(
    cloud: &Cloud,
    stack: &Stack,
    old: Option<&Plan>,
    new: &Plan,
    same_tags: bool,
) -> Result<Vec<ResourceChange>, TemplateError> {
    let mut found = Vec::new();
    // Resources whose `Ref` and attributes will be others.
    let mut hidden: BTreeSet<String> = BTreeSet::new();
    for want in new.resources() {
        let record = cloud.stack_resource(&stack.id, &want.logical).filter(|record| !record.status.is_gone() && record.physical.is_some());
        let Some(record) = record else {
            hidden.insert(want.logical.clone());
            found
                .push(ResourceChange { after: Some(new.preview(&want.logical, cloud, stack, &hidden)?), ..blank(ChangeAction::Add, want) });
            continue;
        };
        let properties = new.preview(&want.logical, cloud, stack, &hidden)?;
        let mut change = modification(record, want, &properties, old, new, same_tags);
        if want.kind != record.kind {
            change.replacement = Some(Replacement::True);
        }
        if change.scope.is_empty() {
            continue;
        }
        if change.replacement != Some(Replacement::False) {
            hidden.insert(want.logical.clone());
        }
        found.push(change);
    }
    let names = new.names();
    for record in cloud.resources_of_stack(&stack.id) {
        if !names.contains(&record.logical) && !record.status.is_gone() {
            let policy = record.deletion_policy.as_deref();
            found.push(ResourceChange {
                action: ChangeAction::Remove,
                logical: record.logical.clone(),
                physical: record.physical.clone(),
                kind: record.kind.clone(),
                replacement: None,
                policy_action: Some(if policy.is_some_and(|policy| policy.starts_with("Retain")) { "Retain" } else { "Delete" }.to_owned()),
                scope: Vec::new(),
                details: Vec::new(),
                before: Some(record.properties.clone()),
                after: None,
                change_set: None,
            });
        }
    }
    Ok(found)
}

fn blank(action: ChangeAction, want: &Desired) -> ResourceChange {
    ResourceChange {
        action,
        logical: want.logical.clone(),
        physical: None,
        kind: want.kind.clone(),
        replacement: None,
        policy_action: None,
        scope: Vec::new(),
        details: Vec::new(),
        before: None,
        after: None,
        change_set: None,
    }
}

fn modification(
    record: &StackResource,
    want: &Desired,
    properties: &Map<String, Value>,
    old: Option<&Plan>,
    new: &Plan,
    same_tags: bool,
) -> ResourceChange {
    let mut change_of = ResourceChange {
        physical: record.physical.clone(),
        before: Some(record.properties.clone()),
        after: Some(properties.clone()),
        replacement: Some(Replacement::False),
        ..blank(ChangeAction::Modify, want)
    };
    let mut scope = BTreeSet::new();
    for Changed { property, recreation: needs } in changed(&want.kind, &record.properties, properties) {
        let name = property.as_str();
        let unknown = properties.get(name).is_some_and(|value| value.to_string().contains(UNKNOWN));
        let replacement = match needs {
            Recreation::Never => Replacement::False,
            Recreation::Conditionally => Replacement::Conditional,
            Recreation::Always if unknown => Replacement::Conditional,
            Recreation::Always => Replacement::True,
        };
        if change_of.replacement != Some(Replacement::True) && replacement != Replacement::False {
            change_of.replacement = Some(replacement);
        }
        let attribute = if name == "Tags" { "Tags" } else { "Properties" };
        scope.insert(attribute);
        let word = match needs {
            Recreation::Never => "Never",
            Recreation::Conditionally => "Conditionally",
            Recreation::Always => "Always",
        };
        let mut tell = |evaluation: &str, source: &str, causing_entity: Option<String>| {
            change_of.details.push(ChangeDetail {
                attribute: attribute.to_owned(),
                name: (attribute == "Properties").then(|| name.to_owned()),
                requires_recreation: word.to_owned(),
                evaluation: evaluation.to_owned(),
                source: source.to_owned(),
                causing_entity,
            });
        };
        let before = old.and_then(|plan| expression(plan, &want.logical, name));
        let after = expression(new, &want.logical, name);
        let direct = match (before, after) {
            (Some(before), Some(after)) => !before.same(after),
            (before, after) => before.is_some() != after.is_some(),
        };
        if direct {
            tell(if unknown { "Dynamic" } else { "Static" }, "DirectModification", None);
        }
        for (source, entity) in after.map(|node| causes(node, new)).unwrap_or_default() {
            tell(if unknown || source != "ParameterReference" { "Dynamic" } else { "Static" }, source, Some(entity));
        }
    }
    let kind = resource::of(&want.kind);
    if !same_tags && kind.is_some_and(|kind| kind.served().contains(&"Tags")) {
        scope.insert("Tags");
    }
    if kind.is_some_and(|kind| kind.is_always_visited()) {
        scope.insert("Properties");
        change_of.details.push(ChangeDetail {
            attribute: "Properties".to_owned(),
            name: None,
            requires_recreation: "Never".to_owned(),
            evaluation: "Dynamic".to_owned(),
            source: "Automatic".to_owned(),
            causing_entity: None,
        });
    }
    for (differs, attribute) in [
        (record.metadata != want.metadata, "Metadata"),
        (record.deletion_policy != want.deletion_policy, "DeletionPolicy"),
        (record.update_replace_policy != want.update_replace_policy, "UpdateReplacePolicy"),
    ] {
        if differs {
            scope.insert(attribute);
        }
    }
    if change_of.replacement != Some(Replacement::False) {
        let retained = want.update_replace_policy.as_deref() == Some("Retain");
        change_of.policy_action = Some(if retained { "ReplaceAndRetain" } else { "ReplaceAndDelete" }.to_owned());
    }
    change_of.scope = scope.into_iter().map(str::to_owned).collect();
    change_of
}

fn expression<'a>(plan: &'a Plan, logical: &str, property: &str) -> Option<&'a Node> {
    plan.bound().resource(logical)?.properties.get(property)
}

/// What an expression refers to: parameters, resources and their attributes.
fn causes(node: &Node, plan: &Plan) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let is_resource = |name: &str| plan.bound().resource(name).is_some();
    collect(node, &mut |function, argument| match function {
        "Ref" => {
            if let Some(name) = argument.as_str() {
                if is_resource(name) {
                    found.push(("ResourceReference", name.to_owned()));
                } else if plan.bound().parameter(name).is_some() {
                    found.push(("ParameterReference", name.to_owned()));
                }
            }
        }
        "Fn::GetAtt" => {
            let parts: Vec<String> = argument.as_list().map(|list| list.iter().filter_map(Node::scalar_text).collect()).unwrap_or_default();
            if !parts.is_empty() {
                found.push(("ResourceAttribute", parts.join(".")));
            }
        }
        _ => {}
    });
    found.sort();
    found.dedup();
    found
}

fn collect(node: &Node, visit: &mut impl FnMut(&str, &Node)) {
    if let Some((function, argument)) = node.function() {
        visit(function, argument);
    }
    match &node.value {
        NodeValue::List(items) => items.iter().for_each(|item| collect(item, visit)),
        NodeValue::Map(map) => map.values().for_each(|member| collect(member, visit)),
        _ => {}
    }
}

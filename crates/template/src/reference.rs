//! What an expression refers to.
use crate::{Node, Resource, Span, Template, TemplateError, Value, graph, sub};
use std::collections::{BTreeMap, BTreeSet};

mod check;

pub(crate) use check::check;

/// What every template may refer to (pseudo-parameter-reference.html).
pub(crate) const PSEUDO: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// How something is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `Ref`.
    Ref,
    /// `Fn::GetAtt`.
    Attribute,
    /// `${X}` in `Fn::Sub`.
    Variable,
    /// `${X.Y}` in `Fn::Sub`.
    VariableAttribute,
    /// `Fn::If`.
    If,
    /// `Condition`.
    Condition,
    /// `Fn::ImportValue`: the whole argument is given, without a name.
    Import,
    /// `Fn::GetAZs`.
    Zones,
}

/// One reference.
#[derive(Clone, Debug)]
pub(crate) struct Reference<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    /// The attribute, if it is written out.
    pub(crate) attribute: Option<&'a str>,
    pub(crate) node: &'a Node,
    pub(crate) at: Span,
}

/// Which branches of `Fn::If` count.
pub(crate) type Taken<'a> = &'a dyn Fn(&str) -> Option<bool>;

/// Both branches of every `Fn::If`.
pub(crate) fn either(_: &str) -> Option<bool> {
    None
}

/// Visits all references of an expression. `conditions` tells whether it stands where `Condition: X` is a function.
pub(crate) fn each<'a>(
    node: &'a Node,
    conditions: bool,
    taken: Taken<'_>,
    visit: &mut dyn FnMut(Reference<'a>) -> Result<(), TemplateError>,
) -> Result<(), TemplateError> {
    let Some((function, argument)) = node.function() else { return inside(node, conditions, taken, visit) };
    let at = node.at;
    let mut tell = |kind, name: &'a str, node: &'a Node| visit(Reference { kind, name, attribute: None, node, at });
    match (function, &argument.value) {
        ("Ref", Value::String(name)) => tell(Kind::Ref, name, argument),
        ("Condition", Value::String(name)) if conditions => tell(Kind::Condition, name, argument),
        ("Fn::GetAtt", value) => {
            let (logical, attribute, rest) = match value {
                Value::String(path) => path.split_once('.').map_or((None, None, None), |(logical, path)| (Some(logical), Some(path), None)),
                Value::List(items) => {
                    let rest = items.get(1);
                    (items.first().and_then(Node::as_str), rest.and_then(Node::as_str), rest)
                }
                _ => (None, None, None),
            };
            if let Some(logical) = logical {
                // `[Nested.Outputs, Name]` names an attribute in both parts.
                let (name, attribute) = logical.split_once('.').map_or((logical, attribute), |(logical, _)| (logical, None));
                visit(Reference { kind: Kind::Attribute, name, attribute, node: argument, at })?;
            }
            rest.map_or(Ok(()), |rest| each(rest, conditions, taken, visit))
        }
        ("Fn::Sub", Value::String(text)) => variables(text, at, None, visit, argument),
        ("Fn::Sub", Value::List(items)) => {
            let given = items.get(1);
            if let Some(Node { value: Value::String(text), .. }) = items.first() {
                variables(text, at, given, visit, argument)?;
            }
            given.map_or(Ok(()), |given| inside(given, conditions, taken, visit))
        }
        ("Fn::If", Value::List(items)) => {
            let condition = items.first().and_then(Node::as_str).unwrap_or_default();
            tell(Kind::If, condition, argument)?;
            let branches = match taken(condition) {
                None => items.get(1..),
                Some(true) => items.get(1..2),
                Some(false) => items.get(2..3),
            };
            branches.into_iter().flatten().try_for_each(|branch| each(branch, conditions, taken, visit))
        }
        ("Fn::ImportValue", _) => {
            tell(Kind::Import, "", argument)?;
            each(argument, conditions, taken, visit)
        }
        ("Fn::GetAZs", _) => {
            tell(Kind::Zones, "", argument)?;
            each(argument, conditions, taken, visit)
        }
        _ => each(argument, conditions, taken, visit),
    }
}

fn inside<'a>(
    node: &'a Node,
    conditions: bool,
    taken: Taken<'_>,
    visit: &mut dyn FnMut(Reference<'a>) -> Result<(), TemplateError>,
) -> Result<(), TemplateError> {
    match &node.value {
        Value::List(items) => items.iter().try_for_each(|item| each(item, conditions, taken, visit)),
        Value::Map(map) => map.values().try_for_each(|item| each(item, conditions, taken, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn variables<'a>(
    text: &'a str,
    at: Span,
    given: Option<&Node>,
    visit: &mut dyn FnMut(Reference<'a>) -> Result<(), TemplateError>,
    node: &'a Node,
) -> Result<(), TemplateError> {
    for piece in sub::pieces(text, at)? {
        let sub::Piece::Variable(name) = piece else { continue };
        if given.is_some_and(|given| given.get(name).is_some()) {
            continue;
        }
        // A pseudo parameter has no dot; `${A.B}` is an attribute of `A`.
        let (kind, name, attribute) = match name.split_once('.') {
            Some((logical, path)) => (Kind::VariableAttribute, logical, Some(path)),
            None => (Kind::Variable, name, None),
        };
        visit(Reference { kind, name, attribute, node, at })?;
    }
    Ok(())
}

/// The parts of a resource that are expressions.
pub(crate) fn expressions(resource: &Resource) -> impl Iterator<Item = &Node> {
    let rest = [&resource.metadata, &resource.creation_policy, &resource.update_policy];
    std::iter::once(&resource.properties).chain(rest.into_iter().flatten())
}

/// What each resource needs, and the order that follows. `active` tells whether a resource is there at all.
pub(crate) fn dependencies(
    template: &Template,
    active: &dyn Fn(&Resource) -> bool,
    taken: Taken<'_>,
) -> Result<(Vec<BTreeSet<usize>>, Vec<usize>), TemplateError> {
    let index: BTreeMap<&str, usize> = template.resources.iter().enumerate().map(|(i, resource)| (resource.logical.as_str(), i)).collect();
    let mut needs = Vec::with_capacity(template.resources.len());
    for resource in &template.resources {
        let mut needed = BTreeSet::new();
        if active(resource) {
            needed.extend(resource.depends_on.iter().filter_map(|logical| index.get(logical.as_str())).copied());
            for expression in expressions(resource) {
                each(expression, false, taken, &mut |reference| {
                    if matches!(reference.kind, Kind::Ref | Kind::Attribute | Kind::Variable | Kind::VariableAttribute) {
                        needed.extend(index.get(reference.name));
                    }
                    Ok(())
                })?;
            }
            needed.retain(|i| template.resources.get(*i).is_some_and(active));
        }
        needs.push(needed);
    }
    match graph::order(&needs) {
        Ok(order) => Ok((needs, order)),
        Err(circle) => {
            let circle: Vec<&Resource> = circle.iter().filter_map(|i| template.resources.get(*i)).collect();
            let names: Vec<&str> = circle.iter().map(|resource| resource.logical.as_str()).collect();
            let at = circle.first().map_or(Span::NONE, |resource| resource.at);
            Err(TemplateError::new(format!("Circular dependency between resources: [{}]", names.join(", ")), at))
        }
    }
}

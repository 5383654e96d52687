//! Every reference leads somewhere.
use super::{Kind, PSEUDO, Reference, each, either, expressions};
use crate::{Node, Span, Template, TemplateError, Value, evaluate::unsupported, schema};
use std::collections::{BTreeMap, BTreeSet};

/// The names that a template has.
struct Names<'a> {
    parameters: BTreeSet<&'a str>,
    /// Logical id -> type.
    resources: BTreeMap<&'a str, &'a str>,
    conditions: BTreeSet<&'a str>,
}

/// References that were found to lead nowhere, in the order of their occurrence.
#[derive(Default)]
struct Unresolved<'a> {
    names: Vec<&'a str>,
    at: Span,
}

impl<'a> Unresolved<'a> {
    fn add(&mut self, name: &'a str, at: Span) {
        if self.names.is_empty() {
            self.at = at;
        }
        if !self.names.contains(&name) && self.names.len() < 100 {
            self.names.push(name);
        }
    }

    fn refuse(&self, words: impl Fn(&str) -> String) -> Result<(), TemplateError> {
        if self.names.is_empty() { Ok(()) } else { Err(TemplateError::format(words(&self.names.join(", ")), self.at)) }
    }
}

/// Follows the references of all sections.
///
/// # Errors
/// `Unresolved resource dependencies [X] in the Resources block of the template`, …
pub(crate) fn check(template: &Template) -> Result<(), TemplateError> {
    let names = Names {
        parameters: template.parameters.iter().map(|parameter| parameter.name.as_str()).chain(PSEUDO.iter().copied()).collect(),
        resources: template.resources.iter().map(|resource| (resource.logical.as_str(), resource.kind.as_str())).collect(),
        conditions: template.conditions.keys().collect(),
    };
    if let Some(both) = template.resources.iter().find(|resource| names.parameters.contains(resource.logical.as_str())) {
        let why = format!("{} is the name of a parameter and of a resource", both.logical);
        return Err(TemplateError::format(why, both.at));
    }
    functions(template)?;
    conditions(template, &names)?;
    rules(template, &names)?;
    resources(template, &names)?;
    outputs(template, &names)
}

/// Functions that CloudFormation knows in resources and outputs.
const FUNCTIONS: &[&str] =
    &["Base64", "Cidr", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Select", "Split", "Sub", "Transform"];

/// Refuses functions that nobody knows, and the wrong count of arguments where that can be told.
fn functions(template: &Template) -> Result<(), TemplateError> {
    let resources = template.resources.iter().flat_map(expressions);
    resources.chain(template.outputs.iter().map(|output| &output.value)).try_for_each(function)
}

fn function(node: &Node) -> Result<(), TemplateError> {
    if let Some((name, argument)) = node.function() {
        let three = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";
        match name.strip_prefix("Fn::") {
            Some(short) if !FUNCTIONS.contains(&short) => return Err(unsupported(name, node.at)),
            Some("FindInMap") if argument.as_list().is_none_or(|items| items.len() != 3) => return Err(TemplateError::new(three, node.at)),
            _ => {}
        }
    }
    match &node.value {
        Value::List(items) => items.iter().try_for_each(function),
        Value::Map(map) => map.values().try_for_each(function),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn conditions(template: &Template, names: &Names<'_>) -> Result<(), TemplateError> {
    let mut unresolved = Unresolved::default();
    for expression in template.conditions.values() {
        each(expression, true, &either, &mut |reference| match reference.kind {
            Kind::Ref | Kind::Variable | Kind::Attribute | Kind::VariableAttribute => {
                if !names.parameters.contains(reference.name) {
                    unresolved.add(reference.name, reference.at);
                }
                Ok(())
            }
            Kind::If | Kind::Condition => condition(&reference, names, "the Conditions block of the template"),
            Kind::Import => Err(TemplateError::format("Cannot use Fn::ImportValue in Conditions.", reference.at)),
            Kind::Zones => Err(TemplateError::format("Cannot use Fn::GetAZs in Conditions.", reference.at)),
        })?;
    }
    unresolved
        .refuse(|list| format!("Unresolved dependencies [{list}]. Cannot reference resources in the Conditions block of the template"))
}

fn rules(template: &Template, names: &Names<'_>) -> Result<(), TemplateError> {
    let mut unresolved = Unresolved::default();
    for rule in &template.rules {
        for expression in rule.condition.iter().chain(rule.assertions.iter().map(|assertion| &assertion.assert)) {
            each(expression, false, &either, &mut |reference| {
                if !names.parameters.contains(reference.name) {
                    unresolved.add(reference.name, reference.at);
                }
                Ok(())
            })?;
        }
    }
    unresolved.refuse(|list| format!("Unresolved dependencies [{list}]. Cannot reference resources in the Rules block of the template"))
}

fn resources(template: &Template, names: &Names<'_>) -> Result<(), TemplateError> {
    let mut unresolved = Unresolved::default();
    for resource in &template.resources {
        if let Some(name) = resource.condition.as_deref().filter(|name| !names.conditions.contains(name)) {
            return Err(TemplateError::format(format_args!("Condition {name} is not defined."), resource.at));
        }
        for logical in resource.depends_on.iter().filter(|logical| !names.resources.contains_key(logical.as_str())) {
            unresolved.add(logical, resource.at);
        }
        for expression in expressions(resource) {
            each(expression, false, &either, &mut |reference| leads(&reference, names, &mut unresolved))?;
        }
    }
    unresolved.refuse(|list| format!("Unresolved resource dependencies [{list}] in the Resources block of the template"))
}

fn outputs(template: &Template, names: &Names<'_>) -> Result<(), TemplateError> {
    let mut unresolved = Unresolved::default();
    for output in &template.outputs {
        if let Some(name) = output.condition.as_deref().filter(|name| !names.conditions.contains(name)) {
            return Err(TemplateError::format(format_args!("Condition {name} is not defined."), output.at));
        }
        each(&output.value, false, &either, &mut |reference| leads(&reference, names, &mut unresolved))?;
        if let Some(export) = &output.export {
            let words = "the Name field of Export";
            each(export, false, &either, &mut |reference| known_before(&reference, names, words))?;
        }
    }
    unresolved.refuse(|list| format!("Unresolved resource dependencies [{list}] in the Outputs block of the template"))
}

/// A reference of a resource or an output.
fn leads<'a>(reference: &Reference<'a>, names: &Names<'_>, unresolved: &mut Unresolved<'a>) -> Result<(), TemplateError> {
    let Reference { kind, name, attribute, node, at } = reference;
    let kind_of = names.resources.get(name);
    let resource = kind_of.is_some();
    match kind {
        Kind::Ref | Kind::Variable if !resource && !names.parameters.contains(name) => unresolved.add(name, *at),
        Kind::Attribute if !resource => {
            return Err(TemplateError::new(format!("Template error: instance of Fn::GetAtt references undefined resource {name}"), *at));
        }
        Kind::VariableAttribute if !resource => {
            return Err(TemplateError::new(
                format!("Template error: instance of Fn::Sub references invalid resource attribute {name}"),
                *at,
            ));
        }
        Kind::Attribute | Kind::VariableAttribute => {
            let schema = kind_of.and_then(|kind| schema::of(kind));
            if let (Some(schema), Some(attribute)) = (schema, attribute.filter(|attribute| !attribute.is_empty()))
                && !schema.is_attribute(attribute)
            {
                let message = format!("Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt");
                return Err(TemplateError::new(message, *at));
            }
        }
        Kind::If | Kind::Condition => condition(reference, names, "Fn::If")?,
        Kind::Import => {
            let words = "the attribute in Fn::ImportValue";
            each(node, false, &either, &mut |reference| known_before(&reference, names, words))?;
        }
        Kind::Ref | Kind::Variable | Kind::Zones => {}
    }
    Ok(())
}

/// A reference that must be known before any resource is made.
fn known_before(reference: &Reference<'_>, names: &Names<'_>, words: &str) -> Result<(), TemplateError> {
    let known = match reference.kind {
        Kind::Ref | Kind::Variable => names.parameters.contains(reference.name),
        Kind::If | Kind::Condition => return condition(reference, names, "Fn::If"),
        Kind::Attribute | Kind::VariableAttribute | Kind::Import | Kind::Zones => false,
    };
    if known {
        return Ok(());
    }
    let why = format!("Template error: {words} must not depend on any resources, imported values, or Fn::GetAZs");
    Err(TemplateError::new(why, reference.at))
}

fn condition(reference: &Reference<'_>, names: &Names<'_>, place: &str) -> Result<(), TemplateError> {
    if names.conditions.contains(reference.name) {
        return Ok(());
    }
    let message = format!("Template error: unresolved condition dependency {} in {place}", reference.name);
    Err(TemplateError::new(message, reference.at))
}

//! `AWS::LanguageExtensions`: `Fn::ForEach`, `Fn::Length`, `Fn::ToJsonString`, defaults of `Fn::FindInMap`, and functions where
//! CloudFormation itself takes texts only.
//!
//! Source: transform-aws-languageextensions.html, intrinsic-function-reference-foreach.html.
use crate::{
    Given, Map, Node, Pseudo, Span, Template, TemplateError, Value,
    evaluate::{Evaluator, Nothing, Scope},
    reference::{self, Kind},
};
use std::collections::{BTreeMap, BTreeSet};

mod for_each;
mod json_text;
#[cfg(test)]
mod tests;

const NAME: &str = "AWS::LanguageExtensions";
/// Where the extensions count.
const SECTIONS: &[&str] = &["Conditions", "Resources", "Outputs"];

/// The template without the words of `AWS::LanguageExtensions`, which is no longer among its transforms. What depends on
/// resources stays a function that CloudFormation knows.
///
/// # Errors
/// `Transform AWS::LanguageExtensions failed with: …`; those of [`Template::bind`].
pub fn extend(
    node: &Node,
    given: &BTreeMap<String, Given>,
    pseudo: &Pseudo,
    looked_up: &BTreeMap<String, String>,
) -> Result<Node, TemplateError> {
    let template = Template::read(node)?;
    let (mut scope, _) = template.values(given, pseudo, looked_up)?;
    let mut done = node.clone();
    finish(&mut done);
    let mut budget = for_each::BUDGET;
    sections(&mut done, |section| for_each::expand(section, &scope, &mut budget))?;
    // Only now all conditions are there.
    let conditions = done.get("Conditions").and_then(Node::as_map).cloned().unwrap_or_default();
    let hidden: BTreeSet<&str> = template.parameters.iter().filter(|p| p.no_echo).map(|p| p.name.as_str()).collect();
    let resolver = Resolver { scope: &scope, hidden: &hidden };
    let conditions = resolver.map(&conditions, 0).map_err(failed)?;
    crate::bind::decide(&conditions, &mut scope)?;
    let resolver = Resolver { scope: &scope, hidden: &hidden };
    sections(&mut done, |section| resolver.node(section, 0))?;
    if let Some(Value::Map(resources)) = done.get_mut("Resources").map(|section| &mut section.value) {
        for resource in resources.values_mut().filter_map(Node::as_map_mut) {
            for attribute in ["DeletionPolicy", "UpdateReplacePolicy"] {
                let Some(policy) = resource.get(attribute).filter(|policy| policy.function().is_some()) else { continue };
                match Evaluator::extended(&scope, &Nothing).value(policy).map_err(failed)? {
                    Some(policy) => resource.insert(attribute, policy),
                    None => resource.remove(attribute),
                };
            }
        }
    }
    Ok(done)
}

fn failed(mut why: TemplateError) -> TemplateError {
    why.message = format!("Transform {NAME} failed with: {}", why.message);
    why
}

/// Takes this macro off the list of those to run.
fn finish(template: &mut Node) {
    let Some(map) = template.as_map_mut() else { return };
    let is_this = |node: &Node| node.get("Name").unwrap_or(node).as_str() == Some(NAME);
    let rest = match map.get_mut("Transform").map(|node| &mut node.value) {
        Some(Value::List(items)) => {
            items.retain(|item| !is_this(item));
            !items.is_empty()
        }
        _ => map.get("Transform").is_some_and(|node| !is_this(node)),
    };
    if !rest {
        map.remove("Transform");
    }
}

fn sections(template: &mut Node, mut change: impl FnMut(&Node) -> Result<Node, TemplateError>) -> Result<(), TemplateError> {
    for name in SECTIONS {
        if let Some(section) = template.get_mut(name) {
            *section = change(section).map_err(failed)?;
        }
    }
    Ok(())
}

/// Replaces what only this macro knows.
struct Resolver<'a> {
    scope: &'a Scope,
    /// Parameters whose values must not be written into the template.
    hidden: &'a BTreeSet<&'a str>,
}

impl Resolver<'_> {
    /// Recursion follows the tree, whose depth is bounded; what is put in is not looked at again.
    fn node(&self, node: &Node, depth: usize) -> Result<Node, TemplateError> {
        if depth > 2 * crate::read::DEPTH_MAX {
            return Err(TemplateError::new("the template is nested too deeply", node.at));
        }
        let value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(|item| self.node(item, depth + 1)).collect::<Result<_, _>>()?),
            Value::Map(map) => {
                let done = Node::from(self.map(map, depth + 1)?).at(node.at);
                return self.call(done);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => node.value.clone(),
        };
        Ok(Node { value, at: node.at })
    }

    fn map(&self, map: &Map, depth: usize) -> Result<Map, TemplateError> {
        let mut done = Map::new();
        for (key, key_at, item) in map.entries() {
            done.insert_at(key, key_at, self.node(item, depth)?);
        }
        Ok(done)
    }

    /// A node whose parts are done.
    fn call(&self, node: Node) -> Result<Node, TemplateError> {
        let Some((function, argument)) = node.function() else { return Ok(node) };
        let at = node.at;
        match (function, &argument.value) {
            ("Fn::Length" | "Fn::FindInMap", _) if self.known(&node)? => self.value(&node),
            ("Fn::Length", _) => Err(TemplateError::new("Fn::Length cannot be resolved: its list depends on what is not known yet", at)),
            // A default that is not known yet is taken as it stands, if it is taken.
            ("Fn::FindInMap", Value::List(items)) => match items.get(3).and_then(|last| last.get("DefaultValue")) {
                Some(default) => {
                    let mut without = items.clone();
                    without.truncate(3);
                    let lookup = Node::call("Fn::FindInMap", without).originating(at);
                    if !self.known(&lookup)? {
                        return Ok(node);
                    }
                    Ok(self.value(&lookup).unwrap_or_else(|_| default.clone()))
                }
                None => Ok(node),
            },
            ("Fn::ToJsonString", _) if self.known(&node)? => self.value(&node),
            ("Fn::ToJsonString", Value::Map(_) | Value::List(_)) => {
                Ok(json_text::join(argument, &|node| self.known(node).unwrap_or(false), &|node| self.value(node))?.originating(at))
            }
            ("Ref", Value::Map(_)) => Ok(Node::call("Ref", self.text(argument)?).originating(at)),
            ("Fn::GetAtt", Value::List(items)) if items.iter().any(|item| item.function().is_some()) => {
                let items = items.iter().map(|item| self.text(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Node::call("Fn::GetAtt", items).originating(at))
            }
            _ => Ok(node),
        }
    }

    fn value(&self, node: &Node) -> Result<Node, TemplateError> {
        Ok(Evaluator::extended(self.scope, &Nothing).value(node)?.unwrap_or_else(|| Node::call("Ref", "AWS::NoValue").at(node.at)))
    }

    fn text(&self, node: &Node) -> Result<Node, TemplateError> {
        let wrong = |at: Span| TemplateError::new("Ref and Fn::GetAtt need names that are known before resources are made", at);
        if !self.known(node)? {
            return Err(wrong(node.at));
        }
        let text = self.value(node)?.scalar_text();
        text.map(|text| Node::from(text).at(node.at)).ok_or_else(|| wrong(node.at))
    }

    /// Whether an expression depends only on what is known and may be written down.
    fn known(&self, node: &Node) -> Result<bool, TemplateError> {
        let mut known = true;
        reference::each(node, false, &reference::either, &mut |reference| {
            known &= match reference.kind {
                Kind::Ref | Kind::Variable => {
                    let parameter = self.scope.parameters.contains_key(reference.name) && !self.hidden.contains(reference.name);
                    parameter || self.scope.pseudo.get(reference.name).is_some() || reference.name == "AWS::NoValue"
                }
                Kind::If | Kind::Condition => self.scope.conditions.contains_key(reference.name),
                Kind::Attribute | Kind::VariableAttribute | Kind::Import | Kind::Zones => false,
            };
            Ok(())
        })?;
        Ok(known)
    }
}

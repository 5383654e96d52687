//! `Fn::If`, conditions, and the functions of rules.
//!
//! Source: intrinsic-function-reference-conditions.html, intrinsic-function-reference-rules.html.
use super::{Evaluated, Evaluator, ParameterValue, unsupported};
use crate::{Node, Span, TemplateError, Value};

/// What rules ask about the account.
pub trait Facts {
    /// The ids that there are of a parameter's type, such as `AWS::EC2::VPC::Id`; nothing if that is not known.
    fn all(&self, kind: &str) -> Option<Vec<String>>;
    /// An attribute of what a parameter names, such as `VpcId` of a subnet or `Tags.Department`.
    fn of(&self, kind: &str, id: &str, attribute: &str) -> Option<String>;
}

impl Evaluator<'_> {
    pub(super) fn choose(&mut self, argument: &Node, at: Span) -> Evaluated {
        let wrong = |why: &str| TemplateError::new(format!("Template error: Fn::If requires a list argument with {why}"), at);
        let items = argument.as_list().unwrap_or_default();
        let condition = items.first().and_then(Node::as_str).ok_or_else(|| wrong("the first element being a condition"))?;
        let [_, then, otherwise] = items else { return Err(wrong("three elements")) };
        let unresolved = || TemplateError::new(format!("Template error: unresolved condition dependency {condition} in Fn::If"), at);
        let taken = *self.scope.conditions.get(condition).ok_or_else(unresolved)?;
        self.value(if taken { then } else { otherwise })
    }

    /// Whether a condition's expression is true.
    pub(crate) fn truth(&mut self, node: &Node) -> Evaluated<bool> {
        self.spend(16, node.at)?;
        let Some((function, argument)) = node.function() else { return literal(node) };
        let at = node.at;
        let few =
            |name: &str| format!("Template error: every {name} object requires a list of at least 2 and at most 10 boolean parameters.");
        match function {
            "Condition" => {
                let name = argument.as_str().unwrap_or_default();
                let unresolved = || {
                    TemplateError::new(
                        format!("Template error: unresolved condition dependency {name} in the Conditions block of the template"),
                        at,
                    )
                };
                self.scope.conditions.get(name).copied().ok_or_else(unresolved)
            }
            "Fn::And" | "Fn::Or" => {
                let items = argument.as_list().filter(|items| (2..=10).contains(&items.len()));
                let items = items.ok_or_else(|| TemplateError::new(few(function), at))?;
                let mut truths = Vec::new();
                for item in items {
                    truths.push(self.truth(item)?);
                }
                Ok(if function == "Fn::And" { truths.iter().all(|truth| *truth) } else { truths.contains(&true) })
            }
            "Fn::Not" => {
                let Some([item]) = argument.as_list() else {
                    return Err(TemplateError::new("Template error: Fn::Not requires a list argument with one element", at));
                };
                Ok(!self.truth(item)?)
            }
            "Fn::Equals" => {
                let Some([a, b]) = argument.as_list() else {
                    return Err(TemplateError::new("Template error: Fn::Equals requires a list argument with two elements", at));
                };
                let (a, b) = (self.value(a)?, self.value(b)?);
                Ok(match (a, b) {
                    (Some(a), Some(b)) => equal(&a, &b),
                    (None, None) => true,
                    (Some(_), None) | (None, Some(_)) => false,
                })
            }
            _ => Err(unsupported(function, at)),
        }
    }

    /// Whether a rule's expression is true.
    pub(crate) fn rule(&mut self, node: &Node, facts: &Asker<'_>) -> Evaluated<bool> {
        self.spend(16, node.at)?;
        let Some((function, argument)) = node.function() else { return literal(node) };
        let items = argument.as_list().unwrap_or_default();
        let wrong = || TemplateError::new(format!("Template error: {function} is given the wrong arguments in a rule"), node.at);
        match (function, items) {
            ("Fn::And", [_, _, ..]) if items.len() <= 10 => items.iter().try_fold(true, |all, item| Ok(self.rule(item, facts)? && all)),
            ("Fn::Or", [_, _, ..]) if items.len() <= 10 => items.iter().try_fold(false, |any, item| Ok(self.rule(item, facts)? || any)),
            ("Fn::Not", [item]) => Ok(!self.rule(item, facts)?),
            ("Fn::Equals", [a, b]) => {
                let (a, b) = (self.strings(a, facts)?, self.strings(b, facts)?);
                Ok(a == b)
            }
            ("Fn::Contains", [list, value]) => {
                let (list, value) = (self.strings(list, facts)?, self.strings(value, facts)?);
                Ok(value.iter().all(|value| list.contains(value)))
            }
            ("Fn::EachMemberEquals", [list, value]) => {
                let (list, value) = (self.strings(list, facts)?, self.strings(value, facts)?);
                let [value] = value.as_slice() else { return Err(wrong()) };
                Ok(list.iter().all(|member| member == value))
            }
            ("Fn::EachMemberIn", [list, among]) => {
                let (list, among) = (self.strings(list, facts)?, self.strings(among, facts)?);
                Ok(list.iter().all(|member| among.contains(member)))
            }
            _ => Err(wrong()),
        }
    }

    /// The texts that an argument of a rule's function says.
    fn strings(&mut self, node: &Node, facts: &Asker<'_>) -> Evaluated<Vec<String>> {
        let wrong = || TemplateError::new("Template error: the functions of rules compare strings and lists of strings", node.at);
        match node.function() {
            Some(("Fn::RefAll", argument)) => facts.all(argument, node.at),
            Some(("Fn::ValueOf" | "Fn::ValueOfAll", argument)) => match argument.as_list() {
                Some([name, attribute]) => {
                    let (name, attribute) = (name.as_str().ok_or_else(wrong)?, attribute.as_str().ok_or_else(wrong)?);
                    match (facts.kind_of(name), self.scope.parameters.get(name)) {
                        (Some(kind), Some(ParameterValue::Text(id))) => facts.of(&kind, id, attribute, node.at).map(|value| vec![value]),
                        (Some(kind), Some(ParameterValue::List(ids))) => {
                            ids.iter().map(|id| facts.of(&kind, id, attribute, node.at)).collect()
                        }
                        // `Fn::ValueOfAll` of a type.
                        (None, None) => {
                            let ids = facts.all(&Node::from(name), node.at)?;
                            ids.iter().map(|id| facts.of(name, id, attribute, node.at)).collect()
                        }
                        _ => Err(wrong()),
                    }
                }
                _ => Err(wrong()),
            },
            _ => {
                let value = self.value(node)?.ok_or_else(wrong)?;
                match &value.value {
                    Value::List(items) => items.iter().map(|item| item.scalar_text().ok_or_else(wrong)).collect(),
                    _ => Ok(vec![value.scalar_text().ok_or_else(wrong)?]),
                }
            }
        }
    }
}

/// Asks for facts, and complains where there are none.
pub(crate) struct Asker<'a> {
    pub(crate) facts: &'a dyn Facts,
    /// Parameter -> the AWS type of what it names.
    pub(crate) kinds: &'a dyn Fn(&str) -> Option<String>,
}

impl Asker<'_> {
    fn kind_of(&self, parameter: &str) -> Option<String> {
        (self.kinds)(parameter)
    }

    fn all(&self, kind: &Node, at: Span) -> Evaluated<Vec<String>> {
        let kind = kind.as_str().unwrap_or_default();
        self.facts
            .all(kind)
            .ok_or_else(|| TemplateError::new(format!("Template error: a rule asks for all {kind}, which are not known"), at))
    }

    fn of(&self, kind: &str, id: &str, attribute: &str, at: Span) -> Evaluated<String> {
        let unknown =
            || TemplateError::new(format!("Template error: a rule asks for {attribute} of {id} ({kind}), which is not known"), at);
        self.facts.of(kind, id, attribute).ok_or_else(unknown)
    }
}

fn literal(node: &Node) -> Evaluated<bool> {
    match node.scalar_text().as_deref() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(TemplateError::format("Conditions can only be boolean operations on parameters and other conditions", node.at)),
    }
}

/// `Fn::Equals` compares what is written: `true` and `"true"` are equal.
fn equal(a: &Node, b: &Node) -> bool {
    match (a.scalar_text(), b.scalar_text()) {
        (Some(a), Some(b)) => a == b,
        _ => a.same(b),
    }
}

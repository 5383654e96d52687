//! A template with the values of its parameters.
use crate::{
    Map, Node, Output, Parameter, ParameterType, Resource, Span, Template, TemplateError,
    evaluate::{Asker, Attributes, Evaluator, Facts, Nothing, ParameterValue, Scope},
    graph,
    reference::{self, Kind},
};
use std::collections::{BTreeMap, BTreeSet};

mod output;
#[cfg(test)]
mod tests;

/// What every template may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pseudo {
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`.
    pub stack_id: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

impl Pseudo {
    pub(crate) fn get(&self, name: &str) -> Option<Node> {
        Some(match name {
            "AWS::AccountId" => self.account_id.as_str().into(),
            "AWS::Region" => self.region.as_str().into(),
            "AWS::Partition" => self.partition.as_str().into(),
            "AWS::URLSuffix" => self.url_suffix.as_str().into(),
            "AWS::StackName" => self.stack_name.as_str().into(),
            "AWS::StackId" => self.stack_id.as_str().into(),
            "AWS::NotificationARNs" => self.notification_arns.iter().map(|arn| Node::from(arn.as_str())).collect::<Vec<_>>().into(),
            _ => return None,
        })
    }
}

/// What a request says about a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The value.
    Value(String),
    /// `UsePreviousValue`: the value that the stack has, if it has one.
    Previous(Option<String>),
}

/// A parameter and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundParameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ParameterType,
    /// The value as it was given; for `AWS::SSM::Parameter::Value<…>` the name of the SSM parameter.
    pub value: String,
    /// What the SSM parameter holds.
    pub resolved: Option<String>,
    /// Whether the value is shown as `****`.
    pub no_echo: bool,
}

/// An output and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputValue {
    /// Its name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The description.
    pub description: Option<String>,
    /// The name under which it is exported.
    pub export: Option<String>,
}

/// A template, the values of its parameters and conditions, and the order of its resources.
#[derive(Clone, Debug)]
pub struct Bound {
    template: Template,
    scope: Scope,
    parameters: Vec<BoundParameter>,
    needs: Vec<BTreeSet<usize>>,
    order: Vec<usize>,
}

/// No account: rules that ask about one fail.
struct NoFacts;

impl Facts for NoFacts {
    fn all(&self, _: &str) -> Option<Vec<String>> {
        None
    }
    fn of(&self, _: &str, _: &str, _: &str) -> Option<String> {
        None
    }
}

impl Template {
    /// The SSM parameters that must be looked up before the template can be bound.
    ///
    /// # Errors
    /// As [`Template::bind`].
    pub fn ssm_parameters(&self, given: &BTreeMap<String, Given>) -> Result<Vec<String>, TemplateError> {
        let values = values(self, given)?;
        let ssm = self.parameters.iter().zip(values).filter(|(parameter, _)| matches!(parameter.kind, ParameterType::SsmValue(_)));
        Ok(ssm.map(|(_, value)| value).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Gives the parameters their values, checks them and the rules, decides the conditions and orders the resources.
    /// `looked_up` has what the SSM parameters of [`Template::ssm_parameters`] hold.
    ///
    /// # Errors
    /// AWS's: parameters that do not exist, have no value or a wrong one; rules; references to resources that are not there;
    /// circles.
    pub fn bind(
        &self,
        given: &BTreeMap<String, Given>,
        pseudo: &Pseudo,
        looked_up: &BTreeMap<String, String>,
    ) -> Result<Bound, TemplateError> {
        self.bind_with(given, pseudo, looked_up, &NoFacts)
    }

    /// As [`Template::bind`], with what rules may ask about the account.
    ///
    /// # Errors
    /// As [`Template::bind`].
    pub fn bind_with(
        &self,
        given: &BTreeMap<String, Given>,
        pseudo: &Pseudo,
        looked_up: &BTreeMap<String, String>,
        facts: &dyn Facts,
    ) -> Result<Bound, TemplateError> {
        let (scope, parameters) = self.scope(given, pseudo, looked_up)?;
        self.check_rules(&scope, facts)?;
        let active = |condition: Option<&str>| condition.is_none_or(|name| scope.conditions.get(name) == Some(&true));
        let is_active = |resource: &Resource| active(resource.condition.as_deref());
        let taken = |name: &str| scope.conditions.get(name).copied();
        let (needs, order) = reference::dependencies(self, &is_active, &taken)?;
        let mut template = self.clone();
        template.outputs.retain(|output| active(output.condition.as_deref()));
        let active: BTreeSet<&str> =
            self.resources.iter().filter(|resource| is_active(resource)).map(|resource| resource.logical.as_str()).collect();
        refuse_inactive(self, &template.outputs, &active, &taken)?;
        let order = order.into_iter().filter(|index| self.resources.get(*index).is_some_and(is_active)).collect();
        Ok(Bound { template, scope, parameters, needs, order })
    }

    /// What is known before any resource is made.
    fn scope(
        &self,
        given: &BTreeMap<String, Given>,
        pseudo: &Pseudo,
        looked_up: &BTreeMap<String, String>,
    ) -> Result<(Scope, Vec<BoundParameter>), TemplateError> {
        let (mut scope, parameters) = self.values(given, pseudo, looked_up)?;
        decide(&self.conditions, &mut scope)?;
        Ok((scope, parameters))
    }

    /// What is known before conditions are decided.
    pub(crate) fn values(
        &self,
        given: &BTreeMap<String, Given>,
        pseudo: &Pseudo,
        looked_up: &BTreeMap<String, String>,
    ) -> Result<(Scope, Vec<BoundParameter>), TemplateError> {
        let mut scope = Scope { pseudo: pseudo.clone(), mappings: self.mappings.clone(), ..Scope::default() };
        let mut parameters = Vec::with_capacity(self.parameters.len());
        for (parameter, value) in self.parameters.iter().zip(values(self, given)?) {
            parameter.check(&value)?;
            let missing = || TemplateError::nowhere(format!("Unable to fetch parameters [{value}] from parameter store for this account."));
            let resolved = match &parameter.kind {
                ParameterType::SsmValue(_) => Some(looked_up.get(&value).cloned().ok_or_else(missing)?),
                _ => None,
            };
            let held = resolved.as_deref().unwrap_or(&value);
            let held = if parameter.kind.is_list() {
                ParameterValue::List(parameter.members(held).into_iter().map(str::to_owned).collect())
            } else {
                ParameterValue::Text(held.to_owned())
            };
            scope.parameters.insert(parameter.name.clone(), held);
            let Parameter { name, kind, no_echo, .. } = parameter.clone();
            parameters.push(BoundParameter { name, kind, value, resolved, no_echo });
        }
        Ok((scope, parameters))
    }

    fn check_rules(&self, scope: &Scope, facts: &dyn Facts) -> Result<(), TemplateError> {
        let kinds = |name: &str| match &self.parameter(name)?.kind {
            ParameterType::Aws(kind) | ParameterType::AwsList(kind) => Some((*kind).to_owned()),
            _ => None,
        };
        let asker = Asker { facts, kinds: &kinds };
        let mut evaluator = Evaluator::new(scope, &Nothing, false);
        for rule in &self.rules {
            let counts = rule.condition.as_ref().map_or(Ok(true), |condition| evaluator.rule(condition, &asker))?;
            if !counts {
                continue;
            }
            for assertion in &rule.assertions {
                if !evaluator.rule(&assertion.assert, &asker)? {
                    let described = assertion.description.clone();
                    let message = described.unwrap_or_else(|| format!("Template error: an assertion of the rule {} failed", rule.name));
                    return Err(TemplateError::new(message, assertion.assert.at));
                }
            }
        }
        Ok(())
    }
}

impl Bound {
    /// The template.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The pseudo parameters.
    #[must_use]
    pub fn pseudo(&self) -> &Pseudo {
        &self.scope.pseudo
    }

    /// The parameters and their values, in the template's order.
    #[must_use]
    pub fn parameters(&self) -> &[BoundParameter] {
        &self.parameters
    }

    /// What `Ref` gives of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&ParameterValue> {
        self.scope.parameters.get(name)
    }

    /// Whether a condition is true; nothing if there is no such condition.
    #[must_use]
    pub fn condition(&self, name: &str) -> Option<bool> {
        self.scope.conditions.get(name).copied()
    }

    /// The resources that are there, each after those that it needs, else in the template's order.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.order.iter().filter_map(|index| self.template.resources.get(*index))
    }

    /// A resource that is there.
    #[must_use]
    pub fn resource(&self, logical: &str) -> Option<&Resource> {
        self.resources().find(|resource| resource.logical == logical)
    }

    /// The resources that must be there before this one: by `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`.
    #[must_use]
    pub fn dependencies(&self, logical: &str) -> Vec<&str> {
        let index = self.template.resources.iter().position(|resource| resource.logical == logical);
        let needed = index.and_then(|index| self.needs.get(index)).into_iter().flatten();
        needed.filter_map(|index| self.template.resources.get(*index)).map(|resource| resource.logical.as_str()).collect()
    }

    /// The value of an expression; `null` for `AWS::NoValue`.
    ///
    /// # Errors
    /// AWS's, of the functions; a reference to what does not tell its value yet.
    pub fn resolve(&self, node: &Node, attributes: &dyn Attributes) -> Result<serde_json::Value, TemplateError> {
        self.resolve_node(node, attributes).map(|node| node.to_json())
    }

    /// As [`Bound::resolve`], with the places.
    ///
    /// # Errors
    /// As [`Bound::resolve`].
    pub fn resolve_node(&self, node: &Node, attributes: &dyn Attributes) -> Result<Node, TemplateError> {
        Ok(Evaluator::new(&self.scope, attributes, false).value(node)?.unwrap_or_else(Node::null))
    }

    /// The value of an expression before resources are made: what is not known yet is [`crate::UNKNOWN`].
    ///
    /// # Errors
    /// AWS's, of the functions.
    pub fn preview(&self, node: &Node, attributes: &dyn Attributes) -> Result<Node, TemplateError> {
        Ok(Evaluator::new(&self.scope, attributes, true).value(node)?.unwrap_or_else(Node::null))
    }
}

/// The value of each parameter, in the template's order.
fn values(template: &Template, given: &BTreeMap<String, Given>) -> Result<Vec<String>, TemplateError> {
    let list = |names: &[&str]| names.join(", ");
    let strangers: Vec<&str> = given.keys().map(String::as_str).filter(|name| template.parameter(name).is_none()).collect();
    if !strangers.is_empty() {
        return Err(TemplateError::nowhere(format!("Parameters: [{}] do not exist in the template", list(&strangers))));
    }
    let mut values = Vec::with_capacity(template.parameters.len());
    let mut missing = Vec::new();
    for parameter in &template.parameters {
        let value = match given.get(&parameter.name) {
            Some(Given::Value(value) | Given::Previous(Some(value))) => Some(value),
            Some(Given::Previous(None)) => {
                let message = format!(
                    "Invalid input for parameter key {}. Cannot specify usePreviousValue as true for a parameter key not in the previous template",
                    parameter.name
                );
                return Err(TemplateError::nowhere(message));
            }
            None => parameter.default.as_ref(),
        };
        match value {
            Some(value) => values.push(value.clone()),
            None => missing.push(parameter.name.as_str()),
        }
    }
    if missing.is_empty() { Ok(values) } else { Err(TemplateError::nowhere(format!("Parameters: [{}] must have values", list(&missing)))) }
}

/// Decides the conditions, those first that others are made of.
pub(crate) fn decide(conditions: &Map, scope: &mut Scope) -> Result<(), TemplateError> {
    let names: Vec<&str> = conditions.keys().collect();
    let index: BTreeMap<&str, usize> = names.iter().enumerate().map(|(index, name)| (*name, index)).collect();
    let mut needs = Vec::with_capacity(names.len());
    for expression in conditions.values() {
        let mut needed = BTreeSet::new();
        reference::each(expression, true, &reference::either, &mut |reference| {
            if matches!(reference.kind, Kind::Condition | Kind::If) {
                needed.extend(index.get(reference.name));
            }
            Ok(())
        })?;
        needs.push(needed);
    }
    let order = graph::order(&needs).map_err(|circle| {
        let circle: Vec<&str> = circle.into_iter().filter_map(|index| names.get(index)).copied().collect();
        let at = circle.first().map_or(Span::NONE, |name| conditions.key_at(name));
        TemplateError::format(format_args!("Circular dependency between conditions: [{}]", circle.join(", ")), at)
    })?;
    for name in order.into_iter().filter_map(|index| names.get(index)) {
        let Some(expression) = conditions.get(name) else { continue };
        let truth = Evaluator::new(scope, &Nothing, false).truth(expression)?;
        scope.conditions.insert((*name).to_owned(), truth);
    }
    Ok(())
}

/// What is there refers only to what is there.
fn refuse_inactive(
    template: &Template,
    outputs: &[Output],
    active: &BTreeSet<&str>,
    taken: reference::Taken<'_>,
) -> Result<(), TemplateError> {
    let inactive = |expression: &Node| {
        let mut found: Vec<(String, Span)> = Vec::new();
        reference::each(expression, false, taken, &mut |reference| {
            let of_resource = matches!(reference.kind, Kind::Ref | Kind::Attribute | Kind::Variable | Kind::VariableAttribute);
            if of_resource && !active.contains(reference.name) && template.resource(reference.name).is_some() {
                found.push((reference.name.to_owned(), reference.at));
            }
            Ok(())
        })?;
        Ok::<_, TemplateError>(found)
    };
    let refuse = |found: Vec<(String, Span)>, block: &str| match found.first() {
        None => Ok(()),
        Some((_, at)) => {
            let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            Err(TemplateError::format(format_args!("Unresolved resource dependencies [{names}] in the {block} block of the template"), *at))
        }
    };
    let mut found = Vec::new();
    for resource in template.resources.iter().filter(|resource| active.contains(resource.logical.as_str())) {
        for expression in reference::expressions(resource) {
            found.extend(inactive(expression)?);
        }
    }
    refuse(found, "Resources")?;
    let mut found = Vec::new();
    for output in outputs {
        found.extend(inactive(&output.value)?);
    }
    refuse(found, "Outputs")
}

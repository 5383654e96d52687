//! The policy templates of AWS SAM.
use crate::{
    intrinsic,
    text::Text,
    value::{Dict, Val},
};

static TEMPLATES: &str = include_str!("../data/policy-templates.txt");

/// One template: its parameters, and the lines that describe its statements.
pub(crate) struct PolicyTemplate {
    parameters: Vec<&'static str>,
    lines: Vec<&'static str>,
}

pub(crate) fn find(name: &str) -> Option<PolicyTemplate> {
    let mut lines = TEMPLATES.lines().skip_while(|line| line.strip_prefix("= ").and_then(|line| line.split(' ').next()) != Some(name));
    let parameters = lines.next()?.split(' ').skip(2).collect();
    Some(PolicyTemplate { parameters, lines: lines.take_while(|line| !line.starts_with('=')).collect() })
}

impl PolicyTemplate {
    /// The policy document with values for the parameters, or the parameters that have none.
    pub(crate) fn document(&self, values: &Dict) -> Result<Val, Vec<&'static str>> {
        let missing: Vec<&str> = self.parameters.iter().copied().filter(|name| !values.contains(name)).collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut statements: Vec<Statement> = Vec::new();
        for line in &self.lines {
            let Some((mark, rest)) = line.split_once(' ') else { continue };
            let current = statements.last_mut();
            match (mark.split_at_checked(1), current) {
                (Some(("+", many)), _) => statements.push(Statement::allow(rest, many.is_empty())),
                (Some(("@", many)), Some(statement)) => statement.on(resource(rest, values), many.is_empty()),
                (Some(("?", _)), Some(statement)) => statement.condition = condition(rest, values),
                _ => {}
            }
        }
        let statements: Vec<Val> = statements.into_iter().map(Statement::write).collect();
        Ok(Dict::of("Statement", statements).into())
    }
}

struct Statement {
    action: Val,
    condition: Option<Val>,
    resource: Val,
}

impl Statement {
    fn allow(words: &str, many: bool) -> Statement {
        let mut service = "";
        let actions: Vec<Val> = words
            .split(' ')
            .map(|word| {
                service = word.split_once(':').map_or(service, |(service, _)| service);
                if word.contains(':') { word.into() } else { format!("{service}:{word}").into() }
            })
            .collect();
        let action = if many { actions.into() } else { actions.into_iter().next().unwrap_or(Val::NULL) };
        Statement { action, condition: None, resource: Val::NULL }
    }

    fn on(&mut self, resource: Val, many: bool) {
        match (self.resource.list_mut(), many) {
            (Some(resources), _) => resources.push(resource),
            (None, true) => self.resource = vec![resource].into(),
            (None, false) => self.resource = resource,
        }
    }

    fn write(self) -> Val {
        let mut out = Dict::of("Action", self.action);
        if let Some(condition) = self.condition {
            out.insert("Condition", condition);
        }
        out.with("Effect", "Allow").with("Resource", self.resource).into()
    }
}

/// `$ text`, `text`, or `text variable=Parameter …`.
fn resource(words: &str, values: &Dict) -> Val {
    let mut words = words.split(' ');
    let (first, second) = (words.next().unwrap_or(""), words.next());
    let Some(second) = second else { return first.into() };
    if first == "$" {
        return intrinsic::sub(Text::own(second));
    }
    let mut variables = Dict::new();
    for (variable, parameter) in std::iter::once(second).chain(words).filter_map(|pair| pair.split_once('=')) {
        variables.insert(variable, values.raw(parameter).unwrap_or(&Val::NULL));
    }
    intrinsic::sub_with(first, variables)
}

fn condition(words: &str, values: &Dict) -> Option<Val> {
    let mut parts = words.splitn(3, ' ');
    let (operator, key, value) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Dict::of(operator, Dict::of(key, resource(value, values))).into())
}

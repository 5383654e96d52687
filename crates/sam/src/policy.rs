//! The property `Policies` of a function.
use crate::{
    fault::{Fault, Out},
    intrinsic,
    policy_template::{self, PolicyTemplate},
    text::Text,
    value::{Kind, Val},
};

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    /// A name or an ARN, or a function that gives one.
    Managed,
    /// A policy document.
    Document,
    /// `{DynamoDBCrudPolicy: {TableName: …}}`.
    Template,
    Unknown,
}

/// The entries and their kinds; a template counts as one only where `templates` says so.
pub(crate) fn entries(policies: Option<&Val>, templates: bool) -> Out<Vec<(Val, PolicyKind)>> {
    let Some(policies) = policies.filter(|policies| policies.truthy()) else { return Ok(Vec::new()) };
    let all = policies.list().map_or_else(|| vec![policies.clone()], <[Val]>::to_vec);
    all.into_iter().map(|entry| kind(&entry, templates).map(|kind| (entry, kind))).collect()
}

fn kind(entry: &Val, templates: bool) -> Out<PolicyKind> {
    if let Some(argument) = intrinsic::if_argument(entry) {
        let (_, then, otherwise) = intrinsic::if_items(argument).map_err(|message| Fault::Template(message.to_owned()))?;
        return match (kind(then, templates)?, kind(otherwise, templates)?) {
            (a, b) if a == b => Ok(a),
            (_, b) if intrinsic::is_no_value(then) => Ok(b),
            (a, _) if intrinsic::is_no_value(otherwise) => Ok(a),
            _ => Err(Fault::Template(
                "Different policy types within the same Fn::If statement is unsupported. Separate different policy types into \
                 different Fn::If statements"
                    .to_owned(),
            )),
        };
    }
    Ok(match &entry.kind {
        Kind::Text(_) => PolicyKind::Managed,
        Kind::Dict(_) if intrinsic::is_function(entry) => PolicyKind::Managed,
        Kind::Dict(dict) if dict.contains("Statement") => PolicyKind::Document,
        Kind::Dict(dict) if templates && dict.only().is_some_and(|(name, _)| policy_template::find(name).is_some()) => PolicyKind::Template,
        _ => PolicyKind::Unknown,
    })
}

/// Puts the documents of templates in their places.
pub(crate) fn expand_templates(id: &Text, policies: Option<&Val>) -> Out<Option<Val>> {
    let entries = entries(policies, true)?;
    if entries.is_empty() {
        return Ok(None);
    }
    let expand = |entry: Val| {
        let Some((name, template)) =
            entry.dict().and_then(|dict| dict.only()).and_then(|(name, _)| Some((name, policy_template::find(name)?)))
        else {
            return Err(Fault::Internal);
        };
        document(id, name, &template, entry.dict().and_then(|dict| dict.raw(name)).unwrap_or(&Val::NULL)).map(|val| at(val, &entry))
    };
    let expanded = entries.into_iter().map(|(entry, kind)| {
        if kind != PolicyKind::Template {
            return Ok(entry);
        }
        let Some(argument) = intrinsic::if_argument(&entry) else { return expand(entry) };
        let (condition, then, otherwise) = intrinsic::if_items(argument).map_err(|message| Fault::Template(message.to_owned()))?;
        let branch = |val: &Val| if intrinsic::is_no_value(val) { Ok(val.clone()) } else { expand(val.clone()) };
        Ok(at(intrinsic::choose(condition, branch(then)?, branch(otherwise)?), &entry))
    });
    Ok(Some(expanded.collect::<Out<Vec<Val>>>()?.into()))
}

fn at(mut val: Val, origin: &Val) -> Val {
    val.originate(origin.at);
    val
}

fn document(id: &Text, name: &str, template: &PolicyTemplate, values: &Val) -> Out<Val> {
    let wrong = || Fault::resource(id, format!("Must specify valid parameter values for policy template '{name}'"));
    let values = values.dict().ok_or_else(wrong)?;
    template.document(values).map_err(|missing| {
        let message = format!("Following required parameters of template '{name}' don't have values: {}", crate::print::names(&missing));
        Fault::resource(id, message)
    })
}

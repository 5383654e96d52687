//! Functions of CloudFormation: made and recognised.
use crate::{
    fault::{Fault, Out},
    text::Text,
    value::{Dict, Val},
};

pub(crate) fn reference(id: &Text) -> Val {
    Dict::of("Ref", id).into()
}

pub(crate) fn get_att(id: &Text, attribute: &str) -> Val {
    Dict::of("Fn::GetAtt", vec![Val::from(id), attribute.into()]).into()
}

pub(crate) fn sub(text: impl Into<Text>) -> Val {
    Dict::of("Fn::Sub", text.into()).into()
}

pub(crate) fn sub_with(text: impl Into<Text>, variables: Dict) -> Val {
    Dict::of("Fn::Sub", vec![Val::from(text.into()), variables.into()]).into()
}

pub(crate) fn no_value() -> Val {
    Dict::of("Ref", "AWS::NoValue").into()
}

/// `Fn::If` of a condition, without an else.
pub(crate) fn when(condition: impl Into<Val>, then: Val) -> Val {
    choose(condition, then, no_value())
}

pub(crate) fn choose(condition: impl Into<Val>, then: Val, otherwise: Val) -> Val {
    Dict::of("Fn::If", vec![condition.into(), then, otherwise]).into()
}

pub(crate) fn not(condition: &Text) -> Val {
    Dict::of("Fn::Not", vec![Dict::of("Condition", condition).into()]).into()
}

pub(crate) fn any_of(conditions: &[Text]) -> Val {
    Dict::of("Fn::Or", conditions.iter().map(|name| Dict::of("Condition", name).into()).collect::<Vec<Val>>()).into()
}

/// A condition that any of these makes true, by at most ten at a time as `Fn::Or` allows; `name` is the last.
pub(crate) fn combined(mut conditions: Vec<Text>, name: &Text) -> Vec<(Text, Val)> {
    const MOST: usize = 10;
    let mut made = Vec::new();
    let mut left = conditions.len().saturating_sub(2) / (MOST - 1);
    while conditions.len() > 1 {
        let own = if left > 0 { Text::own(format!("{name}{left}")) } else { name.clone() };
        left = left.saturating_sub(1);
        let rest = conditions.split_off(MOST.min(conditions.len()));
        made.push((own.clone(), any_of(&conditions)));
        conditions = rest;
        conditions.push(own);
    }
    made
}

/// The function that a value calls, and its argument.
pub(crate) fn function(val: &Val) -> Option<(&Text, &Val)> {
    let (name, argument) = val.dict()?.only()?;
    (matches!(name.as_str(), "Ref" | "Condition") || name.starts_with("Fn::")).then_some((name, argument))
}

pub(crate) fn is_function(val: &Val) -> bool {
    function(val).is_some()
}

pub(crate) fn is_no_value(val: &Val) -> bool {
    function(val).is_some_and(|(name, argument)| name.as_str() == "Ref" && argument.is("AWS::NoValue"))
}

/// The argument of `Fn::If`, if that is what a value calls.
pub(crate) fn if_argument(val: &Val) -> Option<&Val> {
    function(val).filter(|(name, _)| name.as_str() == "Fn::If").map(|(_, argument)| argument)
}

/// Condition, then and else of an argument of `Fn::If`.
pub(crate) fn if_items(argument: &Val) -> Result<(&Val, &Val, &Val), &'static str> {
    match argument.list() {
        Some([condition, then, otherwise]) => Ok((condition, then, otherwise)),
        _ => Err("Fn::If requires 3 arguments"),
    }
}

/// The logical id that a `Ref` or `Fn::GetAtt` names.
pub(crate) fn named(val: &Val) -> Option<String> {
    let (name, argument) = function(val)?;
    match (name.as_str(), argument.list(), argument.text()) {
        ("Ref", _, Some(id)) => Some(id.to_string()),
        ("Fn::GetAtt", Some([id, _]), _) => id.text().map(ToString::to_string),
        ("Fn::GetAtt", _, Some(path)) => path.split_once('.').filter(|(_, rest)| !rest.contains('.')).map(|(id, _)| id.to_owned()),
        _ => None,
    }
}

/// The contents of a part of a definition: itself, or both branches of the `Fn::If` that it is.
pub(crate) fn branches(item: &Val) -> Out<Vec<&Val>> {
    let Some(argument) = item.dict().and_then(|dict| dict.raw("Fn::If")) else { return Ok(vec![item]) };
    let items = argument.list().ok_or_else(|| Fault::document("Value of Fn::If must be a list."))?;
    Ok(items.iter().skip(1).filter(|item| !is_no_value(item)).collect())
}

/// The same, to be changed.
pub(crate) fn branches_mut(item: &mut Val) -> Out<Vec<&mut Val>> {
    if item.dict().is_none_or(|dict| !dict.contains("Fn::If")) {
        return Ok(vec![item]);
    }
    let items = item.get_mut("Fn::If").and_then(Val::list_mut).ok_or_else(|| Fault::document("Value of Fn::If must be a list."))?;
    Ok(items.iter_mut().skip(1).filter(|item| !is_no_value(item)).collect())
}

//! One condition: an operator, a key and the values written for it.

use crate::document::Effect;
use crate::operator::{Comparison, Operator, SetQualifier};
use crate::pattern::{Fold, Hit, Pattern, Reading};
use crate::request::{ContextKeys, Found};
use crate::trace::Outcome;
use crate::{PolicyError, date};
use ipnet::IpNet;
use std::net::IpAddr;

/// One operator, key and values of a `Condition` block; all conditions of a statement must match.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// As written.
    pub(crate) key: String,
    lower_key: String,
    operands: Vec<Operand>,
}

#[derive(Debug, Clone, PartialEq)]
struct Operand {
    written: String,
    value: OperandValue,
}

#[derive(Debug, Clone, PartialEq)]
enum OperandValue {
    Text(Pattern),
    Number(f64),
    /// Milliseconds since 1970.
    Date(i64),
    Bool(bool),
    /// Base64, compared as it stands: the encoding is canonical.
    Binary(String),
    Net(IpNet),
}

impl Condition {
    pub(crate) fn compile(operator: Operator, key: &str, values: &[String], variables: bool) -> Result<Self, PolicyError> {
        let operands = values
            .iter()
            .map(|written| {
                let value = operand(operator.comparison, written, variables)?
                    .ok_or_else(|| PolicyError::ConditionValue { operator: operator.to_string(), value: written.clone() })?;
                Ok(Operand { written: written.clone(), value })
            })
            .collect::<Result<_, PolicyError>>()?;
        Ok(Self { operator, key: key.to_owned(), lower_key: key.to_lowercase(), operands })
    }

    /// The values as written.
    pub(crate) fn written(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().map(|o| o.written.as_str())
    }

    /// What the request holds for the key.
    pub(crate) fn find<'k>(&self, keys: &'k dyn ContextKeys) -> Found<'k> {
        keys.find(&self.lower_key)
    }

    /// Whether the condition matches. `effect` decides what a variable without a value does in a negated comparison:
    /// nothing equals it, so a `Deny` applies; an `Allow` must not rest on it.
    pub(crate) fn test(&self, effect: Effect, keys: &dyn ContextKeys) -> Outcome {
        let found = self.find(keys);
        let absent = match &found {
            Found::Unknown => {
                return Outcome::Unknown { missing: self.key.clone() };
            }
            Found::Absent => true,
            Found::One(_) => false,
            Found::Many(values) => values.is_empty(),
        };
        let Operator { qualifier, comparison, if_exists } = self.operator;
        let negated = comparison.is_negated();
        if comparison == Comparison::Null {
            return self.operands.iter().any(|o| o.value == OperandValue::Bool(absent)).into();
        }
        if absent {
            return match qualifier {
                Some(SetQualifier::ForAllValues) => true,
                Some(SetQualifier::ForAnyValue) => if_exists,
                None => if_exists || negated,
            }
            .into();
        }
        let need_all = match qualifier {
            Some(SetQualifier::ForAllValues) => true,
            Some(SetQualifier::ForAnyValue) => false,
            None => negated,
        };
        let mut unknown = None;
        for value in found.values() {
            let holds = match (self.any_operand(value, keys), negated) {
                (Hit::Yes, negated) => !negated,
                (Hit::No, negated) => negated,
                (Hit::Unresolved(_), negated) => negated && effect == Effect::Deny,
                (Hit::Unknown(missing), _) => {
                    unknown.get_or_insert(missing);
                    continue;
                }
            };
            if holds != need_all {
                return holds.into();
            }
        }
        match unknown {
            Some(missing) => Outcome::Unknown { missing },
            None => need_all.into(),
        }
    }

    /// Whether the value equals (or lies in, or is below, …) any operand; the negation is the caller's.
    fn any_operand(&self, value: &str, keys: &dyn ContextKeys) -> Hit {
        any_hit(self.operands.iter().map(|operand| self.compare(&operand.value, value, keys)))
    }

    fn compare(&self, operand: &OperandValue, value: &str, keys: &dyn ContextKeys) -> Hit {
        use Comparison as C;
        let order = |wanted: fn(std::cmp::Ordering) -> bool, found: Option<std::cmp::Ordering>| Hit::from(found.is_some_and(wanted));
        let found = match operand {
            OperandValue::Text(pattern) => {
                return match self.operator.comparison {
                    C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => pattern.matches_arn(value, keys),
                    C::StringEqualsIgnoreCase | C::StringNotEqualsIgnoreCase => pattern.matches(value, Fold::IgnoreCase, keys),
                    _ => pattern.matches(value, Fold::Exact, keys),
                };
            }
            OperandValue::Bool(wanted) => return (parse_bool(value) == Some(*wanted)).into(),
            OperandValue::Binary(wanted) => return (value == wanted).into(),
            OperandValue::Net(net) => {
                let address = value.parse::<IpAddr>().map(|a| a.to_canonical());
                return address.is_ok_and(|address| net.contains(&address)).into();
            }
            OperandValue::Number(wanted) => parse_number(value).and_then(|v| v.partial_cmp(wanted)),
            OperandValue::Date(wanted) => date::parse(value).map(|v| v.cmp(wanted)),
        };
        match self.operator.comparison {
            C::NumericLessThan | C::DateLessThan => order(|o| o.is_lt(), found),
            C::NumericLessThanEquals | C::DateLessThanEquals => order(|o| o.is_le(), found),
            C::NumericGreaterThan | C::DateGreaterThan => order(|o| o.is_gt(), found),
            C::NumericGreaterThanEquals | C::DateGreaterThanEquals => order(|o| o.is_ge(), found),
            _ => order(|o| o.is_eq(), found),
        }
    }
}

/// The first yes wins; then not knowing; then a variable without a value; else no.
pub(crate) fn any_hit(hits: impl Iterator<Item = Hit>) -> Hit {
    let mut unknown = None;
    let mut unresolved = None;
    for hit in hits {
        match hit {
            Hit::Yes => return Hit::Yes,
            Hit::No => {}
            Hit::Unknown(_) => {
                unknown.get_or_insert(hit);
            }
            Hit::Unresolved(_) => {
                unresolved.get_or_insert(hit);
            }
        }
    }
    unknown.or(unresolved).unwrap_or(Hit::No)
}

/// Reads a written value for its operator; `None` when it cannot be one.
fn operand(comparison: Comparison, written: &str, variables: bool) -> Result<Option<OperandValue>, PolicyError> {
    use Comparison as C;
    let text = |wildcards| Pattern::compile(written, Reading { wildcards, variables }).map(OperandValue::Text);
    Ok(match comparison {
        C::StringEquals | C::StringNotEquals | C::StringEqualsIgnoreCase | C::StringNotEqualsIgnoreCase => Some(text(false)?),
        C::StringLike | C::StringNotLike | C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => Some(text(true)?),
        C::NumericEquals
        | C::NumericNotEquals
        | C::NumericLessThan
        | C::NumericLessThanEquals
        | C::NumericGreaterThan
        | C::NumericGreaterThanEquals => parse_number(written).map(OperandValue::Number),
        C::DateEquals | C::DateNotEquals | C::DateLessThan | C::DateLessThanEquals | C::DateGreaterThan | C::DateGreaterThanEquals => {
            date::parse(written).map(OperandValue::Date)
        }
        C::Bool | C::Null => parse_bool(written).map(OperandValue::Bool),
        C::BinaryEquals => Some(OperandValue::Binary(written.to_owned())),
        C::IpAddress | C::NotIpAddress => parse_net(written).map(OperandValue::Net),
    })
}

fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn parse_number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

fn parse_net(text: &str) -> Option<IpNet> {
    match text.parse::<IpNet>() {
        Ok(net) => Some(net.trunc()),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

#[cfg(test)]
mod tests;

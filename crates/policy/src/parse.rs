//! JSON value -> [`Policy`]. Element names are case-sensitive and closed: an element that IAM does not have is refused.

use crate::condition::Condition;
use crate::document::{Effect, Listed, Policy, Statement, Version};
use crate::pattern::{Pattern, Reading};
use crate::principal::PrincipalEntry;
use crate::{PolicyError, STATEMENTS_MAX, parse_json};
use serde_json::{Map, Value};

impl Policy {
    /// Reads a document from its text. A key named twice in one object is refused.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Self::from_value(&parse_json(text)?)
    }

    /// Reads a document from JSON that was parsed already.
    pub fn from_value(value: &Value) -> Result<Self, PolicyError> {
        let object = value.as_object().ok_or(PolicyError::NotAnObject)?;
        known(object, &["Version", "Id", "Statement"], || "the policy".to_owned())?;
        let version = match object.get("Version") {
            None => Version::V2008,
            Some(Value::String(v)) if v == "2012-10-17" => Version::V2012,
            Some(Value::String(v)) if v == "2008-10-17" => Version::V2008,
            Some(other) => return Err(PolicyError::Version(display(other))),
        };
        let id = match object.get("Id") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(shape("Id", 0, "a string")),
        };
        let missing = || PolicyError::Missing { element: "Statement", place: "the policy".to_owned() };
        let list = match object.get("Statement").ok_or_else(missing)? {
            Value::Array(list) if list.is_empty() => return Err(missing()),
            Value::Array(list) => list.as_slice(),
            single => std::slice::from_ref(single),
        };
        if list.len() > STATEMENTS_MAX {
            return Err(PolicyError::TooManyStatements(STATEMENTS_MAX));
        }
        let statements = list.iter().enumerate().map(|(index, value)| statement(index, value, version)).collect::<Result<_, _>>()?;
        Ok(Self { version, id, statements })
    }
}

const ELEMENTS: &[&str] = &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn statement(index: usize, value: &Value, version: Version) -> Result<Statement, PolicyError> {
    let place = || format!("statement {index}");
    let object = value.as_object().ok_or_else(|| shape("Statement", index, "an object"))?;
    known(object, ELEMENTS, place)?;
    let sid = match object.get("Sid") {
        None => None,
        Some(Value::String(sid)) => Some(sid.clone()),
        Some(_) => return Err(shape("Sid", index, "a string")),
    };
    let effect = match object.get("Effect") {
        Some(Value::String(e)) if e == "Allow" => Effect::Allow,
        Some(Value::String(e)) if e == "Deny" => Effect::Deny,
        Some(other) => return Err(PolicyError::Effect(display(other))),
        None => {
            return Err(PolicyError::Missing { element: "Effect", place: place() });
        }
    };
    let principal = match either(object, "Principal", "NotPrincipal", index)? {
        None => None,
        Some((negated, value)) => Some(Listed { negated, entries: principals(value, index)? }),
    };
    let variables = version == Version::V2012;
    let action = match either(object, "Action", "NotAction", index)? {
        None => {
            return Err(PolicyError::Missing { element: "Action", place: place() });
        }
        Some((negated, value)) => {
            let entries = strings(value, "Action", index)?.into_iter().map(|text| action(&text));
            Listed { negated, entries: entries.collect::<Result<_, _>>()? }
        }
    };
    let resource = match either(object, "Resource", "NotResource", index)? {
        None => None,
        Some((negated, value)) => {
            let entries = strings(value, "Resource", index)?.into_iter().map(|text| resource(&text, variables));
            Some(Listed { negated, entries: entries.collect::<Result<_, _>>()? })
        }
    };
    let conditions = match object.get("Condition") {
        None => Vec::new(),
        Some(value) => conditions(value, index, variables)?,
    };
    Ok(Statement { sid, effect, principal, action, resource, conditions })
}

fn action(text: &str) -> Result<Pattern, PolicyError> {
    let name = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'?' | b'_'));
    let valid = text == "*" || text.split_once(':').is_some_and(|(service, action)| name(service) && name(action));
    if !valid {
        return Err(PolicyError::Action(text.to_owned()));
    }
    Pattern::compile(text, Reading { wildcards: true, variables: false })
}

fn resource(text: &str, variables: bool) -> Result<Pattern, PolicyError> {
    if text.is_empty() {
        return Err(PolicyError::Resource(text.to_owned()));
    }
    let reading = Reading { wildcards: true, variables };
    // An ARN with fewer than six fields stands for any value in the missing ones (IAM, "Incomplete ARN").
    let fields = colons_outside_variables(text);
    let mut pattern = if text.starts_with("arn:") && fields < 5 {
        Pattern::compile(&format!("{text}{}", ":*".repeat(5 - fields)), reading)?
    } else {
        Pattern::compile(text, reading)?
    };
    text.clone_into(&mut pattern.written);
    Ok(pattern)
}

fn colons_outside_variables(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in text.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            ':' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

fn principals(value: &Value, index: usize) -> Result<Vec<PrincipalEntry>, PolicyError> {
    match value {
        Value::String(text) if text == "*" => Ok(vec![PrincipalEntry::everyone()]),
        Value::String(text) => Err(PolicyError::Principal(text.clone())),
        Value::Object(kinds) if !kinds.is_empty() => {
            let mut entries = Vec::new();
            for (kind, values) in kinds {
                for text in strings(values, "Principal", index)? {
                    entries.push(PrincipalEntry::parse(kind, &text)?);
                }
            }
            Ok(entries)
        }
        _ => Err(shape("Principal", index, "`*` or an object")),
    }
}

fn conditions(value: &Value, index: usize, variables: bool) -> Result<Vec<Condition>, PolicyError> {
    let wanted = "an object of operators, each an object of keys";
    let operators = value.as_object().ok_or_else(|| shape("Condition", index, wanted))?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let operator = operator.parse()?;
        let keys = keys.as_object().ok_or_else(|| shape("Condition", index, wanted))?;
        for (key, values) in keys {
            if key.is_empty() {
                return Err(shape("Condition", index, "an object without empty keys"));
            }
            let values = scalars(values).ok_or_else(|| shape(key, index, "a string or a list of strings"))?;
            conditions.push(Condition::compile(operator, key, &values, variables)?);
        }
    }
    Ok(conditions)
}

/// A condition's value: text, or a number or boolean that stands for its text, or a list of them.
fn scalars(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        single => one(single).map(|text| vec![text]),
    }
}

fn strings(value: &Value, element: &str, index: usize) -> Result<Vec<String>, PolicyError> {
    let wrong = || shape(element, index, "a string or a list of strings that is not empty");
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(list) if !list.is_empty() => list.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

fn either<'v>(
    object: &'v Map<String, Value>,
    plain: &'static str,
    negated: &'static str,
    index: usize,
) -> Result<Option<(bool, &'v Value)>, PolicyError> {
    match (object.get(plain), object.get(negated)) {
        (Some(_), Some(_)) => Err(PolicyError::Both(plain, negated, index)),
        (Some(value), None) => Ok(Some((false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

fn known(object: &Map<String, Value>, names: &[&str], place: impl Fn() -> String) -> Result<(), PolicyError> {
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(PolicyError::UnknownElement { element: key.clone(), place: place() }),
    }
}

fn shape(element: &str, statement: usize, wanted: &'static str) -> PolicyError {
    PolicyError::Shape { element: element.to_owned(), statement, wanted }
}

fn display(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

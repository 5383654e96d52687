//! Text -> tree, within bounds.
//!
//! Both readers give the same tree for the same values. Keys that occur twice are errors: a later one would silently replace a
//! resource. (CloudFormation: "AWS CloudFormation supports the YAML Version 1.1 specification", template-formats.html; unlike it,
//! aliases and merge keys are read.)
use crate::{Node, Span, TemplateError, Value};

mod json;
mod scalar;
mod tag;
#[cfg(test)]
mod tests;
mod yaml;

/// The longest template in bytes, wherever it comes from (AWS's quota).
pub const TEXT_MAX: usize = 1_000_000;
/// The deepest nesting.
pub(crate) const DEPTH_MAX: usize = 100;
/// The most values, what aliases repeat included.
const VALUES_MAX: usize = 500_000;

/// Reads a template: JSON if it begins with a brace and a quoted key, else YAML.
///
/// # Errors
/// `Template format error: JSON not well-formed.` or `YAML not well-formed.` with the place; `unsupported structure.` when it is
/// no object; keys that occur twice; a text, a nesting or aliases beyond the bounds.
pub fn parse(text: &str) -> Result<Node, TemplateError> {
    if text.len() > TEXT_MAX {
        return Err(TemplateError::nowhere(format!("Template may not exceed {TEXT_MAX} bytes in size.")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A YAML document may begin with a brace, too, but no JSON has a key without quotes.
    let json = text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']));
    let node = if json { json::read(text)? } else { yaml::read(text)? };
    match node.value {
        Value::Map(_) => Ok(node),
        _ => Err(TemplateError::format("unsupported structure.", node.at)),
    }
}

/// A count of a text's lines or columns; texts are shorter than 2^32.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn twice(key: &str, at: Span) -> TemplateError {
    TemplateError::format(format_args!("the key `{key}` occurs twice"), at)
}

fn too_deep(at: Span) -> TemplateError {
    TemplateError::format(format_args!("the template is nested deeper than {DEPTH_MAX}"), at)
}

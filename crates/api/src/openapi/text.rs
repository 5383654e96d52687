//! JSON or YAML -> one value, within bounds.
//!
//! Keys that occur twice are errors: a later one would silently replace a policy or a method. Texts stay what they are; an
//! unquoted account number (twelve digits) is a text and not a number.
use super::ImportError;
use serde_json::Value;

mod yaml;

/// The deepest nesting.
const DEPTH_MAX: usize = 100;
/// The most values in a document, what aliases repeat included.
const VALUES_MAX: usize = 500_000;
/// The most bytes of text in a document, what aliases repeat included.
const TEXT_MAX: usize = 4 * super::DOCUMENT_MAX;

pub(super) fn read(document: &[u8]) -> Result<Value, ImportError> {
    let text = std::str::from_utf8(document).map_err(|_| syntax("the document is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        // A YAML document may begin with a brace, too; what is no JSON gets its chance.
        match vpclab_policy::read_json(text) {
            Ok(value) => return Ok(value),
            Err(why) => return yaml::read(text).map_err(|_| syntax(why.to_string())),
        }
    }
    yaml::read(text)
}

fn syntax(why: impl Into<String>) -> ImportError {
    ImportError::Syntax(why.into())
}

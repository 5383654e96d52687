//! An explanation as JSON and as prose: one place each.
mod json;
mod text;

pub use json::{SCHEMA, blocker as blocker_json, fix as fix_json, json};
pub use text::{Style, outcome_text, text};

//! An explanation as JSON and as prose: one place each.
mod json;
mod text;

pub use json::{SCHEMA, json};
pub use text::{Style, text};

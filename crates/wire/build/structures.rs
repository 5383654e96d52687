//! The Rust structures.

use std::fmt::Write as _;

use crate::model::{Failure, Model, Shape};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    for (name, structure) in model.structures() {
        writeln!(code, "/// `{name}` of {}.", model.service)?;
        writeln!(code, "#[derive(Debug, Clone, Default, PartialEq)]")?;
        writeln!(code, "pub struct {} {{", names::type_(name))?;
        for member in &structure.members {
            let rust = model.rust_type(&member.shape)?;
            let bare = match model.shape(&member.shape)? {
                Shape::List { .. } | Shape::Map { .. } => !structure.told.contains(&member.name),
                Shape::Scalar(_) | Shape::Structure(_) => model.is_plain(name, member),
            };
            let rust = if bare { rust } else { format!("Option<{rust}>") };
            writeln!(code, "    pub {}: {rust},", names::field(&member.name))?;
        }
        writeln!(code, "}}\n")?;
    }
    Ok(())
}

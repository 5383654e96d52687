//! Form parameters.

use std::fmt::Write as _;

use super::{inputs, names_checked, rest_of, single};
use crate::model::{Failure, Model, Shape, Structure, Wire};
use crate::names;

pub fn from_query(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let served: Vec<String> = inputs(structure).map(|m| m.in_name(model.wire)).collect();
    writeln!(code, "impl crate::query::FromQuery for {} {{", names::type_(name))?;
    writeln!(code, "    fn from_query(node: &crate::query::Node, at: &crate::At<'_>) -> Result<Self, crate::WireError> {{")?;
    writeln!(code, "        node.check(at, {})?;\n        Ok(Self {{", names_checked(&served, structure))?;
    for member in inputs(structure) {
        let required = structure.required.contains(&member.name);
        let (field, wire) = (names::field(&member.name), member.in_name(model.wire));
        match model.shape(&member.shape)? {
            Shape::Map { key_name, value_name, flattened, .. } => {
                let flattened = *flattened || member.flattened;
                writeln!(code, "            {field}: node.map(at, {wire:?}, {key_name:?}, {value_name:?}, {flattened})?,")?;
            }
            Shape::List { item_name: Some(item), flattened: false, .. } if model.wire == Wire::Query && item != "member" => {
                return Err(format!("{name}.{}: a list whose items are called {item} is not generated", member.name).into());
            }
            Shape::List { .. } => {
                let read = if required { "required_list" } else { "list" };
                writeln!(code, "            {field}: node.{read}(at, {wire:?})?,")?;
            }
            _ => code.push_str(&single(model, name, structure, member, "node")),
        }
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

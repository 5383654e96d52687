//! JSON bodies.

use std::fmt::Write as _;

use super::{in_body, inputs, is_time, names_checked, rest_of, single};
use crate::model::{Failure, Member, Model, Shape, Structure};
use crate::names;

pub fn from_json(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let served: Vec<String> = inputs(structure).map(|m| m.in_name(model.wire)).collect();
    writeln!(code, "impl crate::json::FromJson for {} {{", names::type_(name))?;
    writeln!(
        code,
        "    fn from_json(value: &serde_json::Value, at: &crate::At<'_>) -> Result<Self, crate::WireError> {{
        let body = crate::json::Object::new(value, at)?;
        body.check(at, {})?;
        Ok(Self {{",
        names_checked(&served, structure)
    )?;
    for member in inputs(structure) {
        code.push_str(&read(model, name, structure, member)?);
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

/// `field: body.many(at, "Name")?,`
pub fn read(model: &Model, name: &str, structure: &Structure, member: &Member) -> Result<String, Failure> {
    Ok(match model.shape(&member.shape)? {
        Shape::List { .. } | Shape::Map { .. } => {
            let how = match structure.required.contains(&member.name) {
                true => "required",
                false if structure.told.contains(&member.name) => "optional",
                false => "many",
            };
            format!("            {}: body.{how}(at, {:?})?,\n", names::field(&member.name), member.in_name(model.wire))
        }
        _ => single(model, name, structure, member, "body"),
    })
}

pub fn to_json(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    writeln!(code, "impl crate::json::ToJson for {} {{", names::type_(name))?;
    writeln!(code, "    fn to_json(&self) -> serde_json::Value {{")?;
    writeln!(code, "        let mut object = crate::json::ObjectWriter::default();")?;
    for member in in_body(structure) {
        let field = names::field(&member.name);
        let wire = member.out_name();
        match model.shape(&member.shape)? {
            Shape::List { .. } | Shape::Map { .. } => {
                let always = structure.always.contains(&member.name);
                writeln!(code, "        object.many({wire:?}, &self.{field}, self.{field}.is_empty(), {always});")?;
            }
            _ if is_time(model, &member.shape) && model.whole_seconds => {
                writeln!(code, "        object.optional({wire:?}, self.{field}.map(crate::Timestamp::whole_seconds).as_ref());")?;
            }
            _ => writeln!(code, "        object.optional({wire:?}, self.{field}.as_ref());")?,
        }
    }
    writeln!(code, "        object.finish()\n    }}\n}}\n")?;
    Ok(())
}

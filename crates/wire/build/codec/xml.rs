//! XML bodies.

use std::fmt::Write as _;

use super::{in_body, inputs, names_checked, rest_of, single};
use crate::model::{Failure, Member, Model, Shape, Structure};
use crate::names;

pub fn from_xml(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let served: Vec<String> = inputs(structure).map(|m| m.in_name(model.wire)).collect();
    writeln!(code, "impl crate::xml::FromXml for {} {{", names::type_(name))?;
    writeln!(
        code,
        "    fn from_xml(body: &crate::xml::Element, at: &crate::At<'_>) -> Result<Self, crate::WireError> {{
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

/// `field: body.list(at, "Name", "Item")?,`
pub fn read(model: &Model, name: &str, structure: &Structure, member: &Member) -> Result<String, Failure> {
    if member.attribute {
        return Err(format!("{name}.{}: attributes in requests are not generated", member.name).into());
    }
    let required = structure.required.contains(&member.name);
    let (field, wire) = (names::field(&member.name), member.in_name(model.wire));
    Ok(match model.shape(&member.shape)? {
        Shape::List { item_name, flattened, .. } => {
            let item = item_name.as_deref().unwrap_or("member");
            let item = if *flattened || member.flattened { "None".to_owned() } else { format!("Some({item:?})") };
            format!("            {field}: body.list(at, {wire:?}, {item}, {required})?,\n")
        }
        Shape::Map { .. } => return Err(format!("{name}.{}: maps in XML requests are not generated", member.name).into()),
        _ => single(model, name, structure, member, "body"),
    })
}

pub fn to_xml(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let (attributes, members): (Vec<&Member>, Vec<&Member>) = in_body(structure).partition(|member| member.attribute);
    let xml = if members.is_empty() { "_xml" } else { "xml" };
    writeln!(code, "impl crate::xml::ToXml for {} {{", names::type_(name))?;
    writeln!(code, "    fn to_xml(&self, {xml}: &mut crate::xml::XmlWriter) {{")?;
    for member in members {
        let field = names::field(&member.name);
        let wire = member.out_name();
        let sparse = structure.sparse.contains(&member.name);
        let unless = if sparse { format!("if !self.{field}.is_empty() {{ ") } else { String::new() };
        let end = if sparse { " }" } else { "" };
        match model.shape(&member.shape)? {
            Shape::List { flattened, .. } if *flattened || member.flattened => {
                writeln!(code, "        xml.flat_list({wire:?}, &self.{field});")?;
            }
            Shape::List { item_name, .. } => {
                let item = item_name.as_deref().unwrap_or("member");
                writeln!(code, "        {unless}xml.list({wire:?}, {item:?}, &self.{field});{end}")?;
            }
            Shape::Map { key_name, value_name, flattened, .. } => {
                let flattened = *flattened || member.flattened;
                writeln!(code, "        {unless}xml.map({wire:?}, {key_name:?}, {value_name:?}, {flattened}, &self.{field});{end}")?;
            }
            _ => writeln!(code, "        xml.optional({wire:?}, self.{field}.as_ref());")?,
        }
    }
    writeln!(code, "    }}")?;
    if !attributes.is_empty() {
        writeln!(code, "    fn attributes(&self, xml: &mut crate::xml::XmlWriter) {{")?;
        if let Some((prefix, uri)) = &structure.declares {
            writeln!(code, "        xml.attribute({:?}, {uri:?});", format!("xmlns:{prefix}"))?;
        }
        for member in attributes {
            let field = names::field(&member.name);
            writeln!(code, "        if let Some(value) = &self.{field} {{ xml.attribute({:?}, value); }}", member.out_name())?;
        }
        writeln!(code, "    }}")?;
    }
    writeln!(code, "}}\n")?;
    Ok(())
}

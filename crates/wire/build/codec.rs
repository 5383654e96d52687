//! Reading requests and writing results.

use std::fmt::Write as _;

use crate::model::{Failure, Member, Model, Shape, Structure, Wire};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    let top: Vec<&str> = model.operations.iter().map(|o| o.input.as_str()).collect();
    for (name, structure) in model.structures() {
        if model.inputs.contains(name) {
            match model.wire {
                Wire::Ec2 | Wire::Query => from_query(model, name, structure, code)?,
                Wire::RestJson if top.contains(&name.as_str()) => {
                    from_rest(model, name, structure, code)?;
                }
                Wire::RestJson => from_json(model, name, structure, code)?,
            }
        }
        if model.outputs.contains(name) {
            match model.wire {
                Wire::Ec2 | Wire::Query => to_xml(model, name, structure, code)?,
                Wire::RestJson => to_json(model, name, structure, code)?,
            }
        }
    }
    Ok(())
}

/// `&["served"], &["refused"], &[("only", &["value"])]`
fn names_checked(served: &[String], structure: &Structure) -> String {
    let only: Vec<String> = structure.only.iter().map(|(name, values)| format!("({name:?}, &{values:?})")).collect();
    format!("&{served:?}, &{:?}, &[{}]", structure.refused, only.join(", "))
}

fn inputs(structure: &Structure) -> impl Iterator<Item = &Member> {
    structure.members.iter().filter(|member| member.is_in)
}

/// `..Default::default()` where the structure has members that no request carries.
fn rest_of(structure: &Structure) -> &'static str {
    if structure.members.iter().all(|member| member.is_in) { "" } else { "            ..Self::default()\n" }
}

fn from_query(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let served: Vec<String> = inputs(structure).map(|m| m.in_name(model.wire)).collect();
    writeln!(code, "impl crate::query::FromQuery for {} {{", names::type_(name))?;
    writeln!(code, "    fn from_query(node: &crate::query::Node, at: &crate::At<'_>) -> Result<Self, crate::WireError> {{")?;
    writeln!(code, "        node.check(at, {})?;\n        Ok(Self {{", names_checked(&served, structure))?;
    for member in inputs(structure) {
        let required = structure.required.contains(&member.name);
        let read = match model.shape(&member.shape)? {
            Shape::Map { .. } => {
                return Err(format!("{name}.{}: maps in form parameters are not generated yet", member.name).into());
            }
            Shape::List { .. } if required => "required_list",
            Shape::List { .. } => "list",
            _ if model.is_plain(name, member) => "required",
            _ => "optional",
        };
        writeln!(code, "            {}: node.{read}(at, {:?})?,", names::field(&member.name), member.in_name(model.wire))?;
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

fn json_read(model: &Model, name: &str, member: &Member) -> Result<&'static str, Failure> {
    Ok(match model.shape(&member.shape)? {
        Shape::List { .. } | Shape::Map { .. } => "many",
        _ if model.is_plain(name, member) => "required",
        _ => "optional",
    })
}

fn from_json(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
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
        writeln!(
            code,
            "            {}: body.{}(at, {:?})?,",
            names::field(&member.name),
            json_read(model, name, member)?,
            member.in_name(model.wire)
        )?;
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

fn from_rest(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let at = |location: Option<&str>| -> Vec<String> {
        inputs(structure)
            .filter(|m| m.location.as_deref() == location && Some(&m.name) != structure.payload.as_ref())
            .map(|m| m.in_name(model.wire))
            .collect()
    };
    let mut open = false;
    for member in inputs(structure).filter(|m| m.location.as_deref() == Some("querystring")) {
        open |= matches!(model.shape(&member.shape)?, Shape::Map { .. });
    }
    let query = at(Some("querystring"));
    writeln!(code, "impl {} {{", names::type_(name))?;
    writeln!(code, "    fn from_rest(input: &crate::rest::Request, at: &crate::At<'_>) -> Result<Self, crate::WireError> {{")?;
    if !open {
        writeln!(code, "        input.check_query(at, &{query:?}, &{:?})?;", structure.refused)?;
    }
    if structure.payload.is_none() {
        let body = if at(None).is_empty() { "_body" } else { "body" };
        writeln!(
            code,
            "        let document = input.document()?;
        let {body} = input.object(&document, at)?;
        {body}.check(at, {})?;",
            names_checked(&at(None), structure)
        )?;
    }
    writeln!(code, "        Ok(Self {{")?;
    for member in inputs(structure) {
        let wire = member.in_name(model.wire);
        let shape = model.shape(&member.shape)?;
        let read = match (member.location.as_deref(), shape) {
            _ if structure.payload.as_ref() == Some(&member.name) => match shape {
                Shape::Scalar("crate::Blob") if model.is_plain(name, member) => "input.payload()".to_owned(),
                Shape::Scalar("crate::Blob") => "Some(input.payload())".to_owned(),
                _ => {
                    return Err(format!("{name}: a structure as payload is not generated yet").into());
                }
            },
            (Some("uri"), _) => format!("input.label(at, {wire:?})?"),
            (Some("querystring"), Shape::Map { .. }) => format!("input.query_map(&{query:?})"),
            (Some("querystring"), Shape::List { .. }) => format!("input.query_list(at, {wire:?})?"),
            (Some("querystring"), _) => format!("input.query(at, {wire:?})?"),
            (Some("header"), _) => format!("input.header(at, {wire:?})?"),
            (None, _) => format!("body.{}(at, {wire:?})?", json_read(model, name, member)?),
            (Some(other), _) => return Err(format!("{name}: unknown location {other}").into()),
        };
        writeln!(code, "            {}: {read},", names::field(&member.name))?;
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

fn to_xml(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let members: Vec<&Member> = structure.members.iter().filter(|member| member.is_out).collect();
    let xml = if members.is_empty() { "_xml" } else { "xml" };
    writeln!(code, "impl crate::xml::ToXml for {} {{", names::type_(name))?;
    writeln!(code, "    fn to_xml(&self, {xml}: &mut crate::xml::XmlWriter) {{")?;
    for member in members {
        let field = names::field(&member.name);
        let wire = member.out_name();
        match model.shape(&member.shape)? {
            Shape::List { flattened, .. } if *flattened || member.flattened => {
                writeln!(code, "        xml.flat_list({wire:?}, &self.{field});")?;
            }
            Shape::List { item_name, .. } => {
                let item = item_name.as_deref().unwrap_or("member");
                writeln!(code, "        xml.list({wire:?}, {item:?}, &self.{field});")?;
            }
            Shape::Map { .. } => {
                return Err(format!("{name}.{}: maps in XML are not generated yet", member.name).into());
            }
            _ => writeln!(code, "        xml.optional({wire:?}, self.{field}.as_ref());")?,
        }
    }
    writeln!(code, "    }}\n}}\n")?;
    Ok(())
}

fn to_json(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    writeln!(code, "impl crate::json::ToJson for {} {{", names::type_(name))?;
    writeln!(code, "    fn to_json(&self) -> serde_json::Value {{")?;
    writeln!(code, "        let mut object = crate::json::ObjectWriter::default();")?;
    for member in structure.members.iter().filter(|member| member.is_out) {
        if member.location.is_some() {
            return Err(format!("{name}.{}: results outside the body are not generated yet", member.name).into());
        }
        let field = names::field(&member.name);
        let wire = member.out_name();
        match model.shape(&member.shape)? {
            Shape::List { .. } | Shape::Map { .. } => {
                let always = structure.always.contains(&member.name);
                writeln!(code, "        object.many({wire:?}, &self.{field}, self.{field}.is_empty(), {always});")?;
            }
            _ => writeln!(code, "        object.optional({wire:?}, self.{field}.as_ref());")?,
        }
    }
    writeln!(code, "        object.finish()\n    }}\n}}\n")?;
    Ok(())
}

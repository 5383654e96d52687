//! Paths, query strings, headers and payloads.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{in_body, inputs, json, names_checked, only, rest_of, xml};
use crate::model::{Failure, Member, Model, Operation, Shape, Structure, Wire};
use crate::names;

pub fn from_rest(model: &Model, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
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
        writeln!(code, "        input.check_query(at, {})?;", names_checked(&query, structure))?;
    }
    if !structure.refused_headers.is_empty() || !structure.only_headers.is_empty() {
        let only = only(&structure.only_headers);
        writeln!(code, "        input.check_headers(at, &{:?}, &[{only}])?;", structure.refused_headers)?;
    }
    if structure.payload.is_none() {
        body(model, name, &at(None), structure, code)?;
    }
    writeln!(code, "        Ok(Self {{")?;
    for member in inputs(structure) {
        write_read(model, name, structure, member, &query, code)?;
    }
    writeln!(code, "{}        }})\n    }}\n}}\n", rest_of(structure))?;
    Ok(())
}

/// Opens the body that the members without a place of their own stand in.
fn body(model: &Model, name: &str, served: &[String], structure: &Structure, code: &mut String) -> Result<(), Failure> {
    let checked = names_checked(served, structure);
    if model.wire == Wire::RestJson {
        let body = if served.is_empty() { "_body" } else { "body" };
        writeln!(code, "        let document = input.document()?;")?;
        writeln!(code, "        let {body} = input.object(&document, at)?;\n        {body}.check(at, {checked})?;")?;
    } else if !served.is_empty() {
        let operation = model.operations.iter().find(|operation| operation.input == name);
        let root = operation.and_then(|operation| operation.input_root.as_deref()).unwrap_or(name);
        writeln!(code, "        let body = input.xml(at, {root:?})?;\n        body.check(at, {checked})?;")?;
    }
    Ok(())
}

fn write_read(
    model: &Model,
    name: &str,
    structure: &Structure,
    member: &Member,
    query: &[String],
    code: &mut String,
) -> Result<(), Failure> {
    let wire = member.in_name(model.wire);
    let shape = model.shape(&member.shape)?;
    let plain = model.is_plain(name, member);
    let required = structure.required.contains(&member.name);
    // What is read as an `Option` and has to be there.
    let sure = |read: String| match (plain, required) {
        (true, _) => format!("{read}?.ok_or_else(|| at.member({wire:?}).missing())?"),
        (false, true) => format!("Some({read}?.ok_or_else(|| at.member({wire:?}).missing())?)"),
        (false, false) => format!("{read}?"),
    };
    let read = match (member.location.as_deref(), shape) {
        _ if structure.payload.as_ref() == Some(&member.name) => match (shape, model.wire) {
            (Shape::Scalar("crate::Blob"), _) if plain => "input.payload()".to_owned(),
            (Shape::Scalar("crate::Blob"), _) => "Some(input.payload())".to_owned(),
            (Shape::Scalar(_), _) => sure("input.text_payload(at)".to_owned()),
            (Shape::Structure(_), Wire::RestXml) => sure(format!("input.xml_payload(at, {wire:?})")),
            (Shape::Structure(_), _) => sure("input.json_payload(at)".to_owned()),
            _ => return Err(format!("{name}: this payload is not generated").into()),
        },
        (Some("uri"), _) if plain => format!("input.label(at, {wire:?})?"),
        (Some("uri"), _) => format!("Some(input.label(at, {wire:?})?)"),
        (Some("querystring"), Shape::Map { .. }) => format!("input.query_map(&{query:?})"),
        (Some("querystring"), Shape::List { .. }) => format!("input.query_list(at, {wire:?})?"),
        (Some("querystring"), _) => sure(format!("input.query(at, {wire:?})")),
        (Some("headers"), Shape::Map { .. }) => format!("input.header_map(at, {wire:?})?"),
        (Some("header"), Shape::List { .. }) => format!("input.header_list(at, {wire:?})?"),
        (Some("header"), _) => sure(format!("input.header(at, {wire:?})")),
        (None, _) => {
            let read = if model.wire == Wire::RestXml { xml::read } else { json::read };
            code.push_str(&read(model, name, structure, member)?);
            return Ok(());
        }
        (Some(other), _) => return Err(format!("{name}: unknown location {other}").into()),
    };
    writeln!(code, "            {}: {read},", names::field(&member.name))?;
    Ok(())
}

/// `crate::rest::Output` for each operation's result.
pub fn outputs(model: &Model, code: &mut String) -> Result<(), Failure> {
    let mut written = BTreeSet::new();
    for operation in &model.operations {
        let Some(output) = &operation.output else { continue };
        if !written.insert(output) {
            continue;
        }
        let Shape::Structure(structure) = model.shape(output)? else {
            return Err(format!("{}: the result is no structure", operation.name).into());
        };
        write_output(model, operation, output, structure, code).map_err(|error| format!("{output}: {error}"))?;
    }
    Ok(())
}

fn write_output(model: &Model, operation: &Operation, name: &str, structure: &Structure, code: &mut String) -> Result<(), Failure> {
    writeln!(code, "impl crate::rest::Output for {} {{", names::type_(name))?;
    writeln!(code, "    fn write(&self, answer: &mut crate::rest::Answer) {{")?;
    let located: Vec<&Member> = structure.members.iter().filter(|m| m.is_out && m.location.is_some()).collect();
    for member in &located {
        let (field, wire) = (names::field(&member.name), member.out_name());
        match (member.location.as_deref(), model.shape(&member.shape)?) {
            (Some("header"), Shape::Scalar(_)) => writeln!(code, "        answer.header({wire:?}, self.{field}.as_ref());")?,
            (Some("headers"), Shape::Map { .. }) => writeln!(code, "        answer.headers({wire:?}, &self.{field});")?,
            (Some("statusCode"), _) => writeln!(code, "        answer.status(self.{field});")?,
            _ => return Err(format!("the place of {} is not generated", member.name).into()),
        }
    }
    let namespace = &model.namespace;
    let root = |default: &str| operation.root.clone().unwrap_or_else(|| default.to_owned());
    if let Some(payload) = &structure.payload {
        let member = structure.members.iter().find(|m| m.is_out && m.name == *payload).ok_or("the payload is not produced")?;
        let field = names::field(&member.name);
        match (model.shape(&member.shape)?, model.wire) {
            (Shape::Scalar("crate::Blob"), _) => writeln!(code, "        answer.blob(self.{field}.as_ref());")?,
            (Shape::Scalar("String"), _) => writeln!(code, "        answer.text(self.{field}.as_deref());")?,
            (Shape::Structure(_), Wire::RestXml) => {
                let root = root(member.out_name());
                writeln!(code, "        if let Some(value) = &self.{field} {{ answer.xml({root:?}, {namespace:?}, value); }}")?;
            }
            (Shape::Structure(_), _) => {
                writeln!(code, "        if let Some(value) = &self.{field} {{ answer.json(crate::json::ToJson::to_json(value)); }}")?;
            }
            _ => return Err("this payload is not generated".into()),
        }
    } else if in_body(structure).next().is_some() || operation.root.is_some() || (located.is_empty() && model.wire == Wire::RestJson) {
        match (model.wire, in_body(structure).next()) {
            // `<LocationConstraint>eu-west-1</LocationConstraint>`: the one member is the document.
            (Wire::RestXml, Some(only)) if operation.root.as_deref() == Some(only.out_name()) => {
                let field = names::field(&only.name);
                let text = format!("self.{field}.as_ref().unwrap_or(&String::new())");
                writeln!(code, "        answer.xml({:?}, {namespace:?}, {text});", only.out_name())?;
            }
            (Wire::RestXml, _) => writeln!(code, "        answer.xml({:?}, {namespace:?}, self);", root(name))?,
            _ => writeln!(code, "        answer.json(crate::json::ToJson::to_json(self));")?,
        }
    }
    writeln!(code, "    }}\n}}\n")?;
    Ok(())
}

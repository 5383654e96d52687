//! Reading requests and writing results: which codec each structure needs, and what all share.

#[path = "codec/json.rs"]
mod json;
#[path = "codec/query.rs"]
mod query;
#[path = "codec/rest.rs"]
mod rest;
#[path = "codec/xml.rs"]
mod xml;

use crate::model::{Failure, Member, Model, Shape, Structure, Wire};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    let top: Vec<&str> = model.operations.iter().map(|o| o.input.as_str()).collect();
    for (name, structure) in model.structures() {
        if model.inputs.contains(name) {
            match model.wire {
                Wire::Ec2 | Wire::Query => query::from_query(model, name, structure, code)?,
                wire if wire.is_rest() && top.contains(&name.as_str()) => rest::from_rest(model, name, structure, code)?,
                Wire::Json | Wire::RestJson => json::from_json(model, name, structure, code)?,
                Wire::RestXml => xml::from_xml(model, name, structure, code)?,
            }
        }
        if model.outputs.contains(name) {
            match model.wire {
                Wire::Ec2 | Wire::Query | Wire::RestXml => xml::to_xml(model, name, structure, code)?,
                Wire::Json | Wire::RestJson => json::to_json(model, name, structure, code)?,
            }
        }
    }
    if model.wire.is_rest() {
        rest::outputs(model, code)?;
    }
    Ok(())
}

/// `&["served"], &["refused"], &[("only", &["value"])]`
fn names_checked(served: &[String], structure: &Structure) -> String {
    format!("&{served:?}, &{:?}, &[{}]", structure.refused, only(&structure.only))
}

fn only(values: &[(String, Vec<String>)]) -> String {
    let pairs: Vec<String> = values.iter().map(|(name, values)| format!("({name:?}, &{values:?})")).collect();
    pairs.join(", ")
}

fn inputs(structure: &Structure) -> impl Iterator<Item = &Member> {
    structure.members.iter().filter(|member| member.is_in)
}

/// The members that a result carries in its body.
fn in_body(structure: &Structure) -> impl Iterator<Item = &Member> {
    structure.members.iter().filter(|m| m.is_out && m.location.is_none() && structure.payload.as_ref() != Some(&m.name))
}

/// `..Default::default()` where the structure has members that no request carries.
fn rest_of(structure: &Structure) -> &'static str {
    if structure.members.iter().all(|member| member.is_in) { "" } else { "            ..Self::default()\n" }
}

/// `field: from.read(at, "Name")?,` for a scalar or a structure: a plain value, an `Option` that has
/// to be there (results use the same structure), or an `Option`.
fn single(model: &Model, name: &str, structure: &Structure, member: &Member, from: &str) -> String {
    let (field, wire) = (names::field(&member.name), member.in_name(model.wire));
    if model.is_plain(name, member) {
        format!("            {field}: {from}.required(at, {wire:?})?,\n")
    } else if structure.required.contains(&member.name) {
        format!("            {field}: Some({from}.required(at, {wire:?})?),\n")
    } else {
        format!("            {field}: {from}.optional(at, {wire:?})?,\n")
    }
}

fn is_time(model: &Model, shape: &str) -> bool {
    matches!(model.shapes.get(shape), Some(Shape::Scalar("crate::Timestamp")))
}

//! What a request's members have to be: lengths, ranges, enumerations and patterns.

use std::fmt::Write as _;

use crate::model::{Failure, Limit, Member, Model, Shape};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    let mut checks = String::new();
    for (name, structure) in model.structures().filter(|(name, _)| model.has_limits() && model.inputs.contains(*name)) {
        let mut lines = String::new();
        for member in structure.members.iter().filter(|member| member.is_in) {
            line(model, name, member, &mut lines)?;
        }
        let (at, wrong) = if lines.is_empty() { ("_at", "_wrong") } else { ("at", "wrong") };
        writeln!(
            checks,
            "impl crate::limits::Limits for {} {{
    fn limits(&self, {at}: &crate::At<'_>, {wrong}: &mut crate::limits::Wrong) {{\n{lines}    }}\n}}\n",
            names::type_(name)
        )?;
    }
    let mut patterns = Vec::new();
    for (shape, limit) in &model.limits {
        let name = static_name(shape);
        if checks.contains(&format!("&{name})")) || checks.contains(&format!("&{name},")) {
            writeln!(code, "static {name}: crate::limits::Limit = {};", built(limit))?;
            patterns.extend(limit.pattern.clone());
        }
    }
    writeln!(code, "#[cfg(test)]\npub(crate) const PATTERNS: &[&str] = &{patterns:?};")?;
    code.push_str(&checks);
    Ok(())
}

fn line(model: &Model, structure: &str, member: &Member, lines: &mut String) -> Result<(), Failure> {
    let (field, wire) = (names::field(&member.name), member.in_name(model.wire));
    let limit = |shape: &str| match model.limits.get(shape) {
        Some(_) => format!("Some(&{})", static_name(shape)),
        None => "None".to_owned(),
    };
    let limited = |shape: &str| model.limits.contains_key(shape);
    match model.shape(&member.shape)? {
        Shape::Scalar("String" | "i32" | "i64") if limited(&member.shape) => {
            let value = if model.is_plain(structure, member) { format!("Some(&self.{field})") } else { format!("self.{field}.as_ref()") };
            writeln!(lines, "        wrong.one(at, {wire:?}, {value}, &{});", static_name(&member.shape))?;
        }
        Shape::Scalar(_) => {}
        Shape::Structure(_) if model.is_plain(structure, member) => {
            writeln!(lines, "        crate::limits::Limits::limits(&self.{field}, &at.member({wire:?}), wrong);")?;
        }
        Shape::Structure(_) => {
            writeln!(
                lines,
                "        if let Some(inner) = &self.{field} {{ crate::limits::Limits::limits(inner, &at.member({wire:?}), wrong); }}"
            )?;
        }
        Shape::List { item, .. } => {
            let of = limit(&member.shape);
            match model.shape(item)? {
                Shape::Structure(_) => writeln!(lines, "        wrong.structures(at, {wire:?}, &self.{field}, {of});")?,
                Shape::Scalar("String") if limited(item) || limited(&member.shape) => {
                    let told = matches!(model.shapes.get(structure), Some(Shape::Structure(s)) if s.told.contains(&member.name));
                    let values = if told { format!("self.{field}.as_deref().unwrap_or_default()") } else { format!("&self.{field}") };
                    writeln!(lines, "        wrong.list(at, {wire:?}, {values}, {of}, {});", limit(item))?;
                }
                _ => {}
            }
        }
        Shape::Map { key, value, .. } => {
            if matches!(model.shape(value)?, Shape::Scalar("String")) && [&member.shape, key, value].iter().any(|s| limited(s)) {
                let (of, keys, values) = (limit(&member.shape), limit(key), limit(value));
                writeln!(lines, "        wrong.map(at, {wire:?}, &self.{field}, {of}, {keys}, {values});")?;
            }
        }
    }
    Ok(())
}

fn static_name(shape: &str) -> String {
    format!("LIMIT_{}", names::field(shape).to_uppercase())
}

fn built(limit: &Limit) -> String {
    let mut text = "crate::limits::Limit::new()".to_owned();
    if let Some(least) = limit.min {
        let _ = write!(text, ".least({least})");
    }
    if let Some(most) = limit.max {
        let _ = write!(text, ".most({most})");
    }
    if !limit.values.is_empty() {
        let _ = write!(text, ".one_of(&{:?})", limit.values);
    }
    if let Some(pattern) = &limit.pattern {
        let _ = write!(text, ".pattern({pattern:?})");
    }
    if limit.secret {
        text.push_str(".secret()");
    }
    text
}

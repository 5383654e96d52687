//! Who can call and what can be called, for people and as JSON (`docs/explain-schema.md`).
use super::{Callable, CallableMethod, Request, Standing, counts};
use crate::render::{blocker_json, fix_json};
use crate::{Source, Verdict};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many sources of one line are named; the JSON names all.
const NAMED_MAX: usize = 8;

/// The name of a source: its id, the function's name, or the address.
#[must_use]
pub fn source_name(source: &Source) -> String {
    match source {
        Source::Instance(id) => id.to_string(),
        Source::Function(_, name) => name.clone(),
        Source::Interface(id) => id.to_string(),
        Source::Address { ip, via } => format!("{ip}@{via}"),
    }
}

const HEADINGS: [&str; 4] = ["can call it", "not known whether they can", "could but for one setting", "cannot"];

/// Who can make a call, as prose.
#[must_use]
pub fn who_can_text(request: &Request, standings: &[Standing]) -> String {
    let mut out = format!("{} {}\n", request.method, request.url.text);
    for (rank, (heading, count)) in HEADINGS.iter().zip(counts(standings)).enumerate() {
        let _ = writeln!(out, "{heading}: {count}");
        for standing in standings.iter().filter(|standing| usize::from(standing.rank()) == rank) {
            let groups: Vec<&str> = standing.place.groups.iter().map(|group| group.as_str()).collect();
            let place = format!("{} {} {}", standing.place.vpc, standing.place.subnet, groups.join(","));
            let _ = writeln!(out, "  {place}: {}", named(&standing.sources));
            write_why(&mut out, standing);
        }
    }
    out
}

fn named(sources: &[Source]) -> String {
    let mut names: Vec<String> = sources.iter().take(NAMED_MAX).map(source_name).collect();
    if let Some(more) = sources.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

fn write_why(out: &mut String, standing: &Standing) {
    for blocker in &standing.blockers {
        let _ = writeln!(out, "    {} at {}: {}", blocker.cause, blocker.step.word(), blocker.detail);
    }
    for missing in standing.missing.iter().filter(|_| standing.verdict == Verdict::Undetermined) {
        let _ = writeln!(out, "    not known: {missing}");
    }
    if standing.is_one_setting_away() {
        for fix in &standing.fixes {
            let first = standing.sources.first().filter(|_| standing.sources.len() > 1).map(source_name);
            let whose = first.map(|name| format!(" (for {name})")).unwrap_or_default();
            let _ = writeln!(out, "    fix{whose}: {}", fix.summary);
            for line in fix.commands.iter().chain(&fix.instead) {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
}

/// Who can make a call, as JSON.
#[must_use]
pub fn who_can_json(request: &Request, standings: &[Standing]) -> Value {
    let [can, unknown, nearly, cannot] = counts(standings);
    json!({
        "schema": "vpclab.who-can/1",
        "call": {"method": request.method, "url": request.url.text, "headers": request.headers},
        "counts": {"reachable": can, "undetermined": unknown, "oneSettingAway": nearly, "blocked": cannot},
        "standings": standings.iter().map(standing_json).collect::<Vec<_>>(),
    })
}

fn standing_json(standing: &Standing) -> Value {
    json!({
        "verdict": standing.verdict.word(),
        "oneSettingAway": standing.is_one_setting_away(),
        "vpc": standing.place.vpc.as_str(),
        "subnet": standing.place.subnet.as_str(),
        "securityGroups": standing.place.groups.iter().map(|group| group.as_str()).collect::<Vec<_>>(),
        "sources": standing.sources.iter().map(source_json).collect::<Vec<_>>(),
        "blockers": standing.blockers.iter().map(blocker_json).collect::<Vec<_>>(),
        "fixes": standing.fixes.iter().map(fix_json).collect::<Vec<_>>(),
        "missing": standing.missing,
    })
}

fn source_json(source: &Source) -> Value {
    match source {
        Source::Instance(id) => json!({"kind": "instance", "id": id.as_str()}),
        Source::Function(scope, name) => {
            json!({"kind": "function", "id": name, "account": scope.account.as_str(), "region": scope.region.as_str()})
        }
        Source::Interface(id) => json!({"kind": "network-interface", "id": id.as_str()}),
        Source::Address { ip, via } => json!({"kind": "address", "id": ip.to_string(), "via": via.as_str()}),
    }
}

/// What one source can call, as prose.
#[must_use]
pub fn what_can_text(from: &Source, callables: &[Callable]) -> String {
    let mut out = format!("from {}\n", source_name(from));
    for callable in callables {
        let headers: String = callable.headers.iter().map(|(name, value)| format!(" -H '{name}: {value}'")).collect();
        let _ =
            writeln!(out, "{} ({}) stage {}: {}/{}{headers}", callable.api, callable.name, callable.stage, callable.base, callable.stage);
        for method in &callable.methods {
            let _ = writeln!(out, "  {} {:<7} {}", mark(method), method.method, method.path);
        }
        // Blocks that all methods share are told once.
        let mut told: Vec<String> = Vec::new();
        for standing in callable.methods.iter().map(|method| &method.standing) {
            let mut why = String::new();
            write_why(&mut why, standing);
            if !why.is_empty() && !told.contains(&why) {
                out.push_str(&why);
                told.push(why);
            }
        }
        if callable.left_out > 0 {
            let _ = writeln!(out, "  and {} more methods, not judged", callable.left_out);
        }
    }
    if callables.is_empty() {
        out.push_str("there is no private API that is deployed to a stage\n");
    }
    out
}

fn mark(method: &CallableMethod) -> &'static str {
    match method.standing.verdict {
        Verdict::Reachable => "ok",
        Verdict::Undetermined => "??",
        Verdict::Blocked if method.standing.is_one_setting_away() => "X1",
        Verdict::Blocked => "XX",
    }
}

/// What one source can call, as JSON.
#[must_use]
pub fn what_can_json(from: &Source, callables: &[Callable]) -> Value {
    let shown = callables.iter().map(|callable| {
        let methods = callable.methods.iter().map(|method| {
            let mut value = standing_json(&method.standing);
            if let Some(members) = value.as_object_mut() {
                members.insert("method".to_owned(), json!(method.method));
                members.insert("path".to_owned(), json!(method.path));
            }
            value
        });
        json!({
            "api": callable.api.as_str(),
            "name": callable.name,
            "stage": callable.stage,
            "base": callable.base,
            "headers": callable.headers,
            "methods": methods.collect::<Vec<_>>(),
            "leftOut": callable.left_out,
        })
    });
    json!({"schema": "vpclab.what-can/1", "from": source_json(from), "apis": shown.collect::<Vec<_>>()})
}

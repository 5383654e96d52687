//! The prose of an explanation: a short tree, the blockers, and what mends them.
use crate::{Blocker, Explanation, Fix, Outcome, StepVerdict, Verdict};
use std::fmt::Write as _;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Every step with its evidence and the page it rests on, rather than one line each.
    pub all_steps: bool,
}

/// An explanation for people.
#[must_use]
pub fn text(explanation: &Explanation, style: Style) -> String {
    let mut out = String::new();
    let call = &explanation.call;
    let _ = writeln!(out, "{} {}", call.method, call.url.text);
    for step in &explanation.steps {
        let mark = match step.verdict {
            StepVerdict::Pass => "ok",
            StepVerdict::Block => "XX",
            StepVerdict::Undetermined => "??",
            StepVerdict::Skipped => "--",
        };
        let _ = writeln!(out, "  {mark} {:<22} {}", step.kind.word(), step.summary);
        if style.all_steps {
            for evidence in &step.evidence {
                let detail = if evidence.detail.is_empty() { String::new() } else { format!(": {}", evidence.detail) };
                let _ = writeln!(out, "     {:<22} {} {}{detail}", "", evidence.kind.word(), evidence.id);
            }
            let _ = writeln!(out, "     {:<22} {}", "", step.cites);
        }
    }
    let _ = writeln!(out, "{}", verdict(explanation));
    for (at, blocker) in explanation.blockers.iter().enumerate() {
        write_blocker(&mut out, &format!("blocker {}", at + 1), blocker, explanation.fixes.as_slice());
    }
    for warning in &explanation.warnings {
        write_blocker(&mut out, "warning", warning, &[]);
    }
    for missing in &explanation.missing {
        let _ = writeln!(out, "not known: {missing}");
    }
    write_fixes(&mut out, &explanation.fixes);
    out
}

/// Verdict and outcome in one line.
fn verdict(explanation: &Explanation) -> String {
    let word = explanation.verdict.word();
    match (&explanation.outcome, explanation.verdict) {
        (Some(outcome), Verdict::Reachable | Verdict::Blocked) => format!("{word}: {}", sees(outcome)),
        (Some(_) | None, _) => format!("{word}: what the client sees hangs on what is not known"),
    }
}

/// What the client sees, in words; that it is not known, where it is not.
#[must_use]
pub fn outcome_text(explanation: &Explanation) -> String {
    explanation.outcome.as_ref().map_or_else(|| "what the client sees hangs on what is not known".to_owned(), sees)
}

/// What the client sees, in words.
fn sees(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status: None } => "the API answers".to_owned(),
        Outcome::Answered { status: Some(status) } => format!("the API answers {status}"),
        Outcome::NoClient => "there is no client that could make the call".to_owned(),
        Outcome::NoSuchName => "the client sees \"could not resolve host\"".to_owned(),
        Outcome::NoResolver => "the client waits for the resolver until it gives up".to_owned(),
        Outcome::Timeout => "the client's connection times out".to_owned(),
        Outcome::TlsNameMismatch => "the client refuses the certificate".to_owned(),
        Outcome::TlsFailed => "the connection ends without an answer".to_owned(),
        Outcome::Http { status, error_type, body } => format!("the client sees {status} {error_type} {body}"),
    }
}

fn write_blocker(out: &mut String, label: &str, blocker: &Blocker, chosen: &[Fix]) {
    let _ = writeln!(out, "{label}: {} at {}: {}", blocker.cause, blocker.step.word(), blocker.detail);
    for fix in blocker.fixes.iter().filter(|fix| !chosen.contains(fix)) {
        let how = fix.commands.first().or(fix.instead.as_ref()).map(|line| format!(": {line}")).unwrap_or_default();
        let _ = writeln!(out, "  or: {}{how}", fix.summary);
    }
    let _ = writeln!(out, "  see {}", blocker.cause.page());
}

fn write_fixes(out: &mut String, fixes: &[Fix]) {
    for (at, fix) in fixes.iter().enumerate() {
        let _ = writeln!(out, "fix {}: {} (account {})", at + 1, fix.summary, fix.account);
        for command in &fix.commands {
            let _ = writeln!(out, "  {command}");
        }
        if let Some(call) = &fix.instead {
            let _ = writeln!(out, "  call {call}");
        }
        for change in &fix.template {
            let property = if change.property.is_empty() { String::new() } else { format!(".{}", change.property) };
            let _ = writeln!(out, "  template: {} {}{property}: {}", change.resource_type, change.id, change.value);
        }
    }
}

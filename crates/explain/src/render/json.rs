//! The JSON of an explanation: `vpclab.explain/1`, described in `docs/explain-schema.md`.
use crate::{Blocker, Call, Evidence, Explanation, Fix, Outcome, Scheme, Source, Step};
use serde_json::{Value, json};

/// The schema's name and version. Members may be added within a version; none is removed or given another meaning.
pub const SCHEMA: &str = "vpclab.explain/1";

/// An explanation as JSON.
#[must_use]
pub fn json(explanation: &Explanation) -> Value {
    json!({
        "schema": SCHEMA,
        "call": call(&explanation.call),
        "verdict": explanation.verdict.word(),
        "outcome": explanation.outcome.as_ref().map(outcome),
        "steps": explanation.steps.iter().map(step).collect::<Vec<_>>(),
        "blockers": explanation.blockers.iter().map(blocker).collect::<Vec<_>>(),
        "fixes": explanation.fixes.iter().map(fix).collect::<Vec<_>>(),
        "warnings": explanation.warnings.iter().map(blocker).collect::<Vec<_>>(),
        "missing": explanation.missing,
    })
}

fn call(call: &Call) -> Value {
    let from = match &call.from {
        Source::Instance(id) => json!({"kind": "instance", "id": id.as_str()}),
        Source::Function(scope, name) => {
            json!({"kind": "function", "id": name, "account": scope.account.as_str(), "region": scope.region.as_str()})
        }
        Source::Interface(id) => json!({"kind": "network-interface", "id": id.as_str()}),
        Source::Address { ip, via } => json!({"kind": "address", "id": ip.to_string(), "via": via.as_str()}),
    };
    let scheme = match call.url.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    json!({
        "from": from,
        "method": call.method,
        "url": call.url.text,
        "scheme": scheme,
        "host": call.url.host,
        "port": call.url.port,
        "headers": call.headers.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
        "connectTo": call.connect_to.map(|address| address.to_string()),
        "signedBy": call.credentials.as_ref().map(|who| who.arn.as_str()),
        "at": call.now.0,
    })
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Answered { status: None } => json!({"kind": "answered"}),
        Outcome::Answered { status: Some(status) } => json!({"kind": "answered", "status": status}),
        Outcome::NoClient => json!({"kind": "no-client"}),
        Outcome::NoSuchName => json!({"kind": "no-such-name"}),
        Outcome::NoResolver => json!({"kind": "no-resolver"}),
        Outcome::Timeout => json!({"kind": "timeout"}),
        Outcome::TlsNameMismatch => json!({"kind": "tls-name-mismatch"}),
        Outcome::TlsFailed => json!({"kind": "tls-failed"}),
        Outcome::Http { status, error_type, body } => json!({"kind": "http", "status": status, "errorType": error_type, "body": body}),
    }
}

fn step(step: &Step) -> Value {
    json!({
        "step": step.kind.word(),
        "verdict": step.verdict.word(),
        "summary": step.summary,
        "evidence": evidence(&step.evidence),
        "cites": step.cites,
    })
}

fn evidence(all: &[Evidence]) -> Value {
    all.iter().map(|one| json!({"kind": one.kind.word(), "id": one.id, "detail": one.detail})).collect()
}

/// A blocker as JSON.
#[must_use]
pub fn blocker(blocker: &Blocker) -> Value {
    json!({
        "cause": blocker.cause.code(),
        "title": blocker.cause.title(),
        "step": blocker.step.word(),
        "detail": blocker.detail,
        "evidence": evidence(&blocker.evidence),
        "page": blocker.cause.page(),
        "fixes": blocker.fixes.iter().map(fix).collect::<Vec<_>>(),
    })
}

/// A fix as JSON.
#[must_use]
pub fn fix(fix: &Fix) -> Value {
    json!({
        "summary": fix.summary,
        "account": fix.account.as_str(),
        "commands": fix.commands,
        "template": fix.template.iter().map(|change| json!({
            "type": change.resource_type, "id": change.id, "property": change.property, "value": change.value,
        })).collect::<Vec<_>>(),
        "instead": fix.instead,
    })
}

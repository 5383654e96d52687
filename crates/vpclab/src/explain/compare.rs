//! The judgement and the packets, held against each other.
use crate::report::Failure;
use anstream::{eprintln, print, println};
use serde_json::{Value, json};
use vpclab_explain::{Explanation, Outcome};
use vpclab_probe::{HttpFailure, Outcome as Made, Probe, TlsFailure};

/// `{"agrees": true | false | null, "expected": …, "happened": …}`; `null` where the judgement leaves the outcome open.
pub fn agreement(explanation: &Explanation, probe: &Probe) -> Value {
    let happened = serde_json::to_value(&probe.outcome).unwrap_or_default();
    let expected = vpclab_explain::render::json(explanation).get("outcome").cloned().unwrap_or_default();
    let agrees = explanation.outcome.as_ref().map(|outcome| same(outcome, probe));
    json!({"agrees": agrees, "expected": expected, "happened": happened})
}

/// Whether what was expected is what happened.
pub fn same(expected: &Outcome, probe: &Probe) -> bool {
    match (expected, &probe.outcome) {
        // An API's own answer carries no error type of the gateway's; its status is compared where it is known.
        (Outcome::Answered { status }, Made::Answered { status: made, error_type }) => {
            error_type.is_none() && status.is_none_or(|status| status == *made)
        }
        (Outcome::NoSuchName, Made::NoSuchName | Made::NameRefused { .. }) => true,
        // Nobody in the subnet has the address: whoever waits less than the kernel sees a timeout.
        (Outcome::NoResolver, Made::NoResolver) | (Outcome::Timeout, Made::ConnectTimeout | Made::NoRoute) => true,
        (Outcome::TlsNameMismatch, Made::Tls { why }) => *why == TlsFailure::WrongName,
        (Outcome::TlsFailed, Made::Tls { why }) => *why != TlsFailure::WrongName,
        (Outcome::TlsFailed, Made::Http { why }) => *why == HttpFailure::Broken,
        (Outcome::Http { status, error_type, body }, Made::Answered { status: made, error_type: of }) => {
            let response = probe.http.as_ref().and_then(|http| http.response.as_ref());
            // How a gateway response of the API words an error is not judged.
            let worded = body.starts_with("as the API's gateway responses word it");
            status == made && of.as_deref() == Some(error_type) && response.is_some_and(|response| worded || &response.body == body)
        }
        _ => false,
    }
}

/// Tells what the call came to and whether it agrees; loudly when it does not.
pub fn tell(value: &Value, as_json: bool) -> Result<(), Failure> {
    if !as_json {
        println!("\nthe call, made:");
        print!("{}", value.get("probeText").and_then(Value::as_str).unwrap_or_default());
    }
    let agreement = value.get("agreement").unwrap_or(&Value::Null);
    match agreement.get("agrees").and_then(Value::as_bool) {
        Some(true) => {
            eprintln!("the packets agree");
            Ok(())
        }
        None => {
            eprintln!("not compared: the judgement leaves the outcome open");
            Ok(())
        }
        Some(false) => {
            let of = |key: &str| agreement.get(key).map(ToString::to_string).unwrap_or_default();
            Err(Failure::new(format!("THE PACKETS DISAGREE WITH THE JUDGEMENT: expected {}, happened {}", of("expected"), of("happened")))
                .hint("this is a bug of vpclab: please report it with `vpclab export` and the output of this command"))
        }
    }
}

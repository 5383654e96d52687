//! What can be told of a request once it has been judged: the values of access logs and gateway responses.
use crate::authorizer::Authorized;
use crate::call::Routed;
use crate::fate::{ErrorAnswer, Fate};
use bytes::Bytes;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;
use vpclab_api::template::{Reference, Values};

/// What was noted on the way.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The body as it came.
    pub(crate) body: OnceLock<Bytes>,
    /// What a Lambda authorizer said of the caller.
    pub(crate) authorized: OnceLock<Authorized>,
    /// What the integration did.
    pub(crate) integration: OnceLock<Integrated>,
}

/// What an integration did.
#[derive(Debug)]
pub(crate) struct Integrated {
    /// Its status, when it answered.
    pub(crate) status: Option<u16>,
    /// How long it took.
    pub(crate) latency: Duration,
}

/// A judged request.
pub(crate) struct Told<'a> {
    /// The request; where it could not be routed, without resource.
    pub(crate) routed: Routed<'a>,
    pub(crate) trail: &'a Trail,
    /// The error, when it is one: the text of its message and its type.
    pub(crate) error: Option<ErrorText>,
    /// The status, the length and the time of the answer, once it is there.
    pub(crate) answer: Option<Answered>,
}

/// What is said of an error.
pub(crate) struct ErrorText {
    pub(crate) message: Option<String>,
    pub(crate) response_type: &'static str,
    /// What is wrong with the body, in a list.
    pub(crate) validation: Option<String>,
}

/// The answer's outside.
#[derive(Clone, Copy)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) length: usize,
    pub(crate) latency: Duration,
}

impl ErrorText {
    pub(crate) fn of(fate: &Fate, error: &ErrorAnswer) -> Self {
        let body: Option<serde_json::Value> = serde_json::from_slice(&error.body).ok();
        let message = body.as_ref().and_then(|body| body.get("message").or_else(|| body.get("Message"))?.as_str());
        let validation = match fate {
            Fate::InvalidBody(why) => Some(format!("[{}]", why.join(", "))),
            _ => None,
        };
        let response_type = fate.gateway_response().map_or("-", |kind| kind.as_str());
        Self { message: message.map(str::to_owned), response_type, validation }
    }
}

impl Values for Told<'_> {
    fn append(&self, reference: &Reference, out: &mut String) -> bool {
        let Reference::Context(path) = reference else { return self.routed.append(reference, out) };
        let error = self.error.as_ref();
        let message = error.and_then(|error| error.message.as_deref());
        let integration = self.trail.integration.get();
        let written = match path.as_str() {
            "status" => self.answer.map(|answer| write!(out, "{}", answer.status)),
            "responseLength" => self.answer.map(|answer| write!(out, "{}", answer.length)),
            "responseLatency" => self.answer.map(|answer| write!(out, "{}", answer.latency.as_millis())),
            "integration.latency" | "integrationLatency" => integration.map(|done| write!(out, "{}", done.latency.as_millis())),
            "integration.status" | "integration.integrationStatus" | "integrationStatus" => {
                integration.and_then(|done| done.status).map(|status| write!(out, "{status}"))
            }
            "integration.error" | "integrationErrorMessage" => {
                message.filter(|_| integration.is_some_and(|done| done.status.is_none())).map(|text| write!(out, "{text}"))
            }
            "error.message" => message.map(|text| write!(out, "{text}")),
            "error.messageString" => message.map(|text| write!(out, "{}", serde_json::Value::from(text))),
            "error.validationErrorString" => error.and_then(|error| error.validation.as_ref()).map(|text| write!(out, "{text}")),
            "error.responseType" => error.map(|error| write!(out, "{}", error.response_type)),
            "endpointType" => Some(write!(out, "PRIVATE")),
            _ => return self.routed.append(reference, out),
        };
        written.is_some_and(|done| done.is_ok())
    }
}

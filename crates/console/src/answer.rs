//! Answers and their headers.
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use vpclab_services::http::{AnswerBody, full};

/// An answer with what every answer of the console says: no other type than its own, no frame, no referrer, no other origin.
pub(crate) fn answer(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Response<AnswerBody> {
    of_body(status, content_type, full(body.into()))
}

/// The same with a body that comes bit by bit.
pub(crate) fn of_body(status: StatusCode, content_type: &str, body: AnswerBody) -> Response<AnswerBody> {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("text/plain")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    answer
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response<AnswerBody> {
    answer(status, "application/json", body.to_string())
}

pub(crate) fn refusal(status: StatusCode, message: &str) -> Response<AnswerBody> {
    json_answer(status, &json!({ "message": message }))
}

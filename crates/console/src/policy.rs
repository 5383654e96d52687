//! Whether a policy that is being typed would be taken, as the judges of API Gateway and EC2 see it.
use crate::answer::json_answer;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;
use vpclab_policy::{PolicyError, expand_short_form, parse_json, validate_endpoint_policy, validate_resource_policy};
use vpclab_services::http::AnswerBody;

/// The longest text that is looked at.
pub(crate) const MAX_TEXT: usize = 256 * 1024;
/// What short forms such as `execute-api:/*` are expanded with: any API will do.
const ANY_API: &str = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij";

/// Answers `{"ok", "message"}` to a text; `kind` is `resource` or `endpoint`.
pub(crate) fn check(kind: &str, body: &Bytes) -> Response<AnswerBody> {
    let Ok(text) = std::str::from_utf8(body) else {
        return json_answer(StatusCode::OK, &json!({"ok": false, "message": "the text is not UTF-8"}));
    };
    let checked = match kind {
        "resource" => resource(text),
        "endpoint" => validate_endpoint_policy(text).map(|_| ()),
        _ => return crate::answer::refusal(StatusCode::BAD_REQUEST, "a policy is one of a `resource` or of an `endpoint`"),
    };
    let message = checked.as_ref().err().map(ToString::to_string).unwrap_or_default();
    json_answer(StatusCode::OK, &json!({"ok": checked.is_ok(), "message": message}))
}

fn resource(text: &str) -> Result<(), PolicyError> {
    validate_resource_policy(&expand_short_form(&parse_json(text)?, ANY_API).to_string()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use serde_json::Value;

    async fn said(kind: &str, text: &str) -> (bool, String) {
        let body = check(kind, &Bytes::from(text.to_owned())).into_body().collect().await.unwrap().to_bytes();
        let value: Value = serde_json::from_slice(&body).unwrap();
        (value["ok"].as_bool().unwrap_or_default(), value["message"].as_str().unwrap_or_default().to_owned())
    }

    #[tokio::test]
    async fn a_policy_is_judged_as_the_apis_judge_it() {
        let statement = r#"{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}"#;
        let whole = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        assert_eq!(said("resource", &whole).await, (true, String::new()));
        let (ok, message) = said("resource", &whole.replace("\"Allow\"", "\"Perhaps\"")).await;
        assert!(!ok && message.contains("Perhaps"), "{message}");
        let (ok, message) = said("endpoint", "{").await;
        assert!(!ok && message.contains("JSON"), "{message}");
        assert!(said("endpoint", r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#).await.0);
        assert!(!said("other", &whole).await.0);
    }
}

//! `execute-api:/prod/GET/pets` -> `arn:aws:execute-api:{region}:{account}:{api}/prod/GET/pets`, as API Gateway rewrites
//! a resource policy when it is saved.

use serde_json::Value;

/// The document with every short form of `Resource` and `NotResource` written out, its order and the rest unchanged.
///
/// `arn` is the ARN of the API without a slash at its end, `arn:aws:execute-api:us-west-2:123456789012:abcde12345`.
pub fn expand_short_form(document: &Value, arn: &str) -> Value {
    let mut document = document.clone();
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().for_each(|s| expand_statement(s, arn)),
        Some(single) => expand_statement(single, arn),
        None => {}
    }
    document
}

fn expand_statement(statement: &mut Value, arn: &str) {
    for element in ["Resource", "NotResource"] {
        match statement.get_mut(element) {
            Some(Value::Array(list)) => list.iter_mut().for_each(|v| expand_text(v, arn)),
            Some(single) => expand_text(single, arn),
            None => {}
        }
    }
}

fn expand_text(value: &mut Value, arn: &str) {
    if let Value::String(text) = value
        && let Some(rest) = text.strip_prefix("execute-api:/")
    {
        *text = format!("{arn}/{rest}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_json;

    #[test]
    fn writes_out_and_keeps_order() {
        let text = r#"{"Statement":[{"Resource":["execute-api:/*","*"],"Effect":"Allow"},{"NotResource":"execute-api:/prod/GET/a"}],"Version":"2012-10-17"}"#;
        let got = expand_short_form(&parse_json(text).unwrap(), "arn:aws:execute-api:r:1:abc").to_string();
        assert_eq!(
            got,
            r#"{"Statement":[{"Resource":["arn:aws:execute-api:r:1:abc/*","*"],"Effect":"Allow"},{"NotResource":"arn:aws:execute-api:r:1:abc/prod/GET/a"}],"Version":"2012-10-17"}"#
        );
        assert_eq!(expand_short_form(&Value::Null, "x"), Value::Null);
        assert_eq!(expand_short_form(&parse_json(&got).unwrap(), "other").to_string(), got, "only once");
    }
}

//! A record's key as ordered, readable text: `Vpc/vpc-0a1b…`, `Stage/a1b2c3d4e5/prod`.
use crate::StoreError;
use serde_json::Value;
use vpclab_cloud::RecordKey;

/// The key's text: its kind and its parts, `/` between them. A `/` or `%` inside a part is percent-encoded, so that
/// no two keys have the same text.
pub(crate) fn text(key: &RecordKey) -> Result<String, StoreError> {
    let mut out = String::new();
    if let Value::Object(fields) = serde_json::to_value(key)? {
        for (kind, parts) in fields {
            out.push_str(&kind);
            push(&mut out, &parts);
        }
    }
    Ok(out)
}

/// Keys hold ids and names only: one string, or an array of them.
fn push(out: &mut String, part: &Value) {
    match part {
        Value::Array(parts) => parts.iter().for_each(|part| push(out, part)),
        Value::String(part) => {
            out.push('/');
            for c in part.chars() {
                match c {
                    '/' => out.push_str("%2F"),
                    '%' => out.push_str("%25"),
                    c => out.push(c),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            out.push('/');
            out.push_str(&part.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_readable_and_distinct() {
        let vpc = RecordKey::Vpc("vpc-0123456789abcdef0".parse().unwrap());
        assert_eq!(text(&vpc).unwrap(), "Vpc/vpc-0123456789abcdef0");
        let stage = |name: &str| text(&RecordKey::Stage(("a1b2c3d4e5".parse().unwrap(), name.into()))).unwrap();
        assert_eq!(stage("prod"), "Stage/a1b2c3d4e5/prod");
        assert_eq!(stage("a/b%"), "Stage/a1b2c3d4e5/a%2Fb%25");
        assert_ne!(stage("a/b"), stage("a%2Fb"));
    }
}

//! Reading policy documents of IAM: what the `policy` crate takes, and what IAM asks beyond it.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use vpclab_cloud::iam::PolicyDocument;
use vpclab_cloud::{IamRefusal, Refusal};
use vpclab_policy::{Policy, PolicyError, parse_json};

/// Reads who may assume a role.
///
/// # Errors
/// `MalformedPolicyDocument` with IAM's words where they are known.
pub fn trust_policy(text: &str) -> Result<PolicyDocument, Refusal> {
    let value = read(text)?;
    let mut identities = Vec::new();
    for statement in statements(&value) {
        if let Some(field) = ["Resource", "NotResource"].into_iter().find(|field| statement.contains_key(*field)) {
            return Err(malformed(format!("Has prohibited field {field}")));
        }
        let principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
        let Some(principal) = principal else {
            return Err(malformed("Missing required field Principal"));
        };
        if strings(statement.get("Action")).any(|action| !action.to_ascii_lowercase().starts_with("sts:")) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        identities.extend(strings(principal.get("AWS")).filter(|arn| is_identity(arn)).map(str::to_owned));
    }
    Ok(PolicyDocument::checked(text.to_owned(), identities))
}

/// Reads what an identity may do.
///
/// # Errors
/// `MalformedPolicyDocument` with IAM's words where they are known.
pub fn identity_policy(text: &str) -> Result<PolicyDocument, Refusal> {
    let value = read(text)?;
    let mut sids = BTreeSet::new();
    for statement in statements(&value) {
        if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        let resource = statement.get("Resource").or_else(|| statement.get("NotResource"));
        let Some(resource) = resource else {
            return Err(malformed("Policy statement must contain resources."));
        };
        if let Some(bad) = strings(Some(resource)).find(|resource| *resource != "*" && !resource.starts_with("arn:")) {
            return Err(malformed(format!("Resource {bad} must be in ARN format or \"*\".")));
        }
        let Some(sid) = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) else { continue };
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let text = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(malformed(text));
        }
        if !sids.insert(sid) {
            return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
        }
    }
    Ok(PolicyDocument::checked(text.to_owned(), Vec::new()))
}

fn read(text: &str) -> Result<Value, Refusal> {
    let value = parse_json(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    match Policy::from_value(&value) {
        Ok(_) => Ok(value),
        Err(PolicyError::Action(_)) => Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")),
        Err(PolicyError::Missing { element: "Action", .. }) => Err(malformed("Policy statement must contain actions.")),
        Err(PolicyError::Principal(who)) => Err(malformed(match who.split_once(':') {
            Some((kind, who)) => format!("Invalid principal in policy: \"{kind}\":\"{who}\""),
            None => format!("Invalid principal in policy: {who}"),
        })),
        Err(why) => Err(malformed(format!("Syntax errors in policy. ({why})"))),
    }
}

/// The statements of a document that was read.
fn statements(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let found = value.get("Statement");
    let many = found.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    many.iter().chain(found.filter(|value| value.is_object())).filter_map(Value::as_object)
}

/// A text, or the texts of a list.
fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let many = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    many.iter().chain(value.filter(|value| value.is_string())).filter_map(Value::as_str)
}

/// Whether it is the ARN of a user or a role, which has to be there.
fn is_identity(principal: &str) -> bool {
    let resource = principal.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
    resource.is_some_and(|(_, resource)| resource.starts_with("role/") || resource.starts_with("user/"))
}

fn malformed(text: impl Into<String>) -> Refusal {
    IamRefusal::MalformedPolicy(text.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusting(rest: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{rest}}}]}}"#)
    }
    fn said(answer: Result<PolicyDocument, Refusal>) -> String {
        answer.map_or_else(|why| why.to_string(), |_| "taken".into())
    }

    #[test]
    fn trust_policies() {
        let check = |rest: &str| said(trust_policy(&trusting(rest)));
        assert_eq!(check(r#""Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole""#), "taken");
        assert_eq!(check(r#""Principal":{"AWS":["111122223333"]},"Action":["sts:AssumeRole","sts:TagSession"]"#), "taken");
        assert_eq!(check(r#""Action":"sts:AssumeRole""#), "Missing required field Principal");
        let resource = r#""Principal":"*","Action":"sts:AssumeRole","Resource":"*""#;
        assert_eq!(check(resource), "Has prohibited field Resource");
        let other = r#""Principal":"*","Action":"s3:GetObject""#;
        assert_eq!(check(other), "AssumeRole policy may only specify STS AssumeRole actions.");
        let nobody = r#""Principal":{"AWS":"nobody"},"Action":"sts:AssumeRole""#;
        assert_eq!(check(nobody), r#"Invalid principal in policy: "AWS":"nobody""#);
        assert_eq!(said(trust_policy("{")), "This policy contains invalid Json");
        let named = trusting(r#""Principal":{"AWS":["arn:aws:iam::111122223333:role/a/r","*"]},"Action":"sts:AssumeRole""#);
        let expected = PolicyDocument::checked(named.clone(), vec!["arn:aws:iam::111122223333:role/a/r".into()]);
        assert_eq!(trust_policy(&named), Ok(expected));
    }

    #[test]
    fn identity_policies() {
        let check = |rest: &str| said(identity_policy(&trusting(rest)));
        assert_eq!(check(r#""Action":"s3:*","Resource":["*","arn:aws:s3:::a/*"]"#), "taken");
        assert_eq!(check(r#""Action":"s3:*""#), "Policy statement must contain resources.");
        assert_eq!(check(r#""Resource":"*""#), "Policy statement must contain actions.");
        assert_eq!(check(r#""Action":"s3:*","Resource":"bucket""#), "Resource bucket must be in ARN format or \"*\".");
        assert_eq!(check(r#""Action":"s3:*","Resource":"*","Principal":"*""#), "Policy document should not specify a principal.");
        let vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        assert_eq!(check(r#""Action":"get","Resource":"*""#), vendor);
        assert!(check(r#""Sid":"a b","Action":"s3:*","Resource":"*""#).starts_with("Statement IDs (SID) must be alpha-numeric."));
        let one = r#"{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}"#;
        let twice = format!(r#"{{"Version":"2012-10-17","Statement":[{one},{one}]}}"#);
        assert_eq!(said(identity_policy(&twice)), "Statement IDs (SID) in a single policy must be unique.");
        assert!(said(identity_policy("{}")).starts_with("Syntax errors in policy."));
    }
}

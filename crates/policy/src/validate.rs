//! What API Gateway and EC2 ask of a document before they store it.

use crate::document::Policy;
use crate::{ENDPOINT_POLICY_MAX_CHARS, PolicyError, RESOURCE_POLICY_MAX_CHARS};

/// What API Gateway says of any resource policy that it does not take.
pub const INVALID_RESOURCE_POLICY_MESSAGE: &str =
    "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.";

/// Reads a resource policy as it was sent: short forms are allowed, principals are required.
pub fn validate_resource_policy(text: &str) -> Result<Policy, PolicyError> {
    bounded(text, RESOURCE_POLICY_MAX_CHARS)?;
    let policy = Policy::parse(text)?;
    require(&policy, |resource| resource == "*" || resource.starts_with("arn:") || resource.starts_with("execute-api:/"))?;
    Ok(policy)
}

/// Reads a policy of a VPC endpoint. Its resources are full ARNs: nothing expands a short form there, so one could only
/// ever fail to match, which in a `Deny` would let everything pass.
pub fn validate_endpoint_policy(text: &str) -> Result<Policy, PolicyError> {
    bounded(text, ENDPOINT_POLICY_MAX_CHARS)?;
    let policy = Policy::parse(text)?;
    require(&policy, |resource| resource == "*" || resource.starts_with("arn:"))?;
    Ok(policy)
}

fn bounded(text: &str, limit: usize) -> Result<(), PolicyError> {
    let length = text.chars().count();
    if length > limit { Err(PolicyError::TooLong { length, limit }) } else { Ok(()) }
}

fn require(policy: &Policy, resource_is_valid: impl Fn(&str) -> bool) -> Result<(), PolicyError> {
    for (index, statement) in policy.statements.iter().enumerate() {
        let missing = |element| PolicyError::Missing { element, place: format!("statement {index}") };
        if statement.principal.is_none() {
            return Err(missing("Principal"));
        }
        let resources = statement.resource.as_ref().ok_or_else(|| missing("Resource"))?;
        if let Some(bad) = resources.entries.iter().find(|p| !resource_is_valid(&p.written)) {
            return Err(PolicyError::Resource(bad.written.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(resource: &str) -> String {
        format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":{resource}}}}}"#)
    }

    #[test]
    fn resource_and_endpoint_policies() {
        assert!(validate_resource_policy(&with(r#""execute-api:/*""#)).is_ok());
        assert!(validate_endpoint_policy(&with(r#""execute-api:/*""#)).is_err());
        assert!(validate_endpoint_policy(&with(r#"["*","arn:aws:execute-api:us-east-1:1:a/*"]"#)).is_ok());
        assert!(validate_resource_policy(&with(r#""pets""#)).is_err());
        assert!(validate_resource_policy(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#).is_err());
        assert!(validate_resource_policy(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}"#).is_err());
        let long = with(&format!("\"arn:{}\"", "a".repeat(8_192)));
        assert!(matches!(validate_resource_policy(&long), Err(PolicyError::TooLong { limit: 8_192, .. })));
        assert!(validate_endpoint_policy(&long).is_ok());
    }
}

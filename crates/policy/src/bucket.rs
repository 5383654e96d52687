//! What S3 asks of a bucket policy, and when one is public.

use crate::PolicyError;
use crate::condition::Condition;
use crate::document::{Effect, Policy, Statement};

/// The longest bucket policy.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>
pub const BUCKET_POLICY_MAX_BYTES: usize = 20_480;

/// The keys whose fixed values keep a policy from being public.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
const FIXING_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:viaawsservice",
    "s3:accesspointnetworkorigin",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Reads the policy of a bucket of this ARN: principals, S3's actions, and resources of the bucket alone.
pub fn validate_bucket_policy(text: &str, bucket_arn: &str) -> Result<Policy, PolicyError> {
    if text.len() > BUCKET_POLICY_MAX_BYTES {
        return Err(PolicyError::TooLong { length: text.len(), limit: BUCKET_POLICY_MAX_BYTES });
    }
    let policy = Policy::parse(text)?;
    for (index, statement) in policy.statements.iter().enumerate() {
        let missing = |element| PolicyError::Missing { element, place: format!("statement {index}") };
        if statement.principal.is_none() {
            return Err(missing("Principal"));
        }
        let resources = statement.resource.as_ref().ok_or_else(|| missing("Resource"))?;
        let within =
            |written: &str| written.strip_prefix(bucket_arn).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == "*");
        if let Some(bad) = resources.entries.iter().find(|resource| !within(&resource.written)) {
            return Err(PolicyError::Resource(bad.written.clone()));
        }
        let of_s3 = |written: &str| written == "*" || written.get(..3).is_some_and(|service| service.eq_ignore_ascii_case("s3:"));
        if let Some(bad) = statement.action.entries.iter().find(|action| !of_s3(&action.written)) {
            return Err(PolicyError::Action(bad.written.clone()));
        }
    }
    Ok(policy)
}

impl Policy {
    /// Whether a statement allows something to everybody, without a condition that fixes who or from where.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }
}

impl Statement {
    fn is_public(&self) -> bool {
        let everyone =
            self.principal.as_ref().is_some_and(|list| list.negated || list.entries.iter().any(|entry| entry.written.ends_with('*')));
        self.effect == Effect::Allow && everyone && !self.conditions.iter().any(fixes)
    }
}

/// Values without wildcards of a key that says who or from where.
fn fixes(condition: &Condition) -> bool {
    let open = |value: &str| value.contains(['*', '?']) || value.contains("${") || value == "0.0.0.0/0" || value == "::/0";
    FIXING_KEYS.contains(&condition.key.to_lowercase().as_str())
        && !condition.operator.to_string().contains("Not")
        && !condition.written().any(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(principal: &str, action: &str, resource: &str, more: &str) -> Result<Policy, PolicyError> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"{resource}"{more}}}}}"#
        );
        validate_bucket_policy(&text, "arn:aws:s3:::b-1")
    }

    #[test]
    fn actions_and_resources_are_the_buckets() {
        for resource in ["arn:aws:s3:::b-1", "arn:aws:s3:::b-1/*", "arn:aws:s3:::b-1/a/${aws:userid}", "arn:aws:s3:::b-1*"] {
            assert!(with("\"*\"", "s3:GetObject", resource, "").is_ok(), "{resource}");
        }
        for resource in ["*", "arn:aws:s3:::b-12/*", "arn:aws:s3:::other"] {
            assert!(matches!(with("\"*\"", "s3:GetObject", resource, ""), Err(PolicyError::Resource(_))), "{resource}");
        }
        assert!(matches!(with("\"*\"", "ec2:RunInstances", "arn:aws:s3:::b-1", ""), Err(PolicyError::Action(_))));
        assert!(
            validate_bucket_policy(r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b-1"}}"#, "arn:aws:s3:::b-1")
                .is_err()
        );
    }

    #[test]
    fn public_is_what_everybody_may_do_from_everywhere() {
        let public = |principal: &str, more: &str| with(principal, "s3:GetObject", "arn:aws:s3:::b-1/*", more).unwrap().is_public();
        assert!(public("\"*\"", ""));
        assert!(public(r#"{"AWS":"*"}"#, ""));
        assert!(!public(r#"{"AWS":"111122223333"}"#, ""));
        assert!(!public("\"*\"", r#","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#));
        assert!(public("\"*\"", r#","Condition":{"StringLike":{"aws:SourceVpce":"vpce-*"}}"#));
        assert!(public("\"*\"", r#","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
        assert!(public("\"*\"", r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#));
    }
}

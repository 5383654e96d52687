//! Who may do what with a bucket: its owner's account, and others as far as the bucket policy allows.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html>
use super::errors::{Fault, denied};
use crate::caller::Identity;
use vpclab_cloud::bucket::Bucket;
use vpclab_policy::{CallerPrincipal, DecisionEffect, MapKeys, Policy, Request};

/// What a request wants to do with a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// `s3:GetObject`
    pub action: &'a str,
    /// The object's key; without one it is about the bucket.
    pub key: Option<&'a str>,
    /// The keys of the request for conditions, beside those about the caller.
    pub keys: &'a MapKeys,
}

/// Actions that an account's root keeps whatever the policy denies, so that nobody is shut out of a bucket for good.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
const ROOTS: &[&str] = &["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"];

/// Refuses what the caller may not do; nobody that is known is `None`.
pub fn check(bucket: &Bucket, who: Option<&Identity>, wanted: &Wanted<'_>) -> Result<(), Fault> {
    if may(bucket, who, wanted) { Ok(()) } else { Err(denied()) }
}

/// Whether the caller may do it.
#[must_use]
pub fn may(bucket: &Bucket, who: Option<&Identity>, wanted: &Wanted<'_>) -> bool {
    let owner = who.is_some_and(|who| account_of(who) == bucket.scope.account.as_str());
    let effect = match &bucket.settings.policy {
        None => DecisionEffect::ImplicitDeny,
        Some(text) => match Policy::parse(text) {
            Ok(policy) => {
                let restricted = bucket.settings.public_access_block.is_some_and(|block| block.restrict_public_buckets);
                if !owner && restricted && policy.is_public() { DecisionEffect::ImplicitDeny } else { decide(&policy, bucket, who, wanted) }
            }
            // It was read when it was put; what cannot be read now denies.
            Err(_) => DecisionEffect::ExplicitDeny,
        },
    };
    match effect {
        DecisionEffect::Allow => true,
        DecisionEffect::ImplicitDeny => owner,
        DecisionEffect::ExplicitDeny | DecisionEffect::Undetermined => {
            owner && who.is_some_and(|who| who.arn.ends_with(":root")) && ROOTS.contains(&wanted.action)
        }
    }
}

/// The account in an identity's ARN.
fn account_of(who: &Identity) -> &str {
    who.arn.split(':').nth(4).unwrap_or_default()
}

fn decide(policy: &Policy, bucket: &Bucket, who: Option<&Identity>, wanted: &Wanted<'_>) -> DecisionEffect {
    let resource = wanted.key.map_or_else(|| bucket.arn(), |key| format!("{}/{key}", bucket.arn()));
    // The lab's port stands for AWS's, which clients reach by TLS: a policy that denies plain HTTP does not deny it.
    let keys = wanted
        .keys
        .clone()
        .with("aws:SecureTransport", "true")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:RequestedRegion", bucket.scope.region.as_str())
        .with("aws:ResourceAccount", bucket.scope.account.as_str())
        .with("s3:ResourceAccount", bucket.scope.account.as_str());
    let Some(who) = who else {
        let request = Request { principal: CallerPrincipal::Anonymous, action: wanted.action, resource: &resource, keys: &keys };
        return policy.decide(&request).effect;
    };
    let kind = match (&who.role, who.arn.ends_with(":root")) {
        (Some(_), _) => "AssumedRole",
        (None, true) => "Account",
        (None, false) => "User",
    };
    let keys = keys
        .with("aws:PrincipalAccount", account_of(who))
        .with("aws:PrincipalArn", who.role.as_deref().unwrap_or(&who.arn))
        .with("aws:PrincipalType", kind)
        .with("aws:userid", who.user_id.as_str());
    let principal = CallerPrincipal::Aws { account: account_of(who), arn: &who.arn, role: who.role.as_deref() };
    policy.decide(&Request { principal, action: wanted.action, resource: &resource, keys: &keys }).effect
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_cloud::bucket::{BucketSettings, PublicAccessBlock};
    use vpclab_cloud::{Scope, Timestamp};

    const OWNER: &str = "111122223333";
    const OTHER: &str = "444455556666";

    fn bucket(policy: Option<&str>, block: Option<PublicAccessBlock>) -> Bucket {
        let settings = BucketSettings { policy: policy.map(str::to_owned), public_access_block: block, ..BucketSettings::default() };
        let scope = Scope { account: OWNER.parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
        Bucket { name: "b-1".parse().unwrap(), scope, created: Timestamp(0), settings }
    }

    fn statement(effect: &str, principal: &str, action: &str, resource: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"arn:aws:s3:::{resource}"}}}}"#
        )
    }

    fn asks(bucket: &Bucket, who: Option<&str>, action: &str, key: Option<&str>) -> bool {
        let root = |account: &str| Identity { arn: format!("arn:aws:iam::{account}:root"), user_id: account.into(), role: None };
        may(bucket, who.map(root).as_ref(), &Wanted { action, key, keys: &MapKeys::new() })
    }

    #[test]
    fn a_bucket_is_its_accounts_unless_the_policy_allows() {
        let private = bucket(None, Some(PublicAccessBlock::ALL));
        assert!(asks(&private, Some(OWNER), "s3:GetObject", Some("k")));
        assert!(!asks(&private, Some(OTHER), "s3:GetObject", Some("k")));
        assert!(!asks(&private, None, "s3:GetObject", Some("k")));
        let policy = statement("Allow", &format!(r#"{{"AWS":"{OTHER}"}}"#), "s3:Get*", "b-1/shared/*");
        let shared = bucket(Some(&policy), Some(PublicAccessBlock::ALL));
        assert!(asks(&shared, Some(OTHER), "s3:GetObject", Some("shared/k")));
        assert!(!asks(&shared, Some(OTHER), "s3:GetObject", Some("k")));
        assert!(!asks(&shared, Some(OTHER), "s3:PutObject", Some("shared/k")));
        assert!(!asks(&shared, None, "s3:GetObject", Some("shared/k")));
    }

    #[test]
    fn a_public_policy_is_heeded_unless_it_is_blocked() {
        let policy = statement("Allow", "\"*\"", "s3:GetObject", "b-1/*");
        assert!(asks(&bucket(Some(&policy), None), None, "s3:GetObject", Some("k")));
        let blocked = bucket(Some(&policy), Some(PublicAccessBlock::ALL));
        assert!(!asks(&blocked, None, "s3:GetObject", Some("k")) && !asks(&blocked, Some(OTHER), "s3:GetObject", Some("k")));
        assert!(asks(&blocked, Some(OWNER), "s3:GetObject", Some("k")));
    }

    #[test]
    fn a_deny_holds_for_the_owner_too_but_the_policy_stays_within_reach() {
        let denying = bucket(Some(&statement("Deny", "\"*\"", "s3:*", "b-1*")), None);
        assert!(!asks(&denying, Some(OWNER), "s3:GetObject", Some("k")));
        assert!(asks(&denying, Some(OWNER), "s3:DeleteBucketPolicy", None));
        let role = Some(format!("arn:aws:iam::{OWNER}:role/r"));
        let session = Identity { arn: format!("arn:aws:sts::{OWNER}:assumed-role/r/s"), user_id: "AROA:s".into(), role };
        let wanted = Wanted { action: "s3:DeleteBucketPolicy", key: None, keys: &MapKeys::new() };
        assert!(!may(&denying, Some(&session), &wanted));
        assert!(may(&bucket(None, None), Some(&session), &wanted));
    }

    #[test]
    fn a_policy_that_asks_for_tls_is_met() {
        let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b-1/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}"#;
        assert!(asks(&bucket(Some(policy), None), Some(OWNER), "s3:GetObject", Some("k")));
    }
}

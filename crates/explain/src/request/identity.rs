//! The policies of who signs a call.
use crate::Credentials;
use vpclab_api::judge::Identity;
use vpclab_cloud::iam::{AnyPolicy, Holder};
use vpclab_cloud::{AccountId, Cloud};
use vpclab_policy::{DecisionEffect, Policy, Request as Question, decide_identity};

/// The policies of an identity, read.
pub(super) struct Policies {
    /// `None` when the identity is not there: what it may do is not known.
    own: Option<Vec<Policy>>,
    boundary: Option<Policy>,
    /// The account's root may do everything.
    root: bool,
}

/// The policies of the user or role behind credentials.
pub(super) fn policies(cloud: &Cloud, credentials: &Credentials) -> Policies {
    let account = &credentials.account;
    let arn = credentials.role.as_deref().unwrap_or(&credentials.arn);
    let root = arn == format!("arn:aws:iam::{account}:root");
    let nobody = Policies { own: None, boundary: None, root };
    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
    if !cloud.iam_identity_exists(arn) {
        return nobody;
    }
    let holder = if arn.contains(":role/") { Holder::Role(name) } else { Holder::User(name) };
    let Ok(identity) = cloud.identity(account, &holder) else { return nobody };
    let inline = identity.inline_policies.values().map(|document| Policy::parse(document.text()).ok());
    let attached = identity.attached_policies.iter().map(|arn| managed(cloud, account, arn));
    let boundary = identity.boundary.as_ref().map(|arn| managed(cloud, account, arn));
    // One that cannot be read leaves open what the identity may do.
    let own = inline.chain(attached).collect();
    match boundary {
        Some(None) => nobody,
        Some(Some(boundary)) => Policies { own, boundary: Some(boundary), root },
        None => Policies { own, boundary: None, root },
    }
}

fn managed(cloud: &Cloud, account: &AccountId, arn: &str) -> Option<Policy> {
    let text = match cloud.any_policy(account, arn).ok()? {
        AnyPolicy::Own(policy) => policy.versions.get(&policy.default_version)?.document.text().to_owned(),
        AnyPolicy::Aws(policy) => policy.document?.to_owned(),
    };
    Policy::parse(&text).ok()
}

impl Identity for Policies {
    fn decide(&self, question: &Question<'_>) -> DecisionEffect {
        match &self.own {
            Some(own) => decide_identity(&own.iter().collect::<Vec<_>>(), self.boundary.as_ref(), question),
            None if self.root => DecisionEffect::Allow,
            None => DecisionEffect::Undetermined,
        }
    }
}

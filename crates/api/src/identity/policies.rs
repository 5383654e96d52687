//! The policies of a user, a role or a session, read, and what they say together.
use super::Signer;
use std::collections::HashMap;
use std::sync::Arc;
use vpclab_cloud::iam::{Identity as Stored, aws_policy};
use vpclab_cloud::{Cloud, Session};
use vpclab_policy::{DecisionEffect, Policy, Request as Question, decide_together, within};

/// The policies of an identity, or those that limit a session.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    read: Vec<Arc<Policy>>,
    /// Those that cannot be judged, by name: not held, or not understood. They leave open what the identity may do.
    unread: Vec<String>,
    /// The permissions boundary; `Err` is the name of one that cannot be judged.
    boundary: Option<Result<Arc<Policy>, String>>,
}

/// Managed policies by ARN: the accounts' own in their version in force, and those of AWS's that a lab holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Managed(Arc<HashMap<String, Arc<Policy>>>);

impl Managed {
    pub(super) fn compile(cloud: &Cloud) -> Self {
        let own = cloud.managed_policies.values().filter_map(|policy| {
            let version = policy.versions.get(&policy.default_version)?;
            Some((policy.arn(), Arc::new(Policy::parse(version.document.text()).ok()?)))
        });
        let aws = aws_policy::ALL.iter().filter_map(|policy| Some((policy.arn(), Arc::new(Policy::parse(policy.document?).ok()?))));
        Self(Arc::new(own.chain(aws).collect()))
    }

    fn find(&self, arn: &str) -> Result<Arc<Policy>, String> {
        self.0.get(arn).cloned().ok_or_else(|| format!("the policy {arn}"))
    }
}

impl Policies {
    /// Those of a user or role.
    pub(super) fn of(stored: &Stored, managed: &Managed) -> Self {
        let inline = stored.inline_policies.iter().map(|(name, document)| parsed(document.text(), || format!("the inline policy {name}")));
        let attached = stored.attached_policies.iter().map(|arn| managed.find(arn));
        Self { boundary: stored.boundary.as_ref().map(|arn| managed.find(arn)), ..Self::sorted(inline.chain(attached)) }
    }

    /// Those that limit a session.
    pub(super) fn of_session(session: &Session, managed: &Managed) -> Self {
        let inline = session.policy.iter().map(|text| parsed(text, || "the session policy".to_owned()));
        Self::sorted(inline.chain(session.policy_arns.iter().map(|arn| managed.find(arn))))
    }

    fn sorted(found: impl Iterator<Item = Result<Arc<Policy>, String>>) -> Self {
        let mut policies = Self::default();
        for one in found {
            match one {
                Ok(policy) => policies.read.push(policy),
                Err(name) => policies.unread.push(name),
            }
        }
        policies
    }

    fn decide(&self, question: &Question<'_>) -> DecisionEffect {
        let read: Vec<&Policy> = self.read.iter().map(|policy| &**policy).collect();
        let own = match decide_together(&read, question) {
            DecisionEffect::ExplicitDeny => DecisionEffect::ExplicitDeny,
            // What is not known may deny.
            _ if !self.unread.is_empty() => DecisionEffect::Undetermined,
            effect => effect,
        };
        match &self.boundary {
            None => own,
            Some(Ok(boundary)) => within(own, boundary.decide(question).effect),
            Some(Err(_)) => within(own, DecisionEffect::Undetermined),
        }
    }

    /// What is not known of them: policies by name, condition keys.
    fn missing(&self, question: &Question<'_>) -> Vec<String> {
        let boundary = self.boundary.iter().filter_map(|boundary| boundary.as_ref().err());
        let unread = self.unread.iter().chain(boundary).cloned();
        let read = self.read.iter().chain(self.boundary.iter().filter_map(|boundary| boundary.as_ref().ok()));
        let keys = read.flat_map(|policy| policy.evaluate(question).missing).map(|key| format!("the value of {key}"));
        unread.chain(keys).collect()
    }
}

fn parsed(text: &str, name: impl FnOnce() -> String) -> Result<Arc<Policy>, String> {
    Policy::parse(text).map(Arc::new).map_err(|_| name())
}

impl Signer {
    /// What its own policies say, inside of its permissions boundary and its session policies. An account's root may do everything.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> DecisionEffect {
        let own = match self.policies() {
            Some(policies) => policies.decide(question),
            None if self.is_root() => DecisionEffect::Allow,
            None => DecisionEffect::Undetermined,
        };
        self.limit().map_or(own, |limit| within(own, limit.decide(question)))
    }

    /// What is not known, where they leave it undetermined.
    #[must_use]
    pub fn missing(&self, question: &Question<'_>) -> Vec<String> {
        let of = |policies: Option<&Policies>| policies.map(|policies| policies.missing(question)).unwrap_or_default();
        let missing: Vec<String> = of(self.policies()).into_iter().chain(of(self.limit())).collect();
        if missing.is_empty() { vec![format!("the policies of {}", self.arn)] } else { missing }
    }
}

//! Who signs: users and roles with their policies, compiled from a state, and whom credentials stand for.
//!
//! Unknown here: secrets and signatures. Who asks has found the signature right, or takes it to be.
mod policies;
#[cfg(test)]
mod tests;

pub use policies::Policies;

use crate::judge::SignatureRefusal;
use policies::Managed;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use vpclab_cloud::iam::{Identity as Stored, Role, User};
use vpclab_cloud::{AccountId, Cloud, Session, Tags, access_key};

/// The users and roles of a state, with their policies read.
#[derive(Debug, Default)]
pub struct Identities {
    /// By ARN.
    known: HashMap<String, Arc<Known>>,
    /// ARNs of users by access key, with whether it is active.
    keys: HashMap<String, (String, bool)>,
    /// Managed policies by ARN, for session policies.
    managed: Managed,
    /// The state they were compiled from: what is the same in the next is not compiled again.
    of: Cloud,
}

/// A user or a role.
#[derive(Debug)]
struct Known {
    arn: String,
    account: AccountId,
    name: String,
    /// `AIDA…` or `AROA…`
    id: String,
    tags: Tags,
    policies: Policies,
}

/// Who signed a request.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The account.
    pub account: String,
    /// The ARN of the user or of the role session.
    pub arn: String,
    /// For a role session, the role's ARN.
    pub role: Option<String>,
    /// The access key, where one was used.
    pub access_key: Option<String>,
    /// The unique id, of a session with its name; `None` when it is not known.
    pub user_id: Option<String>,
    /// What the credentials are.
    pub term: Term,
    /// `None` when the identity is not there: what it may do is not known.
    known: Option<Arc<Known>>,
    /// Policies that the session is limited by; `None` without any.
    limit: Option<Policies>,
    session_tags: Tags,
    /// Whether something was given as the session's source identity.
    pub source_identity: Option<String>,
}

/// What credentials are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// A user's access key.
    Long,
    /// Temporary ones, with when they were issued in milliseconds since 1970; `None` when that is not known.
    Session(Option<i64>),
}

impl Identities {
    /// Compiles a state; what is the same as before is taken over.
    #[must_use]
    pub fn compile(cloud: &Cloud, previous: Option<&Arc<Self>>) -> Arc<Self> {
        let same_policies = |before: &&Arc<Self>| before.of.managed_policies.ptr_eq(&cloud.managed_policies);
        let before = previous.filter(same_policies);
        if let Some(before) = before.filter(|before| before.of.users.ptr_eq(&cloud.users) && before.of.roles.ptr_eq(&cloud.roles)) {
            return Arc::clone(before);
        }
        let mut made = Self { of: Self::inputs(cloud), ..Self::default() };
        made.managed = before.map_or_else(|| Managed::compile(cloud), |before| before.managed.clone());
        for (key, role) in &cloud.roles {
            let old = before.filter(|before| before.of.roles.get(key).is_some_and(|was| Arc::ptr_eq(was, role)));
            made.take(Role::arn(role), &role.identity, old);
        }
        for (key, user) in &cloud.users {
            let old = before.filter(|before| before.of.users.get(key).is_some_and(|was| Arc::ptr_eq(was, user)));
            let arn = User::arn(user);
            made.keys.extend(user.access_keys.iter().map(|key| (key.id.clone(), (arn.clone(), key.active))));
            made.take(arn, &user.identity, old);
        }
        Arc::new(made)
    }

    /// What of a state is compiled here.
    fn inputs(cloud: &Cloud) -> Cloud {
        Cloud {
            users: cloud.users.clone(),
            roles: cloud.roles.clone(),
            managed_policies: cloud.managed_policies.clone(),
            ..Cloud::default()
        }
    }

    fn take(&mut self, arn: String, stored: &Stored, old: Option<&Arc<Self>>) {
        let known = old.and_then(|old| old.known.get(&arn)).map_or_else(
            || {
                Arc::new(Known {
                    arn: arn.clone(),
                    account: stored.account.clone(),
                    name: stored.name.clone(),
                    id: stored.id.clone(),
                    tags: stored.tags.clone(),
                    policies: Policies::of(stored, &self.managed),
                })
            },
            Arc::clone,
        );
        self.known.insert(arn, known);
    }

    /// Who an ARN names: a user, a role, one of its sessions, or an account's root. `role` is a session's role, as far as the session's
    /// own ARN tells it: without its path.
    #[must_use]
    pub fn named(&self, account: &str, arn: &str, role: Option<&str>) -> Signer {
        let session = arn.strip_prefix("arn:aws:sts::").and_then(|rest| rest.rsplit('/').next());
        let known = match (session, role) {
            (Some(_), Some(role)) => {
                let name = role.rsplit('/').next().unwrap_or_default();
                self.known.values().find(|known| known.account.as_str() == account && known.name == name && known.is_role())
            }
            _ => self.known.get(role.unwrap_or(arn)),
        };
        let user_id = match (known, session, role) {
            (Some(known), Some(session), _) => Some(format!("{}:{session}", known.id)),
            (Some(known), None, None) => Some(known.id.clone()),
            (None, None, None) if arn.ends_with(":root") => Some(account.to_owned()),
            _ => None,
        };
        Signer {
            account: account.to_owned(),
            arn: arn.to_owned(),
            role: role.map(|role| known.map_or(role, |known| &known.arn).to_owned()),
            access_key: None,
            user_id,
            term: if role.is_some() || arn.ends_with(":root") { Term::Session(None) } else { Term::Long },
            known: known.cloned(),
            limit: None,
            session_tags: Tags::new(),
            source_identity: None,
        }
    }

    /// Whom credentials stand for, by access key and session token, at a time in milliseconds since 1970.
    ///
    /// # Errors
    /// Keys that the lab did not give out or that are not in use any more, and sessions that have ended.
    pub fn of_credentials(&self, key: &str, token: Option<&str>, now: u64) -> Result<Signer, SignatureRefusal> {
        let account = access_key::account_of(key).ok_or(SignatureRefusal::UnknownKey)?;
        if !key.starts_with(access_key::SESSION) {
            let (arn, active) = self.keys.get(key).filter(|_| token.is_none()).ok_or(SignatureRefusal::UnknownKey)?;
            let signer = self.named(account.as_str(), arn, None);
            return if *active { Ok(Signer { access_key: Some(key.to_owned()), ..signer }) } else { Err(SignatureRefusal::UnknownKey) };
        }
        let session = token.and_then(Session::read).ok_or(SignatureRefusal::UnknownKey)?;
        if u64::try_from(session.expires.0).unwrap_or(0) <= now {
            return Err(SignatureRefusal::ExpiredToken);
        }
        let known = self.known.get(session.role.as_ref().unwrap_or(&session.arn));
        let root = session.role.is_none() && session.arn == format!("arn:aws:iam::{account}:root");
        // One that was deleted and made again is another.
        let same = known.is_some_and(|known| session.user_id.split(':').next() == Some(known.id.as_str()) && known.account == account);
        if !root && !same {
            return Err(SignatureRefusal::UnknownKey);
        }
        let limited = session.policy.is_some() || !session.policy_arns.is_empty();
        let limit = limited.then(|| Policies::of_session(&session, &self.managed));
        Ok(Signer {
            account: account.to_string(),
            arn: session.arn,
            role: session.role,
            access_key: Some(key.to_owned()),
            user_id: Some(session.user_id),
            term: Term::Session(Some(session.issued.0)),
            known: known.cloned(),
            limit,
            session_tags: session.tags,
            source_identity: session.source_identity,
        })
    }
}

impl Known {
    fn is_role(&self) -> bool {
        self.arn.contains(":role/")
    }
}

impl Signer {
    /// Whether it is its account's root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.role.is_none() && self.arn.ends_with(":root")
    }

    /// The name of the user, where it is one that signs with a key of its own.
    #[must_use]
    pub fn user_name(&self) -> Option<&str> {
        let is_user = self.role.is_none() && !self.is_root();
        is_user.then(|| self.arn.rsplit('/').next().unwrap_or_default())
    }

    /// A tag of the principal: of the session, else of the user or role. The key is given in lower case.
    #[must_use]
    pub fn tag(&self, lower_case_key: &str) -> Option<&str> {
        let find = |tags: &'_ BTreeMap<String, String>| {
            tags.iter().find(|(key, _)| key.to_lowercase() == lower_case_key).map(|(key, _)| key.clone())
        };
        if let Some(key) = find(&self.session_tags) {
            return self.session_tags.get(&key).map(String::as_str);
        }
        let known = self.known.as_ref()?;
        known.tags.get(&find(&known.tags)?).map(String::as_str)
    }

    /// Its policies; `None` where it is not there.
    pub(crate) fn policies(&self) -> Option<&Policies> {
        self.known.as_ref().map(|known| &known.policies)
    }

    pub(crate) fn limit(&self) -> Option<&Policies> {
        self.limit.as_ref()
    }
}

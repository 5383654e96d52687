//! Managed policies: an account's own, with up to five versions, and those that AWS manages.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>
use super::{
    AwsPolicy, IamRefusal, PolicyDocument, aws_policy, check_description, check_name, check_tags, checked_path, fresh_id, key, quota,
};
use crate::{AccountId, Cloud, Context, Refusal, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// The most policies of an account.
const MOST: usize = 1500;
/// The most versions of a policy.
const VERSIONS_MOST: usize = 5;
/// The most characters of a managed policy.
const SIZE_MOST: usize = 6144;

/// A managed policy of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// `ANPA…`
    pub id: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or made the default.
    pub updated: Timestamp,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number of the next version; numbers are not used again.
    pub next_version: u32,
    /// The versions, by number.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// Its tags.
    pub tags: Tags,
}

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// What it says.
    pub document: PolicyDocument,
    /// When it was made.
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy{}{}", self.account, self.path, self.name)
    }
}

/// A policy that can be attached.
#[derive(Clone, Copy, Debug)]
pub enum AnyPolicy<'a> {
    /// The account's own.
    Own(&'a Arc<ManagedPolicy>),
    /// One of AWS's.
    Aws(&'static AwsPolicy),
}

/// A managed policy to make.
#[derive(Clone, Debug)]
pub struct CreatePolicy {
    /// Its name.
    pub name: String,
    /// Its path; `/` when there is none.
    pub path: Option<String>,
    /// What its first version says.
    pub document: PolicyDocument,
    /// Its description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// An account's own policy, by ARN.
    ///
    /// # Errors
    /// When there is none.
    pub fn managed_policy(&self, account: &AccountId, arn: &str) -> Result<&Arc<ManagedPolicy>, Refusal> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let found = self.managed_policies.get(&key(account, name)).filter(|policy| policy.arn() == arn);
        Ok(found.ok_or_else(|| IamRefusal::NotFound(format!("Policy {arn} was not found.")))?)
    }

    /// A policy that the account can attach, by ARN.
    ///
    /// # Errors
    /// When there is none; of AWS's, those that a lab does not know are named as such.
    pub fn any_policy(&self, account: &AccountId, arn: &str) -> Result<AnyPolicy<'_>, Refusal> {
        if !arn.starts_with("arn:aws:iam::aws:policy/") {
            return self.managed_policy(account, arn).map(AnyPolicy::Own);
        }
        match aws_policy::of_arn(arn) {
            Some(policy) => Ok(AnyPolicy::Aws(policy)),
            None => {
                let text = format!(
                    "Policy {arn} was not found. (vpclab knows {} of AWS's managed policies; `aws iam list-policies --scope AWS` lists them)",
                    aws_policy::ALL.len()
                );
                Err(IamRefusal::NotFound(text).into())
            }
        }
    }

    /// Refuses an ARN that cannot be attached.
    pub(super) fn attachable(&self, account: &AccountId, arn: &str) -> Result<(), Refusal> {
        match self.any_policy(account, arn) {
            Ok(_) => Ok(()),
            Err(refusal) if arn.starts_with("arn:aws:iam::aws:") => Err(refusal),
            Err(_) if !arn.starts_with("arn:") => Err(IamRefusal::InvalidInput(format!("ARN {arn} is not valid.")).into()),
            Err(_) => Err(IamRefusal::NotFound(format!("Policy {arn} does not exist or is not attachable.")).into()),
        }
    }

    /// An account's own policies, by name.
    pub fn managed_policies_of(&self, account: &AccountId) -> impl Iterator<Item = &Arc<ManagedPolicy>> {
        let account = account.clone();
        self.managed_policies.range(key(&account, "")..).take_while(move |((of, _), _)| *of == account).map(|(_, policy)| policy)
    }

    /// How many roles and users of the account have the policy, and how many as their boundary.
    #[must_use]
    pub fn policy_uses(&self, account: &AccountId, arn: &str) -> (usize, usize) {
        let identities = || self.roles_of(account).map(|role| &role.identity).chain(self.users_of(account).map(|user| &user.identity));
        let attached = identities().filter(|identity| identity.attached_policies.contains(arn)).count();
        let bounding = identities().filter(|identity| identity.boundary.as_deref() == Some(arn)).count();
        (attached, bounding)
    }

    /// `CreatePolicy`.
    ///
    /// # Errors
    /// A name that is taken or cannot be, a document that is too long, or too many policies.
    pub fn create_policy(&mut self, cx: &mut Context, input: CreatePolicy) -> Result<Arc<ManagedPolicy>, Refusal> {
        let account = cx.scope.account.clone();
        check_name("policyName", &input.name, 128)?;
        check_description(input.description.as_deref())?;
        check_tags(&input.tags)?;
        check_size(&input.document)?;
        let path = checked_path(input.path)?;
        let at = key(&account, &input.name);
        if self.managed_policies.contains_key(&at) {
            let text = format!("A policy called {} already exists. Duplicate names are not allowed.", input.name);
            return Err(IamRefusal::Exists(text).into());
        }
        if self.managed_policies_of(&account).count() >= MOST {
            return Err(quota("PoliciesPerAccount", MOST));
        }
        let policy = Arc::new(ManagedPolicy {
            account,
            path,
            id: fresh_id(&mut cx.ids, "ANPA"),
            description: input.description,
            created: cx.now,
            updated: cx.now,
            default_version: 1,
            next_version: 2,
            versions: BTreeMap::from([(1, PolicyVersion { document: input.document, created: cx.now })]),
            tags: input.tags,
            name: input.name,
        });
        self.managed_policies.insert(at, Arc::clone(&policy));
        Ok(policy)
    }

    /// `DeletePolicy`.
    ///
    /// # Errors
    /// An unknown policy, one that is attached, or one with more than its default version.
    pub fn delete_policy(&mut self, cx: &mut Context, arn: &str) -> Result<(), Refusal> {
        let account = &cx.scope.account;
        let policy = self.managed_policy(account, arn)?;
        let why = if self.policy_uses(account, arn) != (0, 0) {
            "Cannot delete a policy attached to entities."
        } else if policy.versions.len() > 1 {
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is \
             deleted with the policy."
        } else {
            let at = key(account, &policy.name);
            self.managed_policies.remove(&at);
            return Ok(());
        };
        Err(IamRefusal::DeleteConflict(why.to_owned()).into())
    }

    /// `CreatePolicyVersion`: the version's number.
    ///
    /// # Errors
    /// An unknown policy, one with five versions, or a document that is too long.
    pub fn create_policy_version(&mut self, cx: &mut Context, arn: &str, document: PolicyDocument, default: bool) -> Result<u32, Refusal> {
        check_size(&document)?;
        let policy = self.managed_policy(&cx.scope.account, arn)?;
        if policy.versions.len() >= VERSIONS_MOST {
            let text = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
            return Err(IamRefusal::Limit(text.to_owned()).into());
        }
        let (number, now) = (policy.next_version, cx.now);
        self.edit_policy(&cx.scope.account, arn, |policy| {
            policy.versions.insert(number, PolicyVersion { document, created: now });
            policy.next_version = number.saturating_add(1);
            policy.updated = now;
            if default {
                policy.default_version = number;
            }
        })?;
        Ok(number)
    }

    /// `SetDefaultPolicyVersion`.
    ///
    /// # Errors
    /// An unknown policy or version.
    pub fn set_default_policy_version(&mut self, cx: &mut Context, arn: &str, version: u32) -> Result<(), Refusal> {
        self.check_version(&cx.scope.account, arn, version)?;
        let now = cx.now;
        self.edit_policy(&cx.scope.account, arn, |policy| (policy.default_version, policy.updated) = (version, now))
    }

    /// `DeletePolicyVersion`.
    ///
    /// # Errors
    /// An unknown policy or version, or the default one.
    pub fn delete_policy_version(&mut self, cx: &mut Context, arn: &str, version: u32) -> Result<(), Refusal> {
        self.check_version(&cx.scope.account, arn, version)?;
        if self.managed_policy(&cx.scope.account, arn)?.default_version == version {
            return Err(IamRefusal::DeleteConflict("Cannot delete the default version of a policy.".to_owned()).into());
        }
        self.edit_policy(&cx.scope.account, arn, |policy| {
            policy.versions.remove(&version);
        })
    }

    pub(super) fn edit_policy(&mut self, account: &AccountId, arn: &str, edit: impl FnOnce(&mut ManagedPolicy)) -> Result<(), Refusal> {
        let at = key(account, &self.managed_policy(account, arn)?.name);
        if let Some(policy) = self.managed_policies.get_mut(&at) {
            edit(Arc::make_mut(policy));
        }
        Ok(())
    }

    fn check_version(&self, account: &AccountId, arn: &str, version: u32) -> Result<(), Refusal> {
        if self.managed_policy(account, arn)?.versions.contains_key(&version) {
            return Ok(());
        }
        Err(IamRefusal::NotFound(format!("Policy {arn} version v{version} does not exist or is not attachable.")).into())
    }
}

fn check_size(document: &PolicyDocument) -> Result<(), Refusal> {
    if document.counted() > SIZE_MOST { Err(quota("PolicySize", SIZE_MOST)) } else { Ok(()) }
}

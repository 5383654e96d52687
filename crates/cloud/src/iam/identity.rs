//! What roles and users have in common: policies, a boundary, tags.
use super::{IamRefusal, PolicyDocument, check_name, quota};
use crate::{AccountId, Cloud, Context, Refusal, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most managed policies of a role or a user.
const ATTACHED_MOST: usize = 10;
/// The most characters of the inline policies of a role, and of those of a user.
const INLINE_OF_ROLE: usize = 10_240;
const INLINE_OF_USER: usize = 2_048;

/// A role or a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its path, such as `/` or `/team/`.
    pub path: String,
    /// Its unique id: `AROA…` or `AIDA…`.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// The ARN of the policy that is its permissions boundary.
    pub boundary: Option<String>,
    /// Its inline policies, by name.
    pub inline_policies: BTreeMap<String, PolicyDocument>,
    /// The ARNs of its managed policies.
    pub attached_policies: BTreeSet<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Identity {
    /// Refuses to delete it while something hangs on it.
    pub(super) fn check_bare(&self) -> Result<(), Refusal> {
        let why = if !self.attached_policies.is_empty() {
            "Cannot delete entity, must detach all policies first."
        } else if !self.inline_policies.is_empty() {
            "Cannot delete entity, must delete policies first."
        } else {
            return Ok(());
        };
        Err(IamRefusal::DeleteConflict(why.to_owned()).into())
    }
}

/// Who holds policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The role of that name.
    Role(String),
    /// The user of that name.
    User(String),
}

impl Holder {
    fn name(&self) -> &str {
        match self {
            Self::Role(name) | Self::User(name) => name,
        }
    }
    fn kind(&self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::User(_) => "user",
        }
    }
}

impl Cloud {
    /// The role or the user of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn identity(&self, account: &AccountId, holder: &Holder) -> Result<&Identity, Refusal> {
        match holder {
            Holder::Role(name) => self.role(account, name).map(|role| &role.identity),
            Holder::User(name) => self.user(account, name).map(|user| &user.identity),
        }
    }

    fn edit_identity(&mut self, account: &AccountId, holder: &Holder, edit: impl FnOnce(&mut Identity)) -> Result<(), Refusal> {
        match holder {
            Holder::Role(name) => self.edit_role(account, name, |role| edit(&mut role.identity)),
            Holder::User(name) => self.edit_user(account, name, |user| edit(&mut user.identity)),
        }
    }

    /// `PutRolePolicy`, `PutUserPolicy`: adds an inline policy or replaces it.
    ///
    /// # Errors
    /// An unknown holder, a name that cannot be, or too many characters in all.
    pub fn put_inline_policy(&mut self, cx: &mut Context, holder: &Holder, name: &str, document: PolicyDocument) -> Result<(), Refusal> {
        check_name("policyName", name, 128)?;
        let others = self.identity(&cx.scope.account, holder)?.inline_policies.iter().filter(|(other, _)| *other != name);
        let most = match holder {
            Holder::Role(_) => INLINE_OF_ROLE,
            Holder::User(_) => INLINE_OF_USER,
        };
        if others.map(|(_, other)| other.counted()).sum::<usize>() + document.counted() > most {
            return Err(
                IamRefusal::Limit(format!("Maximum policy size of {most} bytes exceeded for {} {}", holder.kind(), holder.name())).into()
            );
        }
        self.edit_identity(&cx.scope.account, holder, |identity| {
            identity.inline_policies.insert(name.to_owned(), document);
        })
    }

    /// An inline policy.
    ///
    /// # Errors
    /// An unknown holder or policy.
    pub fn inline_policy(&self, account: &AccountId, holder: &Holder, name: &str) -> Result<&PolicyDocument, Refusal> {
        let found = self.identity(account, holder)?.inline_policies.get(name);
        Ok(found.ok_or_else(|| IamRefusal::NotFound(format!("The {} policy with name {name} cannot be found.", holder.kind())))?)
    }

    /// `DeleteRolePolicy`, `DeleteUserPolicy`.
    ///
    /// # Errors
    /// An unknown holder or policy.
    pub fn delete_inline_policy(&mut self, cx: &mut Context, holder: &Holder, name: &str) -> Result<(), Refusal> {
        self.inline_policy(&cx.scope.account, holder, name)?;
        self.edit_identity(&cx.scope.account, holder, |identity| {
            identity.inline_policies.remove(name);
        })
    }

    /// `AttachRolePolicy`, `AttachUserPolicy`. A policy that is attached already stays so.
    ///
    /// # Errors
    /// An unknown holder or policy, or too many policies.
    pub fn attach_policy(&mut self, cx: &mut Context, holder: &Holder, arn: &str) -> Result<(), Refusal> {
        let identity = self.identity(&cx.scope.account, holder)?;
        self.attachable(&cx.scope.account, arn)?;
        if identity.attached_policies.len() >= ATTACHED_MOST && !identity.attached_policies.contains(arn) {
            let name = match holder {
                Holder::Role(_) => "PoliciesPerRole",
                Holder::User(_) => "PoliciesPerUser",
            };
            return Err(quota(name, ATTACHED_MOST));
        }
        self.edit_identity(&cx.scope.account, holder, |identity| {
            identity.attached_policies.insert(arn.to_owned());
        })
    }

    /// `DetachRolePolicy`, `DetachUserPolicy`.
    ///
    /// # Errors
    /// An unknown holder, or a policy that is not attached.
    pub fn detach_policy(&mut self, cx: &mut Context, holder: &Holder, arn: &str) -> Result<(), Refusal> {
        if !self.identity(&cx.scope.account, holder)?.attached_policies.contains(arn) {
            return Err(IamRefusal::NotFound(format!("Policy {arn} was not found.")).into());
        }
        self.edit_identity(&cx.scope.account, holder, |identity| {
            identity.attached_policies.remove(arn);
        })
    }

    /// `PutRolePermissionsBoundary` and its like; `None` deletes it.
    ///
    /// # Errors
    /// An unknown holder or policy, or no boundary to delete.
    pub fn set_permissions_boundary(&mut self, cx: &mut Context, holder: &Holder, arn: Option<String>) -> Result<(), Refusal> {
        let identity = self.identity(&cx.scope.account, holder)?;
        match &arn {
            Some(arn) => self.attachable(&cx.scope.account, arn)?,
            None if identity.boundary.is_none() => {
                let text = format!("{} {} does not have a permissions boundary", holder.kind(), holder.name());
                return Err(IamRefusal::NotFound(text).into());
            }
            None => {}
        }
        self.edit_identity(&cx.scope.account, holder, |identity| identity.boundary = arn)
    }
}

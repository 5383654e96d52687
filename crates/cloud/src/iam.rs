//! IAM: roles, users, managed policies and instance profiles. They belong to an account and to no region.
//!
//! Names are unique without regard to case and are asked for as they were written.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
use crate::{AccountId, Cloud, IdSource, Refusal, Tags};
use std::collections::BTreeSet;

pub mod aws_policy;
mod document;
mod identity;
mod instance_profile;
mod policy;
mod role;
mod user;

#[cfg(test)]
mod tests;

pub use aws_policy::AwsPolicy;
pub use document::PolicyDocument;
pub use identity::{Holder, Identity};
pub use instance_profile::InstanceProfile;
pub use policy::{AnyPolicy, CreatePolicy, ManagedPolicy, PolicyVersion};
pub use role::{CreateRole, Role};
pub use user::{AccessKey, CreateUser, User};

/// The most tags of a role, a user, a policy or an instance profile.
const MAX_TAGS: usize = 50;

/// Why an operation of IAM was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IamRefusal {
    /// `NoSuchEntity`
    #[error("{0}")]
    NotFound(String),
    /// `EntityAlreadyExists`
    #[error("{0}")]
    Exists(String),
    /// `DeleteConflict`
    #[error("{0}")]
    DeleteConflict(String),
    /// `LimitExceeded`
    #[error("{0}")]
    Limit(String),
    /// `MalformedPolicyDocument`
    #[error("{0}")]
    MalformedPolicy(String),
    /// `InvalidInput`
    #[error("{0}")]
    InvalidInput(String),
    /// `ValidationError`
    #[error("{0}")]
    Constraint(String),
}

/// The place of a name in its table.
fn key(account: &AccountId, name: &str) -> (AccountId, String) {
    (account.clone(), name.to_ascii_lowercase())
}

/// `AROA` and the like with 17 letters and digits.
fn fresh_id(ids: &mut IdSource, prefix: &str) -> String {
    format!("{prefix}{}", ids.alphanumeric(17).to_ascii_uppercase())
}

fn quota(name: &str, most: usize) -> Refusal {
    IamRefusal::Limit(format!("Cannot exceed quota for {name}: {most}")).into()
}

/// Letters, digits and `_+=,.@-`, up to a length.
fn check_name(member: &str, name: &str, most: usize) -> Result<(), Refusal> {
    let length = name.chars().count();
    if length == 0 || length > most {
        let (which, bound) = if length == 0 { ("greater", 1) } else { ("less", most) };
        return Err(IamRefusal::Constraint(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length {which} than or equal to {bound}"
        ))
        .into());
    }
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)) {
        return Ok(());
    }
    Err(IamRefusal::Constraint(format!(
        "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    ))
    .into())
}

/// A path as it was asked for, `/` where none was.
fn checked_path(path: Option<String>) -> Result<String, Refusal> {
    let Some(path) = path else { return Ok("/".to_owned()) };
    let legal = path.len() <= 512 && path.starts_with('/') && path.ends_with('/') && path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if legal {
        return Ok(path);
    }
    let text = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.";
    Err(IamRefusal::Constraint(text.to_owned()).into())
}

fn check_description(text: Option<&str>) -> Result<(), Refusal> {
    if text.is_none_or(|text| text.chars().count() <= 1000) {
        return Ok(());
    }
    let text = "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000";
    Err(IamRefusal::Constraint(text.to_owned()).into())
}

/// Tag keys of IAM are told apart without regard to case.
fn check_tags(tags: &Tags) -> Result<(), Refusal> {
    let different: BTreeSet<String> = tags.keys().map(|key| key.to_lowercase()).collect();
    if different.len() != tags.len() {
        let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(IamRefusal::InvalidInput(text.to_owned()).into());
    }
    if tags.keys().filter(|key| !key.starts_with("aws:")).count() > MAX_TAGS {
        return Err(quota("TagsPerResource", MAX_TAGS));
    }
    Ok(())
}

/// What of IAM has tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// A role, by name.
    Role(String),
    /// A user, by name.
    User(String),
    /// A managed policy, by ARN.
    Policy(String),
    /// An instance profile, by name.
    InstanceProfile(String),
}

impl Cloud {
    /// The tags of something of IAM.
    ///
    /// # Errors
    /// When it is not there.
    pub fn iam_tags(&self, account: &AccountId, of: &Tagged) -> Result<&Tags, Refusal> {
        Ok(match of {
            Tagged::Role(name) => &self.role(account, name)?.identity.tags,
            Tagged::User(name) => &self.user(account, name)?.identity.tags,
            Tagged::Policy(arn) => &self.managed_policy(account, arn)?.tags,
            Tagged::InstanceProfile(name) => &self.instance_profile(account, name)?.tags,
        })
    }

    /// `TagRole`, `UntagRole` and their like.
    ///
    /// # Errors
    /// When it is not there, or would have tags that cannot be.
    pub fn edit_iam_tags(&mut self, account: &AccountId, of: &Tagged, edit: impl FnOnce(&mut Tags)) -> Result<(), Refusal> {
        let mut tags = self.iam_tags(account, of)?.clone();
        edit(&mut tags);
        check_tags(&tags)?;
        match of {
            Tagged::Role(name) => self.edit_role(account, name, |role| role.identity.tags = tags),
            Tagged::User(name) => self.edit_user(account, name, |user| user.identity.tags = tags),
            Tagged::Policy(arn) => self.edit_policy(account, arn, |policy| policy.tags = tags),
            Tagged::InstanceProfile(name) => self.edit_instance_profile(account, name, |profile| profile.tags = tags),
        }
    }
}

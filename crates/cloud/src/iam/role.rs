//! Roles.
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
use super::{IamRefusal, Identity, PolicyDocument, check_description, check_name, check_tags, checked_path, fresh_id, key, quota};
use crate::{AccountId, Cloud, Context, Refusal, Tags};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, collections::BTreeSet, ops::RangeInclusive, sync::Arc};

/// The most roles of an account.
const MOST: usize = 1000;
/// The most characters of a trust policy.
const TRUST_MOST: usize = 2048;
/// How many seconds a session may be allowed to last.
const SESSION: RangeInclusive<u32> = 3600..=43_200;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, policies and tags.
    pub identity: Identity,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Its description.
    pub description: Option<String>,
    /// How many seconds a session may last.
    pub max_session: u32,
}

impl Role {
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.identity.account, self.identity.path, self.identity.name)
    }
}

/// A role to make.
#[derive(Clone, Debug)]
pub struct CreateRole {
    /// Its name.
    pub name: String,
    /// Its path; `/` when there is none.
    pub path: Option<String>,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Its description.
    pub description: Option<String>,
    /// How many seconds a session may last; an hour when it is not said.
    pub max_session: Option<u32>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// A role of an account.
    ///
    /// # Errors
    /// When there is none.
    pub fn role(&self, account: &AccountId, name: &str) -> Result<&Arc<Role>, Refusal> {
        let found = self.roles.get(&key(account, name)).filter(|role| role.identity.name == name);
        Ok(found.ok_or_else(|| IamRefusal::NotFound(format!("The role with name {name} cannot be found.")))?)
    }

    /// The roles of an account, by name.
    pub fn roles_of(&self, account: &AccountId) -> impl Iterator<Item = &Arc<Role>> {
        let account = account.clone();
        self.roles.range(key(&account, "")..).take_while(move |((of, _), _)| *of == account).map(|(_, role)| role)
    }

    /// The role of an ARN, in whatever account; a role's name is unique over its paths.
    #[must_use]
    pub fn role_of_arn(&self, arn: &str) -> Option<&Arc<Role>> {
        let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
        let name = path.rsplit('/').next()?;
        self.role(&account.parse().ok()?, name).ok().filter(|role| role.arn() == arn)
    }

    /// `CreateRole`.
    ///
    /// # Errors
    /// A name that is taken or cannot be, principals or a boundary that are not there, or too many roles.
    pub fn create_role(&mut self, cx: &mut Context, input: CreateRole) -> Result<Arc<Role>, Refusal> {
        let account = cx.scope.account.clone();
        check_name("roleName", &input.name, 64)?;
        check_description(input.description.as_deref())?;
        check_tags(&input.tags)?;
        let path = checked_path(input.path)?;
        let max_session = input.max_session.unwrap_or(*SESSION.start());
        check_session(max_session)?;
        self.check_trust(&input.trust)?;
        if let Some(boundary) = &input.boundary {
            self.attachable(&account, boundary)?;
        }
        if self.roles.contains_key(&key(&account, &input.name)) {
            return Err(IamRefusal::Exists(format!("Role with name {} already exists.", input.name)).into());
        }
        if self.roles_of(&account).count() >= MOST {
            return Err(quota("RolesPerAccount", MOST));
        }
        let identity = Identity {
            account: account.clone(),
            id: fresh_id(&mut cx.ids, "AROA"),
            path,
            created: cx.now,
            boundary: input.boundary,
            inline_policies: BTreeMap::new(),
            attached_policies: BTreeSet::new(),
            tags: input.tags,
            name: input.name,
        };
        let at = key(&account, &identity.name);
        let role = Arc::new(Role { identity, trust: input.trust, description: input.description, max_session });
        self.roles.insert(at, Arc::clone(&role));
        Ok(role)
    }

    /// `UpdateAssumeRolePolicy`.
    ///
    /// # Errors
    /// An unknown role, or principals that are not there.
    pub fn set_trust_policy(&mut self, cx: &mut Context, name: &str, trust: PolicyDocument) -> Result<(), Refusal> {
        self.role(&cx.scope.account, name)?;
        self.check_trust(&trust)?;
        self.edit_role(&cx.scope.account, name, |role| role.trust = trust)
    }

    /// `UpdateRole`: what is `None` stays as it is; a description of no letters removes it.
    ///
    /// # Errors
    /// An unknown role, or values that cannot be.
    pub fn update_role(
        &mut self,
        cx: &mut Context,
        name: &str,
        description: Option<String>,
        max_session: Option<u32>,
    ) -> Result<(), Refusal> {
        check_description(description.as_deref())?;
        max_session.map_or(Ok(()), check_session)?;
        self.edit_role(&cx.scope.account, name, |role| {
            if let Some(text) = description {
                role.description = Some(text).filter(|text| !text.is_empty());
            }
            role.max_session = max_session.unwrap_or(role.max_session);
        })
    }

    /// `DeleteRole`.
    ///
    /// # Errors
    /// An unknown role, or one that has policies or stands in an instance profile.
    pub fn delete_role(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        let role = self.role(&cx.scope.account, name)?;
        if self.instance_profiles_of(&cx.scope.account).any(|profile| profile.role.as_deref() == Some(name)) {
            let text = "Cannot delete entity, must remove roles from instance profile first.";
            return Err(IamRefusal::DeleteConflict(text.to_owned()).into());
        }
        role.identity.check_bare()?;
        self.roles.remove(&key(&cx.scope.account, name));
        Ok(())
    }

    pub(super) fn edit_role(&mut self, account: &AccountId, name: &str, edit: impl FnOnce(&mut Role)) -> Result<(), Refusal> {
        self.role(account, name)?;
        if let Some(role) = self.roles.get_mut(&key(account, name)) {
            edit(Arc::make_mut(role));
        }
        Ok(())
    }

    fn check_trust(&self, trust: &PolicyDocument) -> Result<(), Refusal> {
        if trust.counted() > TRUST_MOST {
            return Err(quota("ACLSizePerRole", TRUST_MOST));
        }
        self.check_principals(trust)
    }
}

fn check_session(seconds: u32) -> Result<(), Refusal> {
    if SESSION.contains(&seconds) {
        return Ok(());
    }
    let (bound, limit) = if seconds < *SESSION.start() { ("greater", SESSION.start()) } else { ("less", SESSION.end()) };
    Err(IamRefusal::Constraint(format!(
        "1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value {bound} \
         than or equal to {limit}"
    ))
    .into())
}

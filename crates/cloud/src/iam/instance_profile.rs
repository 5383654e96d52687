//! Instance profiles: what gives instances a role. One role at most.
use super::{IamRefusal, check_name, check_tags, checked_path, fresh_id, key, quota};
use crate::{AccountId, Cloud, Context, Refusal, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most instance profiles of an account.
const MOST: usize = 1000;

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// `AIPA…`
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// The name of its role.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl InstanceProfile {
    /// `arn:aws:iam::ACCOUNT:instance-profile/PATH/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:instance-profile{}{}", self.account, self.path, self.name)
    }
}

impl Cloud {
    /// An instance profile of an account.
    ///
    /// # Errors
    /// When there is none.
    pub fn instance_profile(&self, account: &AccountId, name: &str) -> Result<&Arc<InstanceProfile>, Refusal> {
        let found = self.instance_profiles.get(&key(account, name)).filter(|profile| profile.name == name);
        Ok(found.ok_or_else(|| IamRefusal::NotFound(format!("Instance Profile {name} cannot be found.")))?)
    }

    /// The instance profiles of an account, by name.
    pub fn instance_profiles_of(&self, account: &AccountId) -> impl Iterator<Item = &Arc<InstanceProfile>> {
        let account = account.clone();
        self.instance_profiles.range(key(&account, "")..).take_while(move |((of, _), _)| *of == account).map(|(_, profile)| profile)
    }

    /// `CreateInstanceProfile`.
    ///
    /// # Errors
    /// A name that is taken or cannot be, or too many of them.
    pub fn create_instance_profile(
        &mut self,
        cx: &mut Context,
        name: &str,
        path: Option<String>,
        tags: Tags,
    ) -> Result<Arc<InstanceProfile>, Refusal> {
        let account = cx.scope.account.clone();
        check_name("instanceProfileName", name, 128)?;
        check_tags(&tags)?;
        let path = checked_path(path)?;
        let at = key(&account, name);
        if self.instance_profiles.contains_key(&at) {
            return Err(IamRefusal::Exists(format!("Instance Profile {name} already exists.")).into());
        }
        if self.instance_profiles_of(&account).count() >= MOST {
            return Err(quota("InstanceProfilesPerAccount", MOST));
        }
        let id = fresh_id(&mut cx.ids, "AIPA");
        let profile = Arc::new(InstanceProfile { account, name: name.to_owned(), path, id, created: cx.now, role: None, tags });
        self.instance_profiles.insert(at, Arc::clone(&profile));
        Ok(profile)
    }

    /// `DeleteInstanceProfile`.
    ///
    /// # Errors
    /// An unknown one, or one with a role.
    pub fn delete_instance_profile(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        if self.instance_profile(&cx.scope.account, name)?.role.is_some() {
            let text = "Cannot delete entity, must remove roles from instance profile first.";
            return Err(IamRefusal::DeleteConflict(text.to_owned()).into());
        }
        self.instance_profiles.remove(&key(&cx.scope.account, name));
        Ok(())
    }

    /// `AddRoleToInstanceProfile`.
    ///
    /// # Errors
    /// An unknown profile or role, or a profile that has one.
    pub fn add_role_to_instance_profile(&mut self, cx: &mut Context, name: &str, role: &str) -> Result<(), Refusal> {
        let account = &cx.scope.account;
        let profile = self.instance_profile(account, name)?;
        self.role(account, role)?;
        if profile.role.is_some() {
            return Err(quota("InstanceSessionsPerInstanceProfile", 1));
        }
        self.edit_instance_profile(account, name, |profile| profile.role = Some(role.to_owned()))
    }

    /// `RemoveRoleFromInstanceProfile`.
    ///
    /// # Errors
    /// An unknown profile, or a role that is not in it.
    pub fn remove_role_from_instance_profile(&mut self, cx: &mut Context, name: &str, role: &str) -> Result<(), Refusal> {
        let account = &cx.scope.account;
        if self.instance_profile(account, name)?.role.as_deref() != Some(role) {
            return Err(IamRefusal::NotFound(format!("The role with name {role} cannot be found.")).into());
        }
        self.edit_instance_profile(account, name, |profile| profile.role = None)
    }

    pub(super) fn edit_instance_profile(
        &mut self,
        account: &AccountId,
        name: &str,
        edit: impl FnOnce(&mut InstanceProfile),
    ) -> Result<(), Refusal> {
        self.instance_profile(account, name)?;
        if let Some(profile) = self.instance_profiles.get_mut(&key(account, name)) {
            edit(Arc::make_mut(profile));
        }
        Ok(())
    }
}

//! Users and their access keys. Any credentials work at a lab's own port; a user's key says who calls.
use super::{IamRefusal, Identity, check_name, check_tags, checked_path, fresh_id, key, quota};
use crate::access_key;
use crate::{AccountId, Cloud, Context, Refusal, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

/// The most users of an account.
const MOST: usize = 5000;
/// The most access keys of a user.
const KEYS_MOST: usize = 2;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name, policies and tags.
    pub identity: Identity,
    /// Its access keys.
    pub access_keys: Vec<AccessKey>,
}

/// An access key of a user. Its secret is shown once and not kept: it can be made again of the id and the lab's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// Whether it is `Active`; calls with an inactive one are refused.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl User {
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user{}{}", self.identity.account, self.identity.path, self.identity.name)
    }
}

/// A user to make.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// Its name.
    pub name: String,
    /// Its path; `/` when there is none.
    pub path: Option<String>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// A user of an account.
    ///
    /// # Errors
    /// When there is none.
    pub fn user(&self, account: &AccountId, name: &str) -> Result<&Arc<User>, Refusal> {
        let found = self.users.get(&key(account, name)).filter(|user| user.identity.name == name);
        Ok(found.ok_or_else(|| IamRefusal::NotFound(format!("The user with name {name} cannot be found.")))?)
    }

    /// The users of an account, by name.
    pub fn users_of(&self, account: &AccountId) -> impl Iterator<Item = &Arc<User>> {
        let account = account.clone();
        self.users.range(key(&account, "")..).take_while(move |((of, _), _)| *of == account).map(|(_, user)| user)
    }

    /// The user whose access key this is, and the key.
    #[must_use]
    pub fn user_of_key(&self, id: &str) -> Option<(&Arc<User>, &AccessKey)> {
        let account = access_key::account_of(id)?;
        self.users_of(&account).find_map(|user| Some((user, user.access_keys.iter().find(|key| key.id == id)?)))
    }

    /// `CreateUser`.
    ///
    /// # Errors
    /// A name that is taken or cannot be, a boundary that is not there, or too many users.
    pub fn create_user(&mut self, cx: &mut Context, input: CreateUser) -> Result<Arc<User>, Refusal> {
        let account = cx.scope.account.clone();
        check_name("userName", &input.name, 64)?;
        check_tags(&input.tags)?;
        let path = checked_path(input.path)?;
        if let Some(boundary) = &input.boundary {
            self.attachable(&account, boundary)?;
        }
        self.check_user_name_is_free(&account, &input.name)?;
        if self.users_of(&account).count() >= MOST {
            return Err(quota("UsersPerAccount", MOST));
        }
        let identity = Identity {
            account: account.clone(),
            id: fresh_id(&mut cx.ids, "AIDA"),
            path,
            created: cx.now,
            boundary: input.boundary,
            inline_policies: BTreeMap::new(),
            attached_policies: BTreeSet::new(),
            tags: input.tags,
            name: input.name,
        };
        let at = key(&account, &identity.name);
        let user = Arc::new(User { identity, access_keys: Vec::new() });
        self.users.insert(at, Arc::clone(&user));
        Ok(user)
    }

    /// `UpdateUser`: another name, another path; the id stays.
    ///
    /// # Errors
    /// An unknown user, or a name or a path that cannot be.
    pub fn update_user(&mut self, cx: &mut Context, name: &str, new_name: Option<String>, path: Option<String>) -> Result<(), Refusal> {
        let account = &cx.scope.account;
        let mut user = User::clone(self.user(account, name)?);
        if let Some(path) = path {
            user.identity.path = checked_path(Some(path))?;
        }
        if let Some(new_name) = new_name {
            check_name("newUserName", &new_name, 64)?;
            if !new_name.eq_ignore_ascii_case(name) {
                self.check_user_name_is_free(account, &new_name)?;
            }
            user.identity.name = new_name;
        }
        self.users.remove(&key(account, name));
        self.users.insert(key(account, &user.identity.name), Arc::new(user));
        Ok(())
    }

    /// `DeleteUser`.
    ///
    /// # Errors
    /// An unknown user, or one that has policies or access keys.
    pub fn delete_user(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        let user = self.user(&cx.scope.account, name)?;
        user.identity.check_bare()?;
        if !user.access_keys.is_empty() {
            return Err(IamRefusal::DeleteConflict("Cannot delete entity, must delete access keys first.".to_owned()).into());
        }
        self.users.remove(&key(&cx.scope.account, name));
        Ok(())
    }

    /// `CreateAccessKey`.
    ///
    /// # Errors
    /// An unknown user, or one with two keys.
    pub fn create_access_key(&mut self, cx: &mut Context, name: &str) -> Result<AccessKey, Refusal> {
        if self.user(&cx.scope.account, name)?.access_keys.len() >= KEYS_MOST {
            return Err(quota("AccessKeysPerUser", KEYS_MOST));
        }
        let id = access_key::issue(access_key::USER, &cx.scope.account, &mut cx.ids);
        let made = AccessKey { id, active: true, created: cx.now };
        self.edit_user(&cx.scope.account, name, |user| user.access_keys.push(made.clone()))?;
        Ok(made)
    }

    /// `UpdateAccessKey`.
    ///
    /// # Errors
    /// An unknown user or key.
    pub fn set_access_key_active(&mut self, cx: &mut Context, name: &str, id: &str, active: bool) -> Result<(), Refusal> {
        self.check_access_key(&cx.scope.account, name, id)?;
        self.edit_user(&cx.scope.account, name, |user| {
            user.access_keys.iter_mut().filter(|key| key.id == id).for_each(|key| key.active = active);
        })
    }

    /// `DeleteAccessKey`.
    ///
    /// # Errors
    /// An unknown user or key.
    pub fn delete_access_key(&mut self, cx: &mut Context, name: &str, id: &str) -> Result<(), Refusal> {
        self.check_access_key(&cx.scope.account, name, id)?;
        self.edit_user(&cx.scope.account, name, |user| user.access_keys.retain(|key| key.id != id))
    }

    pub(super) fn edit_user(&mut self, account: &AccountId, name: &str, edit: impl FnOnce(&mut User)) -> Result<(), Refusal> {
        self.user(account, name)?;
        if let Some(user) = self.users.get_mut(&key(account, name)) {
            edit(Arc::make_mut(user));
        }
        Ok(())
    }

    fn check_access_key(&self, account: &AccountId, name: &str, id: &str) -> Result<(), Refusal> {
        if self.user(account, name)?.access_keys.iter().any(|key| key.id == id) {
            return Ok(());
        }
        Err(IamRefusal::NotFound(format!("The Access Key with id {id} cannot be found.")).into())
    }

    fn check_user_name_is_free(&self, account: &AccountId, name: &str) -> Result<(), Refusal> {
        if self.users.contains_key(&key(account, name)) {
            return Err(IamRefusal::Exists(format!("User with name {name} already exists.")).into());
        }
        Ok(())
    }
}

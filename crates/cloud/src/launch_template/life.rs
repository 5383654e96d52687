//! How launch templates and versions are made, chosen and deleted.
use super::{LaunchTemplate, LaunchTemplateData, LaunchTemplateVersion, MAX_TEMPLATES, MAX_VERSIONS, TemplateName, VersionName};
use crate::{ClientToken, Cloud, Context, LaunchTemplateId, Refusal, Tags};
use std::sync::Arc;

/// What `CreateLaunchTemplate` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateLaunchTemplate {
    /// The name.
    pub name: String,
    /// The first version's description.
    pub description: Option<String>,
    /// The first version's data.
    pub data: LaunchTemplateData,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags of the template.
    pub tags: Tags,
}

/// What `CreateLaunchTemplateVersion` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The version whose data fills what this one lacks.
    pub source: Option<VersionName>,
    /// The description.
    pub description: Option<String>,
    /// The data.
    pub data: LaunchTemplateData,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
}

/// What became of a version that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionDeletion {
    /// It is gone.
    Deleted,
    /// There was none.
    Missing,
    /// It is the default version, which stays.
    Default,
}

impl Cloud {
    /// `CreateLaunchTemplate`: the template and its version 1.
    ///
    /// # Errors
    /// A name that is taken or not permitted, too many templates, a token used otherwise.
    pub fn create_launch_template(&mut self, cx: &mut Context, input: CreateLaunchTemplate) -> Result<LaunchTemplateId, Refusal> {
        let made = self.launch_templates.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        let permitted = |c: char| c.is_ascii_alphanumeric() || "().-/_".contains(c);
        if !(3..=128).contains(&input.name.len()) || !input.name.chars().all(permitted) {
            return Err(Refusal::LaunchTemplateNameMalformed(input.name));
        }
        if self.launch_template(&cx.scope, &TemplateName::Name(input.name.clone())).is_ok() {
            return Err(Refusal::LaunchTemplateNameTaken);
        }
        if self.launch_templates.values().filter(|found| found.scope == cx.scope).count() >= MAX_TEMPLATES {
            return Err(Refusal::LaunchTemplateLimit);
        }
        let id = LaunchTemplateId::fresh(&mut cx.ids);
        let template = LaunchTemplate {
            id: id.clone(),
            scope: cx.scope.clone(),
            name: input.name,
            default_version: 1,
            latest_version: 1,
            created: cx.now,
            client_token: input.client_token,
            tags: input.tags,
        };
        self.launch_templates.insert(id.clone(), Arc::new(template));
        self.put_version(cx, &id, 1, NewVersion { source: None, description: input.description, data: input.data, client_token: None });
        Ok(id)
    }

    /// `CreateLaunchTemplateVersion`: answers its number.
    ///
    /// # Errors
    /// An unknown template or source version, too many versions, a token used otherwise.
    pub fn create_launch_template_version(&mut self, cx: &mut Context, name: &TemplateName, mut new: NewVersion) -> Result<u64, Refusal> {
        let template = Arc::clone(self.launch_template(&cx.scope, name)?);
        let made = self.launch_template_versions_of(&template.id).map(|version| (version.client_token.as_ref(), version.number));
        if let Some(number) = ClientToken::find(new.client_token.as_ref(), made)? {
            return Ok(number);
        }
        if self.launch_template_versions_of(&template.id).count() >= MAX_VERSIONS {
            return Err(Refusal::LaunchTemplateVersionLimit(template.id.clone()));
        }
        if let Some(source) = new.source {
            new.data = new.data.over(&self.launch_template_version(&template, source)?.data);
        }
        let number = template.latest_version.saturating_add(1);
        self.edit_template(&template.id, |template| template.latest_version = number);
        self.put_version(cx, &template.id, number, new);
        Ok(number)
    }

    /// `ModifyLaunchTemplate`: another default version. Answers the template's id.
    ///
    /// # Errors
    /// An unknown template or version.
    pub fn modify_launch_template(
        &mut self,
        cx: &mut Context,
        name: &TemplateName,
        default: VersionName,
    ) -> Result<LaunchTemplateId, Refusal> {
        let template = Arc::clone(self.launch_template(&cx.scope, name)?);
        let number = self.launch_template_version(&template, default)?.number;
        self.edit_template(&template.id, |template| template.default_version = number);
        Ok(template.id.clone())
    }

    /// `DeleteLaunchTemplate` with all its versions. Answers what it was.
    ///
    /// # Errors
    /// An unknown template.
    pub fn delete_launch_template(&mut self, cx: &mut Context, name: &TemplateName) -> Result<Arc<LaunchTemplate>, Refusal> {
        let template = Arc::clone(self.launch_template(&cx.scope, name)?);
        let numbers: Vec<u64> = self.launch_template_versions_of(&template.id).map(|version| version.number).collect();
        for number in numbers {
            self.launch_template_versions.remove(&(template.id.clone(), number));
        }
        self.launch_templates.remove(&template.id);
        Ok(template)
    }

    /// `DeleteLaunchTemplateVersions`: each on its own; the default version stays.
    ///
    /// # Errors
    /// An unknown template.
    pub fn delete_launch_template_versions(
        &mut self,
        cx: &mut Context,
        name: &TemplateName,
        numbers: &[u64],
    ) -> Result<Vec<(u64, VersionDeletion)>, Refusal> {
        let template = Arc::clone(self.launch_template(&cx.scope, name)?);
        let mut done = Vec::new();
        for number in numbers {
            let result = match self.launch_template_versions.contains_key(&(template.id.clone(), *number)) {
                false => VersionDeletion::Missing,
                true if *number == template.default_version => VersionDeletion::Default,
                true => {
                    self.launch_template_versions.remove(&(template.id.clone(), *number));
                    VersionDeletion::Deleted
                }
            };
            done.push((*number, result));
        }
        Ok(done)
    }

    fn put_version(&mut self, cx: &Context, id: &LaunchTemplateId, number: u64, new: NewVersion) {
        let version = LaunchTemplateVersion {
            template: id.clone(),
            number,
            description: new.description,
            created: cx.now,
            client_token: new.client_token,
            data: new.data,
        };
        self.launch_template_versions.insert((id.clone(), number), Arc::new(version));
    }

    fn edit_template(&mut self, id: &LaunchTemplateId, edit: impl FnOnce(&mut LaunchTemplate)) {
        if let Some(template) = self.launch_templates.get_mut(id) {
            edit(Arc::make_mut(template));
        }
    }
}

//! Launch templates and their versions.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html>
use crate::{ClientToken, Cloud, LaunchTemplateId, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

mod life;
#[cfg(test)]
mod tests;

pub use life::{CreateLaunchTemplate, NewVersion, VersionDeletion};

/// The most launch templates of an account in a region.
pub const MAX_TEMPLATES: usize = 5000;
/// The most versions of a template.
pub const MAX_VERSIONS: usize = 10_000;

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// Its id.
    pub id: LaunchTemplateId,
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The version that a launch without a version takes.
    pub default_version: u64,
    /// The highest version so far; numbers are not used again.
    pub latest_version: u64,
    /// When it was made.
    pub created: Timestamp,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// A version of a launch template. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateVersion {
    /// Its template.
    pub template: LaunchTemplateId,
    /// Its number.
    pub number: u64,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The idempotency token of the call that made it.
    pub client_token: Option<ClientToken>,
    /// What it holds for a launch.
    pub data: LaunchTemplateData,
}

/// The parameters of a launch, as they were given: EC2 checks them when an instance is launched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateData {
    /// The image.
    pub image_id: Option<String>,
    /// The type.
    pub instance_type: Option<String>,
    /// The key pair.
    pub key_name: Option<String>,
    /// User data in base64.
    pub user_data: Option<String>,
    /// The name or the ARN of the instance profile.
    #[serde(default)]
    pub profile: Option<String>,
    /// The security groups.
    pub security_group_ids: Vec<String>,
    /// The zone.
    pub availability_zone: Option<String>,
    /// The network interfaces.
    pub network_interfaces: Vec<LaunchTemplateInterface>,
    /// The tags by the kind of resource that the launch makes.
    pub tags: BTreeMap<String, Tags>,
}

/// A network interface of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateInterface {
    /// Its place in the instance.
    pub device_index: Option<i32>,
    /// One that is there.
    pub interface_id: Option<String>,
    /// The subnet of a new one.
    pub subnet_id: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its address.
    pub private_ip: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Whether it goes with the instance.
    pub delete_on_termination: Option<bool>,
    /// Whether it is lent a public address.
    pub public_address: Option<bool>,
}

/// How a request names a launch template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateName {
    /// By id.
    Id(LaunchTemplateId),
    /// By name.
    Name(String),
}

/// How a request names a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionName {
    /// `$Default`
    Default,
    /// `$Latest`
    Latest,
    /// Its number.
    Number(u64),
}

impl VersionName {
    /// Reads `$Default`, `$Latest` or a number.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "$Default" => Ok(Self::Default),
            "$Latest" => Ok(Self::Latest),
            number => number.parse().map(Self::Number).map_err(|_| {
                Refusal::InvalidParameterValue(format!(
                    "Value ({text}) for parameter version is invalid. Expecting $Default, $Latest or a number."
                ))
            }),
        }
    }
}

impl LaunchTemplateData {
    /// This data, with what it lacks taken from another version's.
    #[must_use]
    pub fn over(self, source: &Self) -> Self {
        let list = |own: Vec<String>, theirs: &Vec<String>| if own.is_empty() { theirs.clone() } else { own };
        Self {
            image_id: self.image_id.or_else(|| source.image_id.clone()),
            instance_type: self.instance_type.or_else(|| source.instance_type.clone()),
            key_name: self.key_name.or_else(|| source.key_name.clone()),
            user_data: self.user_data.or_else(|| source.user_data.clone()),
            profile: self.profile.or_else(|| source.profile.clone()),
            security_group_ids: list(self.security_group_ids, &source.security_group_ids),
            availability_zone: self.availability_zone.or_else(|| source.availability_zone.clone()),
            network_interfaces: if self.network_interfaces.is_empty() {
                source.network_interfaces.clone()
            } else {
                self.network_interfaces
            },
            tags: if self.tags.is_empty() { source.tags.clone() } else { self.tags },
        }
    }
}

impl Cloud {
    /// A launch template of a scope.
    ///
    /// # Errors
    /// When there is none.
    pub fn launch_template(&self, scope: &Scope, name: &TemplateName) -> Result<&Arc<LaunchTemplate>, Refusal> {
        let found = match name {
            TemplateName::Id(id) => self.launch_templates.get(id).filter(|found| &found.scope == scope),
            TemplateName::Name(name) => self.launch_templates.values().find(|found| &found.scope == scope && &found.name == name),
        };
        found.ok_or_else(|| Refusal::LaunchTemplateNotFound(name.clone()))
    }

    /// A version of a launch template.
    ///
    /// # Errors
    /// When there is none.
    pub fn launch_template_version(&self, of: &LaunchTemplate, version: VersionName) -> Result<&Arc<LaunchTemplateVersion>, Refusal> {
        let number = match version {
            VersionName::Default => of.default_version,
            VersionName::Latest => self.launch_template_versions_of(&of.id).last().map_or(of.latest_version, |last| last.number),
            VersionName::Number(number) => number,
        };
        let found = self.launch_template_versions.get(&(of.id.clone(), number));
        found.ok_or_else(|| Refusal::LaunchTemplateVersionNotFound { template: of.id.clone(), number })
    }

    /// The versions of a launch template in order of number.
    pub fn launch_template_versions_of(&self, id: &LaunchTemplateId) -> impl Iterator<Item = &Arc<LaunchTemplateVersion>> {
        let (first, id) = ((id.clone(), 0), id.clone());
        self.launch_template_versions.range(first..).take_while(move |((of, _), _)| *of == id).map(|(_, version)| version)
    }
}

//! `AWS::IAM::InstanceProfile`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html>
use super::by_iam;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, Tags};

/// The type. Its physical id is the profile's name.
pub struct InstanceProfile;

fn role(properties: &Properties<'_>) -> Result<Option<String>, Failure> {
    let mut roles = properties.texts("Roles")?.into_iter();
    match (roles.next(), roles.next()) {
        (role, None) => Ok(role),
        _ => Err(Failure::invalid("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")),
    }
}

fn empty(cloud: &mut Cloud, c: &mut Context, name: &str) -> Result<(), Failure> {
    match cloud.instance_profile(&c.scope.account, name).map_err(by_iam)?.role.clone() {
        Some(role) => cloud.remove_role_from_instance_profile(c, name, &role).map_err(by_iam),
        None => Ok(()),
    }
}

impl ResourceType for InstanceProfile {
    fn served(&self) -> &'static [&'static str] {
        &["InstanceProfileName", "Path", "Roles"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = match want.properties.text("InstanceProfileName")? {
            Some(name) => name,
            None => want.physical_name(c, 128),
        };
        cloud.create_instance_profile(c, &name, want.properties.text("Path")?, Tags::new()).map_err(by_iam)?;
        if let Some(role) = role(&want.properties)? {
            cloud.add_role_to_instance_profile(c, &name, &role).map_err(by_iam)?;
        }
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        empty(cloud, c, is.physical)?;
        if let Some(role) = role(&want.properties)? {
            cloud.add_role_to_instance_profile(c, is.physical, &role).map_err(by_iam)?;
        }
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        empty(cloud, c, is.physical)?;
        cloud.delete_instance_profile(c, is.physical).map_err(by_iam)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let profile = cloud.instance_profile(&is.scope.account, is.physical);
        profile.map(|profile| Map::from_iter([("Arn".to_owned(), json!(profile.arn()))])).unwrap_or_default()
    }
}

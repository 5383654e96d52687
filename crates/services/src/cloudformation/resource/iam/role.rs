//! `AWS::IAM::Role`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html>
use super::{attach, by_iam, inline, policy, tag};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::iam::{CreateRole, Holder, PolicyDocument, Tagged};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the role's name.
pub struct Role;

fn trust(properties: &Properties<'_>) -> Result<PolicyDocument, Failure> {
    let missing = || Failure::invalid("Property AssumeRolePolicyDocument cannot be empty.");
    crate::iam::trust_policy(&properties.document("AssumeRolePolicyDocument")?.ok_or_else(missing)?).map_err(by_iam)
}

fn policies(properties: &Properties<'_>) -> Result<BTreeMap<String, PolicyDocument>, Failure> {
    let read = |one: &Properties<'_>| Ok((one.required("PolicyName")?, policy(one)?));
    properties.objects("Policies")?.iter().map(read).collect()
}

fn names(properties: &Properties<'_>) -> Result<BTreeSet<String>, Failure> {
    properties.objects("Policies")?.iter().map(|one| one.required("PolicyName")).collect()
}

fn attached(properties: &Properties<'_>) -> Result<BTreeSet<String>, Failure> {
    Ok(properties.texts("ManagedPolicyArns")?.into_iter().collect())
}

impl ResourceType for Role {
    fn served(&self) -> &'static [&'static str] {
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let name = match properties.text("RoleName")? {
            Some(name) => name,
            None => want.physical_name(c, 64),
        };
        let input = CreateRole {
            name: name.clone(),
            path: properties.text("Path")?,
            trust: trust(properties)?,
            description: properties.text("Description")?,
            max_session: properties.number("MaxSessionDuration")?,
            boundary: properties.text("PermissionsBoundary")?,
            tags: want.tags()?,
        };
        cloud.create_role(c, input).map_err(by_iam)?;
        let holder = Holder::Role(name.clone());
        attach(cloud, c, &holder, &BTreeSet::new(), &attached(properties)?)?;
        inline(cloud, c, &holder, &BTreeSet::new(), policies(properties)?)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (properties, name) = (&want.properties, is.physical);
        let holder = Holder::Role(name.to_owned());
        cloud.set_trust_policy(c, name, trust(properties)?).map_err(by_iam)?;
        let description = properties.text("Description")?.unwrap_or_default();
        let session = properties.number("MaxSessionDuration")?.unwrap_or(3600);
        cloud.update_role(c, name, Some(description), Some(session)).map_err(by_iam)?;
        let boundary = properties.text("PermissionsBoundary")?;
        if boundary != is.properties.text("PermissionsBoundary")? {
            cloud.set_permissions_boundary(c, &holder, boundary).map_err(by_iam)?;
        }
        attach(cloud, c, &holder, &attached(&is.properties)?, &attached(properties)?)?;
        inline(cloud, c, &holder, &names(&is.properties)?, policies(properties)?)?;
        tag(cloud, c, &Tagged::Role(name.to_owned()), want.tags()?)?;
        Ok(Made::new(name))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let holder = Holder::Role(is.physical.to_owned());
        cloud.role(&c.scope.account, is.physical).map_err(by_iam)?;
        attach(cloud, c, &holder, &attached(&is.properties)?, &BTreeSet::new())?;
        inline(cloud, c, &holder, &names(&is.properties)?, BTreeMap::new())?;
        cloud.delete_role(c, is.physical).map_err(by_iam)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok(role) = cloud.role(&is.scope.account, is.physical) else { return Map::new() };
        Map::from_iter([("Arn".to_owned(), json!(role.arn())), ("RoleId".to_owned(), json!(role.identity.id))])
    }
}

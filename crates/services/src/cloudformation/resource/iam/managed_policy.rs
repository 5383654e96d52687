//! `AWS::IAM::ManagedPolicy`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html>
use super::{by_iam, detach, holders, policy};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::iam::CreatePolicy;
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the policy's ARN.
pub struct ManagedPolicy;

impl ResourceType for ManagedPolicy {
    fn served(&self) -> &'static [&'static str] {
        &["Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let name = match properties.text("ManagedPolicyName")? {
            Some(name) => name,
            None => want.physical_name(c, 128),
        };
        let input = CreatePolicy {
            name,
            path: properties.text("Path")?,
            document: policy(properties)?,
            description: properties.text("Description")?,
            tags: Default::default(),
        };
        let arn = cloud.create_policy(c, input).map_err(by_iam)?.arn();
        for holder in holders(properties)? {
            cloud.attach_policy(c, &holder, &arn).map_err(by_iam)?;
        }
        Ok(Made::new(arn))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (old, new) = (holders(&is.properties)?, holders(&want.properties)?);
        if is.properties.get("PolicyDocument") != want.properties.get("PolicyDocument") {
            let found = cloud.managed_policy(&c.scope.account, is.physical).map_err(by_iam)?;
            let oldest = found.versions.keys().copied().find(|number| *number != found.default_version);
            // There may be five: the oldest one makes room.
            if let Some(oldest) = oldest.filter(|_| found.versions.len() >= 5) {
                cloud.delete_policy_version(c, is.physical, oldest).map_err(by_iam)?;
            }
            cloud.create_policy_version(c, is.physical, policy(&want.properties)?, true).map_err(by_iam)?;
        }
        for gone in old.iter().filter(|holder| !new.contains(holder)) {
            detach(cloud, c, gone, is.physical)?;
        }
        for added in new.iter().filter(|holder| !old.contains(holder)) {
            cloud.attach_policy(c, added, is.physical).map_err(by_iam)?;
        }
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        for holder in holders(&is.properties)? {
            detach(cloud, c, &holder, is.physical)?;
        }
        let found = cloud.managed_policy(&c.scope.account, is.physical).map_err(by_iam)?;
        let others: Vec<u32> = found.versions.keys().copied().filter(|number| *number != found.default_version).collect();
        for number in others {
            cloud.delete_policy_version(c, is.physical, number).map_err(by_iam)?;
        }
        cloud.delete_policy(c, is.physical).map_err(by_iam)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok(policy) = cloud.managed_policy(&is.scope.account, is.physical) else { return Map::new() };
        let (attached, bounding) = cloud.policy_uses(&is.scope.account, is.physical);
        [
            ("PolicyArn", json!(is.physical)),
            ("PolicyId", json!(policy.id)),
            ("DefaultVersionId", json!(format!("v{}", policy.default_version))),
            ("AttachmentCount", json!(attached)),
            ("PermissionsBoundaryUsageCount", json!(bounding)),
            ("IsAttachable", json!(true)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

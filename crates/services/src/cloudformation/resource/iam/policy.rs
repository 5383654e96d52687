//! `AWS::IAM::Policy`: one inline policy of several roles and users.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html>
use super::{by_iam, holders, policy, remove_inline};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id names nothing in IAM.
pub struct Policy;

impl ResourceType for Policy {
    fn served(&self) -> &'static [&'static str] {
        &["PolicyDocument", "PolicyName", "Roles", "Users"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let holders = holders(&want.properties)?;
        if holders.is_empty() {
            return Err(Failure::invalid("At least one of [Groups,Roles,Users] must be non-empty."));
        }
        let (name, document) = (want.properties.required("PolicyName")?, policy(&want.properties)?);
        for holder in &holders {
            cloud.put_inline_policy(c, holder, &name, document.clone()).map_err(by_iam)?;
        }
        Ok(Made::new(want.physical_name(c, 128)))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (name, new) = (want.properties.required("PolicyName")?, holders(&want.properties)?);
        if new.is_empty() {
            return Err(Failure::invalid("At least one of [Groups,Roles,Users] must be non-empty."));
        }
        let before = is.properties.required("PolicyName")?;
        for holder in holders(&is.properties)?.iter().filter(|holder| before != name || !new.contains(holder)) {
            remove_inline(cloud, c, holder, &before)?;
        }
        let document = policy(&want.properties)?;
        for holder in &new {
            cloud.put_inline_policy(c, holder, &name, document.clone()).map_err(by_iam)?;
        }
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let name = is.properties.required("PolicyName")?;
        holders(&is.properties)?.iter().try_for_each(|holder| remove_inline(cloud, c, holder, &name))
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("Id".to_owned(), json!(is.physical))])
    }
}

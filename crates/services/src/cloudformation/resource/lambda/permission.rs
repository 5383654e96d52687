//! `AWS::Lambda::Permission`: a statement of a function's resource policy.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html>
use super::{by_lambda, named};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the statement's.
pub struct Permission;

impl ResourceType for Permission {
    fn served(&self) -> &'static [&'static str] {
        &["Action", "FunctionName", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let function = named(&properties.required("FunctionName")?)?;
        let permission = vpclab_cloud::function::Permission {
            sid: want.physical_name(c, 100),
            action: properties.required("Action")?,
            principal: properties.required("Principal")?,
            source_arn: properties.text("SourceArn")?,
            source_account: properties.text("SourceAccount")?,
            organization: properties.text("PrincipalOrgID")?,
        };
        let sid = permission.sid.clone();
        cloud.add_permission(c, &function.name, function.qualifier.as_deref(), None, permission).map_err(by_lambda)?;
        Ok(Made::new(sid))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let function = named(&is.properties.required("FunctionName")?)?;
        cloud.remove_permission(c, &function.name, function.qualifier.as_deref(), None, is.physical).map_err(by_lambda)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("Id".to_owned(), json!(is.physical))])
    }
}

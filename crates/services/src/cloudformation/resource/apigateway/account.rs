//! `AWS::ApiGateway::Account`: with which role API Gateway writes logs, for all APIs of the account in the region.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html>
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct Account;

impl ResourceType for Account {
    fn served(&self) -> &'static [&'static str] {
        &["CloudWatchRoleArn"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_api_cloudwatch_role(c, want.properties.text("CloudWatchRoleArn")?).map_err(by_apigateway)?;
        Ok(Made::new(want.physical_name(c, 64)))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_api_cloudwatch_role(c, want.properties.text("CloudWatchRoleArn")?).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    /// The account keeps its role: other stacks' stages may log with it.
    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("Id".to_owned(), is.physical.into())])
    }
}

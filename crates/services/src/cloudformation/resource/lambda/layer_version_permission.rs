//! `AWS::Lambda::LayerVersionPermission`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-layerversionpermission.html>
use super::by_lambda;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::function::{LayerName, Permission};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the layer's ARN and the statement's id, with a `#` between them.
pub struct LayerVersionPermission;

impl ResourceType for LayerVersionPermission {
    fn served(&self) -> &'static [&'static str] {
        &["Action", "LayerVersionArn", "OrganizationId", "Principal"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let arn = want.properties.required("LayerVersionArn")?;
        let layer = LayerName::parse(&arn).map_err(by_lambda)?;
        let permission = Permission {
            sid: want.physical_name(c, 100),
            action: want.properties.required("Action")?,
            principal: want.properties.required("Principal")?,
            source_arn: None,
            source_account: None,
            organization: want.properties.text("OrganizationId")?,
        };
        let sid = permission.sid.clone();
        cloud.add_layer_permission(c, &layer.name, layer.version.unwrap_or_default(), permission).map_err(by_lambda)?;
        Ok(Made::new(format!("{arn}#{sid}")))
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (arn, sid) = is.physical.split_once('#').unwrap_or((is.physical, ""));
        let layer = LayerName::parse(arn).map_err(by_lambda)?;
        cloud.remove_layer_permission(c, &layer.name, layer.version.unwrap_or_default(), sid).map_err(by_lambda)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("Id".to_owned(), json!(is.physical))])
    }
}

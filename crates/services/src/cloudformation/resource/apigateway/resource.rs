//! `AWS::ApiGateway::Resource`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-resource.html>
use super::api;
use crate::apigateway::errors::resource_id;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::{Cloud, Context};

/// The type. All of its properties need a replacement.
pub struct Resource;

impl ResourceType for Resource {
    fn served(&self) -> &'static [&'static str] {
        &["ParentId", "PathPart", "RestApiId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let api = api(c, &want.properties)?;
        let parent = resource_id(&want.properties.required("ParentId")?).map_err(wire_by_apigateway)?;
        cloud.create_resource(c, &api, &parent, want.properties.required("PathPart")?).map(Made::new).map_err(by_apigateway)
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, is: &Existing<'_>, _want: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let api = api(c, &is.properties)?;
        let id = resource_id(is.physical).map_err(wire_by_apigateway)?;
        cloud.delete_resource(c, &api, &id).map_err(by_apigateway)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("ResourceId".to_owned(), is.physical.into())])
    }
}

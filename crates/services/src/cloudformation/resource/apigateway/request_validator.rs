//! `AWS::ApiGateway::RequestValidator`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-requestvalidator.html>
use super::api;
use crate::apigateway::request_validator::validator_id;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::request_validator::RequestValidator as Validator;
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct RequestValidator;

impl ResourceType for RequestValidator {
    fn served(&self) -> &'static [&'static str] {
        &["Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let api = api(c, &want.properties)?;
        let new = read(&want.properties)?;
        cloud.create_request_validator(c, &api, new).map(Made::new).map_err(by_apigateway)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (api, id) = (api(c, &want.properties)?, validator_id(is.physical).map_err(wire_by_apigateway)?);
        let new = read(&want.properties)?;
        cloud.update_request_validator(c, &api, &id, |validator| *validator = new).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (api, id) = (api(c, &is.properties)?, validator_id(is.physical).map_err(wire_by_apigateway)?);
        cloud.delete_request_validator(c, &api, &id).map_err(by_apigateway)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("RequestValidatorId".to_owned(), is.physical.into())])
    }
}

fn read(properties: &Properties<'_>) -> Result<Validator, Failure> {
    Ok(Validator {
        name: properties.text("Name")?,
        body: properties.truth("ValidateRequestBody")?.unwrap_or(false),
        parameters: properties.truth("ValidateRequestParameters")?.unwrap_or(false),
    })
}

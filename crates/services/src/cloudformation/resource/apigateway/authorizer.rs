//! `AWS::ApiGateway::Authorizer`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-authorizer.html>
use super::api;
use crate::apigateway::authorizer::{authorizer_id, read};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::authorizer::Authorizer as Wished;
use vpclab_cloud::{Cloud, Context};
use vpclab_wire::apigateway as wire;

/// The type.
pub struct Authorizer;

impl ResourceType for Authorizer {
    fn served(&self) -> &'static [&'static str] {
        &[
            "AuthType",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "Name",
            "RestApiId",
            "Type",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let api = api(c, &want.properties)?;
        let new = wished(&want.properties)?;
        cloud.create_authorizer(c, &api, new).map(Made::new).map_err(by_apigateway)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (api, id) = (api(c, &want.properties)?, authorizer_id(is.physical).map_err(wire_by_apigateway)?);
        let new = wished(&want.properties)?;
        let edit = |authorizer: &mut Wished| {
            *authorizer = new;
            Ok(())
        };
        cloud.update_authorizer(c, &api, &id, edit).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (api, id) = (api(c, &is.properties)?, authorizer_id(is.physical).map_err(wire_by_apigateway)?);
        cloud.delete_authorizer(c, &api, &id).map_err(by_apigateway)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("AuthorizerId".to_owned(), is.physical.into())])
    }
}

fn wished(properties: &Properties<'_>) -> Result<Wished, Failure> {
    let request = wire::CreateAuthorizerRequest {
        name: properties.required("Name")?,
        type_: properties.required("Type")?,
        auth_type: properties.text("AuthType")?,
        authorizer_uri: properties.text("AuthorizerUri")?,
        identity_source: properties.text("IdentitySource")?,
        identity_validation_expression: properties.text("IdentityValidationExpression")?,
        authorizer_result_ttl_in_seconds: properties.number("AuthorizerResultTtlInSeconds")?,
        ..wire::CreateAuthorizerRequest::default()
    };
    read(request).map_err(wire_by_apigateway)
}

//! `AWS::ApiGateway::GatewayResponse`. Its id is `{api}|{type}`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-gatewayresponse.html>
use super::api;
use crate::apigateway::gateway_response::{kind, status};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use serde_json::{Map, Value};
use vpclab_cloud::gateway_response::{GatewayResponse as Response, GatewayResponseType};
use vpclab_cloud::{Cloud, Context, RestApiId};

/// The type.
pub struct GatewayResponse;

impl ResourceType for GatewayResponse {
    fn served(&self) -> &'static [&'static str] {
        &["ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (api, kind) = key(c, &want.properties)?;
        if cloud.gateway_response(&c.scope, &api, kind).is_ok() {
            return Err(Failure::new("AlreadyExists", format!("The gateway response {} is set already", kind.as_str())));
        }
        put(cloud, c, &want.properties)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, _is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        put(cloud, c, &want.properties)
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (api, kind) = key(c, &is.properties)?;
        cloud.delete_gateway_response(c, &api, kind).map_err(by_apigateway)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("Id".to_owned(), is.physical.into())])
    }
}

fn key(c: &Context, properties: &Properties<'_>) -> Result<(RestApiId, GatewayResponseType), Failure> {
    Ok((api(c, properties)?, kind(&properties.required("ResponseType")?).map_err(wire_by_apigateway)?))
}

fn put(cloud: &mut Cloud, c: &mut Context, properties: &Properties<'_>) -> Result<Made, Failure> {
    let (api, kind) = key(c, properties)?;
    let response = Response {
        status: properties.text("StatusCode")?.as_deref().map(status).transpose().map_err(wire_by_apigateway)?,
        parameters: properties.map("ResponseParameters")?,
        templates: properties.map("ResponseTemplates")?,
    };
    cloud.put_gateway_response(c, &api, kind, response).map_err(by_apigateway)?;
    Ok(Made::new(format!("{api}|{}", kind.as_str())))
}

//! `AWS::ApiGateway::…`
use super::{Failure, wire_by_apigateway};
use crate::apigateway::errors::api_id;
use crate::cloudformation::properties::Properties;
use vpclab_cloud::{Context, RestApiId};

pub mod account;
pub mod authorizer;
pub mod deployment;
pub mod gateway_response;
pub mod method;
pub mod model;
pub mod request_validator;
pub mod resource;
pub mod rest_api;
pub mod stage;

/// The API that a property names.
fn api(c: &Context, properties: &Properties<'_>) -> Result<RestApiId, Failure> {
    api_id(&c.scope, &properties.required("RestApiId")?).map_err(wire_by_apigateway)
}

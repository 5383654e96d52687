//! API Gateway: operation -> handler.

use bytes::Bytes;
use http::request::Parts;
use vpclab_wire::apigateway::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};
use crate::apigateway;

table!(apigateway, rest::Request, {
    CreateRestApi => apigateway::rest_api::create_rest_api,
    GetRestApi => apigateway::rest_api::get_rest_api,
    GetRestApis => apigateway::rest_api::get_rest_apis,
    UpdateRestApi => apigateway::rest_api::update_rest_api,
    DeleteRestApi => apigateway::rest_api::delete_rest_api,
    ImportRestApi => apigateway::import::import_rest_api,
    PutRestApi => apigateway::import::put_rest_api,
    GetResources => apigateway::resource::get_resources,
    GetResource => apigateway::resource::get_resource,
    CreateResource => apigateway::resource::create_resource,
    DeleteResource => apigateway::resource::delete_resource,
    UpdateResource => apigateway::resource::update_resource,
    PutMethod => apigateway::method::put_method,
    GetMethod => apigateway::method::get_method,
    DeleteMethod => apigateway::method::delete_method,
    UpdateMethod => apigateway::method::update_method,
    PutIntegration => apigateway::integration::put_integration,
    GetIntegration => apigateway::integration::get_integration,
    DeleteIntegration => apigateway::integration::delete_integration,
    UpdateIntegration => apigateway::integration::update_integration,
    PutMethodResponse => apigateway::method::put_method_response,
    GetMethodResponse => apigateway::method::get_method_response,
    DeleteMethodResponse => apigateway::method::delete_method_response,
    PutIntegrationResponse => apigateway::integration::put_integration_response,
    GetIntegrationResponse => apigateway::integration::get_integration_response,
    DeleteIntegrationResponse => apigateway::integration::delete_integration_response,
    CreateDeployment => apigateway::deployment::create_deployment,
    GetDeployment => apigateway::deployment::get_deployment,
    GetDeployments => apigateway::deployment::get_deployments,
    DeleteDeployment => apigateway::deployment::delete_deployment,
    UpdateDeployment => apigateway::deployment::update_deployment,
    CreateStage => apigateway::stage::create_stage,
    GetStage => apigateway::stage::get_stage,
    GetStages => apigateway::stage::get_stages,
    UpdateStage => apigateway::stage::update_stage,
    DeleteStage => apigateway::stage::delete_stage,
    GetAccount => apigateway::account::get_account,
    UpdateAccount => apigateway::account::update_account,
    PutGatewayResponse => apigateway::gateway_response::put_gateway_response,
    GetGatewayResponse => apigateway::gateway_response::get_gateway_response,
    GetGatewayResponses => apigateway::gateway_response::get_gateway_responses,
    UpdateGatewayResponse => apigateway::gateway_response::update_gateway_response,
    DeleteGatewayResponse => apigateway::gateway_response::delete_gateway_response,
    CreateAuthorizer => apigateway::authorizer::create_authorizer,
    GetAuthorizer => apigateway::authorizer::get_authorizer,
    GetAuthorizers => apigateway::authorizer::get_authorizers,
    UpdateAuthorizer => apigateway::authorizer::update_authorizer,
    DeleteAuthorizer => apigateway::authorizer::delete_authorizer,
    CreateModel => apigateway::model::create_model,
    GetModel => apigateway::model::get_model,
    GetModels => apigateway::model::get_models,
    UpdateModel => apigateway::model::update_model,
    DeleteModel => apigateway::model::delete_model,
    CreateRequestValidator => apigateway::request_validator::create_request_validator,
    GetRequestValidator => apigateway::request_validator::get_request_validator,
    GetRequestValidators => apigateway::request_validator::get_request_validators,
    UpdateRequestValidator => apigateway::request_validator::update_request_validator,
    DeleteRequestValidator => apigateway::request_validator::delete_request_validator,
    TagResource => apigateway::tag::tag_resource,
    UntagResource => apigateway::tag::untag_resource,
    GetTags => apigateway::tag::get_tags,
});

/// The handler of the request's method and path.
pub(super) fn choose(parts: &Parts, body: Bytes) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    by_route("apigateway", TABLE, Operation::from_name, (PROTOCOL, ROUTES), (parts, body))
}

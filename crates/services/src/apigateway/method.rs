//! Methods and the responses they declare.
use super::authorizer::named_authorizer;
use super::errors::{api_id, bad_request, resource_id, word};
use super::integration::view as integration_view;
use super::patch::{self, Op, Patch};
use super::request_validator::validator_id;
use crate::request::RequestContext;
use vpclab_cloud::method::{Method, MethodKey, MethodResponse, unknown_status};
use vpclab_cloud::{RequestValidatorId, Scope};
use vpclab_wire::{WireError, apigateway as wire};

/// Where a method is, as every request about methods says it.
pub(crate) fn key(scope: &Scope, api: &str, resource: &str, name: &str) -> Result<MethodKey, WireError> {
    // API Gateway looks for the resource first; with a wrong API it is not there.
    let api = api_id(scope, api).map_err(|_| word(&vpclab_cloud::resource::unknown_resource()))?;
    Ok(MethodKey { api, resource: resource_id(resource)?, name: name.to_ascii_uppercase() })
}

/// `PutMethod`
pub async fn put_method(cx: &RequestContext, req: wire::PutMethodRequest) -> Result<wire::Method, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let method = Method {
        authorization_type: req.authorization_type,
        authorizer: req.authorizer_id.as_deref().map(named_authorizer).transpose()?,
        operation_name: req.operation_name,
        request_parameters: req.request_parameters,
        request_models: req.request_models,
        request_validator: req.request_validator_id.as_deref().map(named_validator).transpose()?,
        ..Method::default()
    };
    let shown = view(&key.name, &method);
    cx.change(word, |cloud, cx| cloud.put_method(cx, &key, method)).await?;
    Ok(shown)
}

/// `GetMethod`
pub async fn get_method(cx: &RequestContext, req: wire::GetMethodRequest) -> Result<wire::Method, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.snapshot().method(&cx.scope, &key).map(|method| view(&key.name, method)).map_err(|why| word(&why))
}

/// `UpdateMethod`
pub async fn update_method(cx: &RequestContext, req: wire::UpdateMethodRequest) -> Result<wire::Method, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let mut method = cx.snapshot().method(&cx.scope, &key).cloned().map_err(|why| word(&why))?;
    let patches = patch::read(req.patch_operations)?;
    // Once to answer what is wrong with the patches, and again on what is there then.
    patches.iter().try_for_each(|patch| apply(&mut method, patch))?;
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_method(cx, &key, |method| {
            patches.iter().try_for_each(|patch| apply(method, patch)).map_err(|why| vpclab_cloud::Refusal::ApiBadRequest(why.message))?;
            Ok(method.clone())
        })
    });
    let changed = changed.await?;
    Ok(view(&key.name, &changed))
}

/// `DeleteMethod`
pub async fn delete_method(cx: &RequestContext, req: wire::DeleteMethodRequest) -> Result<(), WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.change(word, |cloud, cx| cloud.delete_method(cx, &key)).await
}

/// `PutMethodResponse`
pub async fn put_method_response(cx: &RequestContext, req: wire::PutMethodResponseRequest) -> Result<wire::MethodResponse, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let response = MethodResponse { response_parameters: req.response_parameters, response_models: req.response_models };
    let shown = response_view(&req.status_code, &response);
    cx.change(word, |cloud, cx| cloud.put_method_response(cx, &key, req.status_code, response)).await?;
    Ok(shown)
}

/// `GetMethodResponse`
pub async fn get_method_response(cx: &RequestContext, req: wire::GetMethodResponseRequest) -> Result<wire::MethodResponse, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let cloud = cx.snapshot();
    let method = cloud.method(&cx.scope, &key).map_err(|why| word(&why))?;
    let response = method.responses.get(&req.status_code).ok_or_else(|| word(&unknown_status()))?;
    Ok(response_view(&req.status_code, response))
}

/// `DeleteMethodResponse`
pub async fn delete_method_response(cx: &RequestContext, req: wire::DeleteMethodResponseRequest) -> Result<(), WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.change(word, |cloud, cx| cloud.delete_method_response(cx, &key, &req.status_code)).await
}

fn apply(method: &mut Method, patch: &Patch) -> Result<(), WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["authorizationType"]) => method.authorization_type = patch.value()?,
        (Op::Replace, ["apiKeyRequired"]) => method.api_key_required = patch.truth(),
        (Op::Replace, ["operationName"]) => method.operation_name = patch.optional(),
        (Op::Add | Op::Replace, ["requestParameters", name]) => {
            method.request_parameters.insert((*name).to_owned(), patch.truth());
        }
        (Op::Remove, ["requestParameters", name]) => drop(method.request_parameters.remove(*name)),
        (Op::Add | Op::Replace, ["requestModels", kind]) => {
            method.request_models.insert((*kind).to_owned(), patch.value()?);
        }
        (Op::Remove, ["requestModels", kind]) => drop(method.request_models.remove(*kind)),
        (_, ["authorizationType" | "apiKeyRequired" | "operationName"]) => return Err(patch.wrong_op(&[Op::Replace])),
        (Op::Replace, ["requestValidatorId"]) => {
            method.request_validator = patch.optional().as_deref().map(named_validator).transpose()?;
        }
        (Op::Remove, ["requestValidatorId"]) => method.request_validator = None,
        (Op::Replace, ["authorizerId"]) => method.authorizer = patch.optional().as_deref().map(named_authorizer).transpose()?,
        (_, ["authorizerId" | "authorizationScopes", ..]) => return Err(patch.unserved()),
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

/// The validator that a method names: one that is not there is a wrong request.
pub(crate) fn named_validator(text: &str) -> Result<RequestValidatorId, WireError> {
    validator_id(text).map_err(|why| bad_request(why.message))
}

/// A method as API Gateway answers it.
pub(super) fn view(name: &str, method: &Method) -> wire::Method {
    wire::Method {
        http_method: Some(name.to_owned()),
        authorization_type: Some(method.authorization_type.clone()),
        authorizer_id: method.authorizer.as_ref().map(ToString::to_string),
        api_key_required: Some(method.api_key_required),
        operation_name: method.operation_name.clone(),
        request_parameters: method.request_parameters.clone(),
        request_models: method.request_models.clone(),
        request_validator_id: method.request_validator.as_ref().map(ToString::to_string),
        method_responses: method.responses.iter().map(|(status, r)| (status.clone(), response_view(status, r))).collect(),
        method_integration: method.integration.as_ref().map(integration_view),
        ..wire::Method::default()
    }
}

fn response_view(status: &str, response: &MethodResponse) -> wire::MethodResponse {
    wire::MethodResponse {
        status_code: Some(status.to_owned()),
        response_parameters: response.response_parameters.clone(),
        response_models: response.response_models.clone(),
    }
}

/// Names that only requests about whole numbers of milliseconds need.
pub(super) fn number(text: &str, what: &str) -> Result<u32, WireError> {
    text.parse().map_err(|_| bad_request(format!("Invalid {what} specified: {text}")))
}

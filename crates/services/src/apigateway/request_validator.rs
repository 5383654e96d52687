//! Request validators.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html>
use super::errors::{api_id, word};
use super::page::page;
use super::patch::{self, Op};
use crate::request::RequestContext;
use vpclab_cloud::request_validator::{RequestValidator, unknown_validator};
use vpclab_cloud::{RequestValidatorId, Scope};
use vpclab_wire::{WireError, apigateway as wire};

/// `CreateRequestValidator`
pub async fn create_request_validator(
    cx: &RequestContext,
    req: wire::CreateRequestValidatorRequest,
) -> Result<wire::RequestValidator, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let new = RequestValidator {
        name: req.name,
        body: req.validate_request_body.unwrap_or(false),
        parameters: req.validate_request_parameters.unwrap_or(false),
    };
    let made = new.clone();
    let id = cx.change(word, |cloud, c| cloud.create_request_validator(c, &api, new)).await?;
    Ok(view(&id, &made))
}

/// `GetRequestValidator`
pub async fn get_request_validator(
    cx: &RequestContext,
    req: wire::GetRequestValidatorRequest,
) -> Result<wire::RequestValidator, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    shown(cx, &api, &validator_id(&req.request_validator_id)?)
}

/// `GetRequestValidators`
pub async fn get_request_validators(
    cx: &RequestContext,
    req: wire::GetRequestValidatorsRequest,
) -> Result<wire::RequestValidators, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    let api = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let validators = api.settings.validation.validators.iter().map(|(id, validator)| (id.to_string(), view(id, validator)));
    let (items, position) = page(validators, req.limit, req.position.as_deref())?;
    Ok(wire::RequestValidators { items, position })
}

/// `UpdateRequestValidator`
pub async fn update_request_validator(
    cx: &RequestContext,
    req: wire::UpdateRequestValidatorRequest,
) -> Result<wire::RequestValidator, WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, validator_id(&req.request_validator_id)?);
    let (mut name, mut body, mut parameters) = (None, None, None);
    for patch in patch::read(req.patch_operations)? {
        match patch.target() {
            (Op::Replace, parts) if parts == ["name"] => name = Some(patch.optional()),
            (Op::Replace, parts) if parts == ["validateRequestBody"] => body = Some(patch.truth()),
            (Op::Replace, parts) if parts == ["validateRequestParameters"] => parameters = Some(patch.truth()),
            _ => return Err(patch.wrong_path(&["/name", "/validateRequestBody", "/validateRequestParameters"])),
        }
    }
    let edit = |validator: &mut RequestValidator| {
        validator.name = name.unwrap_or_else(|| validator.name.take());
        validator.body = body.unwrap_or(validator.body);
        validator.parameters = parameters.unwrap_or(validator.parameters);
    };
    cx.change(word, |cloud, c| cloud.update_request_validator(c, &api, &id, edit)).await?;
    shown(cx, &api, &id)
}

/// `DeleteRequestValidator`
pub async fn delete_request_validator(cx: &RequestContext, req: wire::DeleteRequestValidatorRequest) -> Result<(), WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, validator_id(&req.request_validator_id)?);
    cx.change(word, |cloud, c| cloud.delete_request_validator(c, &api, &id)).await
}

/// An id that no validator can have is one that is not there.
pub(crate) fn validator_id(text: &str) -> Result<RequestValidatorId, WireError> {
    text.parse().map_err(|_| word(&unknown_validator()))
}

fn shown(cx: &RequestContext, api: &vpclab_cloud::RestApiId, id: &RequestValidatorId) -> Result<wire::RequestValidator, WireError> {
    let (cloud, scope): (_, &Scope) = (cx.snapshot(), &cx.scope);
    let found = cloud.rest_api(scope, api).and_then(|api| api.request_validator(id));
    found.map(|validator| view(id, validator)).map_err(|why| word(&why))
}

fn view(id: &RequestValidatorId, validator: &RequestValidator) -> wire::RequestValidator {
    wire::RequestValidator {
        id: Some(id.to_string()),
        name: validator.name.clone(),
        validate_request_body: Some(validator.body),
        validate_request_parameters: Some(validator.parameters),
    }
}

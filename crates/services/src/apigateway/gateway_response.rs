//! Gateway responses.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_GatewayResponse.html>
use super::errors::{api_id, bad_request, not_in_enum, word};
use super::page::page;
use super::patch::{self, Op};
use crate::request::RequestContext;
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};
use vpclab_wire::{WireError, apigateway as wire};

/// `PutGatewayResponse`
pub async fn put_gateway_response(cx: &RequestContext, req: wire::PutGatewayResponseRequest) -> Result<wire::GatewayResponse, WireError> {
    let (api, kind) = (api_id(&cx.scope, &req.rest_api_id)?, kind(&req.response_type)?);
    let response = GatewayResponse {
        status: req.status_code.as_deref().map(status).transpose()?,
        parameters: req.response_parameters,
        templates: req.response_templates,
    };
    let put = response.clone();
    cx.change(word, |cloud, cx| cloud.put_gateway_response(cx, &api, kind, put)).await?;
    Ok(view(kind, Some(&response)))
}

/// `GetGatewayResponse`
pub async fn get_gateway_response(cx: &RequestContext, req: wire::GetGatewayResponseRequest) -> Result<wire::GatewayResponse, WireError> {
    let (api, kind) = (api_id(&cx.scope, &req.rest_api_id)?, kind(&req.response_type)?);
    let cloud = cx.snapshot();
    let api = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    Ok(view(kind, api.gateway_response(kind)))
}

/// `GetGatewayResponses`: all types, those that were not set too.
pub async fn get_gateway_responses(
    cx: &RequestContext,
    req: wire::GetGatewayResponsesRequest,
) -> Result<wire::GatewayResponses, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    let api = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let kinds = GatewayResponseType::ALL.iter().map(|kind| (kind.as_str().to_owned(), *kind));
    let (kinds, position) = page(kinds, req.limit, req.position.as_deref())?;
    Ok(wire::GatewayResponses { items: kinds.into_iter().map(|kind| view(kind, api.gateway_response(kind))).collect(), position })
}

/// `UpdateGatewayResponse`
pub async fn update_gateway_response(
    cx: &RequestContext,
    req: wire::UpdateGatewayResponseRequest,
) -> Result<wire::GatewayResponse, WireError> {
    let (api, kind) = (api_id(&cx.scope, &req.rest_api_id)?, kind(&req.response_type)?);
    let cloud = cx.snapshot();
    let before = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?.gateway_response(kind).cloned();
    let mut response = before.unwrap_or_else(GatewayResponse::built_in);
    for patch in patch::read(req.patch_operations)? {
        let (op, parts) = patch.target();
        match (op, parts.as_slice()) {
            (Op::Add | Op::Replace | Op::Remove, ["statusCode"]) => {
                response.status = patch.optional().as_deref().map(status).transpose()?
            }
            (Op::Add | Op::Replace, ["responseParameters", name]) => drop(response.parameters.insert((*name).to_owned(), patch.value()?)),
            (Op::Add | Op::Replace, ["responseTemplates", kind]) => drop(response.templates.insert((*kind).to_owned(), patch.value()?)),
            (Op::Remove, ["responseParameters", name]) => drop(response.parameters.remove(*name)),
            (Op::Remove, ["responseTemplates", kind]) => drop(response.templates.remove(*kind)),
            _ => {
                return Err(patch.wrong_path(&[
                    "/statusCode",
                    "/responseParameters/{parameter_name}",
                    "/responseTemplates/{content_type}",
                ]));
            }
        }
    }
    let put = response.clone();
    cx.change(word, |cloud, cx| cloud.put_gateway_response(cx, &api, kind, put)).await?;
    Ok(view(kind, Some(&response)))
}

/// `DeleteGatewayResponse`
pub async fn delete_gateway_response(cx: &RequestContext, req: wire::DeleteGatewayResponseRequest) -> Result<(), WireError> {
    let (api, kind) = (api_id(&cx.scope, &req.rest_api_id)?, kind(&req.response_type)?);
    cx.change(word, |cloud, cx| cloud.delete_gateway_response(cx, &api, kind)).await
}

pub(crate) fn kind(text: &str) -> Result<GatewayResponseType, WireError> {
    let legal: Vec<&str> = GatewayResponseType::ALL.iter().map(|kind| kind.as_str()).collect();
    GatewayResponseType::parse(text).ok_or_else(|| not_in_enum(text, "responseType", &legal))
}

pub(crate) fn status(text: &str) -> Result<u16, WireError> {
    text.parse().map_err(|_| bad_request(format!("Invalid status code specified: {text}")))
}

fn view(kind: GatewayResponseType, set: Option<&GatewayResponse>) -> wire::GatewayResponse {
    let response = set.cloned().unwrap_or_else(GatewayResponse::built_in);
    wire::GatewayResponse {
        response_type: Some(kind.as_str().to_owned()),
        status_code: response.status.or(kind.status()).map(|status| status.to_string()),
        response_parameters: response.parameters,
        response_templates: response.templates,
        default_response: Some(set.is_none()),
    }
}

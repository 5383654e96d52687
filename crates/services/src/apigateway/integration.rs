//! Integrations and their responses.
use super::errors::{bad_request, not_in_enum, word};
use super::method::{key, number};
use super::patch::{self, Op, Patch};
use crate::request::RequestContext;
use vpclab_cloud::Refusal;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType, Passthrough};
use vpclab_cloud::method::unknown_status;
use vpclab_wire::{WireError, apigateway as wire};

/// `PutIntegration`
pub async fn put_integration(cx: &RequestContext, req: wire::PutIntegrationRequest) -> Result<wire::Integration, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let kind = IntegrationType::parse(&req.type_)
        .ok_or_else(|| not_in_enum(&req.type_, "putIntegrationInput.type", &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"]))?;
    let mut integration = Integration {
        http_method: req.integration_http_method,
        uri: req.uri,
        request_parameters: req.request_parameters,
        request_templates: req.request_templates,
        ..Integration::new(kind)
    };
    if let Some(text) = &req.passthrough_behavior {
        integration.passthrough = passthrough(text)?;
    }
    if let Some(millis) = req.timeout_in_millis {
        integration.timeout_millis = number(&millis.to_string(), "timeoutInMillis")?;
    }
    let put = cx.change(word, |cloud, cx| {
        cloud.put_integration(cx, &key, integration)?;
        cloud.integration(&cx.scope, &key).cloned()
    });
    Ok(view(&put.await?))
}

/// `GetIntegration`
pub async fn get_integration(cx: &RequestContext, req: wire::GetIntegrationRequest) -> Result<wire::Integration, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.snapshot().integration(&cx.scope, &key).map(view).map_err(|why| word(&why))
}

/// `UpdateIntegration`
pub async fn update_integration(cx: &RequestContext, req: wire::UpdateIntegrationRequest) -> Result<wire::Integration, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let mut integration = cx.snapshot().integration(&cx.scope, &key).cloned().map_err(|why| word(&why))?;
    let patches = patch::read(req.patch_operations)?;
    // Once to answer what is wrong with the patches, and again on what is there then.
    patches.iter().try_for_each(|patch| apply(&mut integration, patch))?;
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_integration(cx, &key, |integration| {
            patches.iter().try_for_each(|patch| apply(integration, patch)).map_err(|why| Refusal::ApiBadRequest(why.message))?;
            Ok(integration.clone())
        })
    });
    let changed = changed.await?;
    Ok(view(&changed))
}

/// `DeleteIntegration`
pub async fn delete_integration(cx: &RequestContext, req: wire::DeleteIntegrationRequest) -> Result<(), WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.change(word, |cloud, cx| cloud.delete_integration(cx, &key)).await
}

/// `PutIntegrationResponse`
pub async fn put_integration_response(
    cx: &RequestContext,
    req: wire::PutIntegrationResponseRequest,
) -> Result<wire::IntegrationResponse, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let response = IntegrationResponse {
        selection_pattern: req.selection_pattern,
        response_parameters: req.response_parameters,
        response_templates: req.response_templates,
        content_handling: None,
    };
    let shown = response_view(&req.status_code, &response);
    cx.change(word, |cloud, cx| cloud.put_integration_response(cx, &key, req.status_code, response)).await?;
    Ok(shown)
}

/// `GetIntegrationResponse`
pub async fn get_integration_response(
    cx: &RequestContext,
    req: wire::GetIntegrationResponseRequest,
) -> Result<wire::IntegrationResponse, WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    let cloud = cx.snapshot();
    let integration = cloud.integration(&cx.scope, &key).map_err(|why| word(&why))?;
    let response = integration.responses.get(&req.status_code).ok_or_else(|| word(&unknown_status()))?;
    Ok(response_view(&req.status_code, response))
}

/// `DeleteIntegrationResponse`
pub async fn delete_integration_response(cx: &RequestContext, req: wire::DeleteIntegrationResponseRequest) -> Result<(), WireError> {
    let key = key(&cx.scope, &req.rest_api_id, &req.resource_id, &req.http_method)?;
    cx.change(word, |cloud, cx| cloud.delete_integration_response(cx, &key, &req.status_code)).await
}

fn passthrough(text: &str) -> Result<Passthrough, WireError> {
    Passthrough::parse(text)
        .ok_or_else(|| bad_request("Invalid Passthrough Behavior specified. Valid options are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER"))
}

fn apply(integration: &mut Integration, patch: &Patch) -> Result<(), WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["uri"]) => integration.uri = patch.optional(),
        (Op::Replace, ["httpMethod"]) => integration.http_method = patch.optional(),
        (Op::Replace, ["passthroughBehavior"]) => integration.passthrough = passthrough(&patch.value()?)?,
        (Op::Replace, ["timeoutInMillis"]) => integration.timeout_millis = number(&patch.value()?, "timeoutInMillis")?,
        (Op::Replace, ["cacheNamespace"]) => integration.cache_namespace = patch.optional(),
        (Op::Add, ["cacheKeyParameters", name]) => {
            if !integration.cache_key_parameters.iter().any(|known| known == name) {
                integration.cache_key_parameters.push((*name).to_owned());
            }
        }
        (Op::Remove, ["cacheKeyParameters", name]) => integration.cache_key_parameters.retain(|known| known != name),
        (Op::Add | Op::Replace, ["requestParameters", name]) => {
            integration.request_parameters.insert((*name).to_owned(), patch.value()?);
        }
        (Op::Remove, ["requestParameters", name]) => drop(integration.request_parameters.remove(*name)),
        (Op::Add | Op::Replace, ["requestTemplates", kind]) => {
            integration.request_templates.insert((*kind).to_owned(), patch.optional().unwrap_or_default());
        }
        (Op::Remove, ["requestTemplates", kind]) => drop(integration.request_templates.remove(*kind)),
        (_, ["uri" | "httpMethod" | "passthroughBehavior" | "timeoutInMillis" | "cacheNamespace"]) => {
            return Err(patch.wrong_op(&[Op::Replace]));
        }
        (_, ["contentHandling" | "credentials" | "connectionType" | "connectionId" | "tlsConfig" | "responseTransferMode", ..]) => {
            return Err(patch.unserved());
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

/// An integration as API Gateway answers it.
pub(super) fn view(integration: &Integration) -> wire::Integration {
    wire::Integration {
        type_: Some(integration.kind.as_str().to_owned()),
        http_method: integration.http_method.clone(),
        uri: integration.uri.clone(),
        connection_type: (integration.kind != IntegrationType::Mock).then(|| "INTERNET".to_owned()),
        request_parameters: integration.request_parameters.clone(),
        request_templates: integration.request_templates.clone(),
        passthrough_behavior: Some(integration.passthrough.as_str().to_owned()),
        content_handling: integration.content_handling.clone(),
        timeout_in_millis: i32::try_from(integration.timeout_millis).ok(),
        cache_namespace: integration.cache_namespace.clone(),
        cache_key_parameters: integration.cache_key_parameters.clone(),
        integration_responses: integration.responses.iter().map(|(status, r)| (status.clone(), response_view(status, r))).collect(),
        ..wire::Integration::default()
    }
}

fn response_view(status: &str, response: &IntegrationResponse) -> wire::IntegrationResponse {
    wire::IntegrationResponse {
        status_code: Some(status.to_owned()),
        selection_pattern: response.selection_pattern.clone(),
        response_parameters: response.response_parameters.clone(),
        response_templates: response.response_templates.clone(),
        content_handling: response.content_handling.clone(),
    }
}

//! Lambda authorizers.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>
use super::errors::{api_id, bad_request, word};
use super::page::page;
use super::patch::{self, Op, Patch};
use crate::request::RequestContext;
use vpclab_api::token::whole;
use vpclab_cloud::authorizer::{Authorizer, AuthorizerType, DEFAULT_TTL, unknown_authorizer};
use vpclab_cloud::{AuthorizerId, Refusal, RestApiId};
use vpclab_wire::{WireError, apigateway as wire};

/// What a patch can name.
const PATHS: &[&str] =
    &["/name", "/type", "/authType", "/authorizerUri", "/identitySource", "/identityValidationExpression", "/authorizerResultTtlInSeconds"];

/// `CreateAuthorizer`
pub async fn create_authorizer(cx: &RequestContext, req: wire::CreateAuthorizerRequest) -> Result<wire::Authorizer, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let new = read(req)?;
    let made = new.clone();
    let id = cx.change(word, |cloud, c| cloud.create_authorizer(c, &api, new)).await?;
    Ok(view(&id, &made))
}

/// What a request for an authorizer asks for.
pub(crate) fn read(req: wire::CreateAuthorizerRequest) -> Result<Authorizer, WireError> {
    let new = Authorizer {
        name: req.name,
        kind: AuthorizerType::parse(&req.type_).map_err(|why| word(&why))?,
        uri: req.authorizer_uri.unwrap_or_default(),
        auth_type: req.auth_type,
        identity_source: req.identity_source,
        validation_expression: expression(req.identity_validation_expression)?,
        ttl_seconds: ttl(req.authorizer_result_ttl_in_seconds.map(i64::from))?,
    };
    new.check().map_err(|why| word(&why))?;
    Ok(new)
}

/// `GetAuthorizer`
pub async fn get_authorizer(cx: &RequestContext, req: wire::GetAuthorizerRequest) -> Result<wire::Authorizer, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    shown(cx, &api, &authorizer_id(&req.authorizer_id)?)
}

/// `GetAuthorizers`
pub async fn get_authorizers(cx: &RequestContext, req: wire::GetAuthorizersRequest) -> Result<wire::Authorizers, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    let api = cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let authorizers = api.settings.validation.authorizers.iter().map(|(id, authorizer)| (id.to_string(), view(id, authorizer)));
    let (items, position) = page(authorizers, req.limit, req.position.as_deref())?;
    Ok(wire::Authorizers { items, position })
}

/// `UpdateAuthorizer`
pub async fn update_authorizer(cx: &RequestContext, req: wire::UpdateAuthorizerRequest) -> Result<wire::Authorizer, WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, authorizer_id(&req.authorizer_id)?);
    let patches = patch::read(req.patch_operations)?;
    cx.change(word, |cloud, c| {
        cloud.update_authorizer(c, &api, &id, |authorizer| {
            patches.iter().try_for_each(|patch| apply(authorizer, patch)).map_err(|why| Refusal::ApiBadRequest(why.message))
        })
    })
    .await?;
    shown(cx, &api, &id)
}

/// `DeleteAuthorizer`
pub async fn delete_authorizer(cx: &RequestContext, req: wire::DeleteAuthorizerRequest) -> Result<(), WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, authorizer_id(&req.authorizer_id)?);
    cx.change(word, |cloud, c| cloud.delete_authorizer(c, &api, &id)).await
}

fn apply(authorizer: &mut Authorizer, patch: &Patch) -> Result<(), WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["name"]) => authorizer.name = patch.value()?,
        (Op::Replace, ["type"]) => authorizer.kind = AuthorizerType::parse(&patch.value()?).map_err(|why| word(&why))?,
        (Op::Replace, ["authType"]) => authorizer.auth_type = patch.optional(),
        (Op::Replace, ["authorizerUri"]) => authorizer.uri = patch.value()?,
        (Op::Replace, ["identitySource"]) => authorizer.identity_source = patch.optional(),
        (Op::Replace, ["identityValidationExpression"]) => authorizer.validation_expression = expression(patch.optional())?,
        (Op::Replace, ["authorizerResultTtlInSeconds"]) => {
            authorizer.ttl_seconds =
                ttl(Some(patch.value()?.parse().map_err(|_| bad_request("Invalid authorizer result TTL specified"))?))?;
        }
        (_, ["authorizerCredentials" | "providerARNs", ..]) => return Err(patch.unserved()),
        _ => return Err(patch.wrong_path(PATHS)),
    }
    Ok(())
}

fn ttl(given: Option<i64>) -> Result<u32, WireError> {
    match given {
        None => Ok(DEFAULT_TTL),
        Some(seconds) => u32::try_from(seconds).map_err(|_| bad_request("Authorizer result TTL must be between 0 and 3600 seconds")),
    }
}

/// An expression that the gateway will be able to ask.
fn expression(given: Option<String>) -> Result<Option<String>, WireError> {
    let given = given.filter(|text| !text.is_empty());
    given.as_deref().map(whole).transpose().map_err(bad_request)?;
    Ok(given)
}

/// An id that no authorizer can have is one that is not there.
pub(crate) fn authorizer_id(text: &str) -> Result<AuthorizerId, WireError> {
    text.parse().map_err(|_| word(&unknown_authorizer()))
}

/// The authorizer that a method names: one that is not there is a wrong request.
pub(crate) fn named_authorizer(text: &str) -> Result<AuthorizerId, WireError> {
    authorizer_id(text).map_err(|why| bad_request(why.message))
}

fn shown(cx: &RequestContext, api: &RestApiId, id: &AuthorizerId) -> Result<wire::Authorizer, WireError> {
    let cloud = cx.snapshot();
    let found = cloud.rest_api(&cx.scope, api).and_then(|api| api.authorizer(id));
    found.map(|authorizer| view(id, authorizer)).map_err(|why| word(&why))
}

fn view(id: &AuthorizerId, authorizer: &Authorizer) -> wire::Authorizer {
    wire::Authorizer {
        id: Some(id.to_string()),
        name: Some(authorizer.name.clone()),
        type_: Some(authorizer.kind.as_str().to_owned()),
        auth_type: Some(authorizer.auth_type.clone().unwrap_or_else(|| "custom".to_owned())),
        authorizer_uri: Some(authorizer.uri.clone()),
        identity_source: authorizer.identity_source.clone(),
        identity_validation_expression: authorizer.validation_expression.clone(),
        authorizer_result_ttl_in_seconds: i32::try_from(authorizer.ttl_seconds).ok(),
        ..wire::Authorizer::default()
    }
}

//! REST APIs.
use super::errors::{api_id, bad_request, not_in_enum, not_served, word};
use super::page::page;
use super::patch::{self, Op, Patch};
use super::policy::{ValidPolicy, escaped};
use crate::request::RequestContext;
use vpclab_cloud::rest_api::{CreateRestApi, EndpointType, RestApiEdit};
use vpclab_cloud::{RestApi, VpcEndpointId};
use vpclab_wire::{Timestamp, WireError, apigateway as wire};

/// `CreateRestApi`
pub async fn create_rest_api(cx: &RequestContext, req: wire::CreateRestApiRequest) -> Result<wire::RestApi, WireError> {
    let policy = match &req.policy {
        None => None,
        Some(text) => ValidPolicy::read(text)?,
    };
    let (endpoint_type, vpc_endpoint_ids) = endpoint_configuration(req.endpoint_configuration)?;
    let input = CreateRestApi {
        name: req.name,
        description: req.description,
        version: req.version.filter(|text| !text.is_empty()),
        endpoint_type,
        vpc_endpoint_ids,
        disable_execute_api_endpoint: req.disable_execute_api_endpoint.unwrap_or_default(),
        binary_media_types: req.binary_media_types,
        tags: req.tags,
    };
    let made = cx.change(word, |cloud, cx| {
        let id = cloud.create_rest_api(cx, input)?;
        if let Some(policy) = policy {
            let text = policy.expanded(&cloud.rest_api(&cx.scope, &id)?.execute_arn());
            cloud.update_rest_api(cx, &id, [RestApiEdit::Policy(Some(text))])?;
        }
        cloud.rest_api(&cx.scope, &id).cloned()
    });
    let made = made.await?;
    Ok(view(&made))
}

/// `GetRestApi`
pub async fn get_rest_api(cx: &RequestContext, req: wire::GetRestApiRequest) -> Result<wire::RestApi, WireError> {
    let id = api_id(&cx.scope, &req.rest_api_id)?;
    cx.snapshot().rest_api(&cx.scope, &id).map(|api| view(api)).map_err(|why| word(&why))
}

/// `GetRestApis`
pub async fn get_rest_apis(cx: &RequestContext, req: wire::GetRestApisRequest) -> Result<wire::RestApis, WireError> {
    let cloud = cx.snapshot();
    let apis = cloud.rest_apis_of(&cx.scope).map(|api| (api.id.to_string(), api));
    let (apis, position) = page(apis, req.limit, req.position.as_deref())?;
    Ok(wire::RestApis { items: apis.into_iter().map(|api| view(api)).collect(), position })
}

/// `UpdateRestApi`
pub async fn update_rest_api(cx: &RequestContext, req: wire::UpdateRestApiRequest) -> Result<wire::RestApi, WireError> {
    let id = api_id(&cx.scope, &req.rest_api_id)?;
    let arn = cx.snapshot().rest_api(&cx.scope, &id).map(|api| api.execute_arn()).map_err(|why| word(&why))?;
    let mut edits = Vec::new();
    for patch in patch::read(req.patch_operations)? {
        edits.extend(edit(&patch, &arn)?);
    }
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_rest_api(cx, &id, edits)?;
        cloud.rest_api(&cx.scope, &id).cloned()
    });
    let changed = changed.await?;
    Ok(view(&changed))
}

/// `DeleteRestApi`
pub async fn delete_rest_api(cx: &RequestContext, req: wire::DeleteRestApiRequest) -> Result<(), WireError> {
    let id = api_id(&cx.scope, &req.rest_api_id)?;
    cx.change(word, |cloud, cx| cloud.delete_rest_api(cx, &id)).await
}

/// The paths that can be patched, as an error names them.
const PATHS: [&str; 9] = [
    "/binaryMediaTypes/{media_type}",
    "/description",
    "/disableExecuteApiEndpoint",
    "/endpointConfiguration/ipAddressType",
    "/endpointConfiguration/types/{type}",
    "/endpointConfiguration/vpcEndpointIds",
    "/name",
    "/policy",
    "/version",
];

fn edit(patch: &Patch, arn: &str) -> Result<Option<RestApiEdit>, WireError> {
    let (op, parts) = patch.target();
    let edit = match (op, parts.as_slice()) {
        (Op::Replace, ["name"]) => RestApiEdit::Name(patch.value()?),
        (Op::Replace | Op::Remove, ["description"]) => RestApiEdit::Description(patch.optional()),
        (Op::Replace | Op::Remove, ["version"]) => RestApiEdit::Version(patch.optional()),
        (Op::Replace | Op::Remove, ["policy"]) => {
            let policy = ValidPolicy::read(&patch.optional().unwrap_or_default())?;
            RestApiEdit::Policy(policy.map(|policy| policy.expanded(arn)))
        }
        (Op::Replace, ["disableExecuteApiEndpoint"]) => RestApiEdit::DisableExecuteApiEndpoint(patch.truth()),
        (Op::Replace, ["endpointConfiguration", "types", from]) => {
            RestApiEdit::EndpointType { from: endpoint_type(from)?, to: endpoint_type(&patch.value()?)? }
        }
        (Op::Replace, ["endpointConfiguration", "ipAddressType"]) => {
            // Each type of endpoint has one that is served; asking for it changes nothing.
            return Err(not_served(&format!("changing the IP address type to `{}`", patch.value()?)));
        }
        (Op::Add, ["endpointConfiguration", "vpcEndpointIds"]) => RestApiEdit::AddVpcEndpoint(endpoint_id(&patch.value()?)?),
        (Op::Remove, ["endpointConfiguration", "vpcEndpointIds"]) => RestApiEdit::RemoveVpcEndpoint(endpoint_id(&patch.value()?)?),
        (Op::Add, ["binaryMediaTypes", kind]) => RestApiEdit::AddBinaryMediaType((*kind).to_owned()),
        (Op::Replace, ["binaryMediaTypes", old]) => RestApiEdit::ReplaceBinaryMediaType { old: (*old).to_owned(), new: patch.value()? },
        (Op::Remove, ["binaryMediaTypes", kind]) => RestApiEdit::RemoveBinaryMediaType((*kind).to_owned()),
        // What vpclab has no other value of may be asked for.
        (Op::Replace, ["apiKeySource"]) if patch.value()? == "HEADER" => return Ok(None),
        (Op::Replace, ["minimumCompressionSize"]) if patch.optional().is_none() => return Ok(None),
        (_, ["apiKeySource" | "minimumCompressionSize" | "securityPolicy" | "endpointAccessMode"]) => return Err(patch.unserved()),
        (_, ["name" | "disableExecuteApiEndpoint"]) | (_, ["endpointConfiguration", "types" | "ipAddressType", ..]) => {
            return Err(patch.wrong_op(&[Op::Replace]));
        }
        (_, ["description" | "version" | "policy"]) => return Err(patch.wrong_op(&[Op::Remove, Op::Replace])),
        (_, ["endpointConfiguration", "vpcEndpointIds"]) => return Err(patch.wrong_op(&[Op::Add, Op::Remove])),
        (_, ["binaryMediaTypes"]) => return Err(patch.unknown_path()),
        _ => return Err(patch.wrong_path(&PATHS)),
    };
    Ok(Some(edit))
}

fn endpoint_type(text: &str) -> Result<EndpointType, WireError> {
    EndpointType::parse(text).ok_or_else(|| not_in_enum(text, "endpointConfiguration.types", &["REGIONAL", "EDGE", "PRIVATE"]))
}

pub(super) fn endpoint_id(text: &str) -> Result<VpcEndpointId, WireError> {
    text.parse().map_err(|_| bad_request(format!("Invalid VPC endpoint id specified: {text}")))
}

pub(crate) fn endpoint_configuration(given: Option<wire::EndpointConfiguration>) -> Result<(EndpointType, Vec<VpcEndpointId>), WireError> {
    let given = given.unwrap_or_default();
    let kind = match given.types.as_slice() {
        [] => EndpointType::Edge,
        [one] => endpoint_type(one)?,
        _ => return Err(bad_request("Cannot create an api with multiple Endpoint Types")),
    };
    match (kind, given.ip_address_type.as_deref()) {
        (_, None) | (EndpointType::Private, Some("dualstack")) | (EndpointType::Edge | EndpointType::Regional, Some("ipv4")) => {}
        (EndpointType::Private, Some("ipv4")) => {
            return Err(bad_request("Only ipAddressType dualstack is supported for Private APIs."));
        }
        (_, Some("dualstack")) => return Err(not_served("the IP address type `dualstack` of APIs that are not private")),
        (_, Some(other)) => return Err(not_in_enum(other, "endpointConfiguration.ipAddressType", &["ipv4", "dualstack"])),
    }
    let ids = given.vpc_endpoint_ids.iter().map(|id| endpoint_id(id)).collect::<Result<_, _>>()?;
    Ok((kind, ids))
}

/// An API as API Gateway answers it.
pub(super) fn view(api: &RestApi) -> wire::RestApi {
    let settings = &api.settings;
    let ip_address_type = match settings.endpoint_type {
        EndpointType::Private => "dualstack",
        EndpointType::Edge | EndpointType::Regional => "ipv4",
    };
    wire::RestApi {
        id: Some(api.id.to_string()),
        name: Some(api.name.clone()),
        description: api.description.clone(),
        created_date: Some(Timestamp(api.created.0)),
        version: api.version.clone(),
        binary_media_types: settings.binary_media_types.clone(),
        api_key_source: Some("HEADER".to_owned()),
        endpoint_configuration: Some(wire::EndpointConfiguration {
            types: vec![settings.endpoint_type.as_str().to_owned()],
            ip_address_type: Some(ip_address_type.to_owned()),
            vpc_endpoint_ids: settings.vpc_endpoint_ids.iter().map(ToString::to_string).collect(),
        }),
        policy: settings.policy.as_deref().map(escaped),
        tags: api.tags.clone(),
        disable_execute_api_endpoint: Some(settings.disable_execute_api_endpoint),
        root_resource_id: Some(api.root.to_string()),
        api_status: Some("AVAILABLE".to_owned()),
        ..wire::RestApi::default()
    }
}

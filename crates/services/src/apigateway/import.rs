//! `ImportRestApi` and `PutRestApi`: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>
use super::errors::{api_id, bad_request, word};
use super::policy::ValidPolicy;
use super::rest_api::{endpoint_id, view};
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_api::model::REFERENCE;
use vpclab_api::openapi::{BasePathMode, ImportOptions, Imported, MODELS_OF_THIS_API, import};
use vpclab_cloud::authorizer::Authorizer;
use vpclab_cloud::model::NewModel;
use vpclab_cloud::request_validator::RequestValidator;
use vpclab_cloud::rest_api::{CreateRestApi, Definition, EndpointType, PutMode, RestApiEdit, Tagged};
use vpclab_cloud::{Cloud, Context, Refusal, RestApiId, VpcEndpointId};
use vpclab_wire::{Blob, WireError, apigateway as wire};

/// `ImportRestApi`
pub async fn import_rest_api(cx: &RequestContext, req: wire::ImportRestApiRequest) -> Result<wire::RestApi, WireError> {
    let asked = Asked::read(&req.parameters)?;
    let mut imported = read(req.body, asked.options, req.fail_on_warnings).await?;
    let policy = policy(&imported)?;
    let tree = Tree::take(&mut imported);
    let input = CreateRestApi {
        name: imported.name,
        description: imported.description,
        version: imported.version,
        endpoint_type: asked.endpoint_type.unwrap_or(EndpointType::Edge),
        vpc_endpoint_ids: asked.vpc_endpoint_ids.or(imported.vpc_endpoint_ids).unwrap_or_default(),
        disable_execute_api_endpoint: imported.disable_execute_api_endpoint.unwrap_or_default(),
        binary_media_types: imported.binary_media_types.unwrap_or_default(),
        tags: imported.tags,
    };
    let made = cx.change(word, |cloud, cx| {
        let id = cloud.create_rest_api(cx, input)?;
        if let Some(policy) = policy {
            let text = policy.expanded(&cloud.rest_api(&cx.scope, &id)?.execute_arn());
            cloud.update_rest_api(cx, &id, [RestApiEdit::Policy(Some(text))])?;
        }
        if let Some(responses) = imported.gateway_responses {
            cloud.update_rest_api(cx, &id, [RestApiEdit::GatewayResponses(responses)])?;
        }
        tree.put(cloud, cx, &id, PutMode::Merge)?;
        cloud.rest_api(&cx.scope, &id).cloned()
    });
    let made = made.await?;
    Ok(wire::RestApi { warnings: imported.warnings, ..view(&made) })
}

/// `PutRestApi`. What an overwriting document does not say is as if it were new, the policy and the endpoints included; only the
/// type of the endpoint stays.
pub async fn put_rest_api(cx: &RequestContext, req: wire::PutRestApiRequest) -> Result<wire::RestApi, WireError> {
    let id = api_id(&cx.scope, &req.rest_api_id)?;
    let api = cx.snapshot().rest_api(&cx.scope, &id).cloned().map_err(|why| word(&why))?;
    let mode = match req.mode.as_deref() {
        None | Some("merge") => PutMode::Merge,
        Some("overwrite") => PutMode::Overwrite,
        Some(_) => return Err(bad_request("Enumeration value of OpenAPI import mode must be \"overwrite\" or \"merge\"")),
    };
    let asked = Asked::read(&req.parameters)?;
    if asked.endpoint_type.is_some_and(|kind| kind != api.settings.endpoint_type) {
        return Err(bad_request("The endpoint type of an API cannot be changed by PutRestApi; use UpdateRestApi"));
    }
    let mut imported = read(req.body, asked.options, req.fail_on_warnings).await?;
    imported.vpc_endpoint_ids = asked.vpc_endpoint_ids.or(imported.vpc_endpoint_ids);
    let policy = policy(&imported)?.map(|policy| policy.expanded(&api.execute_arn()));
    let warnings = std::mem::take(&mut imported.warnings);
    let tags = std::mem::take(&mut imported.tags);
    let tree = Tree::take(&mut imported);
    let edits = edits(imported, policy, mode);
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_rest_api(cx, &id, edits)?;
        if !tags.is_empty() {
            cloud.tag_api(cx, &Tagged::RestApi(id.clone()), tags, &[])?;
        }
        tree.put(cloud, cx, &id, mode)?;
        cloud.rest_api(&cx.scope, &id).cloned()
    });
    let changed = changed.await?;
    Ok(wire::RestApi { warnings, ..view(&changed) })
}

/// Puts a document in an API as a template's `Body` does. What the template says beside it comes after.
pub(crate) fn put_document(
    cloud: &mut Cloud,
    c: &mut Context,
    id: &RestApiId,
    body: &[u8],
    parameters: &BTreeMap<String, String>,
    (fail_on_warnings, mode): (bool, PutMode),
) -> Result<(), WireError> {
    let asked = Asked::read(parameters)?;
    let mut imported = checked(import(body, asked.options), Some(fail_on_warnings))?;
    imported.vpc_endpoint_ids = asked.vpc_endpoint_ids.or(imported.vpc_endpoint_ids);
    let arn = cloud.rest_api(&c.scope, id).map(|api| api.execute_arn()).map_err(|why| word(&why))?;
    let policy = policy(&imported)?.map(|policy| policy.expanded(&arn));
    let tree = Tree::take(&mut imported);
    let edits = edits(imported, policy, mode);
    cloud.update_rest_api(c, id, edits).map_err(|why| word(&why))?;
    tree.put(cloud, c, id, mode).map_err(|why| word(&why))
}

/// The resources and methods of a document, and what their requests are checked against.
struct Tree {
    models: Vec<NewModel>,
    validators: BTreeMap<String, RequestValidator>,
    validator_of: BTreeMap<(String, String), String>,
    authorizers: BTreeMap<String, Authorizer>,
    authorizer_of: BTreeMap<(String, String), String>,
    definition: Definition,
}

impl Tree {
    fn take(imported: &mut Imported) -> Self {
        Self {
            models: std::mem::take(&mut imported.models),
            validators: std::mem::take(&mut imported.validators),
            validator_of: std::mem::take(&mut imported.validator_of),
            authorizers: std::mem::take(&mut imported.authorizers),
            authorizer_of: std::mem::take(&mut imported.authorizer_of),
            definition: std::mem::take(&mut imported.definition),
        }
    }

    fn put(mut self, cloud: &mut Cloud, c: &mut Context, id: &RestApiId, mode: PutMode) -> Result<(), Refusal> {
        let prefix = format!("{REFERENCE}{id}/models/");
        for model in &mut self.models {
            model.schema = model.schema.replace(MODELS_OF_THIS_API, &prefix);
        }
        let ids = cloud.put_validation(c, id, (self.models, self.validators), mode)?;
        super::model::check_all(cloud.rest_api(&c.scope, id)?)?;
        for ((path, name), validator) in self.validator_of {
            if let Some(method) = self.definition.get_mut(&path).and_then(|methods| methods.get_mut(&name)) {
                method.request_validator = ids.get(&validator).cloned();
            }
        }
        let ids = cloud.put_authorizers(c, id, self.authorizers, mode)?;
        for ((path, name), authorizer) in self.authorizer_of {
            if let Some(method) = self.definition.get_mut(&path).and_then(|methods| methods.get_mut(&name)) {
                method.authorizer = ids.get(&authorizer).cloned();
                method.authorization_type = "CUSTOM".to_owned();
            }
        }
        cloud.put_definition(c, id, self.definition, mode)
    }
}

/// The endpoint type that an import's parameters ask for.
pub(crate) fn asked_endpoint_type(parameters: &BTreeMap<String, String>) -> Result<Option<EndpointType>, WireError> {
    Asked::read(parameters).map(|asked| asked.endpoint_type)
}

fn edits(imported: Imported, policy: Option<String>, mode: PutMode) -> Vec<RestApiEdit> {
    let all = mode == PutMode::Overwrite;
    let mut edits = vec![RestApiEdit::Name(imported.name)];
    if all || imported.description.is_some() {
        edits.push(RestApiEdit::Description(imported.description));
    }
    if all || imported.version.is_some() {
        edits.push(RestApiEdit::Version(imported.version));
    }
    if all || policy.is_some() {
        edits.push(RestApiEdit::Policy(policy));
    }
    if all || imported.vpc_endpoint_ids.is_some() {
        edits.push(RestApiEdit::VpcEndpoints(imported.vpc_endpoint_ids.unwrap_or_default()));
    }
    if all || imported.binary_media_types.is_some() {
        edits.push(RestApiEdit::BinaryMediaTypes(imported.binary_media_types.unwrap_or_default()));
    }
    match imported.gateway_responses {
        Some(responses) if !all => {
            edits.extend(responses.into_iter().map(|(kind, response)| RestApiEdit::GatewayResponse(kind, Some(response))));
        }
        responses if all => edits.push(RestApiEdit::GatewayResponses(responses.unwrap_or_default())),
        _ => {}
    }
    if all || imported.disable_execute_api_endpoint.is_some() {
        edits.push(RestApiEdit::DisableExecuteApiEndpoint(imported.disable_execute_api_endpoint.unwrap_or_default()));
    }
    edits
}

/// What the parameters of an import ask.
#[derive(Default)]
struct Asked {
    options: ImportOptions,
    endpoint_type: Option<EndpointType>,
    vpc_endpoint_ids: Option<Vec<VpcEndpointId>>,
}

impl Asked {
    fn read(parameters: &BTreeMap<String, String>) -> Result<Self, WireError> {
        let mut asked = Self::default();
        for (name, value) in parameters {
            let wrong = || bad_request(format!("Invalid value '{value}' of the parameter {name}"));
            match name.as_str() {
                "endpointConfigurationTypes" => asked.endpoint_type = Some(EndpointType::parse(value).ok_or_else(wrong)?),
                "vpcEndpointIds" => {
                    let ids = value.split(',').map(|id| endpoint_id(id.trim()));
                    asked.vpc_endpoint_ids = Some(ids.collect::<Result<_, _>>()?);
                }
                "ignore" if value == "documentation" => asked.options.ignore_documentation = true,
                "basepath" | "basePath" => asked.options.base_path = BasePathMode::parse(value).ok_or_else(wrong)?,
                "ignore" => return Err(wrong()),
                other => return Err(bad_request(format!("Invalid import parameter specified: {other}"))),
            }
        }
        Ok(asked)
    }
}

/// Reads the document on a thread of its own: it may be long.
async fn read(body: Blob, options: ImportOptions, fail_on_warnings: Option<bool>) -> Result<Imported, WireError> {
    let imported = tokio::task::spawn_blocking(move || import(&body.0, options)).await;
    checked(imported.map_err(|why| WireError::new(500, "InternalError", why.to_string()))?, fail_on_warnings)
}

fn checked<E: std::fmt::Display>(imported: Result<Imported, E>, fail_on_warnings: Option<bool>) -> Result<Imported, WireError> {
    let imported = imported.map_err(|why| bad_request(format!("Invalid OpenAPI input: {why}")))?;
    if fail_on_warnings == Some(true) && !imported.warnings.is_empty() {
        return Err(bad_request(format!("Warnings found during import:\n\t{}", imported.warnings.join("\n\t"))));
    }
    Ok(imported)
}

fn policy(imported: &Imported) -> Result<Option<ValidPolicy>, WireError> {
    match &imported.policy {
        None => Ok(None),
        Some(value) => ValidPolicy::read(&value.to_string()),
    }
}

//! `AWS::ApiGateway::RestApi`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html>
use crate::apigateway::import::{asked_endpoint_type, put_document};
use crate::apigateway::policy::ValidPolicy;
use crate::apigateway::{errors::api_id, rest_api::endpoint_configuration};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{
    Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Wanted, by_apigateway, wire_by_apigateway,
};
use crate::s3;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use vpclab_cloud::rest_api::{CreateRestApi, EndpointType, PutMode, RestApiEdit, Tagged};
use vpclab_cloud::{Cloud, Context, RestApiId, VpcEndpointId};
use vpclab_wire::apigateway as wire;

/// The longest document: 6 MB, as of an import.
const MAX_DOCUMENT: u64 = 6 * 1024 * 1024;

/// The type.
pub struct RestApi;

impl ResourceType for RestApi {
    fn served(&self) -> &'static [&'static str] {
        &[
            "ApiKeySourceType",
            "BinaryMediaTypes",
            "Body",
            "BodyS3Location",
            "Description",
            "DisableExecuteApiEndpoint",
            "EndpointConfiguration",
            "FailOnWarnings",
            "Mode",
            "Name",
            "Parameters",
            "Policy",
            "Tags",
        ]
    }

    fn prepares(&self, action: Action, properties: &Properties<'_>) -> bool {
        action != Action::Delete && properties.has("BodyS3Location")
    }

    /// The document, as text.
    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let Some(place) = ask.properties.object("BodyS3Location")? else { return Ok(Prepared::default()) };
            let (bucket, key, version) = (place.required("Bucket")?, place.required("Key")?, place.text("Version")?);
            let read = s3::read_bytes(ask.cx, &bucket, &key, version.as_deref(), MAX_DOCUMENT).await;
            let bytes = read.map_err(|error| Failure::of("S3", error))?;
            let text = String::from_utf8(bytes).map_err(|_| Failure::invalid("The document of BodyS3Location is not UTF-8"))?;
            Ok(Prepared { value: Value::String(text), kept: None })
        })
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let (endpoint_type, vpc_endpoint_ids) = endpoints(properties)?;
        let input = CreateRestApi {
            // A document has a title, which becomes the name.
            name: match name(properties)? {
                Some(name) => name,
                None if want.prepared.value.is_string() => "API".to_owned(),
                None => return Err(Failure::invalid("Name or Body has to be specified for a REST API")),
            },
            description: None,
            version: None,
            endpoint_type,
            vpc_endpoint_ids: vpc_endpoint_ids.clone().unwrap_or_default(),
            disable_execute_api_endpoint: false,
            binary_media_types: Vec::new(),
            tags: BTreeMap::new(),
        };
        let id = cloud.create_rest_api(c, input).map_err(by_apigateway)?;
        put(cloud, c, &id, want, PutMode::Merge)?;
        Ok(Made::new(id))
    }

    /// A `Body` is put as `PutRestApi` does; without one the resources and methods are left alone, for they are resources of
    /// their own.
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = api_id(&c.scope, is.physical).map_err(wire_by_apigateway)?;
        let (to, _) = endpoints(&want.properties)?;
        let from = cloud.rest_api(&c.scope, &id).map_err(by_apigateway)?.settings.endpoint_type;
        if from != to {
            cloud.update_rest_api(c, &id, [RestApiEdit::EndpointType { from, to }]).map_err(by_apigateway)?;
        }
        let mode = match want.properties.text("Mode")?.as_deref() {
            None | Some("overwrite") => PutMode::Overwrite,
            Some("merge") => PutMode::Merge,
            Some(other) => return Err(Failure::invalid(format!("Invalid mode specified: {other}. Valid modes are overwrite, merge"))),
        };
        put(cloud, c, &id, want, mode)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let id = api_id(&c.scope, is.physical).map_err(wire_by_apigateway)?;
        cloud.delete_rest_api(c, &id).map_err(by_apigateway)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<RestApiId>().ok().and_then(|id| cloud.rest_apis.get(&id));
        let value = found.map(|api| json!({ "RestApiId": api.id, "RootResourceId": api.root }));
        value.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// The type of the endpoint, and the endpoints whose alias is published when the template says which.
fn endpoints(properties: &Properties<'_>) -> Result<(EndpointType, Option<Vec<VpcEndpointId>>), Failure> {
    let Some(given) = properties.object("EndpointConfiguration")? else {
        let asked = asked_endpoint_type(&properties.map("Parameters")?).map_err(wire_by_apigateway)?;
        return Ok((asked.unwrap_or(EndpointType::Edge), None));
    };
    let configuration = wire::EndpointConfiguration {
        types: given.texts("Types")?,
        ip_address_type: given.text("IpAddressType")?,
        vpc_endpoint_ids: given.texts("VpcEndpointIds")?,
    };
    let (kind, ids) = endpoint_configuration(Some(configuration)).map_err(wire_by_apigateway)?;
    Ok((kind, Some(ids)))
}

fn name(properties: &Properties<'_>) -> Result<Option<String>, Failure> {
    let title = properties.get("Body").and_then(|body| body.get("info")?.get("title")?.as_str());
    Ok(properties.text("Name")?.or_else(|| title.map(str::to_owned)))
}

/// Puts the document, if there is one, then what the template says beside it. What neither says is as in a new API.
fn put(cloud: &mut Cloud, c: &mut Context, id: &RestApiId, want: &Wanted<'_>, mode: PutMode) -> Result<(), Failure> {
    let properties = &want.properties;
    properties.only("ApiKeySourceType", &["HEADER"])?;
    let document = match &want.prepared.value {
        Value::String(text) => Some(text.clone()),
        _ => properties.document("Body")?,
    };
    if let Some(body) = &document {
        let strict = properties.truth("FailOnWarnings")?.unwrap_or(false);
        put_document(cloud, c, id, body.as_bytes(), &properties.map("Parameters")?, (strict, mode)).map_err(wire_by_apigateway)?;
    }
    let resets = document.is_none();
    let mut edits: Vec<_> = name(properties)?.map(RestApiEdit::Name).into_iter().collect();
    let mut say = |said: bool, edit: RestApiEdit| {
        if said || resets {
            edits.push(edit);
        }
    };
    say(properties.has("Description"), RestApiEdit::Description(properties.text("Description")?));
    let arn = cloud.rest_api(&c.scope, id).map_err(by_apigateway)?.execute_arn();
    let policy = ValidPolicy::read(&properties.document("Policy")?.unwrap_or_default()).map_err(wire_by_apigateway)?;
    say(properties.has("Policy"), RestApiEdit::Policy(policy.map(|policy| policy.expanded(&arn))));
    let (_, ids) = endpoints(properties)?;
    say(ids.is_some(), RestApiEdit::VpcEndpoints(ids.unwrap_or_default()));
    say(properties.has("BinaryMediaTypes"), RestApiEdit::BinaryMediaTypes(media_types(properties)?));
    let disabled = properties.truth("DisableExecuteApiEndpoint")?;
    say(disabled.is_some(), RestApiEdit::DisableExecuteApiEndpoint(disabled.unwrap_or(false)));
    cloud.update_rest_api(c, id, edits).map_err(by_apigateway)?;
    cloud.set_api_tags(c, &Tagged::RestApi(id.clone()), want.tags()?).map_err(by_apigateway)
}

/// Templates may write `~1` for the slash, as patch operations do.
fn media_types(properties: &Properties<'_>) -> Result<Vec<String>, Failure> {
    Ok(properties.texts("BinaryMediaTypes")?.into_iter().map(|kind| kind.replace("~1", "/")).collect())
}

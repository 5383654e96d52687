//! `AWS::ApiGateway::Method`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-method.html>
use crate::apigateway::authorizer::named_authorizer;
use crate::apigateway::method::{key, named_validator};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use std::collections::BTreeMap;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType, Passthrough};
use vpclab_cloud::method::{self, MethodKey, MethodResponse};
use vpclab_cloud::{Cloud, Context};

/// The type. Its id is `{api}|{resource}|{method}`.
pub struct Method;

impl ResourceType for Method {
    fn served(&self) -> &'static [&'static str] {
        &[
            "ApiKeyRequired",
            "AuthorizationType",
            "AuthorizerId",
            "HttpMethod",
            "Integration",
            "Integration.CacheKeyParameters",
            "Integration.CacheNamespace",
            "Integration.ContentHandling",
            "Integration.IntegrationHttpMethod",
            "Integration.IntegrationResponses",
            "Integration.PassthroughBehavior",
            "Integration.RequestParameters",
            "Integration.RequestTemplates",
            "Integration.TimeoutInMillis",
            "Integration.Type",
            "Integration.Uri",
            "MethodResponses",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RequestValidatorId",
            "ResourceId",
            "RestApiId",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let key = method_key(c, &want.properties)?;
        put(cloud, c, &key, &want.properties)?;
        Ok(Made::new(format!("{}|{}|{}", key.api, key.resource, key.name)))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let key = method_key(c, &want.properties)?;
        cloud.delete_method(c, &key).map_err(by_apigateway)?;
        put(cloud, c, &key, &want.properties)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let key = method_key(c, &is.properties)?;
        cloud.delete_method(c, &key).map_err(by_apigateway)
    }
}

fn method_key(c: &Context, properties: &Properties<'_>) -> Result<MethodKey, Failure> {
    let (api, resource, name) = (properties.required("RestApiId")?, properties.required("ResourceId")?, properties.required("HttpMethod")?);
    key(&c.scope, &api, &resource, &name).map_err(wire_by_apigateway)
}

/// Makes the method, then what hangs on it, as the calls of the API do.
fn put(cloud: &mut Cloud, c: &mut Context, key: &MethodKey, properties: &Properties<'_>) -> Result<(), Failure> {
    let method = method::Method {
        authorization_type: properties.text("AuthorizationType")?.unwrap_or_else(|| "NONE".to_owned()),
        authorizer: properties.text("AuthorizerId")?.as_deref().map(named_authorizer).transpose().map_err(wire_by_apigateway)?,
        api_key_required: properties.truth("ApiKeyRequired")?.unwrap_or(false),
        operation_name: properties.text("OperationName")?,
        request_parameters: truths(properties, "RequestParameters")?,
        request_models: properties.map("RequestModels")?,
        request_validator: properties
            .text("RequestValidatorId")?
            .as_deref()
            .map(named_validator)
            .transpose()
            .map_err(wire_by_apigateway)?,
        ..method::Method::default()
    };
    cloud.put_method(c, key, method).map_err(by_apigateway)?;
    for response in properties.objects("MethodResponses")? {
        let made = MethodResponse {
            response_parameters: truths(&response, "ResponseParameters")?,
            response_models: response.map("ResponseModels")?,
        };
        cloud.put_method_response(c, key, response.required("StatusCode")?, made).map_err(by_apigateway)?;
    }
    let Some(given) = properties.object("Integration")? else { return Ok(()) };
    cloud.put_integration(c, key, integration(&given)?).map_err(by_apigateway)?;
    for response in given.objects("IntegrationResponses")? {
        let made = IntegrationResponse {
            selection_pattern: response.text("SelectionPattern")?,
            response_parameters: response.map("ResponseParameters")?,
            response_templates: response.map("ResponseTemplates")?,
            content_handling: response.text("ContentHandling")?,
        };
        cloud.put_integration_response(c, key, response.required("StatusCode")?, made).map_err(by_apigateway)?;
    }
    Ok(())
}

fn integration(given: &Properties<'_>) -> Result<Integration, Failure> {
    let kind = given.required("Type")?;
    let kind = IntegrationType::parse(&kind).ok_or_else(|| Failure::invalid(format!("Invalid integration type specified: {kind}")))?;
    let mut made = Integration {
        http_method: given.text("IntegrationHttpMethod")?,
        uri: given.text("Uri")?,
        content_handling: given.text("ContentHandling")?,
        cache_namespace: given.text("CacheNamespace")?,
        cache_key_parameters: given.texts("CacheKeyParameters")?,
        request_parameters: given.map("RequestParameters")?,
        request_templates: given.map("RequestTemplates")?,
        ..Integration::new(kind)
    };
    if let Some(text) = given.text("PassthroughBehavior")? {
        let known = Passthrough::parse(&text);
        made.passthrough = known.ok_or_else(|| Failure::invalid(format!("Invalid Passthrough Behavior specified: {text}")))?;
    }
    if let Some(millis) = given.number("TimeoutInMillis")? {
        made.timeout_millis = millis;
    }
    Ok(made)
}

fn truths(properties: &Properties<'_>, name: &'static str) -> Result<BTreeMap<String, bool>, Failure> {
    let texts = properties.map(name)?;
    let truth = |(key, text): (String, String)| match text.as_str() {
        "true" => Ok((key, true)),
        "false" => Ok((key, false)),
        _ => Err(Failure::invalid(format!("Value of {name}.{key} must be of type Boolean"))),
    };
    texts.into_iter().map(truth).collect()
}

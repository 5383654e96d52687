//! `AWS::ApiGateway::Stage`. Its id is its name.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html>
use super::api;
use crate::apigateway::errors::deployment_id;
use crate::apigateway::stage::{limit, logging_level, method_key, rate};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_apigateway, wire_by_apigateway};
use std::collections::BTreeMap;
use vpclab_cloud::rest_api::Tagged;
use vpclab_cloud::stage::{AccessLog, CreateStage, MethodSettings, StageEdit, StageSettings};
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct Stage;

impl ResourceType for Stage {
    fn served(&self) -> &'static [&'static str] {
        &[
            "AccessLogSetting",
            "CacheClusterEnabled",
            "DeploymentId",
            "Description",
            "MethodSettings",
            "MethodSettings.CachingEnabled",
            "MethodSettings.DataTraceEnabled",
            "MethodSettings.HttpMethod",
            "MethodSettings.LoggingLevel",
            "MethodSettings.MetricsEnabled",
            "MethodSettings.ResourcePath",
            "MethodSettings.ThrottlingBurstLimit",
            "MethodSettings.ThrottlingRateLimit",
            "RestApiId",
            "StageName",
            "Tags",
            "TracingEnabled",
            "Variables",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        check(&want.properties)?;
        let (api, name) = (api(c, &want.properties)?, want.properties.required("StageName")?);
        let input = CreateStage {
            name: name.clone(),
            deployment: deployment_id(&want.properties.required("DeploymentId")?).map_err(wire_by_apigateway)?,
            description: want.properties.text("Description")?,
            variables: want.properties.map("Variables")?,
            settings: settings(&want.properties)?,
            tags: BTreeMap::new(),
        };
        cloud.create_stage(c, &api, input).map_err(by_apigateway)?;
        cloud.set_api_tags(c, &Tagged::Stage(api, name.clone()), want.tags()?).map_err(by_apigateway)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        check(&want.properties)?;
        let api = api(c, &want.properties)?;
        let deployment = deployment_id(&want.properties.required("DeploymentId")?).map_err(wire_by_apigateway)?;
        let (old, new) = (is.properties.map("Variables")?, want.properties.map("Variables")?);
        let mut edits = vec![StageEdit::Deployment(deployment), StageEdit::Description(want.properties.text("Description")?)];
        edits.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| StageEdit::RemoveVariable(name.clone())));
        edits.extend(new.into_iter().map(|(name, value)| StageEdit::Variable(name, value)));
        edits.push(StageEdit::Settings(settings(&want.properties)?));
        cloud.update_stage(c, &api, is.physical, edits).map_err(by_apigateway)?;
        cloud.set_api_tags(c, &Tagged::Stage(api, is.physical.to_owned()), want.tags()?).map_err(by_apigateway)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let api = api(c, &is.properties)?;
        cloud.delete_stage(c, &api, is.physical).map_err(by_apigateway)
    }
}

/// What a lab's stages do not have is fine as long as it is off.
fn check(properties: &Properties<'_>) -> Result<(), Failure> {
    properties.only("CacheClusterEnabled", &["false"])
}

fn settings(properties: &Properties<'_>) -> Result<StageSettings, Failure> {
    let mut settings = StageSettings { tracing_enabled: properties.truth("TracingEnabled")?.unwrap_or(false), ..StageSettings::default() };
    if let Some(log) = properties.object("AccessLogSetting")? {
        settings.access_log = AccessLog { destination: log.text("DestinationArn")?, format: log.text("Format")? };
    }
    for given in properties.objects("MethodSettings")? {
        given.only("CachingEnabled", &["false"])?;
        let (resource, method) = (given.text("ResourcePath")?.unwrap_or_default(), given.text("HttpMethod")?.unwrap_or_default());
        if resource.is_empty() || method.is_empty() {
            return Err(Failure::invalid("Both ResourcePath and HttpMethod have to be specified in MethodSettings"));
        }
        // `/*`, `/~1pets~1{id}`, `/pets`, `/`
        let path = resource.strip_prefix('/').unwrap_or(&resource).replace("~1", "/").replace("~0", "~");
        let wrong = |name: &str| Failure::invalid(format!("Invalid value of the property {name} in MethodSettings"));
        let mut own = MethodSettings {
            metrics_enabled: given.truth("MetricsEnabled")?.unwrap_or(false),
            data_trace_enabled: given.truth("DataTraceEnabled")?.unwrap_or(false),
            ..MethodSettings::default()
        };
        if let Some(level) = given.text("LoggingLevel")? {
            own.logging = logging_level(&level).map_err(wire_by_apigateway)?;
        }
        if let Some(burst) = given.text("ThrottlingBurstLimit")? {
            own.burst_limit = limit(&burst).ok_or_else(|| wrong("ThrottlingBurstLimit"))?;
        }
        if let Some(per_second) = given.text("ThrottlingRateLimit")? {
            own.rate_limit_milli = rate(&per_second).ok_or_else(|| wrong("ThrottlingRateLimit"))?;
        }
        settings.methods.insert(method_key(&path, &method), own);
    }
    Ok(settings)
}

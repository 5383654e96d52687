//! `AWS::Lambda::Function`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html>
use super::{by_lambda, fetch, fetched, inline, wire_by_lambda};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Wanted};
use crate::lambda::code::CodeSource;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use vpclab_cloud::function::{CreateFunction, FunctionChange, LogFormat, LoggingChange, VpcChoice};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the function's name.
pub struct Function;

impl ResourceType for Function {
    fn served(&self) -> &'static [&'static str] {
        &[
            "Architectures",
            "Code",
            "Code.S3Bucket",
            "Code.S3Key",
            "Code.S3ObjectVersion",
            "Code.ZipFile",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "PackageType",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "Tags",
            "Timeout",
            "TracingConfig",
            "VpcConfig",
            "VpcConfig.SecurityGroupIds",
            "VpcConfig.SubnetIds",
        ]
    }

    fn prepares(&self, action: Action, _properties: &Properties<'_>) -> bool {
        action != Action::Delete
    }

    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(async move {
            let same = |name| ask.old.is_some_and(|old| old.get(name) == ask.properties.get(name));
            if ask.action == Action::Update && same("Code") && same("Architectures") && same("Runtime") {
                return Ok(Prepared::default());
            }
            fetch(&ask, source(&ask.properties)?).await
        })
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        check(properties)?;
        let name = match properties.text("FunctionName")? {
            Some(name) => name,
            None => want.physical_name(c, 64),
        };
        let input = CreateFunction {
            name: name.clone(),
            change: change(properties, &name)?,
            code: fetched(&want.prepared)?,
            architecture: architecture(properties)?,
            tags: want.tags()?,
        };
        let role = input.change.role.clone().unwrap_or_default();
        cloud.create_function(c, input).map_err(by_lambda)?;
        crate::lambda::role::check(cloud, &role).map_err(by_lambda)?;
        if let Some(reserved) = properties.number("ReservedConcurrentExecutions")? {
            cloud.reserve_concurrency(c, &name, Some(reserved)).map_err(by_lambda)?;
        }
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (properties, name) = (&want.properties, is.physical);
        check(properties)?;
        if !want.prepared.value.is_null() {
            let architecture = architecture(properties)?.or_else(|| Some("x86_64".to_owned()));
            cloud.update_function_code(c, name, None, fetched(&want.prepared)?, architecture).map_err(by_lambda)?;
        }
        let change = change(properties, name)?;
        let role = change.role.clone().unwrap_or_default();
        cloud.update_function(c, name, None, change).map_err(by_lambda)?;
        crate::lambda::role::check(cloud, &role).map_err(by_lambda)?;
        let reserved = properties.number("ReservedConcurrentExecutions")?;
        if reserved.is_some() || is.properties.has("ReservedConcurrentExecutions") {
            cloud.reserve_concurrency(c, name, reserved).map_err(by_lambda)?;
        }
        let tags = want.tags()?;
        let found = cloud.function(&c.scope, name).map_err(by_lambda)?;
        let removed: Vec<String> = found.tags.keys().filter(|key| !tags.contains_key(*key)).cloned().collect();
        cloud.tag_function(c, name, tags, &removed).map_err(by_lambda)?;
        Ok(Made::new(name))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_function(c, is.physical).map_err(by_lambda)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let function = cloud.function(is.scope, is.physical);
        function.map(|function| Map::from_iter([("Arn".to_owned(), json!(function.arn()))])).unwrap_or_default()
    }
}

/// Refuses what no function of a lab has.
fn check(properties: &Properties<'_>) -> Result<(), Failure> {
    properties.only("PackageType", &["Zip"])?;
    if let Some(runtime) = properties.text("Runtime")? {
        vpclab_functions::Runtime::find(&runtime).map_err(|why| Failure::invalid(why.to_string()))?;
    }
    Ok(())
}

fn source(properties: &Properties<'_>) -> Result<CodeSource, Failure> {
    let code = properties.object("Code")?.ok_or_else(|| Failure::invalid("Property Code cannot be empty."))?;
    let zip = match code.text("ZipFile")? {
        Some(text) => Some(inline::archive(&properties.text("Runtime")?.unwrap_or_default(), &text)?),
        None => None,
    };
    CodeSource::new(zip.map(vpclab_wire::Blob), code.text("S3Bucket")?, code.text("S3Key")?, code.text("S3ObjectVersion")?)
        .map_err(wire_by_lambda)
}

fn architecture(properties: &Properties<'_>) -> Result<Option<String>, Failure> {
    let mut named = properties.texts("Architectures")?.into_iter();
    match (named.next(), named.next()) {
        (one, None) => Ok(one),
        _ => Err(Failure::invalid("Architectures must have one value.")),
    }
}

/// All that can be said of a function: what the template does not say has AWS's default.
fn change(properties: &Properties<'_>, name: &str) -> Result<FunctionChange, Failure> {
    let environment = properties.object("Environment")?;
    let variables = environment.map_or(Ok(BTreeMap::new()), |environment| environment.map("Variables"))?;
    let storage = properties.object("EphemeralStorage")?.map_or(Ok(None), |storage| storage.number("Size"))?;
    let tracing = properties.object("TracingConfig")?.map_or(Ok(None), |tracing| tracing.text("Mode"))?;
    Ok(FunctionChange {
        description: Some(properties.text("Description")?.unwrap_or_default()),
        runtime: properties.text("Runtime")?,
        role: Some(properties.required("Role")?),
        handler: properties.text("Handler")?,
        timeout: Some(properties.number("Timeout")?.unwrap_or(3)),
        memory: Some(properties.number("MemorySize")?.unwrap_or(128)),
        storage: Some(storage.unwrap_or(512)),
        variables: Some(variables),
        vpc: Some(vpc(properties)?),
        layers: Some(properties.texts("Layers")?),
        tracing: Some(tracing.unwrap_or_else(|| "PassThrough".to_owned())),
        logging: logging(properties, name)?,
    })
}

fn logging(properties: &Properties<'_>, name: &str) -> Result<LoggingChange, Failure> {
    let standard = || format!("/aws/lambda/{name}");
    let Some(logging) = properties.object("LoggingConfig")? else {
        return Ok(LoggingChange { format: Some(LogFormat::Text), group: Some(standard()), ..LoggingChange::default() });
    };
    let (format, group) = (logging.text("LogFormat")?, logging.text("LogGroup")?);
    let format = format.unwrap_or_else(|| LogFormat::Text.to_string());
    let level = |name| logging.text(name).map(|level| level.or_else(|| (format == "JSON").then(|| "INFO".to_owned())));
    let (application, system) = (level("ApplicationLogLevel")?, level("SystemLogLevel")?);
    LoggingChange::parse(Some(&format), application.as_deref(), system.as_deref(), Some(group.unwrap_or_else(standard))).map_err(by_lambda)
}

fn vpc(properties: &Properties<'_>) -> Result<VpcChoice, Failure> {
    let Some(vpc) = properties.object("VpcConfig")? else { return Ok(VpcChoice::default()) };
    fn ids<I: std::str::FromStr>(vpc: &Properties<'_>, name: &str) -> Result<Vec<I>, Failure> {
        let wrong = |text: &str| Failure::invalid(format!("Value '{text}' at 'vpcConfig' is not one of {name}"));
        vpc.texts(name)?.iter().map(|text| text.parse().map_err(|_| wrong(text))).collect()
    }
    Ok(VpcChoice { subnets: ids(&vpc, "SubnetIds")?, security_groups: ids(&vpc, "SecurityGroupIds")? })
}

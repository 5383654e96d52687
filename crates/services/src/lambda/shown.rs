//! Functions as answers show them.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vpclab_cloud::function::{FunctionSettings, LATEST, LogFormat};
use vpclab_cloud::{Cloud, Function, Sha256, Timestamp};
use vpclab_wire::lambda as wire;

/// `2026-11-23T13:25:09.123+0000`
pub(super) fn time(time: Timestamp) -> String {
    vpclab_wire::Timestamp(time.0).to_string().replace('Z', "+0000")
}

/// A digest as Lambda shows it.
pub(super) fn sha256(sha256: &Sha256) -> String {
    STANDARD.encode(sha256.as_bytes())
}

pub(super) fn size(bytes: u64) -> Option<i64> {
    i64::try_from(bytes).ok()
}

fn number(value: u32) -> Option<i32> {
    i32::try_from(value).ok()
}

/// A version of a function. `qualifier` is at the end of its ARN: nothing for `$LATEST` unless it was asked for by that name.
pub(super) fn configuration(
    function: &Function,
    settings: &FunctionSettings,
    version: &str,
    qualifier: Option<&str>,
) -> wire::FunctionConfiguration {
    let arn = match qualifier {
        Some(qualifier) => format!("{}:{qualifier}", function.arn()),
        None => function.arn(),
    };
    let environment =
        (!settings.variables.is_empty()).then(|| wire::EnvironmentResponse { variables: settings.variables.clone(), error: None });
    wire::FunctionConfiguration {
        function_name: Some(function.name.clone()),
        function_arn: Some(arn),
        runtime: Some(settings.runtime.clone()),
        role: Some(settings.role.clone()),
        handler: Some(settings.handler.clone()),
        code_size: size(settings.code.size),
        description: Some(settings.description.clone()),
        timeout: number(settings.timeout),
        memory_size: number(settings.memory),
        last_modified: Some(time(settings.modified)),
        code_sha256: Some(sha256(&settings.code.sha256)),
        version: Some(version.to_owned()),
        vpc_config: settings.vpc.as_ref().map(|vpc| wire::VpcConfigResponse {
            subnet_ids: vpc.subnets.iter().map(ToString::to_string).collect(),
            security_group_ids: vpc.security_groups.iter().map(ToString::to_string).collect(),
            vpc_id: Some(vpc.vpc.to_string()),
            ipv6_allowed_for_dual_stack: Some(false),
        }),
        environment,
        tracing_config: Some(wire::TracingConfigResponse { mode: Some(settings.tracing.clone()) }),
        revision_id: Some(settings.revision.clone()),
        layers: settings
            .layers
            .iter()
            .map(|layer| wire::Layer { arn: Some(layer.arn.clone()), code_size: size(layer.code.size), ..wire::Layer::default() })
            .collect(),
        state: Some("Active".to_owned()),
        last_update_status: Some("Successful".to_owned()),
        package_type: Some("Zip".to_owned()),
        architectures: vec![settings.architecture.clone()],
        ephemeral_storage: Some(wire::EphemeralStorage { size: number(settings.storage) }),
        snap_start: Some(wire::SnapStartResponse { apply_on: Some("None".to_owned()), optimization_status: Some("Off".to_owned()) }),
        logging_config: Some(wire::LoggingConfig {
            log_format: Some(if settings.json_log.is_some() { LogFormat::Json } else { LogFormat::Text }.to_string()),
            application_log_level: settings.json_log.map(|levels| levels.application.to_string()),
            system_log_level: settings.json_log.map(|levels| levels.system.to_string()),
            log_group: Some(settings.log_group(&function.name)),
        }),
        ..wire::FunctionConfiguration::default()
    }
}

/// `$LATEST` of a function that an operation just made or changed.
pub(super) fn latest(cloud: &Cloud, scope: &vpclab_cloud::Scope, name: &str) -> Option<wire::FunctionConfiguration> {
    let function = cloud.function(scope, name).ok()?;
    Some(configuration(function, &function.latest, LATEST, None))
}

/// A published version.
pub(super) fn published(cloud: &Cloud, scope: &vpclab_cloud::Scope, name: &str, number: u64) -> Option<wire::FunctionConfiguration> {
    let function = cloud.function(scope, name).ok()?;
    let version = cloud.function_versions.get(&(scope.clone(), name.to_owned(), number))?;
    let text = number.to_string();
    Some(configuration(function, &version.settings, &text, Some(&text)))
}

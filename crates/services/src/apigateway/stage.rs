//! Stages.
use super::account::{ACCOUNT_BURST, ACCOUNT_RATE};
use super::errors::{api_id, bad_request, deployment_id, word};
use super::patch::{self, Op, Patch};
use crate::request::RequestContext;
use vpclab_cloud::Stage;
use vpclab_cloud::stage::{ALL_METHODS, AccessLog, CreateStage, LoggingLevel, MethodSettingEdit, MethodSettings, StageEdit, StageSettings};
use vpclab_wire::{Timestamp, WireError, apigateway as wire};

/// `CreateStage`
pub async fn create_stage(cx: &RequestContext, req: wire::CreateStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let input = CreateStage {
        name: req.stage_name.clone(),
        deployment: deployment_id(&req.deployment_id)?,
        description: req.description,
        variables: req.variables,
        settings: StageSettings { tracing_enabled: req.tracing_enabled.unwrap_or_default(), ..StageSettings::default() },
        tags: req.tags,
    };
    let made = cx.change(word, |cloud, cx| {
        cloud.create_stage(cx, &api, input)?;
        cloud.stage(&cx.scope, &api, &req.stage_name).cloned()
    });
    let made = made.await?;
    Ok(view(&made))
}

/// `GetStage`
pub async fn get_stage(cx: &RequestContext, req: wire::GetStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.snapshot().stage(&cx.scope, &api, &req.stage_name).map(|stage| view(stage)).map_err(|why| word(&why))
}

/// `GetStages`
pub async fn get_stages(cx: &RequestContext, req: wire::GetStagesRequest) -> Result<wire::Stages, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let wanted = |stage: &Stage| req.deployment_id.as_deref().is_none_or(|id| stage.deployment.as_str() == id);
    Ok(wire::Stages { item: cloud.stages_of(&api).filter(|stage| wanted(stage)).map(|stage| view(stage)).collect() })
}

/// `UpdateStage`
pub async fn update_stage(cx: &RequestContext, req: wire::UpdateStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.snapshot().stage(&cx.scope, &api, &req.stage_name).map_err(|why| word(&why))?;
    let edits = patch::read(req.patch_operations)?.iter().map(edit).collect::<Result<Vec<_>, _>>()?;
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_stage(cx, &api, &req.stage_name, edits)?;
        cloud.stage(&cx.scope, &api, &req.stage_name).cloned()
    });
    let changed = changed.await?;
    Ok(view(&changed))
}

/// `DeleteStage`
pub async fn delete_stage(cx: &RequestContext, req: wire::DeleteStageRequest) -> Result<(), WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.change(word, |cloud, cx| cloud.delete_stage(cx, &api, &req.stage_name)).await
}

/// The members of a stage that AWS lets one patch and vpclab does not have.
const UNSERVED: [&str; 6] =
    ["cacheClusterEnabled", "cacheClusterSize", "canarySettings", "clientCertificateId", "documentationVersion", "throttle"];

fn edit(patch: &Patch) -> Result<StageEdit, WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["deploymentId"]) => {
            let id = patch.value()?.parse().map_err(|_| bad_request("Deployment id does not exist"))?;
            Ok(StageEdit::Deployment(id))
        }
        (Op::Replace | Op::Remove, ["description"]) => Ok(StageEdit::Description(patch.optional())),
        (Op::Add | Op::Replace, ["variables", name]) => Ok(StageEdit::Variable((*name).to_owned(), patch.optional().unwrap_or_default())),
        (Op::Remove, ["variables", name]) => Ok(StageEdit::RemoveVariable((*name).to_owned())),
        (_, ["deploymentId"]) => Err(patch.wrong_op(&[Op::Replace])),
        (_, [first, ..]) if UNSERVED.contains(first) => Err(patch.unserved()),
        (Op::Replace, ["tracingEnabled"]) => Ok(StageEdit::Tracing(patch.truth())),
        (Op::Add | Op::Replace | Op::Remove, ["accessLogSettings", "destinationArn"]) => {
            Ok(StageEdit::AccessLogDestination(patch.optional()))
        }
        (Op::Add | Op::Replace | Op::Remove, ["accessLogSettings", "format"]) => Ok(StageEdit::AccessLogFormat(patch.optional())),
        (Op::Remove, ["accessLogSettings"]) => Ok(StageEdit::AccessLog(AccessLog::default())),
        (Op::Remove, [resource, method]) => Ok(StageEdit::RemoveMethod(method_key(resource, method))),
        (Op::Replace, [resource, method, setting @ ("metrics" | "logging" | "throttling" | "caching"), name]) => {
            Ok(StageEdit::Method(method_key(resource, method), method_edit(patch, setting, name)?))
        }
        _ => Err(bad_request(format!(
            "Invalid method setting path: {}. Must be one of: [/deploymentId, /description, /tracingEnabled, /variables/{{variable_name}}, \
             /accessLogSettings/destinationArn, /accessLogSettings/format, /{{resourcePath}}/{{httpMethod}}/metrics/enabled, \
             /{{resourcePath}}/{{httpMethod}}/logging/dataTrace, /{{resourcePath}}/{{httpMethod}}/logging/loglevel, \
             /{{resourcePath}}/{{httpMethod}}/throttling/burstLimit, /{{resourcePath}}/{{httpMethod}}/throttling/rateLimit]",
            patch.path
        ))),
    }
}

/// `*/*` for all, else the resource's path with its slash and the method.
pub(crate) fn method_key(resource: &str, method: &str) -> String {
    match (resource, method) {
        ("*", "*") => ALL_METHODS.to_owned(),
        // `/~1/GET` and `//GET` both name the root.
        ("", method) => format!("//{method}"),
        (path, method) if path.starts_with('/') => format!("{path}/{method}"),
        (path, method) => format!("/{path}/{method}"),
    }
}

fn method_edit(patch: &Patch, setting: &str, name: &str) -> Result<MethodSettingEdit, WireError> {
    let wrong = || bad_request(format!("Invalid value specified for {}", patch.path));
    Ok(match (setting, name) {
        ("metrics", "enabled") => MethodSettingEdit::Metrics(patch.truth()),
        ("logging", "loglevel") => MethodSettingEdit::Logging(logging_level(&patch.value()?)?),
        ("logging", "dataTrace") => MethodSettingEdit::DataTrace(patch.truth()),
        ("throttling", "burstLimit") => MethodSettingEdit::BurstLimit(limit(&patch.value()?).ok_or_else(wrong)?),
        ("throttling", "rateLimit") => MethodSettingEdit::RateLimit(rate(&patch.value()?).ok_or_else(wrong)?),
        // What a lab's stages do not have is fine as long as it is off.
        ("caching", "enabled") if !patch.truth() => MethodSettingEdit::Nothing,
        _ => return Err(patch.unserved()),
    })
}

pub(crate) fn logging_level(text: &str) -> Result<LoggingLevel, WireError> {
    LoggingLevel::parse(text).ok_or_else(|| bad_request("Invalid logging level specified. Must be one of: [OFF, ERROR, INFO]"))
}

/// A burst limit; -1 stands for the account's.
#[expect(clippy::option_option, reason = "no number at all differs from no limit")]
pub(crate) fn limit(text: &str) -> Option<Option<u32>> {
    match text.trim().parse::<i64>().ok()? {
        -1 => Some(None),
        number => u32::try_from(number).ok().map(Some),
    }
}

/// A rate limit in thousandths of a request a second; -1 stands for the account's.
#[expect(clippy::option_option, reason = "no number at all differs from no limit")]
pub(crate) fn rate(text: &str) -> Option<Option<u64>> {
    let number = text.trim().parse::<f64>().ok()?;
    if number == -1.0 {
        return Some(None);
    }
    // Nobody asks for more than a billion a second.
    (0.0..=1e9).contains(&number).then(|| Some((number * 1000.0).round() as u64))
}

fn escaped_key(key: &str) -> String {
    key.rsplit_once('/').map_or_else(|| key.to_owned(), |(path, method)| format!("{}/{method}", path.replace('/', "~1")))
}

fn shown(settings: &MethodSettings) -> wire::MethodSetting {
    wire::MethodSetting {
        metrics_enabled: Some(settings.metrics_enabled),
        logging_level: Some(settings.logging.as_str().to_owned()),
        data_trace_enabled: Some(settings.data_trace_enabled),
        throttling_burst_limit: Some(settings.burst_limit.map_or(ACCOUNT_BURST, |limit| i32::try_from(limit).unwrap_or(i32::MAX))),
        throttling_rate_limit: Some(settings.rate_limit_milli.map_or(ACCOUNT_RATE, |milli| milli as f64 / 1000.0)),
        caching_enabled: Some(false),
        cache_ttl_in_seconds: Some(300),
        cache_data_encrypted: Some(false),
        require_authorization_for_cache_control: Some(true),
        unauthorized_cache_control_header_strategy: Some("SUCCEED_WITH_RESPONSE_HEADER".to_owned()),
    }
}

fn access_log(settings: &AccessLog) -> Option<wire::AccessLogSettings> {
    let AccessLog { destination, format } = settings;
    let set = destination.is_some() || format.is_some();
    set.then(|| wire::AccessLogSettings { destination_arn: destination.clone(), format: format.clone() })
}

fn view(stage: &Stage) -> wire::Stage {
    wire::Stage {
        deployment_id: Some(stage.deployment.to_string()),
        stage_name: Some(stage.name.clone()),
        description: stage.description.clone(),
        cache_cluster_enabled: Some(false),
        cache_cluster_status: Some("NOT_AVAILABLE".to_owned()),
        variables: stage.variables.clone(),
        // API Gateway writes `~1pets/GET` where the path is `/pets`.
        method_settings: stage.settings.methods.iter().map(|(key, settings)| (escaped_key(key), shown(settings))).collect(),
        access_log_settings: access_log(&stage.settings.access_log),
        tracing_enabled: Some(stage.settings.tracing_enabled),
        tags: stage.tags.clone(),
        created_date: Some(Timestamp(stage.created.0)),
        last_updated_date: Some(Timestamp(stage.updated.0)),
    }
}

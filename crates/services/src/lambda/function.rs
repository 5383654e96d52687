//! Functions.
use super::code::{CodeSource, store};
use super::errors::{invalid, no_runtime, not_served, word};
use super::page::page;
use super::role;
use super::shown::{configuration, latest, published, sha256};
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::function::{CreateFunction, FunctionChange, FunctionName, LATEST, LoggingChange, VpcChoice};
use vpclab_cloud::{Scope, SecurityGroupId, SubnetId};
use vpclab_functions::Runtime;
use vpclab_wire::{WireError, lambda as wire};

/// A function as a request names it, of the caller's own account.
pub(super) fn own(cx: &RequestContext, text: &str, qualifier: Option<&str>, action: &str) -> Result<FunctionName, WireError> {
    let name = FunctionName::parse(text, qualifier).map_err(|why| word(&why))?;
    let scope = name.scope(&cx.scope).map_err(|why| word(&why))?;
    if scope == cx.scope { Ok(name) } else { Err(denied(&cx.scope, &scope, &name, action)) }
}

/// The same where a qualifier has no place.
pub(super) fn unqualified(cx: &RequestContext, text: &str, action: &str) -> Result<String, WireError> {
    let name = own(cx, text, None, action)?;
    match name.qualifier {
        None => Ok(name.name),
        Some(qualifier) if qualifier == LATEST => Ok(name.name),
        Some(_) => Err(invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
        )),
    }
}

/// `AccessDeniedException` for the function of another account.
pub(super) fn denied(caller: &Scope, owner: &Scope, name: &FunctionName, action: &str) -> WireError {
    let qualifier = name.qualifier.as_ref().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    let arn = vpclab_cloud::function::function_arn(owner, &name.name);
    WireError::new(
        403,
        "AccessDeniedException",
        format!(
            "User: arn:aws:iam::{}:root is not authorized to perform: lambda:{action} on resource: {arn}{qualifier} because no \
             resource-based policy allows the lambda:{action} action",
            caller.account
        ),
    )
}

/// `CreateFunction`.
pub async fn create_function(cx: &RequestContext, req: wire::CreateFunctionRequest) -> Result<wire::FunctionConfiguration, WireError> {
    let name = unqualified(cx, &req.function_name, "CreateFunction")?;
    if let Some(runtime) = &req.runtime {
        Runtime::find(runtime).map_err(|why| no_runtime(&why))?;
    }
    let change = FunctionChange {
        description: req.description,
        runtime: req.runtime,
        role: Some(req.role.clone()),
        handler: req.handler,
        timeout: count(req.timeout, "timeout")?,
        memory: count(req.memory_size, "memorySize")?,
        storage: count(req.ephemeral_storage.and_then(|storage| storage.size), "ephemeralStorage.size")?,
        variables: req.environment.map(|environment| environment.variables),
        vpc: req.vpc_config.map(vpc).transpose()?,
        layers: (!req.layers.is_empty()).then_some(req.layers),
        tracing: req.tracing_config.and_then(|tracing| tracing.mode),
        logging: logging(req.logging_config)?,
    };
    let source = CodeSource::new(req.code.zip_file, req.code.s3_bucket, req.code.s3_key, req.code.s3_object_version)?;
    let stored = store(cx, source).await?;
    let input = CreateFunction {
        name: name.clone(),
        change,
        code: stored.code.clone(),
        architecture: architecture(req.architectures)?,
        tags: req.tags,
    };
    let (publish, role) = (req.publish.unwrap_or(false), req.role);
    let made = cx
        .change(word, |cloud, c| {
            cloud.create_function(c, input)?;
            role::check(cloud, &role)?;
            if publish {
                let number = cloud.publish_version(c, &name, None, None)?;
                return Ok(published(cloud, &c.scope, &name, number));
            }
            Ok(latest(cloud, &c.scope, &name))
        })
        .await?;
    Ok(made.unwrap_or_default())
}

/// `UpdateFunctionConfiguration`.
pub async fn update_function_configuration(
    cx: &RequestContext,
    req: wire::UpdateFunctionConfigurationRequest,
) -> Result<wire::FunctionConfiguration, WireError> {
    let name = unqualified(cx, &req.function_name, "UpdateFunctionConfiguration")?;
    if let Some(runtime) = &req.runtime {
        Runtime::find(runtime).map_err(|why| no_runtime(&why))?;
    }
    let change = FunctionChange {
        description: req.description,
        runtime: req.runtime,
        role: req.role,
        handler: req.handler,
        timeout: count(req.timeout, "timeout")?,
        memory: count(req.memory_size, "memorySize")?,
        storage: count(req.ephemeral_storage.and_then(|storage| storage.size), "ephemeralStorage.size")?,
        variables: req.environment.map(|environment| environment.variables),
        vpc: req.vpc_config.map(vpc).transpose()?,
        layers: req.layers,
        tracing: req.tracing_config.and_then(|tracing| tracing.mode),
        logging: logging(req.logging_config)?,
    };
    let changed = cx
        .change(word, |cloud, c| {
            let role = change.role.clone();
            cloud.update_function(c, &name, req.revision_id.as_deref(), change)?;
            if let Some(role) = role {
                role::check(cloud, &role)?;
            }
            Ok(latest(cloud, &c.scope, &name))
        })
        .await?;
    Ok(changed.unwrap_or_default())
}

/// `UpdateFunctionCode`.
pub async fn update_function_code(
    cx: &RequestContext,
    req: wire::UpdateFunctionCodeRequest,
) -> Result<wire::FunctionConfiguration, WireError> {
    let name = unqualified(cx, &req.function_name, "UpdateFunctionCode")?;
    cx.snapshot().function(&cx.scope, &name).map_err(|why| word(&why))?;
    let source = CodeSource::new(req.zip_file, req.s3_bucket, req.s3_key, req.s3_object_version)?;
    let stored = store(cx, source).await?;
    let architecture = architecture(req.architectures)?;
    // Only tried: Lambda answers as if it were done.
    let cx = &RequestContext { dry_run: req.dry_run.unwrap_or(false), ..cx.clone() };
    let changed = cx
        .change(word, |cloud, c| {
            cloud.update_function_code(c, &name, req.revision_id.as_deref(), stored.code.clone(), architecture)?;
            if req.publish.unwrap_or(false) {
                let number = cloud.publish_version(c, &name, None, None)?;
                return Ok(published(cloud, &c.scope, &name, number));
            }
            Ok(latest(cloud, &c.scope, &name))
        })
        .await?;
    Ok(changed.unwrap_or_default())
}

/// `DeleteFunction`: the function, or one version.
pub async fn delete_function(cx: &RequestContext, req: wire::DeleteFunctionRequest) -> Result<wire::DeleteFunctionResponse, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "DeleteFunction")?;
    cx.change(word, |cloud, c| match &name.qualifier {
        None => cloud.delete_function(c, &name.name),
        Some(qualifier) => cloud.delete_version(c, &name.name, qualifier),
    })
    .await?;
    Ok(wire::DeleteFunctionResponse { status_code: Some(204) })
}

/// `GetFunction`. The code cannot be fetched: there is no location.
pub async fn get_function(cx: &RequestContext, req: wire::GetFunctionRequest) -> Result<wire::GetFunctionResponse, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "GetFunction")?;
    let cloud = cx.snapshot();
    let found = cloud.resolve_function(&cx.scope, &name.name, name.qualifier.as_deref(), 0).map_err(|why| word(&why))?;
    let reserved = found.function.reserved_concurrency.filter(|_| name.qualifier.is_none());
    Ok(wire::GetFunctionResponse {
        configuration: Some(configuration(&found.function, &found.settings, &found.version, name.qualifier.as_deref())),
        code: Some(wire::FunctionCodeLocation { repository_type: Some("S3".to_owned()), ..wire::FunctionCodeLocation::default() }),
        tags: if name.qualifier.is_none() { found.function.tags.clone() } else { BTreeMap::new() },
        tags_error: None,
        concurrency: reserved
            .map(|reserved| wire::Concurrency { reserved_concurrent_executions: Some(i32::try_from(reserved).unwrap_or(i32::MAX)) }),
    })
}

/// `GetFunctionConfiguration`.
pub async fn get_function_configuration(
    cx: &RequestContext,
    req: wire::GetFunctionConfigurationRequest,
) -> Result<wire::FunctionConfiguration, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "GetFunctionConfiguration")?;
    let cloud = cx.snapshot();
    let found = cloud.resolve_function(&cx.scope, &name.name, name.qualifier.as_deref(), 0).map_err(|why| word(&why))?;
    Ok(configuration(&found.function, &found.settings, &found.version, name.qualifier.as_deref()))
}

/// `ListFunctions`: the newest settings of each, or with `FunctionVersion=ALL` all versions.
pub async fn list_functions(cx: &RequestContext, req: wire::ListFunctionsRequest) -> Result<wire::ListFunctionsResponse, WireError> {
    if req.master_region.is_some() {
        return Err(not_served("functions of Lambda@Edge (MasterRegion)"));
    }
    let all = match req.function_version.as_deref() {
        None => false,
        Some("ALL") => true,
        Some(other) => {
            return Err(invalid(format!(
                "Value {other} at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]"
            )));
        }
    };
    let cloud = cx.snapshot();
    let mut items = Vec::new();
    for function in cloud.functions_of(&cx.scope) {
        let qualifier = all.then_some(LATEST);
        items.push((format!("{}:", function.name), configuration(function, &function.latest, LATEST, qualifier)));
        for version in cloud.versions_of(&cx.scope, &function.name).filter(|_| all) {
            let number = version.number.to_string();
            let shown = configuration(function, &version.settings, &number, Some(&number));
            items.push((format!("{}:{:020}", function.name, version.number), shown));
        }
    }
    let (functions, next_marker) = page(items, req.max_items, req.marker.as_deref())?;
    Ok(wire::ListFunctionsResponse { next_marker, functions })
}

/// `GetAccountSettings`.
pub async fn get_account_settings(
    cx: &RequestContext,
    _: wire::GetAccountSettingsRequest,
) -> Result<wire::GetAccountSettingsResponse, WireError> {
    let cloud = cx.snapshot();
    let all = i32::try_from(vpclab_cloud::function::ACCOUNT_CONCURRENCY).unwrap_or(i32::MAX);
    let reserved = i32::try_from(cloud.reserved_concurrency(&cx.scope)).unwrap_or(0);
    let size: u64 = cloud.functions_of(&cx.scope).map(|function| function.latest.code.size).sum();
    Ok(wire::GetAccountSettingsResponse {
        account_limit: Some(wire::AccountLimit {
            total_code_size: Some(80_530_636_800),
            code_size_unzipped: i64::try_from(vpclab_functions::UNPACKED_MAX).ok(),
            code_size_zipped: Some(52_428_800),
            concurrent_executions: Some(all),
            unreserved_concurrent_executions: Some(all.saturating_sub(reserved)),
        }),
        account_usage: Some(wire::AccountUsage {
            total_code_size: i64::try_from(size).ok(),
            function_count: i64::try_from(cloud.functions_of(&cx.scope).count()).ok(),
        }),
    })
}

/// Whether the code is what the caller thinks (`CodeSha256`).
pub(super) fn check_code(cx: &RequestContext, name: &str, expected: Option<&str>) -> Result<(), WireError> {
    let cloud = cx.snapshot();
    let found = sha256(&cloud.function(&cx.scope, name).map_err(|why| word(&why))?.latest.code.sha256);
    match expected.filter(|expected| !expected.is_empty() && *expected != found) {
        Some(expected) => Err(invalid(format!(
            "CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({found}). Please try again with the CodeSHA256 in \
             $LATEST."
        ))),
        None => Ok(()),
    }
}

fn vpc(config: wire::VpcConfig) -> Result<VpcChoice, WireError> {
    fn ids<T: std::str::FromStr>(texts: &[String], member: &str, pattern: &str) -> Result<Vec<T>, WireError> {
        let parse = |text: &String| {
            text.parse().map_err(|_| {
                WireError::new(
                    400,
                    "ValidationException",
                    format!(
                        "1 validation error detected: Value '[{text}]' at 'vpcConfig.{member}' failed to satisfy constraint: Member must \
                         satisfy constraint: [Member must satisfy regular expression pattern: {pattern}]"
                    ),
                )
            })
        };
        texts.iter().map(parse).collect()
    }
    let subnets: Vec<SubnetId> = ids(&config.subnet_ids, "subnetIds", "^subnet-[0-9a-z]*$")?;
    let security_groups: Vec<SecurityGroupId> = ids(&config.security_group_ids, "securityGroupIds", "^sg-[0-9a-zA-Z]*$")?;
    Ok(VpcChoice { subnets, security_groups })
}

fn count(value: Option<i32>, member: &str) -> Result<Option<u32>, WireError> {
    value.map(u32::try_from).transpose().map_err(|_| {
        let text = format!(
            "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member must have value greater than or \
             equal to 1",
            value.unwrap_or_default()
        );
        WireError::new(400, "ValidationException", text)
    })
}

fn architecture(architectures: Vec<String>) -> Result<Option<String>, WireError> {
    let mut architectures = architectures.into_iter();
    match (architectures.next(), architectures.next()) {
        (one, None) => Ok(one),
        _ => Err(invalid("Architectures must have one value.")),
    }
}

fn logging(config: Option<wire::LoggingConfig>) -> Result<LoggingChange, WireError> {
    let Some(config) = config else { return Ok(LoggingChange::default()) };
    let (format, application, system) = (config.log_format, config.application_log_level, config.system_log_level);
    LoggingChange::parse(format.as_deref(), application.as_deref(), system.as_deref(), config.log_group).map_err(|why| word(&why))
}

//! Reserved concurrency, and how asynchronous events are tried again.
use super::errors::{not_served, word};
use super::function::{own, unqualified};
use super::page::page;
use crate::request::RequestContext;
use vpclab_cloud::Function;
use vpclab_cloud::function::{EventInvokeConfig, LATEST};
use vpclab_wire::{WireError, lambda as wire};

fn number(value: u32) -> Option<i32> {
    i32::try_from(value).ok()
}

/// `PutFunctionConcurrency`.
pub async fn put_function_concurrency(
    cx: &RequestContext,
    req: wire::PutFunctionConcurrencyRequest,
) -> Result<wire::Concurrency, WireError> {
    let name = unqualified(cx, &req.function_name, "PutFunctionConcurrency")?;
    let reserved = u32::try_from(req.reserved_concurrent_executions).map_err(|_| {
        WireError::new(
            400,
            "ValidationException",
            format!(
                "1 validation error detected: Value '{}' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have \
                 value greater than or equal to 0",
                req.reserved_concurrent_executions
            ),
        )
    })?;
    cx.change(word, |cloud, c| cloud.reserve_concurrency(c, &name, Some(reserved))).await?;
    Ok(wire::Concurrency { reserved_concurrent_executions: number(reserved) })
}

/// `GetFunctionConcurrency`.
pub async fn get_function_concurrency(
    cx: &RequestContext,
    req: wire::GetFunctionConcurrencyRequest,
) -> Result<wire::GetFunctionConcurrencyResponse, WireError> {
    let name = unqualified(cx, &req.function_name, "GetFunctionConcurrency")?;
    let cloud = cx.snapshot();
    let function = cloud.function(&cx.scope, &name).map_err(|why| word(&why))?;
    Ok(wire::GetFunctionConcurrencyResponse { reserved_concurrent_executions: function.reserved_concurrency.and_then(number) })
}

/// `DeleteFunctionConcurrency`.
pub async fn delete_function_concurrency(cx: &RequestContext, req: wire::DeleteFunctionConcurrencyRequest) -> Result<(), WireError> {
    let name = unqualified(cx, &req.function_name, "DeleteFunctionConcurrency")?;
    cx.change(word, |cloud, c| cloud.reserve_concurrency(c, &name, None)).await
}

fn shown(function: &Function, qualifier: &str, config: &EventInvokeConfig) -> wire::FunctionEventInvokeConfig {
    wire::FunctionEventInvokeConfig {
        last_modified: Some(vpclab_wire::Timestamp(config.modified.0)),
        function_arn: Some(format!("{}:{qualifier}", function.arn())),
        maximum_retry_attempts: config.retries.and_then(number),
        maximum_event_age_in_seconds: config.age.and_then(number),
        destination_config: Some(wire::DestinationConfig {
            on_success: Some(wire::OnSuccess::default()),
            on_failure: Some(wire::OnFailure::default()),
        }),
    }
}

struct Wanted {
    name: String,
    qualifier: Option<String>,
    retries: Option<i32>,
    age: Option<i32>,
    destinations: Option<wire::DestinationConfig>,
    merge: bool,
}

async fn configure(cx: &RequestContext, wanted: Wanted) -> Result<wire::FunctionEventInvokeConfig, WireError> {
    let name = own(cx, &wanted.name, wanted.qualifier.as_deref(), "PutFunctionEventInvokeConfig")?;
    let names_one = |config: &wire::DestinationConfig| {
        config.on_success.as_ref().is_some_and(|to| to.destination.is_some())
            || config.on_failure.as_ref().is_some_and(|to| to.destination.is_some())
    };
    if wanted.destinations.as_ref().is_some_and(names_one) {
        return Err(not_served("DestinationConfig of asynchronous invocations"));
    }
    let positive = |value: Option<i32>| value.map(|value| u32::try_from(value).unwrap_or(u32::MAX));
    let config = EventInvokeConfig { retries: positive(wanted.retries), age: positive(wanted.age), modified: vpclab_cloud::Timestamp(0) };
    cx.change(word, |cloud, c| {
        let set = cloud.configure_events(c, &name.name, name.qualifier.as_deref(), config, wanted.merge)?;
        let function = cloud.function(&c.scope, &name.name)?;
        Ok(shown(function, name.qualifier.as_deref().unwrap_or(LATEST), &set))
    })
    .await
}

/// `PutFunctionEventInvokeConfig`.
pub async fn put_function_event_invoke_config(
    cx: &RequestContext,
    req: wire::PutFunctionEventInvokeConfigRequest,
) -> Result<wire::FunctionEventInvokeConfig, WireError> {
    let wanted = Wanted {
        name: req.function_name,
        qualifier: req.qualifier,
        retries: req.maximum_retry_attempts,
        age: req.maximum_event_age_in_seconds,
        destinations: req.destination_config,
        merge: false,
    };
    configure(cx, wanted).await
}

/// `UpdateFunctionEventInvokeConfig`.
pub async fn update_function_event_invoke_config(
    cx: &RequestContext,
    req: wire::UpdateFunctionEventInvokeConfigRequest,
) -> Result<wire::FunctionEventInvokeConfig, WireError> {
    let wanted = Wanted {
        name: req.function_name,
        qualifier: req.qualifier,
        retries: req.maximum_retry_attempts,
        age: req.maximum_event_age_in_seconds,
        destinations: req.destination_config,
        merge: true,
    };
    configure(cx, wanted).await
}

/// `GetFunctionEventInvokeConfig`.
pub async fn get_function_event_invoke_config(
    cx: &RequestContext,
    req: wire::GetFunctionEventInvokeConfigRequest,
) -> Result<wire::FunctionEventInvokeConfig, WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "GetFunctionEventInvokeConfig")?;
    let cloud = cx.snapshot();
    let function = cloud.function(&cx.scope, &name.name).map_err(|why| word(&why))?;
    let qualifier = name.qualifier.as_deref().unwrap_or(LATEST);
    let config = function.event_invoke.get(qualifier).ok_or_else(|| {
        let text = format!("The function {}:{qualifier} doesn't have an EventInvokeConfig", function.arn());
        WireError::new(404, "ResourceNotFoundException", text)
    })?;
    Ok(shown(function, qualifier, config))
}

/// `DeleteFunctionEventInvokeConfig`.
pub async fn delete_function_event_invoke_config(
    cx: &RequestContext,
    req: wire::DeleteFunctionEventInvokeConfigRequest,
) -> Result<(), WireError> {
    let name = own(cx, &req.function_name, req.qualifier.as_deref(), "DeleteFunctionEventInvokeConfig")?;
    cx.change(word, |cloud, c| cloud.delete_event_config(c, &name.name, name.qualifier.as_deref())).await
}

/// `ListFunctionEventInvokeConfigs`.
pub async fn list_function_event_invoke_configs(
    cx: &RequestContext,
    req: wire::ListFunctionEventInvokeConfigsRequest,
) -> Result<wire::ListFunctionEventInvokeConfigsResponse, WireError> {
    let name = unqualified(cx, &req.function_name, "ListFunctionEventInvokeConfigs")?;
    let cloud = cx.snapshot();
    let function = cloud.function(&cx.scope, &name).map_err(|why| word(&why))?;
    let all = function.event_invoke.iter().map(|(qualifier, config)| (qualifier.clone(), shown(function, qualifier, config)));
    let (function_event_invoke_configs, next_marker) = page(all, req.max_items, req.marker.as_deref())?;
    Ok(wire::ListFunctionEventInvokeConfigsResponse { function_event_invoke_configs, next_marker })
}

//! Versions of functions.
use super::errors::word;
use super::function::{check_code, unqualified};
use super::page::page;
use super::shown::{configuration, published};
use crate::request::RequestContext;
use vpclab_cloud::function::LATEST;
use vpclab_wire::{WireError, lambda as wire};

/// `PublishVersion`.
pub async fn publish_version(cx: &RequestContext, req: wire::PublishVersionRequest) -> Result<wire::FunctionConfiguration, WireError> {
    let name = unqualified(cx, &req.function_name, "PublishVersion")?;
    check_code(cx, &name, req.code_sha256.as_deref())?;
    let shown = cx
        .change(word, |cloud, c| {
            let number = cloud.publish_version(c, &name, req.revision_id.as_deref(), req.description)?;
            Ok(published(cloud, &c.scope, &name, number))
        })
        .await?;
    Ok(shown.unwrap_or_default())
}

/// `ListVersionsByFunction`: `$LATEST` first.
pub async fn list_versions_by_function(
    cx: &RequestContext,
    req: wire::ListVersionsByFunctionRequest,
) -> Result<wire::ListVersionsByFunctionResponse, WireError> {
    let name = unqualified(cx, &req.function_name, "ListVersionsByFunction")?;
    let cloud = cx.snapshot();
    let function = cloud.function(&cx.scope, &name).map_err(|why| word(&why))?;
    let first = (format!("{:020}", 0), configuration(function, &function.latest, LATEST, Some(LATEST)));
    let rest = cloud.versions_of(&cx.scope, &name).map(|version| {
        let number = version.number.to_string();
        (format!("{:020}", version.number), configuration(function, &version.settings, &number, Some(&number)))
    });
    let (versions, next_marker) = page([first].into_iter().chain(rest), req.max_items, req.marker.as_deref())?;
    Ok(wire::ListVersionsByFunctionResponse { next_marker, versions })
}

//! Layers.
use super::code::{CodeSource, store};
use super::errors::{invalid, not_served, word};
use super::page::page;
use super::shown::{sha256, size, time};
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::function::{LayerName, LayerVersion, Permission, PublishLayer};
use vpclab_cloud::{Refusal, Scope};
use vpclab_wire::{WireError, lambda as wire};

/// A layer as a request names it, and whose it is.
fn named(cx: &RequestContext, text: &str) -> Result<(LayerName, Scope), WireError> {
    let name = LayerName::parse(text).map_err(|why| word(&why))?;
    let scope = name.scope.clone().unwrap_or_else(|| cx.scope.clone());
    if scope.region == cx.scope.region { Ok((name, scope)) } else { Err(invalid(format!("The layer {text} is of another region"))) }
}

fn number(version: i64) -> Result<u64, WireError> {
    u64::try_from(version).map_err(|_| invalid("Layer Version Cannot be less than 1."))
}

fn content(layer: &LayerVersion) -> wire::LayerVersionContentOutput {
    wire::LayerVersionContentOutput {
        code_sha256: Some(sha256(&layer.code.sha256)),
        code_size: size(layer.code.size),
        ..wire::LayerVersionContentOutput::default()
    }
}

fn whole(layer: &LayerVersion) -> wire::GetLayerVersionResponse {
    wire::GetLayerVersionResponse {
        content: Some(content(layer)),
        layer_arn: Some(layer.layer_arn()),
        layer_version_arn: Some(layer.arn()),
        description: Some(layer.description.clone()),
        created_date: Some(time(layer.created)),
        version: size(layer.number),
        compatible_architectures: layer.architectures.clone(),
        compatible_runtimes: layer.runtimes.clone(),
        license_info: layer.license.clone(),
    }
}

fn item(layer: &LayerVersion) -> wire::LayerVersionsListItem {
    wire::LayerVersionsListItem {
        layer_version_arn: Some(layer.arn()),
        version: size(layer.number),
        description: Some(layer.description.clone()),
        created_date: Some(time(layer.created)),
        compatible_architectures: layer.architectures.clone(),
        compatible_runtimes: layer.runtimes.clone(),
        license_info: layer.license.clone(),
    }
}

/// `PublishLayerVersion`.
pub async fn publish_layer_version(
    cx: &RequestContext,
    req: wire::PublishLayerVersionRequest,
) -> Result<wire::PublishLayerVersionResponse, WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    if owner != cx.scope {
        return Err(invalid("A layer is published in the account of the caller."));
    }
    let zip = req.content;
    let stored = store(cx, CodeSource::new(zip.zip_file, zip.s3_bucket, zip.s3_key, zip.s3_object_version)?).await?;
    let input = PublishLayer {
        name: name.name.clone(),
        description: req.description.unwrap_or_default(),
        code: stored.code.clone(),
        runtimes: req.compatible_runtimes,
        architectures: req.compatible_architectures,
        license: req.license_info,
    };
    let made = cx
        .change(word, |cloud, c| {
            let number = cloud.publish_layer(c, input)?;
            Ok(whole(cloud.layer_version(&c.scope, &c.scope, &name.name, number)?))
        })
        .await?;
    Ok(wire::PublishLayerVersionResponse {
        content: made.content,
        layer_arn: made.layer_arn,
        layer_version_arn: made.layer_version_arn,
        description: made.description,
        created_date: made.created_date,
        version: made.version,
        compatible_architectures: made.compatible_architectures,
        compatible_runtimes: made.compatible_runtimes,
        license_info: made.license_info,
    })
}

/// `GetLayerVersion`.
pub async fn get_layer_version(cx: &RequestContext, req: wire::GetLayerVersionRequest) -> Result<wire::GetLayerVersionResponse, WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let cloud = cx.snapshot();
    cloud.layer_version(&cx.scope, &owner, &name.name, number(req.version_number)?).map(|layer| whole(layer)).map_err(|why| word(&why))
}

/// `GetLayerVersionByArn`.
pub async fn get_layer_version_by_arn(
    cx: &RequestContext,
    req: wire::GetLayerVersionByArnRequest,
) -> Result<wire::GetLayerVersionResponse, WireError> {
    let (name, owner) = named(cx, &req.arn)?;
    let version = name.version.ok_or_else(|| invalid(format!("The ARN {} names no version", req.arn)))?;
    let cloud = cx.snapshot();
    cloud.layer_version(&cx.scope, &owner, &name.name, version).map(|layer| whole(layer)).map_err(|why| word(&why))
}

/// `DeleteLayerVersion`.
pub async fn delete_layer_version(cx: &RequestContext, req: wire::DeleteLayerVersionRequest) -> Result<(), WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let version = number(req.version_number)?;
    if owner != cx.scope {
        return Err(WireError::new(403, "AccessDeniedException", "The layer belongs to another account."));
    }
    cx.change(word, |cloud, c| {
        cloud.delete_layer_version(c, &name.name, version);
        Ok(())
    })
    .await
}

fn suits(layer: &LayerVersion, runtime: Option<&str>, architecture: Option<&str>) -> bool {
    runtime.is_none_or(|wanted| layer.runtimes.iter().any(|runtime| runtime == wanted))
        && architecture.is_none_or(|wanted| layer.architectures.iter().any(|architecture| architecture == wanted))
}

/// `ListLayerVersions`, the newest first.
pub async fn list_layer_versions(
    cx: &RequestContext,
    req: wire::ListLayerVersionsRequest,
) -> Result<wire::ListLayerVersionsResponse, WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let cloud = cx.snapshot();
    let seen = |layer: &LayerVersion| {
        layer.name == name.name
            && layer.allows(cx.scope.account.as_str())
            && suits(layer, req.compatible_runtime.as_deref(), req.compatible_architecture.as_deref())
    };
    let found = cloud.layer_versions_of(&owner).filter(|layer| seen(layer));
    let found = found.map(|layer| (format!("{:020}", u64::MAX - layer.number), item(layer)));
    let (layer_versions, next_marker) = page(found, req.max_items, req.marker.as_deref())?;
    Ok(wire::ListLayerVersionsResponse { next_marker, layer_versions })
}

/// `ListLayers`: the newest version of each.
pub async fn list_layers(cx: &RequestContext, req: wire::ListLayersRequest) -> Result<wire::ListLayersResponse, WireError> {
    let cloud = cx.snapshot();
    let suiting =
        cloud.layer_versions_of(&cx.scope).filter(|l| suits(l, req.compatible_runtime.as_deref(), req.compatible_architecture.as_deref()));
    let newest: BTreeMap<String, _> = suiting.map(|layer| (layer.name.clone(), layer)).collect();
    let items = newest.into_iter().map(|(name, layer)| {
        let shown = wire::LayersListItem {
            layer_name: Some(name.clone()),
            layer_arn: Some(layer.layer_arn()),
            latest_matching_version: Some(item(layer)),
        };
        (name, shown)
    });
    let (layers, next_marker) = page(items, req.max_items, req.marker.as_deref())?;
    Ok(wire::ListLayersResponse { next_marker, layers })
}

/// `AddLayerVersionPermission`.
pub async fn add_layer_version_permission(
    cx: &RequestContext,
    req: wire::AddLayerVersionPermissionRequest,
) -> Result<wire::AddLayerVersionPermissionResponse, WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let version = number(req.version_number)?;
    if owner != cx.scope {
        return Err(WireError::new(403, "AccessDeniedException", "The layer belongs to another account."));
    }
    if req.action != "lambda:GetLayerVersion" {
        return Err(invalid("The action of a layer's permission is lambda:GetLayerVersion."));
    }
    if req.organization_id.is_some() {
        return Err(not_served("OrganizationId of a layer's permission"));
    }
    let permission = Permission {
        sid: req.statement_id,
        action: req.action,
        principal: req.principal,
        source_arn: None,
        source_account: None,
        organization: None,
    };
    let expected = req.revision_id;
    cx.change(word, |cloud, c| {
        let statement = permission.clone();
        let found = cloud.layer_version(&c.scope, &c.scope, &name.name, version)?;
        let resource = found.arn();
        same_revision(expected.as_deref(), found)?;
        cloud.add_layer_permission(c, &name.name, version, permission)?;
        let layer = cloud.layer_version(&c.scope, &c.scope, &name.name, version)?;
        Ok(wire::AddLayerVersionPermissionResponse {
            statement: Some(statement.statement(&resource).to_string()),
            revision_id: Some(layer.policy.revision.clone()),
        })
    })
    .await
}

fn same_revision(expected: Option<&str>, layer: &LayerVersion) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != layer.policy.revision => {
            Err(Refusal::FunctionPrecondition("The RevisionId provided does not match the latest RevisionId.".to_owned()))
        }
        _ => Ok(()),
    }
}

/// `RemoveLayerVersionPermission`.
pub async fn remove_layer_version_permission(cx: &RequestContext, req: wire::RemoveLayerVersionPermissionRequest) -> Result<(), WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let version = number(req.version_number)?;
    if owner != cx.scope {
        return Err(WireError::new(403, "AccessDeniedException", "The layer belongs to another account."));
    }
    cx.change(word, |cloud, c| {
        same_revision(req.revision_id.as_deref(), cloud.layer_version(&c.scope, &c.scope, &name.name, version)?)?;
        cloud.remove_layer_permission(c, &name.name, version, &req.statement_id)
    })
    .await
}

/// `GetLayerVersionPolicy`.
pub async fn get_layer_version_policy(
    cx: &RequestContext,
    req: wire::GetLayerVersionPolicyRequest,
) -> Result<wire::GetLayerVersionPolicyResponse, WireError> {
    let (name, owner) = named(cx, &req.layer_name)?;
    let cloud = cx.snapshot();
    let layer = cloud.layer_version(&cx.scope, &owner, &name.name, number(req.version_number)?).map_err(|why| word(&why))?;
    if layer.policy.statements.is_empty() {
        return Err(WireError::new(404, "ResourceNotFoundException", "No policy is associated with the given resource."));
    }
    let statements: Vec<_> = layer.policy.statements.iter().map(|permission| permission.statement(&layer.arn())).collect();
    let document = serde_json::json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
    Ok(wire::GetLayerVersionPolicyResponse { policy: Some(document.to_string()), revision_id: Some(layer.policy.revision.clone()) })
}

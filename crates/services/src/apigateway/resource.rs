//! Resources.
use super::errors::{api_id, bad_request, resource_id, word};
use super::method::view as method_view;
use super::page::page;
use super::patch::{self, Op, Patch};
use crate::request::RequestContext;
use vpclab_cloud::Resource;
use vpclab_cloud::resource::ResourceEdit;
use vpclab_wire::{WireError, apigateway as wire};

/// `CreateResource`
pub async fn create_resource(cx: &RequestContext, req: wire::CreateResourceRequest) -> Result<wire::Resource, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let parent = resource_id(&req.parent_id)?;
    let made = cx.change(word, |cloud, cx| {
        let id = cloud.create_resource(cx, &api, &parent, req.path_part)?;
        cloud.resource(&cx.scope, &api, &id).cloned()
    });
    let made = made.await?;
    Ok(view(&made, false))
}

/// `GetResource`
pub async fn get_resource(cx: &RequestContext, req: wire::GetResourceRequest) -> Result<wire::Resource, WireError> {
    let whole = embeds_methods(&req.embed)?;
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, resource_id(&req.resource_id)?);
    cx.snapshot().resource(&cx.scope, &api, &id).map(|resource| view(resource, whole)).map_err(|why| word(&why))
}

/// `GetResources`
pub async fn get_resources(cx: &RequestContext, req: wire::GetResourcesRequest) -> Result<wire::Resources, WireError> {
    let whole = embeds_methods(&req.embed)?;
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let resources = cloud.resources_of(&api).map(|resource| (resource.path.clone(), resource));
    let (resources, position) = page(resources, req.limit, req.position.as_deref())?;
    Ok(wire::Resources { items: resources.into_iter().map(|resource| view(resource, whole)).collect(), position })
}

/// `UpdateResource`
pub async fn update_resource(cx: &RequestContext, req: wire::UpdateResourceRequest) -> Result<wire::Resource, WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, resource_id(&req.resource_id)?);
    cx.snapshot().resource(&cx.scope, &api, &id).map_err(|why| word(&why))?;
    let edits = patch::read(req.patch_operations)?.iter().map(edit).collect::<Result<Vec<_>, _>>()?;
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_resource(cx, &api, &id, edits)?;
        cloud.resource(&cx.scope, &api, &id).cloned()
    });
    let changed = changed.await?;
    Ok(view(&changed, false))
}

/// `DeleteResource`
pub async fn delete_resource(cx: &RequestContext, req: wire::DeleteResourceRequest) -> Result<(), WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, resource_id(&req.resource_id)?);
    cx.change(word, |cloud, cx| cloud.delete_resource(cx, &api, &id)).await
}

fn edit(patch: &Patch) -> Result<ResourceEdit, WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["pathPart"]) => Ok(ResourceEdit::PathPart(patch.value()?)),
        (Op::Replace, ["parentId"]) => Ok(ResourceEdit::Parent(resource_id(&patch.value()?)?)),
        (op, ["pathPart" | "parentId"]) => Err(bad_request(format!(
            "Invalid patch path  '{}' specified for op '{}'. Please choose supported operations",
            patch.path,
            op.as_str()
        ))),
        _ => Err(patch.wrong_path(&["/parentId", "/pathPart"])),
    }
}

fn embeds_methods(embed: &[String]) -> Result<bool, WireError> {
    match embed.iter().find(|what| *what != "methods") {
        None => Ok(!embed.is_empty()),
        Some(other) => Err(bad_request(format!("Invalid embed parameter specified: {other}"))),
    }
}

/// A resource as API Gateway answers it: of its methods only the names, unless all is asked for.
fn view(resource: &Resource, whole: bool) -> wire::Resource {
    let methods = resource.methods.iter().map(|(name, method)| {
        let shown = if whole { method_view(name, method) } else { wire::Method::default() };
        (name.clone(), shown)
    });
    wire::Resource {
        id: Some(resource.id.to_string()),
        parent_id: resource.parent.as_ref().map(ToString::to_string),
        path_part: resource.parent.is_some().then(|| resource.path_part.clone()),
        path: Some(resource.path.clone()),
        resource_methods: methods.collect(),
    }
}

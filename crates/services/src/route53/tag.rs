//! Tags of hosted zones.
use super::errors::{invalid_input, not_in_enum, word, zone_id};
use super::hosted_zone::found;
use crate::request::RequestContext;
use vpclab_cloud::Tags;
use vpclab_wire::{WireError, route53 as wire};

/// Tags or resources in one call at most.
const MOST: usize = 10;

/// `ChangeTagsForResource`
pub async fn change_tags_for_resource(
    cx: &RequestContext,
    req: wire::ChangeTagsForResourceRequest,
) -> Result<wire::ChangeTagsForResourceResponse, WireError> {
    check_type(&req.resource_type, &req.resource_id)?;
    let id = zone_id(&req.resource_id)?;
    if req.add_tags.len() > MOST || req.remove_tag_keys.len() > MOST {
        return Err(invalid_input(format!("At most {MOST} tags can be added and {MOST} removed in one request")));
    }
    let added: Tags = req.add_tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
    cx.change(word, |cloud, c| cloud.tag_hosted_zone(c, &id, added, &req.remove_tag_keys)).await?;
    Ok(wire::ChangeTagsForResourceResponse {})
}

/// `ListTagsForResource`
pub async fn list_tags_for_resource(
    cx: &RequestContext,
    req: wire::ListTagsForResourceRequest,
) -> Result<wire::ListTagsForResourceResponse, WireError> {
    let set = tags_of(cx, &req.resource_type, &req.resource_id)?;
    Ok(wire::ListTagsForResourceResponse { resource_tag_set: Some(set) })
}

/// `ListTagsForResources`
pub async fn list_tags_for_resources(
    cx: &RequestContext,
    req: wire::ListTagsForResourcesRequest,
) -> Result<wire::ListTagsForResourcesResponse, WireError> {
    if req.resource_ids.len() > MOST {
        return Err(invalid_input(format!("At most {MOST} resources can be asked for in one request")));
    }
    let sets = req.resource_ids.iter().map(|id| tags_of(cx, &req.resource_type, id)).collect::<Result<_, _>>()?;
    Ok(wire::ListTagsForResourcesResponse { resource_tag_sets: sets })
}

fn tags_of(cx: &RequestContext, resource_type: &str, id: &str) -> Result<wire::ResourceTagSet, WireError> {
    check_type(resource_type, id)?;
    let cloud = cx.snapshot();
    let zone = found(cx, &cloud, id)?;
    let tags = zone.tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) });
    Ok(wire::ResourceTagSet { resource_type: Some(resource_type.to_owned()), resource_id: Some(zone.id.to_string()), tags: tags.collect() })
}

/// Of what can be tagged, a lab has hosted zones alone.
fn check_type(resource_type: &str, id: &str) -> Result<(), WireError> {
    match resource_type {
        "hostedzone" => Ok(()),
        "healthcheck" => Err(WireError::new(404, "NoSuchHealthCheck", format!("No health check exists with the specified ID: {id}"))),
        other => Err(not_in_enum(other, "resourceType", &["healthcheck", "hostedzone"])),
    }
}

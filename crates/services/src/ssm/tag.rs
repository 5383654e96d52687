//! Tags of parameters.
use super::word;
use crate::request::RequestContext;
use vpclab_cloud::Tags;
use vpclab_wire::{WireError, ssm as wire};

pub(super) fn read(list: Vec<wire::Tag>) -> Result<Tags, WireError> {
    let pairs = list.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    vpclab_cloud::tag::user_tags(pairs).map_err(|why| super::invalid(why.to_string()))
}

/// `AddTagsToResource`
pub async fn add_tags_to_resource(
    cx: &RequestContext,
    req: wire::AddTagsToResourceRequest,
) -> Result<wire::AddTagsToResourceResult, WireError> {
    check(cx, &req.resource_type, &req.resource_id)?;
    let added = read(req.tags)?;
    cx.change(word, |cloud, c| cloud.edit_parameter_tags(c, &req.resource_id, |tags| tags.extend(added))).await?;
    Ok(wire::AddTagsToResourceResult {})
}

/// `RemoveTagsFromResource`
pub async fn remove_tags_from_resource(
    cx: &RequestContext,
    req: wire::RemoveTagsFromResourceRequest,
) -> Result<wire::RemoveTagsFromResourceResult, WireError> {
    check(cx, &req.resource_type, &req.resource_id)?;
    let keys = req.tag_keys;
    cx.change(word, |cloud, c| cloud.edit_parameter_tags(c, &req.resource_id, |tags| tags.retain(|key, _| !keys.contains(key)))).await?;
    Ok(wire::RemoveTagsFromResourceResult {})
}

/// `ListTagsForResource`
pub async fn list_tags_for_resource(
    cx: &RequestContext,
    req: wire::ListTagsForResourceRequest,
) -> Result<wire::ListTagsForResourceResult, WireError> {
    check(cx, &req.resource_type, &req.resource_id)?;
    let cloud = cx.snapshot();
    let parameter = cloud.parameter(&cx.scope, &req.resource_id).map_err(|refusal| word(&refusal))?;
    let tag_list = parameter.tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) });
    Ok(wire::ListTagsForResourceResult { tag_list: tag_list.collect() })
}

/// Of what Systems Manager can tag, a lab has parameters alone.
fn check(cx: &RequestContext, resource_type: &str, id: &str) -> Result<(), WireError> {
    if resource_type != "Parameter" {
        let text = format!("vpclab has no resources of the type {resource_type} of Systems Manager; it has Parameter");
        return Err(WireError::new(400, "InvalidResourceType", text));
    }
    match cx.snapshot().parameter(&cx.scope, id) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(WireError::new(400, "InvalidResourceId", format!("The resource ID \"{id}\" is not valid. Verify the ID and try again.")))
        }
    }
}

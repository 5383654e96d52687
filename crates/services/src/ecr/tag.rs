//! Tags of repositories.
use super::{invalid, word};
use crate::request::RequestContext;
use vpclab_cloud::Tags;
use vpclab_wire::{WireError, ecr as wire};

pub(super) fn read(list: Vec<wire::Tag>) -> Result<Tags, WireError> {
    let pairs = list.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    vpclab_cloud::tag::user_tags(pairs).map_err(|why| WireError::new(400, "InvalidTagParameterException", why.to_string()))
}

/// `TagResource`
pub async fn tag_resource(cx: &RequestContext, req: wire::TagResourceRequest) -> Result<wire::TagResourceResponse, WireError> {
    let (name, added) = (name_of(cx, &req.resource_arn)?, read(req.tags)?);
    cx.change(word, |cloud, c| cloud.edit_repository(c, &name, |found| found.tags.extend(added))).await?;
    Ok(wire::TagResourceResponse {})
}

/// `UntagResource`
pub async fn untag_resource(cx: &RequestContext, req: wire::UntagResourceRequest) -> Result<wire::UntagResourceResponse, WireError> {
    let name = name_of(cx, &req.resource_arn)?;
    cx.change(word, |cloud, c| cloud.edit_repository(c, &name, |found| found.tags.retain(|key, _| !req.tag_keys.contains(key)))).await?;
    Ok(wire::UntagResourceResponse {})
}

/// `ListTagsForResource`
pub async fn list_tags_for_resource(
    cx: &RequestContext,
    req: wire::ListTagsForResourceRequest,
) -> Result<wire::ListTagsForResourceResponse, WireError> {
    let (cloud, name) = (cx.snapshot(), name_of(cx, &req.resource_arn)?);
    let found = cloud.repository(&cx.scope, &name).map_err(|refusal| word(&refusal))?;
    let tags = found.tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) });
    Ok(wire::ListTagsForResourceResponse { tags: tags.collect() })
}

fn name_of(cx: &RequestContext, arn: &str) -> Result<String, WireError> {
    let own = format!("arn:aws:ecr:{}:{}:repository/", cx.scope.region, cx.scope.account);
    let name = arn.strip_prefix(&own).ok_or_else(|| invalid("resourceArn", "Invalid ARN"))?;
    Ok(name.to_owned())
}

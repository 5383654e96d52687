//! Tags of functions.
use super::errors::word;
use super::function::unqualified;
use crate::request::RequestContext;
use vpclab_wire::{WireError, lambda as wire};

/// `ListTags`.
pub async fn list_tags(cx: &RequestContext, req: wire::ListTagsRequest) -> Result<wire::ListTagsResponse, WireError> {
    let name = unqualified(cx, &req.resource, "ListTags")?;
    let cloud = cx.snapshot();
    Ok(wire::ListTagsResponse { tags: cloud.function(&cx.scope, &name).map_err(|why| word(&why))?.tags.clone() })
}

/// `TagResource`.
pub async fn tag_resource(cx: &RequestContext, req: wire::TagResourceRequest) -> Result<(), WireError> {
    let name = unqualified(cx, &req.resource, "TagResource")?;
    cx.change(word, |cloud, c| cloud.tag_function(c, &name, req.tags, &[])).await
}

/// `UntagResource`.
pub async fn untag_resource(cx: &RequestContext, req: wire::UntagResourceRequest) -> Result<(), WireError> {
    let name = unqualified(cx, &req.resource, "UntagResource")?;
    cx.change(word, |cloud, c| cloud.tag_function(c, &name, vpclab_cloud::Tags::new(), &req.tag_keys)).await
}

//! Tags of APIs and stages, by ARN.
use super::errors::{api_id, bad_request, word};
use crate::request::RequestContext;
use vpclab_cloud::Scope;
use vpclab_cloud::rest_api::Tagged;
use vpclab_wire::{WireError, apigateway as wire};

/// `TagResource`
pub async fn tag_resource(cx: &RequestContext, req: wire::TagResourceRequest) -> Result<(), WireError> {
    let of = tagged(&cx.scope, &req.resource_arn)?;
    cx.change(word, |cloud, cx| cloud.tag_api(cx, &of, req.tags, &[])).await
}

/// `UntagResource`
pub async fn untag_resource(cx: &RequestContext, req: wire::UntagResourceRequest) -> Result<(), WireError> {
    let of = tagged(&cx.scope, &req.resource_arn)?;
    cx.change(word, |cloud, cx| cloud.tag_api(cx, &of, vpclab_cloud::Tags::new(), &req.tag_keys)).await
}

/// `GetTags`. AWS ignores `limit` and `position` here: all tags fit on one page.
pub async fn get_tags(cx: &RequestContext, req: wire::GetTagsRequest) -> Result<wire::Tags, WireError> {
    let of = tagged(&cx.scope, &req.resource_arn)?;
    let tags = cx.snapshot().api_tags(&cx.scope, &of).cloned().map_err(|why| word(&why))?;
    Ok(wire::Tags { tags })
}

/// `arn:aws:apigateway:{region}::/restapis/{api}[/stages/{name}]`
fn tagged(scope: &Scope, arn: &str) -> Result<Tagged, WireError> {
    let invalid = || bad_request("Invalid ARN specified in the request");
    let rest = arn.strip_prefix("arn:aws:apigateway:").ok_or_else(invalid)?;
    let (region, path) = rest.split_once("::/").ok_or_else(invalid)?;
    if region != scope.region.as_str() {
        return Err(invalid());
    }
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["restapis", api] => Ok(Tagged::RestApi(api_id(scope, api)?)),
        ["restapis", api, "stages", name] => Ok(Tagged::Stage(api_id(scope, api)?, (*name).to_owned())),
        _ => Err(invalid()),
    }
}

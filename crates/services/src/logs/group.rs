//! Log groups.
use super::{blocking, invalid, key, name_of, page, word};
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::LogGroup;
use vpclab_wire::{WireError, logs};

/// `CreateLogGroup`.
pub async fn create_log_group(cx: &RequestContext, req: logs::CreateLogGroupRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.create_log_group(c, &req.log_group_name, None, req.tags.into_iter().collect())).await
}

/// `DeleteLogGroup`: its streams and events go with it.
pub async fn delete_log_group(cx: &RequestContext, req: logs::DeleteLogGroupRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.delete_log_group(c, &req.log_group_name)).await?;
    let key = key(&cx.scope, &req.log_group_name);
    blocking(cx, move |logs| logs.delete_group(&key)).await
}

/// `DescribeLogGroups`.
pub async fn describe_log_groups(
    cx: &RequestContext,
    req: logs::DescribeLogGroupsRequest,
) -> Result<logs::DescribeLogGroupsResponse, WireError> {
    if req.log_group_name_prefix.is_some() && req.log_group_name_pattern.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    let cloud = cx.snapshot();
    let prefix = req.log_group_name_prefix.unwrap_or_default();
    let pattern = req.log_group_name_pattern.unwrap_or_default().to_lowercase();
    let named = |group: &LogGroup| {
        let given = &req.log_group_identifiers;
        given.is_empty() || given.iter().any(|id| *id == group.name || id.trim_end_matches(":*") == group.arn())
    };
    let wanted = |group: &LogGroup| group.name.starts_with(&prefix) && group.name.to_lowercase().contains(&pattern) && named(group);
    let found: Vec<LogGroup> = cloud.log_groups_of(&cx.scope).filter(|group| wanted(group)).map(|group| LogGroup::clone(group)).collect();
    let (found, next_token) = page(found, |group| group.name.clone(), req.next_token.as_deref(), req.limit.map(i64::from))?;
    let log_groups = blocking(cx, move |logs| {
        let mut shown = Vec::new();
        for group in found {
            let streams = logs.streams(&key(&group.scope, &group.name), "")?;
            shown.push(show(&group, streams.iter().map(|stream| stream.bytes).sum()));
        }
        Ok(shown)
    });
    Ok(logs::DescribeLogGroupsResponse { log_groups: log_groups.await?, next_token })
}

/// `PutRetentionPolicy`.
pub async fn put_retention_policy(cx: &RequestContext, req: logs::PutRetentionPolicyRequest) -> Result<(), WireError> {
    let days = u32::try_from(req.retention_in_days).unwrap_or(0);
    cx.change(word, |cloud, c| cloud.set_log_retention(c, &req.log_group_name, Some(days))).await
}

/// `DeleteRetentionPolicy`.
pub async fn delete_retention_policy(cx: &RequestContext, req: logs::DeleteRetentionPolicyRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.set_log_retention(c, &req.log_group_name, None)).await
}

/// `TagResource`.
pub async fn tag_resource(cx: &RequestContext, req: logs::TagResourceRequest) -> Result<(), WireError> {
    tag(cx, &name_of(&cx.scope, &req.resource_arn)?, req.tags).await
}

/// `TagLogGroup`, the older form.
pub async fn tag_log_group(cx: &RequestContext, req: logs::TagLogGroupRequest) -> Result<(), WireError> {
    tag(cx, &req.log_group_name, req.tags).await
}

/// `UntagResource`.
pub async fn untag_resource(cx: &RequestContext, req: logs::UntagResourceRequest) -> Result<(), WireError> {
    untag(cx, &name_of(&cx.scope, &req.resource_arn)?, &req.tag_keys).await
}

/// `UntagLogGroup`, the older form.
pub async fn untag_log_group(cx: &RequestContext, req: logs::UntagLogGroupRequest) -> Result<(), WireError> {
    untag(cx, &req.log_group_name, &req.tags).await
}

/// `ListTagsForResource`.
pub async fn list_tags_for_resource(
    cx: &RequestContext,
    req: logs::ListTagsForResourceRequest,
) -> Result<logs::ListTagsForResourceResponse, WireError> {
    Ok(logs::ListTagsForResourceResponse { tags: tags(cx, &name_of(&cx.scope, &req.resource_arn)?)? })
}

/// `ListTagsLogGroup`, the older form.
pub async fn list_tags_log_group(
    cx: &RequestContext,
    req: logs::ListTagsLogGroupRequest,
) -> Result<logs::ListTagsLogGroupResponse, WireError> {
    Ok(logs::ListTagsLogGroupResponse { tags: tags(cx, &req.log_group_name)? })
}

async fn tag(cx: &RequestContext, name: &str, more: impl IntoIterator<Item = (String, String)>) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.edit_log_group_tags(c, name, |tags| tags.extend(more))).await
}

async fn untag(cx: &RequestContext, name: &str, keys: &[String]) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.edit_log_group_tags(c, name, |tags| tags.retain(|key, _| !keys.contains(key)))).await
}

fn tags(cx: &RequestContext, name: &str) -> Result<BTreeMap<String, String>, WireError> {
    let cloud = cx.snapshot();
    let group = cloud.log_group(&cx.scope, name).map_err(|refusal| word(&refusal))?;
    Ok(group.tags.clone())
}

fn show(group: &LogGroup, bytes: u64) -> logs::LogGroup {
    logs::LogGroup {
        log_group_name: Some(group.name.clone()),
        creation_time: Some(group.created.0),
        retention_in_days: group.retention_days.and_then(|days| i32::try_from(days).ok()),
        metric_filter_count: Some(0),
        arn: Some(format!("{}:*", group.arn())),
        log_group_arn: Some(group.arn()),
        stored_bytes: i64::try_from(bytes).ok(),
        log_group_class: Some("STANDARD".into()),
        deletion_protection_enabled: Some(false),
    }
}

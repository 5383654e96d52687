//! Tags of roles, users, policies and instance profiles.
use super::page::page;
use super::{found, word};
use crate::request::RequestContext;
use vpclab_cloud::Tags;
use vpclab_cloud::iam::Tagged;
use vpclab_wire::{WireError, iam as wire};

/// The tags of a request: none of AWS's own, no key twice.
pub(super) fn read(list: Vec<wire::Tag>) -> Result<Tags, WireError> {
    let pairs = list.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    vpclab_cloud::tag::user_tags(pairs).map_err(|why| WireError::new(400, "InvalidInput", why.to_string()))
}

pub(super) fn show(tags: &Tags) -> Vec<wire::Tag> {
    tags.iter().map(|(key, value)| wire::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

async fn add(cx: &RequestContext, to: Tagged, list: Vec<wire::Tag>) -> Result<(), WireError> {
    let added = read(list)?;
    let edit = |tags: &mut Tags| {
        tags.retain(|old, _| !added.keys().any(|new| new.to_lowercase() == old.to_lowercase()));
        tags.extend(added);
    };
    cx.change(word, |cloud, c| cloud.edit_iam_tags(&c.scope.account, &to, edit)).await
}

async fn remove(cx: &RequestContext, from: Tagged, keys: Vec<String>) -> Result<(), WireError> {
    let keys: Vec<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    let edit = |tags: &mut Tags| tags.retain(|key, _| !keys.contains(&key.to_lowercase()));
    cx.change(word, |cloud, c| cloud.edit_iam_tags(&c.scope.account, &from, edit)).await
}

macro_rules! tagging {
    ($($kind:ident by $member:ident: $add:ident $Add:ident, $remove:ident $Remove:ident, $list:ident $List:ident $Listed:ident;)*) => {$(
        #[doc = concat!("`", stringify!($add), "`")]
        pub async fn $add(cx: &RequestContext, req: wire::$Add) -> Result<(), WireError> {
            add(cx, Tagged::$kind(req.$member), req.tags).await
        }
        #[doc = concat!("`", stringify!($remove), "`")]
        pub async fn $remove(cx: &RequestContext, req: wire::$Remove) -> Result<(), WireError> {
            remove(cx, Tagged::$kind(req.$member), req.tag_keys).await
        }
        #[doc = concat!("`", stringify!($list), "`")]
        pub async fn $list(cx: &RequestContext, req: wire::$List) -> Result<wire::$Listed, WireError> {
            let cloud = cx.snapshot();
            let tags = found(cloud.iam_tags(&cx.scope.account, &Tagged::$kind(req.$member)))?;
            let key = |tag: &wire::Tag| tag.key.clone().unwrap_or_default();
            let page = page(show(tags), key, req.marker.as_deref(), req.max_items)?;
            Ok(wire::$Listed { tags: page.items, is_truncated: page.is_truncated, marker: page.marker })
        }
    )*};
}
tagging! {
    Role by role_name: tag_role TagRoleRequest, untag_role UntagRoleRequest,
        list_role_tags ListRoleTagsRequest ListRoleTagsResponse;
    User by user_name: tag_user TagUserRequest, untag_user UntagUserRequest,
        list_user_tags ListUserTagsRequest ListUserTagsResponse;
    Policy by policy_arn: tag_policy TagPolicyRequest, untag_policy UntagPolicyRequest,
        list_policy_tags ListPolicyTagsRequest ListPolicyTagsResponse;
    InstanceProfile by instance_profile_name: tag_instance_profile TagInstanceProfileRequest,
        untag_instance_profile UntagInstanceProfileRequest,
        list_instance_profile_tags ListInstanceProfileTagsRequest ListInstanceProfileTagsResponse;
}

//! Access keys of users. A call with one is the user's call. Its secret is shown once: the gateways of private APIs verify signatures with it.
use super::page::page;
use super::{constraint, found, time, user_of, word};
use crate::request::RequestContext;
use vpclab_cloud::IamRefusal;
use vpclab_wire::{WireError, iam as wire};

fn status(active: bool) -> Option<String> {
    Some(if active { "Active" } else { "Inactive" }.to_owned())
}

/// `CreateAccessKey`
pub async fn create_access_key(cx: &RequestContext, req: wire::CreateAccessKeyRequest) -> Result<wire::CreateAccessKeyResponse, WireError> {
    let name = user_of(cx, req.user_name)?;
    let key = cx.change(word, |cloud, c| cloud.create_access_key(c, &name)).await?;
    let secret = cx.engine.secrets().secret(&key.id, None);
    let access_key = wire::AccessKey {
        user_name: Some(name),
        access_key_id: Some(key.id),
        status: status(key.active),
        secret_access_key: Some(secret),
        create_date: time(key.created),
    };
    Ok(wire::CreateAccessKeyResponse { access_key: Some(access_key) })
}

/// `ListAccessKeys`
pub async fn list_access_keys(cx: &RequestContext, req: wire::ListAccessKeysRequest) -> Result<wire::ListAccessKeysResponse, WireError> {
    let (cloud, name) = (cx.snapshot(), user_of(cx, req.user_name)?);
    let user = found(cloud.user(&cx.scope.account, &name))?;
    let mut keys: Vec<_> = user.access_keys.iter().collect();
    keys.sort_by_key(|key| &key.id);
    let page = page(keys, |key| key.id.clone(), req.marker.as_deref(), req.max_items)?.show(|key| wire::AccessKeyMetadata {
        user_name: Some(name.clone()),
        access_key_id: Some(key.id.clone()),
        status: status(key.active),
        create_date: time(key.created),
    });
    Ok(wire::ListAccessKeysResponse { access_key_metadata: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `UpdateAccessKey`
pub async fn update_access_key(cx: &RequestContext, req: wire::UpdateAccessKeyRequest) -> Result<(), WireError> {
    let name = user_of(cx, req.user_name)?;
    let active = match req.status.as_str() {
        "Active" => true,
        "Inactive" => false,
        other => {
            return Err(constraint(format!(
                "1 validation error detected: Value '{other}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: \
                 [Active, Inactive, Expired]"
            )));
        }
    };
    cx.change(word, |cloud, c| cloud.set_access_key_active(c, &name, &req.access_key_id, active)).await
}

/// `DeleteAccessKey`
pub async fn delete_access_key(cx: &RequestContext, req: wire::DeleteAccessKeyRequest) -> Result<(), WireError> {
    let name = user_of(cx, req.user_name)?;
    cx.change(word, |cloud, c| cloud.delete_access_key(c, &name, &req.access_key_id)).await
}

/// `GetAccessKeyLastUsed`: uses are not written down, as for a key that was not used since they are.
pub async fn get_access_key_last_used(
    cx: &RequestContext,
    req: wire::GetAccessKeyLastUsedRequest,
) -> Result<wire::GetAccessKeyLastUsedResponse, WireError> {
    let cloud = cx.snapshot();
    let user = cloud.user_of_key(&req.access_key_id).filter(|(user, _)| user.identity.account == cx.scope.account);
    let Some((user, _)) = user else {
        let text = format!("The Access Key with id {} cannot be found", req.access_key_id);
        return Err(word(&IamRefusal::NotFound(text).into()));
    };
    let none = || Some("N/A".to_owned());
    let access_key_last_used = Some(wire::AccessKeyLastUsed { last_used_date: None, service_name: none(), region: none() });
    Ok(wire::GetAccessKeyLastUsedResponse { user_name: Some(user.identity.name.clone()), access_key_last_used })
}

//! Instance profiles.
use super::page::page;
use super::{found, role, tag, time, word};
use crate::request::RequestContext;
use vpclab_cloud::Cloud;
use vpclab_cloud::iam::InstanceProfile;
use vpclab_wire::{WireError, iam as wire};

/// `CreateInstanceProfile`
pub async fn create_instance_profile(
    cx: &RequestContext,
    req: wire::CreateInstanceProfileRequest,
) -> Result<wire::CreateInstanceProfileResponse, WireError> {
    let tags = tag::read(req.tags)?;
    let profile = cx.change(word, |cloud, c| cloud.create_instance_profile(c, &req.instance_profile_name, req.path, tags)).await?;
    Ok(wire::CreateInstanceProfileResponse { instance_profile: Some(show(&cx.snapshot(), &profile)) })
}

/// `GetInstanceProfile`
pub async fn get_instance_profile(
    cx: &RequestContext,
    req: wire::GetInstanceProfileRequest,
) -> Result<wire::GetInstanceProfileResponse, WireError> {
    let cloud = cx.snapshot();
    let profile = found(cloud.instance_profile(&cx.scope.account, &req.instance_profile_name))?;
    Ok(wire::GetInstanceProfileResponse { instance_profile: Some(show(&cloud, profile)) })
}

/// `ListInstanceProfiles`
pub async fn list_instance_profiles(
    cx: &RequestContext,
    req: wire::ListInstanceProfilesRequest,
) -> Result<wire::ListInstanceProfilesResponse, WireError> {
    let cloud = cx.snapshot();
    let prefix = req.path_prefix.unwrap_or_else(|| "/".into());
    let profiles = cloud.instance_profiles_of(&cx.scope.account).filter(|profile| profile.path.starts_with(&prefix));
    let page = page(profiles, |profile| profile.name.to_lowercase(), req.marker.as_deref(), req.max_items)?;
    let page = page.show(|profile| in_list(&cloud, profile));
    Ok(wire::ListInstanceProfilesResponse { instance_profiles: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `ListInstanceProfilesForRole`
pub async fn list_instance_profiles_for_role(
    cx: &RequestContext,
    req: wire::ListInstanceProfilesForRoleRequest,
) -> Result<wire::ListInstanceProfilesForRoleResponse, WireError> {
    let cloud = cx.snapshot();
    found(cloud.role(&cx.scope.account, &req.role_name))?;
    let profiles = cloud.instance_profiles_of(&cx.scope.account).filter(|profile| profile.role.as_ref() == Some(&req.role_name));
    let page = page(profiles, |profile| profile.name.to_lowercase(), req.marker.as_deref(), req.max_items)?;
    let page = page.show(|profile| in_list(&cloud, profile));
    Ok(wire::ListInstanceProfilesForRoleResponse { instance_profiles: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

/// `AddRoleToInstanceProfile`
pub async fn add_role_to_instance_profile(cx: &RequestContext, req: wire::AddRoleToInstanceProfileRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.add_role_to_instance_profile(c, &req.instance_profile_name, &req.role_name)).await
}

/// `RemoveRoleFromInstanceProfile`
pub async fn remove_role_from_instance_profile(
    cx: &RequestContext,
    req: wire::RemoveRoleFromInstanceProfileRequest,
) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.remove_role_from_instance_profile(c, &req.instance_profile_name, &req.role_name)).await
}

/// `DeleteInstanceProfile`
pub async fn delete_instance_profile(cx: &RequestContext, req: wire::DeleteInstanceProfileRequest) -> Result<(), WireError> {
    cx.change(word, |cloud, c| cloud.delete_instance_profile(c, &req.instance_profile_name)).await
}

fn show(cloud: &Cloud, profile: &InstanceProfile) -> wire::InstanceProfile {
    let role = profile.role.as_ref().and_then(|name| cloud.role(&profile.account, name).ok());
    wire::InstanceProfile {
        path: Some(profile.path.clone()),
        instance_profile_name: Some(profile.name.clone()),
        instance_profile_id: Some(profile.id.clone()),
        arn: Some(profile.arn()),
        create_date: time(profile.created),
        roles: role.map(|role| role::in_list(role)).into_iter().collect(),
        tags: tag::show(&profile.tags),
    }
}

fn in_list(cloud: &Cloud, profile: &InstanceProfile) -> wire::InstanceProfile {
    wire::InstanceProfile { tags: Vec::new(), ..show(cloud, profile) }
}

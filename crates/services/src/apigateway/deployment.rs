//! Deployments.
use super::errors::{api_id, bad_request, deployment_id, word};
use super::page::page;
use super::patch::{self, Op};
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::Deployment;
use vpclab_cloud::deployment::CreateDeployment;
use vpclab_wire::{Timestamp, WireError, apigateway as wire};

/// `CreateDeployment`
pub async fn create_deployment(cx: &RequestContext, req: wire::CreateDeploymentRequest) -> Result<wire::Deployment, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let input = CreateDeployment {
        description: req.description,
        stage: req.stage_name,
        stage_description: req.stage_description,
        variables: req.variables,
    };
    let made = cx.change(word, |cloud, cx| {
        let id = cloud.create_deployment(cx, &api, input)?;
        cloud.deployment(&cx.scope, &api, &id).cloned()
    });
    let made = made.await?;
    Ok(view(&made, false))
}

/// `GetDeployment`
pub async fn get_deployment(cx: &RequestContext, req: wire::GetDeploymentRequest) -> Result<wire::Deployment, WireError> {
    let summary = match req.embed.iter().find(|what| *what != "apisummary") {
        None => !req.embed.is_empty(),
        Some(other) => return Err(bad_request(format!("Invalid embed parameter specified: {other}"))),
    };
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, deployment_id(&req.deployment_id)?);
    cx.snapshot().deployment(&cx.scope, &api, &id).map(|deployment| view(deployment, summary)).map_err(|why| word(&why))
}

/// `GetDeployments`
pub async fn get_deployments(cx: &RequestContext, req: wire::GetDeploymentsRequest) -> Result<wire::Deployments, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let deployments = cloud.deployments_of(&api).map(|deployment| (deployment.id.to_string(), deployment));
    let (deployments, position) = page(deployments, req.limit, req.position.as_deref())?;
    Ok(wire::Deployments { items: deployments.into_iter().map(|deployment| view(deployment, false)).collect(), position })
}

/// `UpdateDeployment`
pub async fn update_deployment(cx: &RequestContext, req: wire::UpdateDeploymentRequest) -> Result<wire::Deployment, WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, deployment_id(&req.deployment_id)?);
    cx.snapshot().deployment(&cx.scope, &api, &id).map_err(|why| word(&why))?;
    let mut description = None;
    for patch in patch::read(req.patch_operations)? {
        match patch.target() {
            (Op::Replace | Op::Remove, parts) if parts == ["description"] => description = Some(patch.optional()),
            _ => return Err(patch.wrong_path(&["/description"])),
        }
    }
    let changed = cx.change(word, |cloud, cx| {
        if let Some(description) = description {
            cloud.describe_deployment(cx, &api, &id, description)?;
        }
        cloud.deployment(&cx.scope, &api, &id).cloned()
    });
    let changed = changed.await?;
    Ok(view(&changed, false))
}

/// `DeleteDeployment`
pub async fn delete_deployment(cx: &RequestContext, req: wire::DeleteDeploymentRequest) -> Result<(), WireError> {
    let (api, id) = (api_id(&cx.scope, &req.rest_api_id)?, deployment_id(&req.deployment_id)?);
    cx.change(word, |cloud, cx| cloud.delete_deployment(cx, &api, &id)).await
}

fn view(deployment: &Deployment, summary: bool) -> wire::Deployment {
    let api_summary = if summary { api_summary(deployment) } else { BTreeMap::new() };
    wire::Deployment {
        id: Some(deployment.id.to_string()),
        description: deployment.description.clone(),
        created_date: Some(Timestamp(deployment.created.0)),
        api_summary,
    }
}

/// Path -> method -> who may call it.
fn api_summary(deployment: &Deployment) -> BTreeMap<String, BTreeMap<String, wire::MethodSnapshot>> {
    let resources = deployment.snapshot.resources.iter().filter(|resource| !resource.methods.is_empty());
    let methods = |resource: &vpclab_cloud::Resource| {
        let shown = resource.methods.iter().map(|(name, method)| {
            let snapshot = wire::MethodSnapshot {
                authorization_type: Some(method.authorization_type.clone()),
                api_key_required: Some(method.api_key_required),
            };
            (name.clone(), snapshot)
        });
        shown.collect()
    };
    resources.map(|resource| (resource.path.clone(), methods(resource))).collect()
}

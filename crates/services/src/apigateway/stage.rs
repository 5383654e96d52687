//! Stages.
use super::errors::{api_id, bad_request, deployment_id, word};
use super::patch::{self, Op, Patch};
use crate::request::RequestContext;
use vpclab_cloud::Stage;
use vpclab_cloud::stage::{CreateStage, StageEdit};
use vpclab_wire::{Timestamp, WireError, apigateway as wire};

/// `CreateStage`
pub async fn create_stage(cx: &RequestContext, req: wire::CreateStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let input = CreateStage {
        name: req.stage_name.clone(),
        deployment: deployment_id(&req.deployment_id)?,
        description: req.description,
        variables: req.variables,
        tags: req.tags,
    };
    let made = cx.change(word, |cloud, cx| {
        cloud.create_stage(cx, &api, input)?;
        cloud.stage(&cx.scope, &api, &req.stage_name).cloned()
    });
    let made = made.await?;
    Ok(view(&made))
}

/// `GetStage`
pub async fn get_stage(cx: &RequestContext, req: wire::GetStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.snapshot().stage(&cx.scope, &api, &req.stage_name).map(|stage| view(stage)).map_err(|why| word(&why))
}

/// `GetStages`
pub async fn get_stages(cx: &RequestContext, req: wire::GetStagesRequest) -> Result<wire::Stages, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    let cloud = cx.snapshot();
    cloud.rest_api(&cx.scope, &api).map_err(|why| word(&why))?;
    let wanted = |stage: &Stage| req.deployment_id.as_deref().is_none_or(|id| stage.deployment.as_str() == id);
    Ok(wire::Stages { item: cloud.stages_of(&api).filter(|stage| wanted(stage)).map(|stage| view(stage)).collect() })
}

/// `UpdateStage`
pub async fn update_stage(cx: &RequestContext, req: wire::UpdateStageRequest) -> Result<wire::Stage, WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.snapshot().stage(&cx.scope, &api, &req.stage_name).map_err(|why| word(&why))?;
    let edits = patch::read(req.patch_operations)?.iter().map(edit).collect::<Result<Vec<_>, _>>()?;
    let changed = cx.change(word, |cloud, cx| {
        cloud.update_stage(cx, &api, &req.stage_name, edits)?;
        cloud.stage(&cx.scope, &api, &req.stage_name).cloned()
    });
    let changed = changed.await?;
    Ok(view(&changed))
}

/// `DeleteStage`
pub async fn delete_stage(cx: &RequestContext, req: wire::DeleteStageRequest) -> Result<(), WireError> {
    let api = api_id(&cx.scope, &req.rest_api_id)?;
    cx.change(word, |cloud, cx| cloud.delete_stage(cx, &api, &req.stage_name)).await
}

/// The members of a stage that AWS lets one patch and vpclab does not have.
const UNSERVED: [&str; 8] = [
    "accessLogSettings",
    "cacheClusterEnabled",
    "cacheClusterSize",
    "canarySettings",
    "clientCertificateId",
    "documentationVersion",
    "tracingEnabled",
    "throttle",
];

fn edit(patch: &Patch) -> Result<StageEdit, WireError> {
    let (op, parts) = patch.target();
    match (op, parts.as_slice()) {
        (Op::Replace, ["deploymentId"]) => {
            let id = patch.value()?.parse().map_err(|_| bad_request("Deployment id does not exist"))?;
            Ok(StageEdit::Deployment(id))
        }
        (Op::Replace | Op::Remove, ["description"]) => Ok(StageEdit::Description(patch.optional())),
        (Op::Add | Op::Replace, ["variables", name]) => Ok(StageEdit::Variable((*name).to_owned(), patch.optional().unwrap_or_default())),
        (Op::Remove, ["variables", name]) => Ok(StageEdit::RemoveVariable((*name).to_owned())),
        (_, ["deploymentId"]) => Err(patch.wrong_op(&[Op::Replace])),
        (_, [first, ..]) if UNSERVED.contains(first) => Err(patch.unserved()),
        // Settings of methods: `/{resourcePath}/{httpMethod}/metrics/enabled`, `/*/*/throttling/rateLimit`.
        (_, [_, _, "metrics" | "logging" | "throttling" | "caching", _]) => Err(patch.unserved()),
        _ => Err(bad_request(format!(
            "Invalid method setting path: {}. Must be one of: [/deploymentId, /description, /variables/{{variable_name}}]",
            patch.path
        ))),
    }
}

fn view(stage: &Stage) -> wire::Stage {
    wire::Stage {
        deployment_id: Some(stage.deployment.to_string()),
        stage_name: Some(stage.name.clone()),
        description: stage.description.clone(),
        cache_cluster_enabled: Some(false),
        cache_cluster_status: Some("NOT_AVAILABLE".to_owned()),
        variables: stage.variables.clone(),
        tracing_enabled: Some(false),
        tags: stage.tags.clone(),
        created_date: Some(Timestamp(stage.created.0)),
        last_updated_date: Some(Timestamp(stage.updated.0)),
        ..wire::Stage::default()
    }
}

//! Stages, and whether the API has changed since they were deployed.
use super::{Asked, Items, item, rest_api};
use serde_json::json;
use vpclab_cloud::{RestApiId, Scope, deployment::ApiSnapshot};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let mut now: Option<(&RestApiId, &Scope, ApiSnapshot)> = None;
    Box::new(asked.cloud.stages.values().filter_map(move |stage| {
        if now.as_ref().is_none_or(|(api, ..)| **api != stage.api) {
            let api = asked.cloud.rest_apis.get(&stage.api)?;
            now = Some((&api.id, &api.scope, rest_api::snapshot(asked, api)));
        }
        let (_, scope, current) = now.as_ref()?;
        let deployed = asked.cloud.deployments.get(&(stage.api.clone(), stage.deployment.clone()));
        let own = json!({
            "RestApiId": stage.api.as_str(),
            "StageName": stage.name,
            "DeploymentId": stage.deployment.as_str(),
            "Description": stage.description,
            "Variables": stage.variables,
            "CreatedDate": stage.created.0,
            "LastUpdatedDate": stage.updated.0,
            "DeployedAt": deployed.map(|one| one.created.0),
            "DeployedPolicy": deployed.and_then(|one| one.snapshot.settings.policy.as_deref()),
            "PolicyChanged": deployed.is_some_and(|one| one.snapshot.settings.policy != current.settings.policy),
            "ApiChanged": deployed.is_some_and(|one| *one.snapshot != *current),
        });
        Some(item(scope, &stage.tags, own))
    }))
}

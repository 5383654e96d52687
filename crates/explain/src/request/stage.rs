//! The stage, and the deployment it serves.
use super::{ApiView, Arrival, DeploymentView, StageView, Trail, outcome};
use crate::walk::Walk;
use crate::{Blocker, Cause, EvidenceKind, Fix, Step, StepKind, fix::quoted};
use std::sync::Arc;
use vpclab_api::judge::{Refusal, Request};
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::{Cloud, Deployment, Resource, RestApi, RestApiId, Timestamp};

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html";
const CITES_DEFAULT: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html";

/// The API as it is stored.
pub(super) fn rest_api<'c>(cloud: &'c Cloud, api: &ApiView) -> Option<&'c Arc<RestApi>> {
    cloud.rest_apis.get(&api.id.parse::<RestApiId>().ok()?)
}

/// The deployment that a view was compiled from.
pub(super) fn deployment<'c>(cloud: &'c Cloud, api: &ApiView, view: &DeploymentView) -> Option<&'c Arc<Deployment>> {
    cloud.deployments.get(&(api.id.parse().ok()?, view.id.parse().ok()?))
}

/// What a deployment of the API would freeze now, where that differs from what the stage serves.
pub(super) fn as_if_deployed(cloud: &Cloud, api: &ApiView, stage: &StageView) -> Option<DeploymentView> {
    let snapshot = frozen_now(cloud, rest_api(cloud, api)?);
    let served = deployment(cloud, api, &stage.deployment)?;
    (snapshot != *served.snapshot).then(|| DeploymentView::compile("", &api.id, &snapshot))
}

fn frozen_now(cloud: &Cloud, api: &RestApi) -> ApiSnapshot {
    let mut resources: Vec<Resource> = cloud.resources_of(&api.id).map(|resource| Resource::clone(resource)).collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    ApiSnapshot { settings: api.settings.clone(), resources }
}

/// `aws apigateway create-deployment`
pub(super) fn deploy(api: &RestApi, stage: &str) -> String {
    format!("aws apigateway create-deployment --rest-api-id {} --stage-name {} --region {}", api.id, quoted(stage), api.scope.region)
}

/// The fix that is a deployment and nothing else.
pub(super) fn deployed(api: &RestApi, stage: &str, summary: String) -> Fix {
    Fix::new(&api.scope.account, summary).command(deploy(api, stage)).property(
        "AWS::ApiGateway::Deployment",
        format!("a new one for the stage {stage}"),
        "",
        serde_json::json!({"RestApiId": api.id.as_str(), "StageName": stage}),
    )
}

/// `3 minutes`, for "edited 3 minutes after the last deployment".
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.0.saturating_sub(from.0) / 1000;
    let (number, unit) = match seconds {
        ..=119 => (seconds.max(0), "second"),
        120..=7_199 => (seconds / 60, "minute"),
        7_200..=172_799 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// A stage that is there: what it serves, and whether the default endpoint is on.
pub(super) fn write_found(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, trail: &Trail) {
    let api = at.called.api;
    let cloud = walk.judge.cloud();
    let served = deployment(cloud, api, &stage.deployment);
    let step = |summary: String, cites| {
        Step::new(StepKind::Stage, summary, cites).with(EvidenceKind::Stage, format!("{}/{}", api.id, stage.name), "").with(
            EvidenceKind::Deployment,
            &stage.deployment.id,
            served.map(|served| age(served)).unwrap_or_default(),
        )
    };
    if !trail.refused.contains(&Refusal::DefaultEndpointDisabled) {
        return walk.pass(step(format!("{}, which serves deployment {}", stage.name, stage.deployment.id), CITES));
    }
    let step = step(format!("the default endpoint is disabled in {}", stage.name), CITES_DEFAULT);
    let mut blocker =
        Blocker::of(&step, Cause::DefaultEndpointDisabled, format!("`disableExecuteApiEndpoint` is on for the API {}", api.id));
    if let Some(stored) = rest_api(cloud, api) {
        let fix = if stored.settings.disable_execute_api_endpoint {
            Fix::new(&stored.scope.account, "enable the API's default endpoint")
                .command(format!(
                    "aws apigateway update-rest-api --rest-api-id {} --patch-operations \
                     op=replace,path=/disableExecuteApiEndpoint,value=false --region {}",
                    stored.id, stored.scope.region
                ))
                .command(deploy(stored, &stage.name))
                .property("AWS::ApiGateway::RestApi", &stored.id, "DisableExecuteApiEndpoint", serde_json::json!(false))
        } else {
            deployed(stored, &stage.name, "deploy: the default endpoint was enabled since".to_owned())
        };
        blocker = blocker.mended_by(fix);
    }
    walk.block(step, outcome::of(&Refusal::DefaultEndpointDisabled, None), blocker);
}

fn age(served: &Deployment) -> String {
    served.description.clone().unwrap_or_default()
}

/// A stage that is not there. Answers what the rest is judged by: the stage and the request as they would be once mended.
pub(super) fn write_missing<'a>(walk: &mut Walk<'_>, at: &Arrival<'a>) -> Option<(StageView, Request<'a>)> {
    let api = at.called.api;
    let cloud = walk.judge.cloud();
    let wanted = at.request.stage;
    let mut names: Vec<&str> = api.stages.keys().map(String::as_str).collect();
    names.sort_unstable();
    let stored = rest_api(cloud, api)?;
    let said = match (wanted, names.as_slice()) {
        ("", _) => "the path names no stage".to_owned(),
        (_, []) => format!("the API {} has no stage", api.id),
        (_, names) => format!("the API {} has no stage `{wanted}`; it has {}", api.id, names.join(", ")),
    };
    let step = Step::new(StepKind::Stage, said.clone(), CITES).with(EvidenceKind::RestApi, &api.id, "");
    let mut blocker = Blocker::of(&step, Cause::StageNotFound, said);
    // The path may have been written without its stage.
    let meant = names.iter().find_map(|name| {
        let stage = api.stages.get(*name)?;
        stage.deployment.routes.route(at.request.method, at.request.whole_path).is_ok().then_some(stage)
    });
    if let Some(stage) = meant {
        let url = &walk.call.url;
        let query = url.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let port = if url.port == 443 { String::new() } else { format!(":{}", url.port) };
        let call = format!("https://{}{port}/{}{}{query}", url.host, stage.name, url.path);
        blocker = blocker.mended_by(Fix::new(&stored.scope.account, format!("name the stage {}", stage.name)).instead(quoted(&call)));
    }
    let newest = cloud.deployments_of(&stored.id).max_by_key(|deployment| deployment.created);
    if !wanted.is_empty() {
        blocker = blocker.mended_by(make(stored, wanted, newest.map(AsRef::as_ref)));
    }
    walk.block(step, outcome::of(&Refusal::UnknownStage { stage: wanted.to_owned() }, None), blocker);
    if let Some(stage) = meant {
        let request = Request { stage: stage_name(at, &stage.name), path: at.request.whole_path, ..at.request };
        return Some((copy(stage), request));
    }
    if wanted.is_empty() {
        return None;
    }
    let frozen = newest.map_or_else(|| Arc::new(frozen_now(cloud, stored)), |newest| Arc::clone(&newest.snapshot));
    let view = DeploymentView::compile(newest.map_or("", |newest| newest.id.as_str()), &api.id, &frozen);
    let stage = StageView {
        name: wanted.to_owned(),
        variables: Default::default(),
        default_endpoint_disabled: stored.settings.disable_execute_api_endpoint,
        settings: Default::default(),
        deployment: Arc::new(view),
        kept: (),
    };
    Some((stage, at.request))
}

fn copy(stage: &StageView) -> StageView {
    StageView {
        name: stage.name.clone(),
        variables: stage.variables.clone(),
        default_endpoint_disabled: stage.default_endpoint_disabled,
        settings: stage.settings.clone(),
        deployment: Arc::clone(&stage.deployment),
        kept: (),
    }
}

/// The name of a stage for as long as the view lives.
fn stage_name<'a>(at: &Arrival<'a>, name: &str) -> &'a str {
    at.called.api.stages.get(name).map_or("", |stage| stage.name.as_str())
}

/// Makes a stage: of the newest deployment, or with a first one.
fn make(api: &RestApi, name: &str, newest: Option<&Deployment>) -> Fix {
    let (id, region) = (&api.id, &api.scope.region);
    match newest {
        None => deployed(api, name, format!("deploy the API to a stage {name}")),
        Some(newest) => Fix::new(&api.scope.account, format!("make the stage {name}, which serves the newest deployment"))
            .command(format!(
                "aws apigateway create-stage --rest-api-id {id} --stage-name {} --deployment-id {} --region {region}",
                quoted(name),
                newest.id
            ))
            .property(
                "AWS::ApiGateway::Stage",
                name,
                "",
                serde_json::json!({"RestApiId": id.as_str(), "StageName": name, "DeploymentId": newest.id.as_str()}),
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let span = |milliseconds: i64| span(Timestamp(1_000), Timestamp(1_000 + milliseconds));
        assert_eq!(span(-5), "0 seconds");
        assert_eq!(span(1_000), "1 second");
        assert_eq!(span(180_000), "3 minutes");
        assert_eq!(span(7_200_000), "2 hours");
        assert_eq!(span(3 * 86_400_000), "3 days");
    }
}

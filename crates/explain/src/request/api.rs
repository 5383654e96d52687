//! Which API the request names, and that a private API is one.
use super::outcome;
use crate::tls::Talking;
use crate::walk::Walk;
use crate::{Blocker, Cause, EvidenceKind, Fix, Step, StepKind};
use vpclab_api::host::{InvocationForm, NotNamed};
use vpclab_api::judge::{self, Refusal, Request};
use vpclab_cloud::rest_api::EndpointType;
use vpclab_cloud::{RestApi, RestApiId};

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html";
const CITES_LIMITS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html";

use super::Trail;

/// Writes the step down; `last` is what the walk could not pass.
pub(super) fn write(walk: &mut Walk<'_>, talking: &Talking, request: &Request<'_>, trail: &Trail, last: Option<&Refusal>) {
    let endpoint = &talking.endpoint;
    for refusal in trail.refused.iter().filter(|refusal| matches!(refusal, Refusal::UrlTooLong | Refusal::HeadersTooLarge)) {
        let step = Step::new(StepKind::Api, refusal.to_string(), CITES_LIMITS).with(EvidenceKind::VpcEndpoint, &endpoint.id, "");
        let blocker = Blocker::of(&step, Cause::RequestTooLarge, refusal.to_string());
        walk.block(step, outcome::of(refusal, None), blocker);
    }
    let step = |summary: String| Step::new(StepKind::Api, summary, CITES).with(EvidenceKind::VpcEndpoint, &endpoint.id, "");
    let named = match judge::name(request) {
        Ok(named) => named,
        Err(Refusal::NotNamed(why)) => {
            if let Some(what) = request.host.and_then(|host| walk.judge.unknowns().of_host(host)) {
                let host = request.host.unwrap_or_default();
                let step = step(format!("{host} is a custom domain name")).with(EvidenceKind::Header, "host", host);
                return walk.unknown(step, what);
            }
            let step =
                step(format!("the request names no API: {why}")).with(EvidenceKind::Header, "host", request.host.unwrap_or_default());
            let blocker = not_named(walk, talking, &step, &why);
            return walk.block(step, outcome::of(&Refusal::NotNamed(why), None), blocker);
        }
        Err(_) => return,
    };
    let how = match named.form {
        InvocationForm::ApiHost => "by the API's own name",
        InvocationForm::Alias => "by the alias of API and endpoint",
        InvocationForm::ApiHostAtEndpointName => "by `Host`, at the endpoint's name",
        InvocationForm::ApiIdHeader => "by `x-apigw-api-id`",
    };
    let id = &*named.api_id;
    let step = |summary: String| step(summary).with(EvidenceKind::RestApi, id, how);
    match last {
        Some(refusal @ Refusal::UnknownApi { .. }) => {
            let region = &endpoint.scope.region;
            let elsewhere = id.parse::<RestApiId>().ok().and_then(|id| walk.judge.cloud().rest_apis.get(&id));
            let step = step(format!("{id}, {how}: no such API in {region}"));
            let (cause, detail) = match elsewhere {
                Some(api) => (
                    Cause::ApiInOtherRegion,
                    format!("the API {id} is in {}, and an endpoint reaches the APIs of its own region {region} only", api.scope.region),
                ),
                None => (Cause::ApiNotFound, format!("there is no REST API {id} in {region}")),
            };
            let blocker = Blocker::of(&step, cause, detail);
            walk.block(step, outcome::of(refusal, None), blocker);
        }
        Some(refusal) => {
            let step = step(format!("{id}: {refusal}"));
            let blocker = Blocker::of(&step, Cause::BadState, refusal.to_string());
            walk.block(step, outcome::of(refusal, None), blocker);
        }
        None => {
            let api = id.parse::<RestApiId>().ok().and_then(|id| walk.judge.cloud().rest_apis.get(&id).cloned());
            let kind = api.as_ref().map_or("", |api| api.settings.endpoint_type.as_str());
            if trail.refused.contains(&Refusal::NotPrivate) {
                let step = step(format!("{id}, {how}: it is {kind}, and only private APIs answer through an endpoint"));
                let mut blocker = Blocker::of(&step, Cause::ApiNotPrivate, format!("the API {id} is {kind}, not PRIVATE"));
                blocker.fixes.extend(api.map(|api| made_private(walk, &api)));
                walk.block(step, outcome::of(&Refusal::NotPrivate, None), blocker);
            } else {
                walk.pass(step(format!("{id}, {how}: {kind}")));
            }
        }
    }
}

fn not_named(walk: &Walk<'_>, talking: &Talking, step: &Step, why: &NotNamed) -> Blocker {
    let cause = match why {
        NotNamed::OtherRegion { .. } => Cause::ApiInOtherRegion,
        NotNamed::NoHost | NotNamed::EndpointHost | NotNamed::OtherHost { .. } | NotNamed::BadApiId { .. } => Cause::ApiNotNamed,
    };
    let mut blocker = Blocker::of(step, cause, why.to_string());
    // A header says which API is meant, where there is only one that can be.
    let here = |api: &&std::sync::Arc<RestApi>| {
        api.scope.region == talking.endpoint.scope.region && api.settings.endpoint_type == EndpointType::Private
    };
    let mut private = walk.judge.cloud().rest_apis.values().filter(here);
    if let (Some(api), None, Cause::ApiNotNamed) = (private.next(), private.next(), cause) {
        let call = format!("-H 'x-apigw-api-id: {}' {}", api.id, crate::fix::quoted(&walk.call.url.text));
        blocker = blocker.mended_by(Fix::new(&api.scope.account, "name the API by a header").instead(call));
    }
    blocker
}

fn made_private(walk: &Walk<'_>, api: &RestApi) -> Fix {
    let (id, region) = (&api.id, &api.scope.region);
    let from = api.settings.endpoint_type.as_str();
    let fix = Fix::new(&api.scope.account, format!("make the API {id} private: it answers no longer on the internet"))
        .command(format!(
            "aws apigateway update-rest-api --rest-api-id {id} --patch-operations \
             op=replace,path=/endpointConfiguration/types/{from},value=PRIVATE --region {region}"
        ))
        .property("AWS::ApiGateway::RestApi", id, "EndpointConfiguration", serde_json::json!({"Types": ["PRIVATE"]}));
    let stage = walk.call.url.path.split('/').nth(1).unwrap_or_default();
    // Without a policy a private API cannot be deployed; the resource policy's own fix deploys then.
    if api.settings.policy.is_some() && !stage.is_empty() { fix.command(super::stage::deploy(api, stage)) } else { fix }
}

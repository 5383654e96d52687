//! The request, once it has arrived at an endpoint: API, endpoint policy, stage, method, resource policy, authorisation, integration.
//!
//! It is judged by the gateway's own walk ([`vpclab_api::judge`]), asked to go on at every gate that refuses as if it had been mended.
use crate::{Call, EvidenceKind, Step, StepKind, client::Client, tls::Talking, walk::Walk};
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_api::judge::{self, Admitted, Carrier, Headers, Identified, Kept, Refusal, Request, RequiredParameter, Signed};
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};
use vpclab_cloud::integration::Integration;
use vpclab_cloud::method::Method;
use vpclab_cloud::{Cloud, Stage};

mod api;
mod integration;
mod mend;
mod method;
mod outcome;
mod policy;
mod stage;
mod trail;

use trail::Trail;

const CITES: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html";

/// What is kept beside the gates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known;

impl Kept for Known {
    type Stage = ();
    type Deployment = BTreeMap<GatewayResponseType, GatewayResponse>;
    type Method = KnownMethod;
    fn stage(_: &Stage) {}
    fn deployment(snapshot: &ApiSnapshot) -> Self::Deployment {
        snapshot.settings.gateway_responses.clone()
    }
    fn method(method: &Method, _: &str, snapshot: &ApiSnapshot) -> KnownMethod {
        let validation = &snapshot.settings.validation;
        let validator = method.request_validator.as_ref().and_then(|id| validation.validators.get(id));
        KnownMethod {
            integration: method.integration.clone(),
            required: judge::required(method, snapshot),
            models: validator.filter(|validator| validator.body).map(|_| method.request_models.clone()).unwrap_or_default(),
        }
    }
}

/// What is kept of a method.
#[derive(Clone, Debug)]
pub(crate) struct KnownMethod {
    integration: Option<Integration>,
    /// Parameters that must be there.
    required: Vec<RequiredParameter>,
    /// The models that bodies are checked by, by content type.
    models: BTreeMap<String, String>,
}

type Gates = judge::View<Known>;
type ApiView = judge::ApiView<Known>;
type StageView = judge::StageView<Known>;
type DeploymentView = judge::DeploymentView<Known>;

/// Endpoints and APIs of a snapshot, compiled: nothing is parsed for a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct View(Arc<Gates>);

impl View {
    /// The view of the next snapshot; only what differs is compiled again.
    pub(crate) fn next(&self, was: &Cloud, cloud: &Cloud) -> Self {
        let same = was.vpc_endpoints.ptr_eq(&cloud.vpc_endpoints)
            && was.rest_apis.ptr_eq(&cloud.rest_apis)
            && was.stages.ptr_eq(&cloud.stages)
            && was.deployments.ptr_eq(&cloud.deployments)
            && was.users.ptr_eq(&cloud.users)
            && was.roles.ptr_eq(&cloud.roles)
            && was.managed_policies.ptr_eq(&cloud.managed_policies);
        if same { self.clone() } else { Self(Arc::new(Gates::compile(cloud, Some(&self.0)))) }
    }
}

/// The headers that a call is made with. What a client adds of its own is not known.
struct Sent(Vec<(String, String)>);

impl Sent {
    fn of(call: &Call) -> Self {
        let mut headers = call.headers.clone();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            headers.insert(0, ("Host".to_owned(), call.url.host.clone()));
        }
        Self(headers)
    }
}

impl Headers for Sent {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name)
    }
    fn count(&self, name: &str) -> usize {
        self.0.count(name)
    }
    fn bytes(&self) -> usize {
        self.0.bytes()
    }
    fn is_known(&self, name: &str) -> bool {
        name != "user-agent"
    }
}

/// A request at an endpoint, and all that is looked up for it.
struct Arrival<'a> {
    talking: &'a Talking,
    request: Request<'a>,
    /// What was found to be called.
    called: Identified<'a, Known>,
}

const SERVICES: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html";

/// Judges the request. Without [`Talking`] no endpoint is known that would answer.
pub(crate) fn judge(walk: &mut Walk<'_>, _client: &Client, talking: Option<&Talking>) {
    let Some(talking) = talking else {
        skip_from(walk, StepKind::Api, "no endpoint is known at which the request would arrive");
        return;
    };
    if !talking.endpoint.is_execute_api() {
        let service = talking.endpoint.service();
        let summary = format!("{} leads to {service}, not to APIs of API Gateway", talking.endpoint.id);
        let step = Step::new(StepKind::Api, summary, SERVICES).with(EvidenceKind::VpcEndpoint, &talking.endpoint.id, "");
        walk.unknown(step, format!("what the service {service} answers"));
        skip_from(walk, StepKind::EndpointPolicy, "what a service other than execute-api answers is not judged");
        return;
    }
    let (judge, call) = (walk.judge, walk.call);
    let gates = &*judge.requests().0;
    let headers = Sent::of(call);
    let (endpoint, region, peer) = (talking.endpoint.id.as_str(), talking.endpoint.scope.region.as_str(), talking.peer.to_string());
    let carrier = Carrier { endpoint, region, server_name: talking.server_name.as_deref(), peer: Some(&peer) };
    let now = u64::try_from(call.now.0).ok();
    let request = Request::new(carrier, &call.method, &call.url.path, call.url.query.as_deref(), &headers, now);
    let verified =
        judge.verifier().filter(|_| request.is_signed()).map(|verifier| verifier.verify(call, &headers.0, region, &gates.identities));
    let named = call.credentials.as_ref();
    let named = named.map(|who| gates.identities.named(who.account.as_str(), &who.arn, who.role.as_deref()));
    let signed = match (&verified, &named) {
        (Some(Ok(Some(signer))), _) | (Some(Ok(None)) | None, Some(signer)) => Signed::By(signer),
        (Some(Err(why)), _) => Signed::Refused(why),
        (Some(Ok(None)) | None, None) => Signed::Unsaid,
    };
    let request = request.signed(signed);
    let mut trail = Trail::default();
    let called = judge::identify(gates, &request, &mut trail);
    api::write(walk, talking, &request, &trail, called.as_ref().err());
    match called {
        Err(_) => skip_from(walk, StepKind::EndpointPolicy, "no API is known that would be called"),
        Ok(called) => through_gates(walk, &Arrival { talking, request, called }),
    }
}

/// The gates of a known API.
fn through_gates(walk: &mut Walk<'_>, at: &Arrival<'_>) {
    let mut trail = Trail::default();
    let admitted = judge::admit(at.called, &at.request, &mut trail);
    method::write_signature(walk, at, &trail);
    policy::write_endpoint(walk, at, &trail);
    match admitted {
        Err(Refusal::UnknownStage { .. }) => {
            // On as if the stage were there: what a stage of this name would serve, or the stage that was meant.
            let meant = stage::write_missing(walk, at);
            let Some((stage, request)) = meant else {
                skip_from(walk, StepKind::Method, "no deployment is known that a stage would serve");
                return;
            };
            let mut trail = Trail::default();
            let admitted = judge::enter(at.called, &stage, &request, &mut trail);
            in_stage(walk, &Arrival { request, ..*at }, &stage, &trail, admitted.ok());
        }
        admitted => {
            let Some(stage) = at.called.api.stages.get(at.request.stage) else { return };
            stage::write_found(walk, at, stage, &trail);
            in_stage(walk, at, stage, &trail, admitted.ok());
        }
    }
}

/// Method, resource policy, authorisation and integration in a stage.
fn in_stage(walk: &mut Walk<'_>, at: &Arrival<'_>, stage: &StageView, trail: &Trail, admitted: Option<Admitted<'_, '_, Known>>) {
    // Where the deployment lacks the method and the API as it stands has it, what follows is judged by that.
    let live = match &admitted {
        Some(_) => None,
        None => stage::as_if_deployed(walk.judge.cloud(), at.called.api, stage),
    };
    let route = method::write(walk, at, stage, trail, admitted.map(|admitted| admitted.route), live.as_ref());
    // Of the caller's policies and the API's, what decides is met first: a denial of the one before the silence of the other.
    let resource_first = trail.refuses_by_resource_first();
    if resource_first {
        policy::write_resource(walk, at, stage, trail);
    }
    let early = method::write_early(walk, at, stage, trail);
    if !trail.asked_api {
        walk.skip(StepKind::ResourcePolicy, "it is not known who calls", CITES);
    } else if !resource_first {
        policy::write_resource(walk, at, stage, trail);
    }
    let Some(route) = route else {
        skip_from(walk, StepKind::Authorization, "no method is known that would answer");
        return;
    };
    let unknown = walk.judge.unknowns().of_method(&at.called.api.id, route.method_name, route.resource_path);
    if let [what, ..] = unknown {
        let summary = format!("{} {} is not understood", route.method_name, route.resource_path);
        let step = Step::new(StepKind::Authorization, summary, CITES).with(EvidenceKind::RestApi, &at.called.api.id, "");
        walk.unknown(step, what.clone());
        skip_from(walk, StepKind::Integration, "it is not known what the method does");
        return;
    }
    method::write_authorization(walk, at, stage, trail, &route, early);
    method::write_validation(walk, at, stage, &route);
    integration::write(walk, at, stage, &route);
}

/// Nothing to judge from a step on.
fn skip_from(walk: &mut Walk<'_>, first: StepKind, why: &str) {
    for kind in StepKind::ALL.iter().copied().filter(|kind| *kind >= first) {
        walk.skip(kind, why, CITES);
    }
}

#[cfg(test)]
mod tests;

//! One request through all gates of API Gateway: API, endpoint policy, stage, route, resource policy, authorization.
//!
//! Two forms of one walk. The gateway asks [`identify`] and [`admit`] with a [`Watch`] that ends at the first refusal; who explains
//! asks with one that goes on as if the gate had been mended, and sees every gate with what it was asked.
//!
//! The order is the service's: the endpoint policy belongs to the connection and comes first; a resource and method must
//! be found before the resource policy, because the method's authorization type says how that policy is used. So a path
//! that is not deployed gives `Missing Authentication Token` also where the policy would refuse.
//!
//! What is not known here: integrations, bodies, HTTP answers. [`Kept`] is what a caller keeps beside the gates.
mod compile;
mod keys;
mod parameters;
mod refusal;
mod request;
mod signature;
mod view;

pub use keys::RequestKeys;
pub use parameters::{ParameterPlace, RequiredParameter, required};
pub use refusal::{ErrorAnswer, INTERNAL, PolicyRefusal, Refusal, RefusalReason};
pub use request::{Carrier, Headers, Request, Signed};
pub use signature::SignatureRefusal;
pub use view::{ApiView, Authorization, DeploymentView, EndpointView, GateVerdict, Kept, MethodView, Plain, PolicyGate, StageView, View};

use crate::host::{NamedApi, named_api};
use crate::identity::Signer;
use crate::route::{Matched, NoRoute};
use std::borrow::Cow;
use vpclab_cloud::stage::MethodSettings;
use vpclab_policy::{Accounts, CallerPrincipal, DecisionEffect, Request as Question, authorize};

/// The longest URL: path and query.
pub const URL_MAX: usize = 8_192;
/// The most bytes of all headers of a private API's request.
pub const HEADERS_MAX: usize = 8_000;
/// The action of every call.
pub const INVOKE: &str = "execute-api:Invoke";

/// What a request was found to call.
#[derive(Debug)]
pub struct Identified<'v, K: Kept> {
    /// The endpoint that carried it.
    pub endpoint: &'v EndpointView,
    /// The API.
    pub api: &'v ApiView<K>,
}

impl<K: Kept> Clone for Identified<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: Kept> Copy for Identified<'_, K> {}

/// A call that every gate let pass.
#[derive(Debug)]
pub struct Admitted<'v, 'r, K: Kept> {
    /// The stage.
    pub stage: &'v StageView<K>,
    /// Resource, method and path parameters.
    pub route: Matched<'v, 'r, MethodView<K>>,
    /// The statement of the endpoint policy that allowed it, if a policy was asked.
    pub endpoint_statement: Option<usize>,
    /// The statement of the resource policy that allowed it.
    pub resource_statement: Option<usize>,
    /// For a method with a Lambda authorizer: what the resource policy says, which the authorizer's policy is weighed with. It is no
    /// denial; the call is let in only when both together allow it.
    pub awaits_authorizer: Option<DecisionEffect>,
}

/// Which of the two policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyAt {
    /// The endpoint's.
    Endpoint,
    /// The deployment's resource policy.
    Api,
}

/// Sees a walk and says whether a refusal ends it.
pub trait Watch<K: Kept> {
    /// A gate refuses. `Err` ends the walk with it; `Ok` goes on as if it had let the request pass, where that is possible.
    ///
    /// # Errors
    /// With the refusal itself.
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal>;
    /// A policy was asked, with this verdict; a refusal is told by [`Watch::refused`] as well.
    fn asked(&mut self, _at: PolicyAt, _gate: &PolicyGate, _question: &Question<'_>, _verdict: &GateVerdict) {}
    /// The stage was found.
    fn staged(&mut self, _stage: &StageView<K>) {}
    /// The route was found.
    fn routed(&mut self, _route: &Matched<'_, '_, MethodView<K>>) {}
    /// Whether the limits of a method let one more request pass.
    fn within_limits(&mut self, _settings: &MethodSettings, _stage: &str, _resource_path: &str) -> bool {
        true
    }
}

/// A watch that ends at the first refusal.
#[derive(Debug, Clone, Copy, Default)]
pub struct First;

impl<K: Kept> Watch<K> for First {
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        Err(refusal)
    }
}

/// Which API a request names, by header or `Host`.
///
/// # Errors
/// When it names none.
pub fn name<'r>(request: &Request<'r>) -> Result<NamedApi<'r>, Refusal> {
    named_api(request.server_name, request.api_id, request.host, request.region).map_err(Refusal::NotNamed)
}

/// Which API is called, and that it may be called through an endpoint at all.
///
/// # Errors
/// The first gate that refuses, or the first that cannot be passed even if it were mended.
pub fn identify<'v, K: Kept>(view: &'v View<K>, request: &Request<'_>, watch: &mut impl Watch<K>) -> Result<Identified<'v, K>, Refusal> {
    if request.url_length() > URL_MAX {
        watch.refused(Refusal::UrlTooLong)?;
    }
    if request.headers.bytes() > HEADERS_MAX {
        watch.refused(Refusal::HeadersTooLarge)?;
    }
    let named = name(request)?;
    let endpoint = view.endpoints.get(request.endpoint).ok_or(Refusal::NoEndpoint)?;
    let Some(api) = view.api(request.region, &named.api_id) else {
        return Err(Refusal::UnknownApi { api_id: named.api_id.into_owned() });
    };
    if !api.private {
        watch.refused(Refusal::NotPrivate)?;
    }
    Ok(Identified { endpoint, api })
}

/// Whether a call of a known API is let through to its integration.
///
/// # Errors
/// The first gate that refuses and at which the watch does not go on; for one that goes on, the gate behind which nothing can be asked,
/// which it may have been told of before.
pub fn admit<'v, 'r, K: Kept>(
    called: Identified<'v, K>,
    request: &Request<'r>,
    watch: &mut impl Watch<K>,
) -> Result<Admitted<'v, 'r, K>, Refusal> {
    match request.signed {
        Signed::By(_) => {}
        Signed::Refused(why) => watch.refused(Refusal::Signature(why.clone()))?,
        Signed::Unsaid if request.is_signed() => watch.refused(Refusal::UnknownSignature)?,
        Signed::Unsaid => {}
    }
    let arn = request.arn(called.api);
    let keys = RequestKeys { request, endpoint: called.endpoint, region: &called.api.region, account: &called.api.account };
    let question = Question { principal: request.principal(), action: INVOKE, resource: &arn, keys: &keys };
    let endpoint_statement = ask(PolicyAt::Endpoint, &called.endpoint.policy, &question, watch)?;
    let Some(stage) = called.api.stages.get(request.stage) else {
        return Err(Refusal::UnknownStage { stage: request.stage.to_owned() });
    };
    let admitted = enter(called, stage, request, watch)?;
    Ok(Admitted { endpoint_statement, ..admitted })
}

/// The gates of a stage and the deployment it serves: what [`admit`] asks once it has found the stage.
///
/// # Errors
/// As [`admit`].
pub fn enter<'v, 'r, K: Kept>(
    called: Identified<'_, K>,
    stage: &'v StageView<K>,
    request: &Request<'r>,
    watch: &mut impl Watch<K>,
) -> Result<Admitted<'v, 'r, K>, Refusal> {
    watch.staged(stage);
    if stage.default_endpoint_disabled {
        watch.refused(Refusal::DefaultEndpointDisabled)?;
    }
    let deployment = &*stage.deployment;
    let route = match deployment.routes.route(request.method, request.path) {
        Ok(route) => Ok(route),
        Err(why) => {
            let refusal = match why {
                NoRoute::UnknownResource => Refusal::UnknownResource,
                NoRoute::UnknownMethod { resource_path } => Refusal::UnknownMethod { resource_path: resource_path.to_owned() },
            };
            watch.refused(refusal.clone())?;
            Err(refusal)
        }
    };
    let mut weighed = None;
    let mut seen = request.seen_by(&Authorization::Open);
    if let Ok(route) = &route {
        watch.routed(route);
        seen = request.seen_by(&route.method.authorization);
        if route.method.authorization == Authorization::Iam {
            weighed = request.signer();
            if matches!(request.signed, Signed::Unsaid) && !request.is_signed() {
                watch.refused(Refusal::Unsigned)?;
            }
        }
    }
    let arn = request.arn(called.api);
    let keys = RequestKeys { request: &seen, endpoint: called.endpoint, region: &called.api.region, account: &called.api.account };
    let question = Question { principal: seen.principal(), action: INVOKE, resource: &arn, keys: &keys };
    let iam = route.as_ref().is_ok_and(|route| route.method.authorization == Authorization::Iam);
    let custom = route.as_ref().is_ok_and(|route| matches!(route.method.authorization, Authorization::Custom(_)));
    let mut awaits_authorizer = None;
    let resource_statement = match weighed {
        None if custom => {
            let (statement, effect) = before_authorizer(&deployment.policy, &question, watch)?;
            awaits_authorizer = Some(effect);
            statement
        }
        // Where a signature decides and is not right, it is not known who asks.
        None if iam && request.is_signed() => None,
        None => ask(PolicyAt::Api, &deployment.policy, &question, watch)?,
        Some(signer) => weigh(signer, &called.api.account, &deployment.policy, &question, watch)?,
    };
    let route = route?;
    if let Some(settings) = stage.method_settings(route.resource_path, request.method)
        && !watch.within_limits(settings, &stage.name, route.resource_path)
    {
        watch.refused(Refusal::Throttled)?;
    }
    if let Authorization::NotBuilt(kind) = &route.method.authorization {
        watch.refused(Refusal::NotBuilt(format!("authorization type `{kind}`")))?;
    }
    if route.method.api_key_required {
        watch.refused(Refusal::NotBuilt("checking API keys".to_owned()))?;
    }
    Ok(Admitted { stage, route, endpoint_statement: None, resource_statement, awaits_authorizer })
}

/// The resource policy before a Lambda authorizer is asked: only a denial refuses, and then the authorizer is not invoked.
/// Source: "Lambda authorizer" in
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
fn before_authorizer<K: Kept>(
    gate: &PolicyGate,
    question: &Question<'_>,
    watch: &mut impl Watch<K>,
) -> Result<(Option<usize>, DecisionEffect), Refusal> {
    let verdict = gate.ask(question);
    watch.asked(PolicyAt::Api, gate, question, &verdict);
    let effect = match verdict {
        GateVerdict::Pass(statement) => return Ok((statement, DecisionEffect::Allow)),
        GateVerdict::Refused(refused) => refused.effect,
        GateVerdict::Missing => DecisionEffect::ImplicitDeny,
        // What cannot be read might deny.
        GateVerdict::Broken => DecisionEffect::ExplicitDeny,
    };
    if effect != DecisionEffect::ImplicitDeny {
        watch.refused(Refusal::ResourcePolicy(refusal(gate, verdict, question)))?;
    }
    Ok((None, effect))
}

/// The resource policy together with the caller's own policies, by tables A and B.
fn weigh<K: Kept>(
    signer: &Signer,
    account: &str,
    gate: &PolicyGate,
    question: &Question<'_>,
    watch: &mut impl Watch<K>,
) -> Result<Option<usize>, Refusal> {
    let verdict = gate.ask(question);
    watch.asked(PolicyAt::Api, gate, question, &verdict);
    let accounts = if signer.account == account { Accounts::Same } else { Accounts::Different };
    let (statement, of_resource) = match verdict {
        GateVerdict::Pass(statement) => (statement, DecisionEffect::Allow),
        GateVerdict::Refused(refused) => (None, refused.effect),
        GateVerdict::Missing => (None, DecisionEffect::ImplicitDeny),
        // What cannot be read might deny.
        GateVerdict::Broken => (None, DecisionEffect::ExplicitDeny),
    };
    let of_identity = signer.decide(question);
    let together = authorize(accounts, of_identity, of_resource);
    if together.effect == DecisionEffect::Allow {
        return Ok(statement);
    }
    let refuses = |effect| match accounts {
        Accounts::Same => effect == together.effect,
        Accounts::Different => effect != DecisionEffect::Allow,
    };
    let mut refusals = Vec::new();
    if refuses(of_identity) {
        let missing = if of_identity == DecisionEffect::Undetermined { signer.missing(question) } else { Vec::new() };
        let (caller, resource) = (signer.arn.clone(), question.resource.to_owned());
        refusals.push((of_identity, Refusal::IdentityPolicy { caller, resource, effect: of_identity, missing }));
    }
    if refuses(of_resource) {
        refusals.push((of_resource, Refusal::ResourcePolicy(refusal(gate, verdict, question))));
    }
    // What decides comes first: a denial before a silence.
    refusals.sort_by_key(|(effect, _)| *effect != together.effect);
    for (_, refusal) in refusals {
        watch.refused(refusal)?;
    }
    Ok(None)
}

/// Asks a gate; only a refusal pays for the reasons.
fn ask<K: Kept>(at: PolicyAt, gate: &PolicyGate, question: &Question<'_>, watch: &mut impl Watch<K>) -> Result<Option<usize>, Refusal> {
    let verdict = gate.ask(question);
    watch.asked(at, gate, question, &verdict);
    if let GateVerdict::Pass(statement) = verdict {
        return Ok(statement);
    }
    let refusal = refusal(gate, verdict, question);
    watch.refused(match at {
        PolicyAt::Endpoint => Refusal::EndpointPolicy(refusal),
        PolicyAt::Api => Refusal::ResourcePolicy(refusal),
    })?;
    Ok(None)
}

fn refusal(gate: &PolicyGate, verdict: GateVerdict, question: &Question<'_>) -> PolicyRefusal {
    let reason = match (verdict, gate) {
        (GateVerdict::Refused(_), PolicyGate::Judged(policy)) => RefusalReason::Decision(Box::new(policy.evaluate(question))),
        (_, PolicyGate::Broken(why)) => RefusalReason::Unreadable(why.clone()),
        (GateVerdict::Pass(_) | GateVerdict::Refused(_) | GateVerdict::Missing | GateVerdict::Broken, _) => RefusalReason::NoPolicy,
    };
    let caller = match question.principal {
        CallerPrincipal::Aws { arn, .. } => arn,
        CallerPrincipal::Service(name) => name,
        CallerPrincipal::Anonymous | CallerPrincipal::Unknown => "anonymous",
    };
    PolicyRefusal { caller: caller.to_owned(), resource: question.resource.to_owned(), reason }
}

/// The ARN from which an integration's function is called: the API, the stage, the method that came, the resource's path.
#[must_use]
pub fn source_arn<K: Kept>(api: &ApiView<K>, stage: &str, method: &str, resource_path: &str) -> String {
    format!("arn:aws:execute-api:{}:{}:{}/{stage}/{method}{resource_path}", api.region, api.account, api.id)
}

/// A percent-encoded text, decoded.
#[must_use]
pub fn decoded(text: &str) -> Cow<'_, str> {
    crate::route::decoded(text)
}

#[cfg(test)]
mod tests;

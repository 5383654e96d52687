//! Tables A and B, written down a second time: explanation and gateway ask one judge, so that a wrong table would deceive both.
//!
//! What the caller's policies and the API's say is taken from the judge; what follows of it is said here alone.
//! Source: "Policy evaluation outcome tables" in
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
use crate::{case::CallSpec, compare::End};
use vpclab_api::identity::Signer;
use vpclab_api::judge::{
    Authorization, Carrier, GateVerdict, MethodView, Plain, PolicyAt, PolicyGate, Refusal, Request, Signed, View, Watch, admit, identify,
};
use vpclab_api::route::Matched;
use vpclab_cloud::{Cloud, InterfaceKind, NetworkInterface, Timestamp, stage::MethodSettings};
use vpclab_gateway::signature::Listed;
use vpclab_policy::{DecisionEffect, Request as Question};
use vpclab_probe::Probe;
use vpclab_wire::sigv4::AccessKeySecrets;

/// A topology's APIs, for looking calls up in the tables.
pub struct Tables {
    cloud: Cloud,
    view: View<Plain>,
}

/// What two policies say of a call of a method that asks for a signature.
struct Weighed<'s> {
    signer: &'s Signer,
    iam: bool,
    said: Option<(DecisionEffect, DecisionEffect)>,
}

impl Tables {
    /// Of a topology.
    pub fn new(cloud: &Cloud) -> Self {
        Self { cloud: cloud.clone(), view: View::compile(cloud, None) }
    }

    /// What is wrong with how a call that was made ended, if the tables say that it has to end otherwise.
    pub fn wrong(&self, call: &CallSpec, probe: &Probe, secrets: &AccessKeySecrets, now: Timestamp) -> Option<String> {
        let denied = match End::seen(probe) {
            End::Answered(_) => false,
            End::Error { kind, .. } => kind == "AccessDeniedException",
            // No answer came of whoever asks the policies.
            _ => return None,
        };
        let allowed = self.allowed(call, probe, secrets, now)?;
        let what = if allowed { "has to be let in" } else { "has to be refused" };
        (allowed == denied).then(|| format!("by the tables of the documentation the call {what}"))
    }

    /// The interface that a call reached: one of its own VPC, else the only one that has the address.
    fn reached(&self, probe: &Probe) -> Option<&NetworkInterface> {
        let address = probe.tcp.last()?.address.ip();
        let from = self.cloud.network_interfaces.get(probe.interface.as_str())?;
        let mut there: Vec<&NetworkInterface> =
            self.cloud.network_interfaces.values().map(|interface| &**interface).filter(|one| address == one.private_ip).collect();
        if there.iter().any(|one| one.vpc == from.vpc) {
            there.retain(|one| one.vpc == from.vpc);
        }
        match there.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// `None` where the tables say nothing: no right signature, another authorization type, a gate before or behind that refuses.
    fn allowed(&self, call: &CallSpec, probe: &Probe, secrets: &AccessKeySecrets, now: Timestamp) -> Option<bool> {
        let interface = self.reached(probe)?;
        let InterfaceKind::VpcEndpoint(endpoint) = &interface.kind else { return None };
        let region = interface.scope.region.as_str();
        let uri: vpclab_explain::Url = call.url.parse().ok()?;
        let signed = Listed { method: &call.method, url: &call.url, headers: &call.headers };
        let signer = signed.verify(region, now, &self.view.identities, secrets).ok()??;
        let peer = probe.address.to_string();
        let carrier = Carrier { endpoint: endpoint.as_str(), region, server_name: Some(&uri.host), peer: Some(&peer) };
        let now = u64::try_from(now.0).ok();
        let request = Request::new(carrier, &call.method, &uri.path, uri.query.as_deref(), &call.headers, now).signed(Signed::By(&signer));
        let mut weighed = Weighed { signer: &signer, iam: false, said: None };
        let called = identify(&self.view, &request, &mut weighed).ok()?;
        admit(called, &request, &mut weighed).ok()?;
        let (own, api) = weighed.said.filter(|_| weighed.iam)?;
        let silent = DecisionEffect::ImplicitDeny;
        match (own, api) {
            (DecisionEffect::ExplicitDeny, _) | (_, DecisionEffect::ExplicitDeny) => Some(false),
            (DecisionEffect::Undetermined, _) | (_, DecisionEffect::Undetermined) => None,
            (DecisionEffect::Allow, DecisionEffect::Allow) => Some(true),
            // Table A asks for one of them, table B for both.
            (one, other) if one == silent && other == silent => Some(false),
            _ => Some(signer.account == called.api.account),
        }
    }
}

impl Watch<Plain> for Weighed<'_> {
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        match refusal {
            Refusal::IdentityPolicy { .. } | Refusal::ResourcePolicy(_) => Ok(()),
            other => Err(other),
        }
    }

    fn asked(&mut self, at: PolicyAt, _: &PolicyGate, question: &Question<'_>, verdict: &GateVerdict) {
        if at == PolicyAt::Api {
            let api = match verdict {
                GateVerdict::Pass(_) => DecisionEffect::Allow,
                GateVerdict::Refused(refused) => refused.effect,
                GateVerdict::Missing => DecisionEffect::ImplicitDeny,
                GateVerdict::Broken => DecisionEffect::ExplicitDeny,
            };
            self.said = Some((self.signer.decide(question), api));
        }
    }

    fn routed(&mut self, route: &Matched<'_, '_, MethodView<Plain>>) {
        self.iam = route.method.authorization == Authorization::Iam;
    }

    fn within_limits(&mut self, settings: &MethodSettings, _: &str, _: &str) -> bool {
        settings.burst_limit != Some(0)
    }
}

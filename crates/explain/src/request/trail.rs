//! What a walk through all gates told.
use super::Known;
use vpclab_api::judge::{GateVerdict, PolicyAt, PolicyGate, Refusal, Watch};
use vpclab_cloud::stage::MethodSettings;
use vpclab_policy::{Decision, Request as Question};

/// The refusals of a walk in their order, and what the policies said.
#[derive(Default)]
pub(super) struct Trail {
    pub(super) refused: Vec<Refusal>,
    /// What the endpoint policy said, where there is one that can be read.
    pub(super) endpoint: Option<Decision>,
    /// What the deployment's resource policy said.
    pub(super) api: Option<Decision>,
    /// Whether the deployment's resource policy was asked.
    pub(super) asked_api: bool,
    /// The stage's limits are such that they let a request pass only now and then.
    pub(super) starved: bool,
}

impl Trail {
    /// Whether the resource policy refuses before the caller's own policies do.
    pub(super) fn refuses_by_resource_first(&self) -> bool {
        let of = |refusal: &&Refusal| matches!(refusal, Refusal::ResourcePolicy(_) | Refusal::IdentityPolicy { .. });
        let mut both = self.refused.iter().filter(of);
        matches!((both.next(), both.next()), (Some(Refusal::ResourcePolicy(_)), Some(Refusal::IdentityPolicy { .. })))
    }

    pub(super) fn find<'t, T>(&'t self, of: impl Fn(&'t Refusal) -> Option<T>) -> Option<T> {
        self.refused.iter().find_map(of)
    }
}

impl Watch<Known> for Trail {
    fn refused(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        self.refused.push(refusal);
        Ok(())
    }

    fn asked(&mut self, at: PolicyAt, gate: &PolicyGate, question: &Question<'_>, _: &GateVerdict) {
        let decision = match gate {
            PolicyGate::Judged(policy) => Some(policy.evaluate(question)),
            PolicyGate::Open | PolicyGate::Closed | PolicyGate::Broken(_) => None,
        };
        match at {
            PolicyAt::Endpoint => self.endpoint = decision,
            PolicyAt::Api => {
                self.api = decision;
                self.asked_api = true;
            }
        }
    }

    fn within_limits(&mut self, settings: &MethodSettings, _: &str, _: &str) -> bool {
        self.starved = settings.rate_limit_milli == Some(0);
        settings.burst_limit != Some(0)
    }
}

//! Two policies together: the caller's own and the resource's, as API Gateway weighs them for signed calls.
//!
//! Source: "Policy evaluation outcome tables" in
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>

use crate::document::Policy;
use crate::request::Request;
use crate::trace::DecisionEffect;

/// Whether the caller belongs to the account that owns the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// It does (table A): one of the two policies has to allow.
    Same,
    /// It does not (table B): both have to allow.
    Different,
}

/// Which policy decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// The caller's own.
    Identity,
    /// The resource's.
    Resource,
    /// Both say the same, or neither says anything.
    Both,
}

/// What two policies say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorized {
    /// The answer.
    pub effect: DecisionEffect,
    /// Whose it is. For a refusal: whose word, or whose silence, refuses.
    pub by: Decider,
}

/// Weighs the answer of the caller's policies against that of the resource's.
///
/// What one of them leaves undetermined makes the whole undetermined, unless the other denies.
#[must_use]
pub fn authorize(accounts: Accounts, identity: DecisionEffect, resource: DecisionEffect) -> Authorized {
    use DecisionEffect as E;
    let (effect, by) = match (identity, resource) {
        (E::ExplicitDeny, E::ExplicitDeny) => (E::ExplicitDeny, Decider::Both),
        (E::ExplicitDeny, _) => (E::ExplicitDeny, Decider::Identity),
        (_, E::ExplicitDeny) => (E::ExplicitDeny, Decider::Resource),
        (E::Undetermined, E::Undetermined) => (E::Undetermined, Decider::Both),
        // Also where the other refuses already: whether this one denies as well is not known.
        (E::Undetermined, _) => (E::Undetermined, Decider::Identity),
        (_, E::Undetermined) => (E::Undetermined, Decider::Resource),
        (E::Allow, E::Allow) => (E::Allow, Decider::Both),
        (E::Allow, E::ImplicitDeny) => match accounts {
            Accounts::Same => (E::Allow, Decider::Identity),
            Accounts::Different => (E::ImplicitDeny, Decider::Resource),
        },
        (E::ImplicitDeny, E::Allow) => match accounts {
            Accounts::Same => (E::Allow, Decider::Resource),
            Accounts::Different => (E::ImplicitDeny, Decider::Identity),
        },
        (E::ImplicitDeny, E::ImplicitDeny) => (E::ImplicitDeny, Decider::Both),
    };
    Authorized { effect, by }
}

/// What the policies of one identity say together: a denial of any wins, then the allowance of any. A permissions boundary gives
/// nothing, and what it does not allow is not allowed.
#[must_use]
pub fn decide_identity(policies: &[&Policy], boundary: Option<&Policy>, request: &Request<'_>) -> DecisionEffect {
    let own = decide_together(policies, request);
    boundary.map_or(own, |boundary| within(own, boundary.decide(request).effect))
}

/// What policies that stand beside each other say: a denial of any wins, then the allowance of any.
#[must_use]
pub fn decide_together(policies: &[&Policy], request: &Request<'_>) -> DecisionEffect {
    policies.iter().fold(DecisionEffect::ImplicitDeny, |so_far, policy| either(so_far, policy.decide(request).effect))
}

/// What is left of an answer inside of a limit, a permissions boundary's or a session policy's: it gives nothing, and what it does not
/// allow is not allowed.
#[must_use]
pub fn within(own: DecisionEffect, limit: DecisionEffect) -> DecisionEffect {
    match (own, limit) {
        (DecisionEffect::ExplicitDeny, _) | (_, DecisionEffect::ExplicitDeny) => DecisionEffect::ExplicitDeny,
        (own, DecisionEffect::Allow) => own,
        // Either may hide a denial, which a resource's policy would not outweigh as it does silence.
        (DecisionEffect::Undetermined, _) | (_, DecisionEffect::Undetermined) => DecisionEffect::Undetermined,
        (DecisionEffect::Allow | DecisionEffect::ImplicitDeny, DecisionEffect::ImplicitDeny) => DecisionEffect::ImplicitDeny,
    }
}

/// The stronger of two answers of policies that stand beside each other.
fn either(one: DecisionEffect, other: DecisionEffect) -> DecisionEffect {
    let strength = |effect| match effect {
        DecisionEffect::ImplicitDeny => 0,
        DecisionEffect::Allow => 1,
        // It may hide a denial.
        DecisionEffect::Undetermined => 2,
        DecisionEffect::ExplicitDeny => 3,
    };
    if strength(other) > strength(one) { other } else { one }
}

#[cfg(test)]
mod tests;

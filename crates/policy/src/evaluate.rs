//! Request + policy -> answer.

use crate::condition::{Condition, any_hit};
use crate::document::{Effect, Listed, Policy, Statement};
use crate::pattern::{Fold, Hit};
use crate::request::{CallerPrincipal, Found, Request};
use crate::trace::{Decision, DecisionEffect, Element, ElementTrace, Outcome, Seen, StatementRef, StatementTrace};

/// The answer without the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub effect: DecisionEffect,
    /// The first statement that made it so.
    pub deciding: Option<usize>,
}

impl Policy {
    /// Answers a request without reasons and, for known keys, without allocating.
    pub fn decide(&self, request: &Request<'_>) -> Verdict {
        let mut tally = Tally::default();
        for (index, statement) in self.statements.iter().enumerate() {
            tally.count(index, statement.effect, &statement.applies(request));
            if tally.deny.is_some() {
                break;
            }
        }
        tally.verdict()
    }

    /// Answers a request and says why.
    pub fn evaluate(&self, request: &Request<'_>) -> Decision {
        let mut tally = Tally::default();
        let mut trace = Vec::with_capacity(self.statements.len());
        let mut missing = Vec::new();
        for (index, statement) in self.statements.iter().enumerate() {
            let outcome = statement.applies(request);
            tally.count(index, statement.effect, &outcome);
            if let Outcome::Unknown { missing: key } = &outcome
                && !missing.contains(key)
            {
                missing.push(key.clone());
            }
            let at = StatementRef { index, sid: statement.sid.clone(), effect: statement.effect };
            trace.push(StatementTrace { statement: at, outcome, elements: statement.elements(request) });
        }
        let effect = tally.verdict().effect;
        let of = |wanted: Effect| {
            let matching = |t: &&StatementTrace| t.outcome == Outcome::Match && t.statement.effect == wanted;
            trace.iter().filter(matching).map(|t| t.statement.clone()).collect()
        };
        let deciding = match effect {
            DecisionEffect::Allow => of(Effect::Allow),
            DecisionEffect::ExplicitDeny => of(Effect::Deny),
            DecisionEffect::ImplicitDeny | DecisionEffect::Undetermined => Vec::new(),
        };
        if effect != DecisionEffect::Undetermined {
            missing.clear();
        }
        Decision { effect, deciding, missing, trace }
    }
}

/// What the statements said so far; the order they say it in does not matter.
#[derive(Default)]
struct Tally {
    deny: Option<usize>,
    allow: Option<usize>,
    deny_unknown: Option<usize>,
    allow_unknown: Option<usize>,
}

impl Tally {
    fn count(&mut self, index: usize, effect: Effect, outcome: &Outcome) {
        let slot = match (effect, outcome) {
            (_, Outcome::NoMatch) => return,
            (Effect::Deny, Outcome::Match) => &mut self.deny,
            (Effect::Allow, Outcome::Match) => &mut self.allow,
            (Effect::Deny, Outcome::Unknown { .. }) => &mut self.deny_unknown,
            (Effect::Allow, Outcome::Unknown { .. }) => &mut self.allow_unknown,
        };
        slot.get_or_insert(index);
    }

    fn verdict(&self) -> Verdict {
        let (effect, deciding) = if self.deny.is_some() {
            (DecisionEffect::ExplicitDeny, self.deny)
        } else if self.deny_unknown.is_some() {
            (DecisionEffect::Undetermined, self.deny_unknown)
        } else if self.allow.is_some() {
            (DecisionEffect::Allow, self.allow)
        } else if self.allow_unknown.is_some() {
            (DecisionEffect::Undetermined, self.allow_unknown)
        } else {
            (DecisionEffect::ImplicitDeny, None)
        };
        Verdict { effect, deciding }
    }
}

impl Statement {
    /// Whether all elements match. Stops at the first that does not.
    fn applies(&self, request: &Request<'_>) -> Outcome {
        let mut unknown = None;
        let mut fails = |outcome: Outcome| match outcome {
            Outcome::Match => false,
            Outcome::NoMatch => true,
            Outcome::Unknown { missing } => {
                unknown.get_or_insert(missing);
                false
            }
        };
        let no = fails(self.action_outcome(request))
            || fails(self.principal_outcome(request))
            || fails(self.resource_outcome(request))
            || self.conditions.iter().any(|c| fails(c.test(self.effect, request.keys)));
        match (no, unknown) {
            (true, _) => Outcome::NoMatch,
            (false, Some(missing)) => Outcome::Unknown { missing },
            (false, None) => Outcome::Match,
        }
    }

    fn principal_outcome(&self, request: &Request<'_>) -> Outcome {
        self.principal.as_ref().map_or(Outcome::Match, |list| list.outcome(self.effect, |entry| entry.matches(request.principal)))
    }

    fn action_outcome(&self, request: &Request<'_>) -> Outcome {
        self.action.outcome(self.effect, |p| p.matches(request.action, Fold::IgnoreCase, request.keys))
    }

    fn resource_outcome(&self, request: &Request<'_>) -> Outcome {
        self.resource
            .as_ref()
            .map_or(Outcome::Match, |list| list.outcome(self.effect, |p| p.matches(request.resource, Fold::Exact, request.keys)))
    }

    /// Every element with its outcome, also those behind the first that failed.
    fn elements(&self, request: &Request<'_>) -> Vec<ElementTrace> {
        let mut elements = Vec::with_capacity(3 + self.conditions.len());
        if let Some(list) = &self.principal {
            let written = list.entries.iter().map(|e| e.written.clone()).collect();
            elements.push(ElementTrace {
                element: Element::Principal { negated: list.negated, written },
                outcome: self.principal_outcome(request),
                seen: seen_principal(request.principal),
            });
        }
        elements.push(ElementTrace {
            element: Element::Action {
                negated: self.action.negated,
                written: self.action.entries.iter().map(|p| p.written.clone()).collect(),
            },
            outcome: self.action_outcome(request),
            seen: Seen::Values(vec![request.action.to_owned()]),
        });
        if let Some(list) = &self.resource {
            let written = list.entries.iter().map(|p| p.written.clone()).collect();
            elements.push(ElementTrace {
                element: Element::Resource { negated: list.negated, written },
                outcome: self.resource_outcome(request),
                seen: Seen::Values(vec![request.resource.to_owned()]),
            });
        }
        elements.extend(self.conditions.iter().map(|c| condition_trace(c, self.effect, request)));
        elements
    }
}

impl<T> Listed<T> {
    /// Whether one entry matches, or with `Not…` none does. A variable without a value equals nothing: it never makes
    /// `NotResource` of an `Allow` apply, and never keeps one of a `Deny` from applying.
    fn outcome(&self, effect: Effect, hit: impl Fn(&T) -> Hit) -> Outcome {
        match (any_hit(self.entries.iter().map(hit)), self.negated) {
            (Hit::Yes, negated) => (!negated).into(),
            (Hit::No, negated) => negated.into(),
            (Hit::Unresolved(_), negated) => (negated && effect == Effect::Deny).into(),
            (Hit::Unknown(missing), _) => Outcome::Unknown { missing },
        }
    }
}

fn condition_trace(condition: &Condition, effect: Effect, request: &Request<'_>) -> ElementTrace {
    let seen = match condition.find(request.keys) {
        Found::Absent => Seen::Absent,
        Found::Unknown => Seen::Unknown,
        Found::One(value) => Seen::Values(vec![value.into_owned()]),
        Found::Many(values) => Seen::Values(values.into_owned()),
    };
    ElementTrace {
        element: Element::Condition {
            operator: condition.operator.to_string(),
            key: condition.key.clone(),
            written: condition.written().map(str::to_owned).collect(),
        },
        outcome: condition.test(effect, request.keys),
        seen,
    }
}

fn seen_principal(caller: CallerPrincipal<'_>) -> Seen {
    match caller {
        CallerPrincipal::Anonymous => Seen::Values(vec!["anonymous".to_owned()]),
        CallerPrincipal::Aws { arn, .. } => Seen::Values(vec![arn.to_owned()]),
        CallerPrincipal::Service(name) => Seen::Values(vec![name.to_owned()]),
        CallerPrincipal::Unknown => Seen::Unknown,
    }
}

#[cfg(test)]
mod tests;

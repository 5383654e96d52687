//! A decision and its reasons, as data; prose is made elsewhere.

use crate::document::Effect;

/// The answer to a request, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub effect: DecisionEffect,
    /// The statements that made it so: all that deny, else all that allow; empty for an implicit deny.
    pub deciding: Vec<StatementRef>,
    /// What could not be known, for an undetermined answer.
    pub missing: Vec<String>,
    /// Every statement, in the order written.
    pub trace: Vec<StatementTrace>,
}

/// What a policy answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionEffect {
    /// A statement allows and none denies.
    Allow,
    /// A statement denies.
    ExplicitDeny,
    /// No statement applies.
    ImplicitDeny,
    /// The answer hangs on something the caller does not know. Treat it as a refusal.
    Undetermined,
}

impl DecisionEffect {
    /// Whether the request may pass.
    pub fn allows(self) -> bool {
        self == DecisionEffect::Allow
    }
}

/// Names a statement of the policy that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// Position in the document, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its effect.
    pub effect: Effect,
}

/// Why a statement did or did not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementTrace {
    /// The statement.
    pub statement: StatementRef,
    /// Whether it applies: all its elements match.
    pub outcome: Outcome,
    /// Each element with its own outcome.
    pub elements: Vec<ElementTrace>,
}

/// Whether one element matched, and what it was held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementTrace {
    /// The element.
    pub element: Element,
    /// Whether it matched.
    pub outcome: Outcome,
    /// What the request holds there.
    pub seen: Seen,
}

/// One element of a statement, with its values as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// `Principal` or `NotPrincipal`.
    Principal {
        /// Whether it is the `Not…` form.
        negated: bool,
        /// The entries.
        written: Vec<String>,
    },
    /// `Action` or `NotAction`.
    Action {
        /// Whether it is the `Not…` form.
        negated: bool,
        /// The patterns.
        written: Vec<String>,
    },
    /// `Resource` or `NotResource`.
    Resource {
        /// Whether it is the `Not…` form.
        negated: bool,
        /// The patterns.
        written: Vec<String>,
    },
    /// One key of a `Condition`.
    Condition {
        /// The operator as written.
        operator: String,
        /// The key as written.
        key: String,
        /// The values as written.
        written: Vec<String>,
    },
}

/// What the request holds for an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The values.
    Values(Vec<String>),
    /// The key is not in the request.
    Absent,
    /// The caller could not say.
    Unknown,
}

/// Whether an element or a statement matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Match,
    /// It does not.
    NoMatch,
    /// It depends on something the caller does not know.
    Unknown {
        /// The key.
        missing: String,
    },
}

impl From<bool> for Outcome {
    fn from(yes: bool) -> Self {
        if yes { Outcome::Match } else { Outcome::NoMatch }
    }
}

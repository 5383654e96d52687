//! The way of one call, as it is being written down.
use crate::{Blocker, Call, Explanation, Judge, Outcome, Step, StepKind, StepVerdict, Verdict, minimal};

/// Steps and blockers so far. Every judge of a hop writes here, in the order in which the call meets the hops.
pub(crate) struct Walk<'a> {
    /// The snapshot.
    pub(crate) judge: &'a Judge,
    /// The call.
    pub(crate) call: &'a Call,
    steps: Vec<Step>,
    blockers: Vec<Blocker>,
    warnings: Vec<Blocker>,
    missing: Vec<String>,
    /// What the client sees by the first step that does not let the call pass; `Some(None)` when that step is undetermined.
    outcome: Option<Option<Outcome>>,
    /// The status of the integration's answer.
    status: Option<u16>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(judge: &'a Judge, call: &'a Call) -> Self {
        Self {
            judge,
            call,
            steps: Vec::new(),
            blockers: Vec::new(),
            warnings: Vec::new(),
            missing: Vec::new(),
            outcome: None,
            status: None,
        }
    }

    /// A step that lets the call pass.
    pub(crate) fn pass(&mut self, step: Step) {
        if !self.leans_on_unknown(&step) {
            self.steps.push(step);
        }
    }

    /// With which status the integration answers, where that is known.
    pub(crate) fn answers_with(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// A step that does not, what the client sees when it gets here, and why.
    pub(crate) fn block(&mut self, mut step: Step, outcome: Outcome, blocker: Blocker) {
        if self.leans_on_unknown(&step) {
            self.warnings.push(blocker);
            return;
        }
        step.verdict = StepVerdict::Block;
        self.outcome.get_or_insert(Some(outcome));
        self.blockers.push(blocker);
        self.steps.push(step);
    }

    /// A step whose verdict hangs on something that is not known.
    pub(crate) fn unknown(&mut self, mut step: Step, missing: impl Into<String>) {
        step.verdict = StepVerdict::Undetermined;
        self.outcome.get_or_insert(None);
        self.miss(missing.into());
        self.steps.push(step);
    }

    /// A step that there is nothing to judge by.
    pub(crate) fn skip(&mut self, kind: StepKind, why: impl Into<String>, cites: &'static str) {
        let mut step = Step::new(kind, why, cites);
        step.verdict = StepVerdict::Skipped;
        self.steps.push(step);
    }

    /// What fails now and then, or later.
    pub(crate) fn warn(&mut self, warning: Blocker) {
        self.warnings.push(warning);
    }

    fn miss(&mut self, missing: String) {
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }

    /// Writes the step down as undetermined when something about a resource in its evidence is not known.
    fn leans_on_unknown(&mut self, step: &Step) -> bool {
        let judge = self.judge;
        if judge.unknowns().is_empty() {
            return false;
        }
        let facts: Vec<String> = step
            .evidence
            .iter()
            .flat_map(|evidence| judge.unknowns().about(&evidence.id).iter().map(|fact| format!("{}: {fact}", evidence.id)))
            .collect();
        if facts.is_empty() {
            return false;
        }
        let mut step = step.clone();
        step.verdict = StepVerdict::Undetermined;
        self.outcome.get_or_insert(None);
        facts.into_iter().for_each(|fact| self.miss(fact));
        self.steps.push(step);
        true
    }

    /// The whole answer.
    pub(crate) fn end(self) -> Explanation {
        let unknown = self.steps.iter().any(|step| step.verdict == StepVerdict::Undetermined);
        let verdict = if !self.blockers.is_empty() {
            Verdict::Blocked
        } else if unknown {
            Verdict::Undetermined
        } else {
            Verdict::Reachable
        };
        Explanation {
            call: self.call.clone(),
            verdict,
            outcome: self.outcome.unwrap_or(Some(Outcome::Answered { status: self.status })),
            fixes: minimal(&self.blockers),
            steps: self.steps,
            blockers: self.blockers,
            warnings: self.warnings,
            missing: self.missing,
        }
    }
}

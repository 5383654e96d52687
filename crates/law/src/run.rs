//! Many topologies, several at a time.
use crate::{
    case::{Case, Step},
    dice::Dice,
    generate,
    ground::{Ground, GroundError},
    shrink::shrink,
    trial::{Care, Trial, Tried, try_calls, try_case},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::task::JoinSet;

/// Calls of one topology.
const CALLS: usize = 32;
/// One call in so many may be refused by the machine.
const UNMADE_SHARE: usize = 20;
/// Disagreements that are cut down; the others are written as they are.
const SHRUNK: usize = 4;

/// What a run found.
#[derive(Debug, Default)]
pub struct Tally {
    /// Topologies built.
    pub topologies: usize,
    /// Calls made and judged.
    pub calls: usize,
    /// How they ended, by the word.
    pub ends: BTreeMap<String, usize>,
    /// Calls whose end hangs on what no state says.
    pub open: usize,
    /// Calls that nobody could make in their topology.
    pub nobody: usize,
    /// Calls that the machine could not make.
    pub unmade: usize,
    /// Why it could not make the first of them.
    pub why_unmade: Option<String>,
    /// Disagreements.
    pub disagreements: Vec<(Case, Tried)>,
}

impl Tally {
    /// Calls whose judged end was held against the packets'.
    pub fn compared(&self) -> usize {
        self.calls.saturating_sub(self.open)
    }

    /// Why the law was not really tried by a run that was to make so many calls.
    pub fn shortfall(&self, asked: usize) -> Option<String> {
        if self.calls == 0 || self.calls < asked {
            return Some(format!("{} of {asked} calls were made", self.calls));
        }
        if self.compared() * 2 < self.calls {
            return Some(format!("only {} of {} calls were compared: the others were judged as open", self.compared(), self.calls));
        }
        if self.unmade * UNMADE_SHARE > self.calls {
            return Some(format!("{} calls could not be made beside the {} that were", self.unmade, self.calls));
        }
        None
    }
}

/// Tries so many calls in topologies of a seed.
pub async fn run(seed: u64, calls: usize, at_once: usize) -> Result<Tally, GroundError> {
    let (next, tally) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Tally::default())));
    let mut workers = JoinSet::new();
    for _ in 0..at_once.min(calls.div_ceil(CALLS)) {
        let (next, tally) = (Arc::clone(&next), Arc::clone(&tally));
        workers.spawn(async move {
            let mut ground = Ground::new()?;
            loop {
                // Some calls have nobody to make them: topologies are made until enough were tried.
                let at = next.fetch_add(1, Ordering::Relaxed);
                let tried = lock(&tally).calls;
                if tried >= calls || at >= calls {
                    return Ok::<(), GroundError>(());
                }
                one(&mut ground, seed, at, CALLS, &tally).await?;
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        done.map_err(std::io::Error::other)??;
    }
    let mut tally = std::mem::take(&mut *lock(&tally));
    let mut ground = Ground::new()?;
    for (case, tried) in tally.disagreements.iter_mut().take(SHRUNK) {
        *case = shrink(&mut ground, case, &tried.judged, &tried.seen).await?;
        if let Some(again) = try_case(&mut ground, case, Care::Twice).await? {
            *tried = again;
        }
    }
    Ok(tally)
}

async fn one(ground: &mut Ground, seed: u64, at: usize, calls: usize, tally: &Mutex<Tally>) -> Result<(), GroundError> {
    let mut dice = Dice::new(seed ^ (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let (steps, specs) = generate::topology(&mut dice, calls);
    let ids = dice.seed();
    let trial = try_calls(ground, ids, &steps, &specs, Care::Twice).await?;
    note(&mut lock(tally), ids, &steps, trial);
    Ok(())
}

fn note(tally: &mut Tally, seed: u64, steps: &[Step], trial: Trial) {
    tally.topologies += 1;
    tally.nobody += trial.nobody;
    tally.unmade += trial.unmade.len();
    tally.why_unmade = tally.why_unmade.take().or_else(|| trial.unmade.first().map(ToString::to_string));
    for one in trial.tried {
        tally.calls += 1;
        *tally.ends.entry(one.seen.word()).or_default() += 1;
        tally.open += usize::from(one.open);
        if !one.agrees() {
            let note = format!("judged {}, seen {}", one.judged.word(), one.seen.word());
            let note = one.wrong.as_ref().map_or(note.clone(), |wrong| format!("{note}, {wrong}"));
            tally.disagreements.push((Case { note, seed, steps: steps.to_vec(), call: one.call.clone() }, one));
        }
    }
}

fn lock(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_tried_too_little_falls_short() {
        let tally = |calls, open, unmade| Tally { calls, open, unmade, ..Tally::default() };
        assert_eq!(tally(300, 20, 2).shortfall(300), None);
        assert_eq!(tally(0, 0, 0).shortfall(0).unwrap(), "0 of 0 calls were made");
        assert_eq!(tally(299, 0, 0).shortfall(300).unwrap(), "299 of 300 calls were made");
        assert!(tally(300, 200, 0).shortfall(300).unwrap().starts_with("only 100 of 300"));
        assert!(tally(300, 0, 16).shortfall(300).unwrap().starts_with("16 calls could not be made"));
    }
}

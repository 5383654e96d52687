//! Many topologies, several at a time.
use crate::{
    case::{Case, Step},
    dice::Dice,
    generate,
    ground::{Ground, GroundError},
    shrink::shrink,
    trial::{Care, Tried, try_calls, try_case},
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
    /// Disagreements.
    pub disagreements: Vec<(Case, Tried)>,
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
    let tried = try_calls(ground, ids, &steps, &specs, Care::Twice).await?;
    note(&mut lock(tally), ids, &steps, tried);
    Ok(())
}

fn note(tally: &mut Tally, seed: u64, steps: &[Step], tried: Vec<Tried>) {
    tally.topologies += 1;
    for one in tried {
        tally.calls += 1;
        *tally.ends.entry(one.seen.word()).or_default() += 1;
        tally.open += usize::from(one.open);
        if !one.agrees() {
            let note = format!("judged {}, seen {}", one.judged.word(), one.seen.word());
            tally.disagreements.push((Case { note, seed, steps: steps.to_vec(), call: one.call.clone() }, one));
        }
    }
}

fn lock(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

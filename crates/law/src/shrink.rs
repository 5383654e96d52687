//! Makes a disagreement small: steps that it does not need are taken away.
use crate::{
    case::{Case, Step},
    compare::End,
    ground::{Ground, GroundError},
    trial::{Care, try_case},
};
use std::time::{Duration, Instant};

/// Trials that one case may cost, and how long they may take.
const MOST: usize = 150;
const LONGEST: Duration = Duration::from_secs(30);

/// The smallest case found that disagrees in the same way.
pub async fn shrink(ground: &mut Ground, case: &Case, judged: &End, seen: &End) -> Result<Case, GroundError> {
    let wanted = (judged.word(), seen.word());
    let mut best = case.clone();
    let (mut trials, started) = (0, Instant::now());
    let mut size = best.steps.len().div_ceil(2);
    while size >= 1 && trials < MOST && started.elapsed() < LONGEST {
        let mut at = 0;
        let mut less = false;
        while at < best.steps.len() && trials < MOST && started.elapsed() < LONGEST {
            trials += 1;
            let steps: Vec<Step> = best.steps.iter().take(at).chain(best.steps.iter().skip(at + size)).cloned().collect();
            let smaller = Case { steps, ..best.clone() };
            let tried = try_case(ground, &smaller, Care::Once).await?;
            if tried.is_some_and(|tried| !tried.agrees() && (tried.judged.word(), tried.seen.word()) == wanted) {
                best = smaller;
                less = true;
            } else {
                at += size;
            }
        }
        // The last pass goes over single steps until none can be spared.
        size = match size {
            1 if less => 1,
            _ => size / 2,
        };
    }
    Ok(best)
}

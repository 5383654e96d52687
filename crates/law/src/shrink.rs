//! Makes a disagreement small: steps that it does not need are taken away.
use crate::{
    case::{Case, Step},
    compare::End,
    ground::{Ground, GroundError},
    trial::try_case,
};

/// Trials that one case may cost.
const MOST: usize = 200;

/// The smallest case found that disagrees in the same way.
pub async fn shrink(ground: &mut Ground, case: &Case, judged: &End, seen: &End) -> Result<Case, GroundError> {
    let wanted = (judged.word(), seen.word());
    let mut best = case.clone();
    let mut trials = 0;
    let mut size = best.steps.len().div_ceil(2);
    while size >= 1 && trials < MOST {
        let mut at = 0;
        let mut less = false;
        while at < best.steps.len() && trials < MOST {
            trials += 1;
            let steps: Vec<Step> = best.steps.iter().take(at).chain(best.steps.iter().skip(at + size)).cloned().collect();
            let smaller = Case { steps, ..best.clone() };
            let tried = try_case(ground, &smaller).await?;
            if tried.is_some_and(|tried| (tried.judged.word(), tried.seen.word()) == wanted) {
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

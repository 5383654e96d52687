//! What comes before what.
use std::collections::BTreeSet;

/// The indices such that what an index needs comes before it, else in their own order; or those that need each other.
pub(crate) fn order(needs: &[BTreeSet<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut dependents = vec![Vec::new(); needs.len()];
    for (index, needed) in needs.iter().enumerate() {
        for other in needed {
            if let Some(list) = dependents.get_mut(*other) {
                list.push(index);
            }
        }
    }
    let mut ready: BTreeSet<usize> = missing.iter().enumerate().filter(|(_, missing)| **missing == 0).map(|(index, _)| index).collect();
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(index) = ready.pop_first() {
        ordered.push(index);
        for dependent in dependents.get(index).into_iter().flatten() {
            if let Some(count) = missing.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*dependent);
                }
            }
        }
    }
    if ordered.len() == needs.len() { Ok(ordered) } else { Err(cycles(needs, &ordered)) }
}

/// What is left over without what only waits for a cycle.
fn cycles(needs: &[BTreeSet<usize>], ordered: &[usize]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..needs.len()).collect();
    for index in ordered {
        left.remove(index);
    }
    let mut needed = vec![0_usize; needs.len()];
    let mut each = |index: usize, change: &dyn Fn(usize) -> usize| -> Vec<usize> {
        let mut unneeded = Vec::new();
        for other in needs.get(index).into_iter().flatten() {
            if let Some(count) = needed.get_mut(*other) {
                *count = change(*count);
                if *count == 0 {
                    unneeded.push(*other);
                }
            }
        }
        unneeded
    };
    for index in &left {
        each(*index, &|count| count + 1);
    }
    let mut idle: Vec<usize> =
        left.iter().copied().filter(|index| !needs.iter().enumerate().any(|(i, n)| left.contains(&i) && n.contains(index))).collect();
    while let Some(index) = idle.pop() {
        left.remove(&index);
        idle.extend(each(index, &|count| count.saturating_sub(1)).into_iter().filter(|other| left.contains(other)));
    }
    left.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn orders_and_cycles() {
        let check = |needs: &[&[usize]]| order(&needs.iter().map(|n| n.iter().copied().collect()).collect::<Vec<_>>());
        assert_eq!(check(&[]), Ok(vec![]));
        assert_eq!(check(&[&[2], &[], &[1]]), Ok(vec![1, 2, 0]));
        assert_eq!(check(&[&[], &[], &[0]]), Ok(vec![0, 1, 2]), "what is free keeps its place");
        assert_eq!(check(&[&[0]]), Err(vec![0]), "itself");
        // 0 <-> 1; 2 waits for them, 3 is needed by them, 4 is free.
        assert_eq!(check(&[&[1, 3], &[0], &[1], &[], &[]]), Err(vec![0, 1]));
        // A chain that hangs on a cycle.
        assert_eq!(check(&[&[1], &[0], &[1], &[2], &[3]]), Err(vec![0, 1]));
        let long: Vec<Vec<usize>> = (0..100_000).map(|i| if i == 0 { vec![] } else { vec![i - 1] }).collect();
        assert_eq!(order(&long.iter().map(|n| n.iter().copied().collect()).collect::<Vec<_>>()).unwrap().len(), 100_000);
    }
}

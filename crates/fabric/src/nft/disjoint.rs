//! Overlapping rules as disjoint boxes of addresses and numbers.
//!
//! The kernel's range sets refuse overlapping elements, rules of people overlap all the time: 0.0.0.0/0:443 beside
//! 10.0.0.0/16:443 beside 10.0.1.0/24:80-8080. CIDR blocks nest or are disjoint, so a block's numbers minus those of the wider
//! blocks around it, merged, give the same union without an overlap.
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use vpclab_packet::Span;

/// A box, and the rules that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Box {
    /// Addresses.
    pub cidr: Ipv4Net,
    /// Numbers.
    pub span: Span,
    /// Ids of the rules that it covers (in part).
    pub ids: Vec<String>,
}

/// The union of rules as disjoint boxes.
pub fn disjoint(rules: impl IntoIterator<Item = (Ipv4Net, Span, String)>) -> Vec<Box> {
    let mut by_prefix: BTreeMap<(u8, Ipv4Net), Vec<(Span, String)>> = BTreeMap::new();
    for (cidr, span, id) in rules {
        let cidr = cidr.trunc();
        by_prefix.entry((cidr.prefix_len(), cidr)).or_default().push((span, id));
    }
    let mut kept: Vec<Box> = Vec::new();
    // Widest blocks first.
    for ((_, cidr), mut spans) in by_prefix {
        spans.sort();
        let around: Vec<Span> = kept.iter().filter(|wider| wider.cidr.contains(&cidr)).map(|wider| wider.span).collect();
        for (span, ids) in merged(&spans) {
            for rest in minus(span, &around) {
                kept.push(Box { cidr, span: rest, ids: ids.clone() });
            }
        }
    }
    kept
}

/// Spans that touch or overlap become one.
fn merged(sorted: &[(Span, String)]) -> Vec<(Span, Vec<String>)> {
    let mut out: Vec<(Span, Vec<String>)> = Vec::new();
    for (span, id) in sorted {
        match out.last_mut() {
            Some((last, ids)) if span.low <= last.high => {
                last.high = last.high.max(span.high);
                ids.push(id.clone());
            }
            _ => out.push((*span, vec![id.clone()])),
        }
    }
    out
}

fn minus(span: Span, holes: &[Span]) -> Vec<Span> {
    let mut rest = vec![span];
    for hole in holes {
        rest = rest
            .into_iter()
            .flat_map(|part| {
                let left = (part.low < hole.low).then(|| Span { low: part.low, high: part.high.min(hole.low.saturating_sub(1)) });
                let right = (part.high > hole.high).then(|| Span { low: part.low.max(hole.high.saturating_add(1)), high: part.high });
                [left, right].into_iter().flatten()
            })
            .collect();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule() -> impl Strategy<Value = (Ipv4Net, Span, String)> {
        (prop::sample::select(vec![0u8, 8, 16, 24, 30, 32]), 0u32..16, 0u16..40, 0u16..20, 0u32..9).prop_map(
            |(prefix, address, low, more, id)| {
                let address = 0x0a00_0000 | (address & 3) | ((address >> 2) << 8);
                (Ipv4Net::new(address.into(), prefix).unwrap().trunc(), Span { low, high: low + more }, format!("sgr-{id}"))
            },
        )
    }

    proptest! {
        #[test]
        fn same_union_and_no_overlap(rules in prop::collection::vec(rule(), 0..12), probe in 0u32..1024, number in 0u16..64) {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 | probe);
            let boxes = disjoint(rules.clone());
            let wanted = rules.iter().any(|(cidr, span, _)| cidr.contains(&address) && span.contains(number));
            let hits = boxes.iter().filter(|b| b.cidr.contains(&address) && b.span.contains(number)).count();
            prop_assert_eq!(hits, usize::from(wanted));
        }
    }
}

//! Network ACLs: asked at every edge of a subnet, for the packet and again for its reply.
use super::{Fact, Ruling, Tracer};
use crate::{Cause, StepKind};
use std::net::Ipv4Addr;
use vpclab_cloud::{NetworkAcl, SubnetId};
use vpclab_packet::{AclDecision, AclRule, Header, Span, Traffic, judge_acl};

impl Tracer<'_> {
    /// Asks the ACL of a subnet about packets with these destination ports.
    pub(crate) fn acl(&mut self, kind: StepKind, subnet: &SubnetId, egress: bool, remote: Ipv4Addr, ports: Span) {
        let cloud = self.judge.cloud();
        let Some(acl) = cloud.subnets.get(subnet).and_then(|subnet| cloud.network_acls.get(&subnet.network_acl)) else { return };
        let protocol = self.flow.header.protocol;
        // Only TCP and UDP have ports that are another for the reply; what else comes back is judged by its kind alone.
        let ports = if matches!(protocol, 6 | 17) { ports } else { Span { low: self.flow.header.number, high: self.flow.header.number } };
        let entries = decisions(&rules(acl, egress), remote, protocol, ports);
        let allowed = entries.iter().filter(|(_, decision)| decision.allow).count();
        let ruling = if allowed == entries.len() {
            Ruling::Pass
        } else if allowed == 0 {
            Ruling::Block(Cause::SubnetAclRestriction)
        } else {
            Ruling::Unknown(format!("the client's port: {} lets only some of {} to {} pass", acl.id, ports.low, ports.high))
        };
        self.hop(kind, ruling, Fact::Acl { acl: acl.id.clone(), subnet: subnet.clone(), egress, remote, ports, entries });
    }
}

/// The entries of one direction.
fn rules(acl: &NetworkAcl, egress: bool) -> Vec<AclRule> {
    let of = acl.entries.iter().filter(|entry| entry.egress == egress);
    of.filter_map(|entry| {
        let traffic = Traffic::of(entry.protocol, entry.ports)?;
        Some(AclRule { number: entry.number, allow: entry.allow, cidr: entry.cidr, traffic })
    })
    .collect()
}

/// What an ACL says of every port of a span: pieces in order, neighbours that the same entry decides taken together.
fn decisions(rules: &[AclRule], remote: Ipv4Addr, protocol: u8, ports: Span) -> Vec<(Span, AclDecision)> {
    let span = |traffic: Traffic| match traffic {
        Traffic::Tcp(span) if protocol == 6 => Some(span),
        Traffic::Udp(span) if protocol == 17 => Some(span),
        Traffic::All | Traffic::Tcp(_) | Traffic::Udp(_) | Traffic::Icmp(_) | Traffic::Protocol(_) => None,
    };
    // A decision changes only where a rule's ports begin or end.
    let edges = rules.iter().filter_map(|rule| span(rule.traffic)).flat_map(|span| [Some(span.low), span.high.checked_add(1)]);
    let mut starts: Vec<u16> = edges.flatten().filter(|edge| ports.contains(*edge)).chain([ports.low]).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([ports.high]).collect::<Vec<_>>();
    let mut pieces: Vec<(Span, AclDecision)> = Vec::with_capacity(starts.len());
    for (low, high) in starts.iter().copied().zip(ends) {
        let decision = judge_acl(rules, remote, Header { protocol, number: low });
        match pieces.last_mut() {
            Some((span, before)) if *before == decision => span.high = high,
            _ => pieces.push((Span { low, high }, decision)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_taken_apart_where_decisions_change() {
        let rule = |number, allow, low, high| AclRule {
            number,
            allow,
            cidr: "10.0.0.0/8".parse().unwrap(),
            traffic: Traffic::Tcp(Span { low, high }),
        };
        let rules = [rule(100, true, 0, 40_000), rule(90, false, 35_000, 36_000), rule(95, false, 0, 10)];
        let told: Vec<_> = decisions(&rules, [10, 1, 0, 1].into(), 6, Span { low: 32_768, high: 60_999 })
            .into_iter()
            .map(|(span, decision)| (span.low, span.high, decision.allow, decision.number))
            .collect();
        assert_eq!(
            told,
            [(32_768, 34_999, true, 100), (35_000, 36_000, false, 90), (36_001, 40_000, true, 100), (40_001, 60_999, false, 32_767)]
        );
        let outside = decisions(&rules, [192, 168, 0, 1].into(), 6, Span { low: 0, high: u16::MAX });
        assert!(outside.iter().all(|(_, decision)| decision.number == 32_767) && outside.len() == 1);
    }
}

//! Security groups: allow-only rules, and which flows AWS tracks.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html>
use crate::{Flow, Header, Traffic};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use vpclab_cloud::{Direction, SecurityGroupId, SecurityGroupRuleId};

/// The other side of a security group rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Addresses.
    Cidr(Ipv4Net),
    /// The interfaces that carry a group.
    Group(SecurityGroupId),
}

/// One security group rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// The rule of the API it stands for.
    pub id: SecurityGroupRuleId,
    /// Protocol and ports.
    pub traffic: Traffic,
    /// The other side.
    pub peer: Peer,
}

/// The rules that hold for one interface: those of all its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// Inbound.
    pub ingress: Vec<Rule>,
    /// Outbound.
    pub egress: Vec<Rule>,
}

impl Rule {
    /// Whether the rule lets this packet pass; `is_member` says which groups an address belongs to.
    #[must_use]
    pub fn allows(&self, remote: Ipv4Addr, header: Header, is_member: &impl Fn(&SecurityGroupId, Ipv4Addr) -> bool) -> bool {
        self.traffic.matches(header)
            && match &self.peer {
                Peer::Cidr(cidr) => cidr.contains(&remote),
                Peer::Group(group) => is_member(group, remote),
            }
    }

    fn is_for_everyone(&self) -> bool {
        matches!(&self.peer, Peer::Cidr(cidr) if cidr.prefix_len() == 0)
    }
}

impl Gates {
    /// The rule that lets a flow start in a direction.
    #[must_use]
    pub fn allowing(
        &self,
        direction: Direction,
        remote: Ipv4Addr,
        header: Header,
        is_member: &impl Fn(&SecurityGroupId, Ipv4Addr) -> bool,
    ) -> Option<&Rule> {
        self.of(direction).iter().find(|rule| rule.allows(remote, header, is_member))
    }

    /// Whether AWS leaves a permitted flow untracked: TCP or UDP, let in (or out) for 0.0.0.0/0, with the other direction open
    /// to 0.0.0.0/0 on every port. Not for flows with interface endpoints: those AWS always tracks.
    #[must_use]
    pub fn leaves_untracked(&self, direction: Direction, header: Header) -> bool {
        let back = match direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
        let whole = |traffic: Traffic| match (header.protocol, traffic) {
            (_, Traffic::All) => true,
            (6, Traffic::Tcp(span)) | (17, Traffic::Udp(span)) => span == crate::Span::ALL,
            _ => false,
        };
        matches!(header.protocol, 6 | 17)
            && self.of(direction).iter().any(|rule| rule.is_for_everyone() && rule.traffic.matches(header))
            && self.of(back).iter().any(|rule| rule.is_for_everyone() && whole(rule.traffic))
    }

    fn of(&self, direction: Direction) -> &[Rule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

/// Whether a change of an interface's rules cuts an established flow: it was not tracked, and nothing permits it any more.
/// `direction` is the flow's at this interface: inbound when the interface is its destination.
#[must_use]
pub fn severed(
    before: &Gates,
    after: &Gates,
    direction: Direction,
    flow: Flow,
    is_member: &impl Fn(&SecurityGroupId, Ipv4Addr) -> bool,
) -> bool {
    let remote: Ipv4Addr = match direction {
        Direction::Ingress => flow.source,
        Direction::Egress => flow.destination,
    };
    before.leaves_untracked(direction, flow.header) && after.allowing(direction, remote, flow.header, is_member).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    fn rule(traffic: Traffic, cidr: &str) -> Rule {
        Rule { id: "sgr-00000000000000001".parse().unwrap(), traffic, peer: Peer::Cidr(cidr.parse().unwrap()) }
    }
    fn https() -> Traffic {
        Traffic::Tcp(Span { low: 443, high: 443 })
    }
    fn flow() -> Flow {
        Flow { source: [10, 0, 1, 10].into(), destination: [10, 0, 1, 60].into(), header: Header { protocol: 6, number: 443 } }
    }

    #[test]
    fn only_flows_open_both_ways_are_untracked() {
        let open = Gates { ingress: vec![rule(https(), "0.0.0.0/0")], egress: vec![rule(Traffic::All, "0.0.0.0/0")] };
        assert!(open.leaves_untracked(Direction::Ingress, flow().header));
        let narrow = Gates { ingress: vec![rule(https(), "10.0.0.0/8")], ..open.clone() };
        assert!(!narrow.leaves_untracked(Direction::Ingress, flow().header));
        let no_egress = Gates { egress: vec![rule(https(), "0.0.0.0/0")], ..open };
        assert!(!no_egress.leaves_untracked(Direction::Ingress, flow().header));
    }

    #[test]
    fn removal_cuts_untracked_flows_unless_another_rule_permits() {
        let nobody = |_: &SecurityGroupId, _: Ipv4Addr| false;
        let open = Gates { ingress: vec![rule(https(), "0.0.0.0/0")], egress: vec![rule(Traffic::All, "0.0.0.0/0")] };
        let shut = Gates { ingress: vec![], ..open.clone() };
        let narrow = Gates { ingress: vec![rule(https(), "10.0.1.0/24")], ..open.clone() };
        assert!(severed(&open, &shut, Direction::Ingress, flow(), &nobody));
        assert!(!severed(&open, &narrow, Direction::Ingress, flow(), &nobody));
        assert!(!severed(&narrow, &shut, Direction::Ingress, flow(), &nobody));
    }
}

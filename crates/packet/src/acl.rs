//! Network ACLs: stateless, first match by number, closing deny.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
use crate::{Header, Traffic};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// One numbered entry of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AclRule {
    /// 1 to 32766.
    pub number: u16,
    /// Allow rather than deny.
    pub allow: bool,
    /// The remote addresses.
    pub cidr: Ipv4Net,
    /// What it names.
    pub traffic: Traffic,
}

/// What a network ACL says, and by which entry; 32767 is the closing `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclDecision {
    /// Whether the packet passes.
    pub allow: bool,
    /// The entry that decided.
    pub number: u16,
}

/// Asks the entries of one direction in the order of their numbers.
#[must_use]
pub fn judge_acl(rules: &[AclRule], remote: Ipv4Addr, header: Header) -> AclDecision {
    rules
        .iter()
        .filter(|rule| rule.cidr.contains(&remote) && rule.traffic.matches(header))
        .min_by_key(|rule| rule.number)
        .map_or(AclDecision { allow: false, number: 32767 }, |rule| AclDecision { allow: rule.allow, number: rule.number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn the_lowest_number_decides() {
        let rule = |number, allow, cidr: &str| AclRule { number, allow, cidr: cidr.parse().unwrap(), traffic: Traffic::Tcp(Span::ALL) };
        let rules = [rule(100, true, "0.0.0.0/0"), rule(90, false, "10.1.0.0/16")];
        let header = Header { protocol: 6, number: 443 };
        assert_eq!(judge_acl(&rules, [10, 1, 0, 9].into(), header), AclDecision { allow: false, number: 90 });
        assert_eq!(judge_acl(&rules, [10, 2, 0, 9].into(), header), AclDecision { allow: true, number: 100 });
        assert_eq!(
            judge_acl(&rules, [10, 2, 0, 9].into(), Header { protocol: 17, number: 53 }),
            AclDecision { allow: false, number: 32767 }
        );
    }
}

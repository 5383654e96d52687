//! Security groups and their rules.
use crate::{
    AccountId, Scope, SecurityGroupId, SecurityGroupRuleId, Tags, VpcId, VpcPeeringConnectionId,
};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its name, unique in the VPC.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its rules, in order of creation.
    pub rules: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: Tags,
}

/// One rule: allow-only, one peer each (as `DescribeSecurityGroupRules` shows them).
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// Its id.
    pub id: SecurityGroupRuleId,
    /// Inbound or outbound.
    pub direction: Direction,
    /// The protocol.
    pub protocol: IpProtocol,
    /// Destination ports for TCP and UDP; type and code for ICMP; `None` for all.
    pub ports: Option<PortRange>,
    /// Who the other side may be.
    pub peer: RulePeer,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Which way a rule lets traffic pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Inbound.
    Ingress,
    /// Outbound.
    Egress,
}

/// An IP protocol as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IpProtocol {
    /// `-1`: every protocol.
    All,
    /// A protocol by its IANA number: 6 TCP, 17 UDP, 1 ICMP, …
    Number(u8),
}

/// For TCP and UDP the destination ports, both ends included; for ICMP `from` is the type and `to` the code, -1 for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortRange {
    /// First port, or ICMP type.
    pub from: i32,
    /// Last port, or ICMP code.
    pub to: i32,
}

/// The other side of a security group rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    /// IPv4 addresses.
    Ipv4(Ipv4Net),
    /// IPv6 addresses. Kept and shown; no IPv6 packet exists in a lab, so it matches none.
    Ipv6(Ipv6Net),
    /// The interfaces that carry a group of the same VPC, or of a VPC peered in the same region.
    Group {
        /// The referenced group.
        group: SecurityGroupId,
        /// Its account.
        account: AccountId,
        /// The peering connection over which it is reached, for a group of a peered VPC.
        peering: Option<VpcPeeringConnectionId>,
    },
}

impl IpProtocol {
    /// TCP.
    pub const TCP: Self = Self::Number(6);
    /// UDP.
    pub const UDP: Self = Self::Number(17);
    /// ICMP.
    pub const ICMP: Self = Self::Number(1);
}

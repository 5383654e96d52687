//! Network ACLs: stateless, numbered rules checked at the subnet's edge.
use crate::{ClientToken, IpProtocol, NetworkAclId, PortRange, Scope, Tags, Vpc, VpcId};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

mod life;
#[cfg(test)]
mod tests;

pub use life::CreateNetworkAcl;

/// The most network ACLs of a VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_ACLS: usize = 200;
/// The most entries of an ACL in one direction: what AWS raises its 20 to on request.
pub const MAX_ENTRIES: usize = 40;
/// The highest number an entry can have; the next is the closing `*`.
pub const MAX_NUMBER: u16 = 32766;

/// A network ACL. Which subnets it serves stands in [`crate::Subnet::network_acl`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Whether it is the VPC's default one.
    pub is_default: bool,
    /// Its entries, without the closing `*` (32767) that denies.
    pub entries: Vec<NetworkAclEntry>,
    /// The idempotency token it was made with.
    #[serde(default)]
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// One numbered rule. The first that matches, by number, decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    /// 1 to 32766.
    pub number: u16,
    /// Outbound rather than inbound.
    pub egress: bool,
    /// Allow rather than deny.
    pub allow: bool,
    /// The protocol.
    pub protocol: IpProtocol,
    /// The remote addresses.
    pub cidr: Ipv4Net,
    /// Destination ports for TCP and UDP, type and code for ICMP; `None` for all.
    pub ports: Option<PortRange>,
}

impl NetworkAcl {
    /// The default network ACL of a VPC: rule 100 allows everything, in and out.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>
    #[must_use]
    pub fn default_of(vpc: &Vpc) -> Self {
        let allow_all =
            |egress| NetworkAclEntry { number: 100, egress, allow: true, protocol: IpProtocol::All, cidr: Ipv4Net::default(), ports: None };
        Self {
            id: vpc.default_network_acl.clone(),
            scope: vpc.scope.clone(),
            vpc: vpc.id.clone(),
            is_default: true,
            entries: vec![allow_all(false), allow_all(true)],
            client_token: None,
            tags: Tags::new(),
        }
    }
}

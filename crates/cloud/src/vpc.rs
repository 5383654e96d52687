//! VPCs and their attributes.
use crate::{
    NetworkAclId, RouteTableId, Scope, SecurityGroupId, Tags, VpcCidrAssociationId, VpcId,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its account and region.
    pub scope: Scope,
    /// Its CIDR blocks; the first is the primary one.
    pub cidrs: Vec<VpcCidr>,
    /// `enableDnsSupport`.
    pub enable_dns_support: bool,
    /// `enableDnsHostnames`.
    pub enable_dns_hostnames: bool,
    /// The main route table.
    pub main_route_table: RouteTableId,
    /// The default security group.
    pub default_security_group: SecurityGroupId,
    /// The default network ACL.
    pub default_network_acl: NetworkAclId,
    /// Its tags.
    pub tags: Tags,
}

/// One CIDR block of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcCidr {
    /// The association's id.
    pub association: VpcCidrAssociationId,
    /// The block.
    pub cidr: Ipv4Net,
}

impl Vpc {
    /// The primary CIDR block.
    #[must_use]
    pub fn primary_cidr(&self) -> Ipv4Net {
        self.cidrs
            .first()
            .map_or_else(Ipv4Net::default, |first| first.cidr)
    }
    /// The address of the VPC's resolver: primary CIDR base + 2.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
    #[must_use]
    pub fn resolver_address(&self) -> std::net::Ipv4Addr {
        std::net::Ipv4Addr::from(u32::from(self.primary_cidr().network()).wrapping_add(2))
    }
    /// Whether an address lies in one of its blocks.
    #[must_use]
    pub fn contains(&self, ip: std::net::Ipv4Addr) -> bool {
        self.cidrs.iter().any(|block| block.cidr.contains(&ip))
    }
    /// Whether private names work: both DNS attributes are on.
    #[must_use]
    pub fn private_dns_possible(&self) -> bool {
        self.enable_dns_support && self.enable_dns_hostnames
    }
}

//! VPCs and their attributes.
//!
//! A lab makes no default VPC: it is as an account whose default VPCs were deleted, so nothing is there that the story did not make.
use crate::{
    Cloud, Context, DhcpOptionsId, Direction, IpProtocol, NetworkAcl, NetworkAclId, Refusal, Route, RouteTable, RouteTableAssociation,
    RouteTableAssociationId, RouteTableId, RouteTarget, RulePeer, Scope, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    SecurityGroupRuleId, Tags, VpcCidrAssociationId, VpcId,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod cidr;

pub use cidr::MAX_CIDRS;

/// The most VPCs of an account in a region. AWS begins with 5 and raises that on request, to hundreds.
pub const MAX_VPCS: usize = 100;

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
    /// Its DHCP options; the region's default ones when none are named.
    #[serde(default)]
    pub dhcp_options: Option<DhcpOptionsId>,
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
        self.cidrs.first().map_or_else(Ipv4Net::default, |first| first.cidr)
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

/// The input of [`Cloud::create_vpc`].
#[derive(Clone, Debug)]
pub struct CreateVpc {
    /// The primary CIDR block; host bits are cleared.
    pub cidr: Ipv4Net,
    /// Its tags.
    pub tags: Tags,
}

/// One attribute to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VpcAttribute {
    /// `enableDnsSupport`
    DnsSupport(bool),
    /// `enableDnsHostnames`
    DnsHostnames(bool),
}

impl Cloud {
    /// `CreateVpc`: the VPC with its main route table, its default security group and its default network ACL.
    ///
    /// # Errors
    /// A block that cannot be a VPC's, or too many VPCs.
    pub fn create_vpc(&mut self, cx: &mut Context, input: CreateVpc) -> Result<VpcId, Refusal> {
        let cidr = input.cidr.trunc();
        if !is_vpc_block(cidr) {
            return Err(Refusal::VpcRange(cidr));
        }
        let owned = self.vpcs.values().filter(|vpc| vpc.scope == cx.scope);
        if owned.count() >= MAX_VPCS {
            return Err(Refusal::VpcLimit);
        }
        let vpc = Vpc {
            id: VpcId::fresh(&mut cx.ids),
            scope: cx.scope.clone(),
            cidrs: vec![VpcCidr { association: VpcCidrAssociationId::fresh(&mut cx.ids), cidr }],
            enable_dns_support: true,
            enable_dns_hostnames: false,
            main_route_table: RouteTableId::fresh(&mut cx.ids),
            default_security_group: SecurityGroupId::fresh(&mut cx.ids),
            default_network_acl: NetworkAclId::fresh(&mut cx.ids),
            dhcp_options: None,
            tags: input.tags,
        };
        let (table, group, acl) = (main_route_table(cx, &vpc), default_security_group(cx, &vpc), NetworkAcl::default_of(&vpc));
        self.route_tables.insert(table.id.clone(), Arc::new(table));
        self.security_groups.insert(group.id.clone(), Arc::new(group));
        self.network_acls.insert(acl.id.clone(), Arc::new(acl));
        let id = vpc.id.clone();
        self.vpcs.insert(id.clone(), Arc::new(vpc));
        Ok(id)
    }

    /// `DeleteVpc`: also takes away what [`Cloud::create_vpc`] made with it. Peering connections do not keep it: they end.
    ///
    /// # Errors
    /// While it holds subnets, groups, route tables or endpoints of the customer's.
    pub fn delete_vpc(&mut self, cx: &mut Context, id: &VpcId) -> Result<(), Refusal> {
        let vpc = Arc::clone(self.visible_vpc(&cx.scope, id)?);
        let in_use = self.subnets.values().any(|subnet| &subnet.vpc == id)
            || self.vpc_endpoints.values().any(|end| &end.vpc == id)
            || self.network_interfaces.values().any(|eni| &eni.vpc == id)
            || self.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(id))
            || (self.security_groups.values()).any(|group| &group.vpc == id && group.id != vpc.default_security_group)
            || (self.route_tables.values()).any(|table| &table.vpc == id && table.id != vpc.main_route_table)
            || (self.network_acls.values()).any(|acl| &acl.vpc == id && acl.id != vpc.default_network_acl);
        if in_use {
            return Err(Refusal::DependencyViolation { resource: format!("vpc '{id}'") });
        }
        self.route_tables.remove(&vpc.main_route_table);
        self.security_groups.remove(&vpc.default_security_group);
        self.network_acls.remove(&vpc.default_network_acl);
        self.vpcs.remove(id);
        self.end_peerings_of(cx, id);
        Ok(())
    }

    /// `ModifyVpcAttribute`. DNS hostnames need DNS support; switching support off leaves the hostnames attribute as it is, and
    /// without effect.
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>
    ///
    /// # Errors
    /// An unknown VPC, or hostnames without support.
    pub fn modify_vpc_attribute(&mut self, cx: &mut Context, id: &VpcId, attribute: VpcAttribute) -> Result<(), Refusal> {
        let support = self.visible_vpc(&cx.scope, id)?.enable_dns_support;
        if attribute == VpcAttribute::DnsHostnames(true) && !support {
            return Err(Refusal::HostnamesNeedSupport);
        }
        if let Some(vpc) = self.vpcs.get_mut(id).map(Arc::make_mut) {
            match attribute {
                VpcAttribute::DnsSupport(on) => vpc.enable_dns_support = on,
                VpcAttribute::DnsHostnames(on) => vpc.enable_dns_hostnames = on,
            }
        }
        Ok(())
    }
}

/// Whether a block can be a VPC's: /16 to /28, of addresses that a host may have.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>
fn is_vpc_block(cidr: Ipv4Net) -> bool {
    let [first, second, ..] = cidr.network().octets();
    let of_hosts = !matches!(first, 0 | 127 | 224..) && (first, second) != (169, 254);
    (16..=28).contains(&cidr.prefix_len()) && of_hosts
}

fn main_route_table(cx: &mut Context, vpc: &Vpc) -> RouteTable {
    let local = |block: &VpcCidr| Route { destination: block.cidr, target: RouteTarget::Local, from_table: true };
    RouteTable {
        id: vpc.main_route_table.clone(),
        scope: vpc.scope.clone(),
        vpc: vpc.id.clone(),
        routes: vpc.cidrs.iter().map(local).collect(),
        associations: vec![RouteTableAssociation { id: RouteTableAssociationId::fresh(&mut cx.ids), subnet: None }],
        client_token: None,
        tags: Tags::new(),
    }
}

/// Everything in from the group's own members, everything out.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
fn default_security_group(cx: &mut Context, vpc: &Vpc) -> SecurityGroup {
    let mut rule = |direction, peer| SecurityGroupRule {
        id: SecurityGroupRuleId::fresh(&mut cx.ids),
        direction,
        protocol: IpProtocol::All,
        ports: None,
        peer,
        description: None,
        tags: Tags::new(),
    };
    let own = RulePeer::Group { group: vpc.default_security_group.clone(), account: vpc.scope.account.clone(), peering: None };
    let rules = vec![rule(Direction::Ingress, own), rule(Direction::Egress, RulePeer::Ipv4(Ipv4Net::default()))];
    SecurityGroup {
        id: vpc.default_security_group.clone(),
        scope: vpc.scope.clone(),
        vpc: vpc.id.clone(),
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        rules,
        tags: Tags::new(),
    }
}

#[cfg(test)]
mod tests;

//! What an analysis found, in the words of the API.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsAnalysis.html>
use serde::{Deserialize, Serialize};

/// What an analysis found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Whether the destination is reachable.
    pub found: bool,
    /// The way there; empty when there is none.
    pub forward: Vec<PathComponent>,
    /// The way back.
    pub back: Vec<PathComponent>,
    /// Why there is no way.
    pub explanations: Vec<Explanation>,
    /// What could not be known.
    pub warning: Option<String>,
}

/// A resource: its id and its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its Name tag.
    pub name: Option<String>,
}

/// A span of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRule {
    /// The addresses.
    pub cidr: String,
    /// Out of the subnet.
    pub egress: bool,
    /// The ports, when not all.
    pub ports: Option<Ports>,
    /// `all`, or the protocol.
    pub protocol: String,
    /// Allow rather than deny.
    pub allow: bool,
    /// Its number; 32767 is the closing `*`.
    pub number: u16,
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// The addresses, when they are named.
    pub cidr: Option<String>,
    /// Out of the interface.
    pub egress: bool,
    /// The group that is referred to.
    pub group: Option<String>,
    /// The ports, when not all.
    pub ports: Option<Ports>,
    /// `all`, or the protocol.
    pub protocol: String,
}

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableRoute {
    /// The destination.
    pub destination: String,
    /// A gateway; `local` inside the VPC.
    pub gateway: Option<String>,
    /// A NAT gateway.
    pub nat_gateway: Option<String>,
    /// An interface.
    pub interface: Option<String>,
    /// A peering connection.
    pub peering: Option<String>,
    /// `CreateRouteTable` or `CreateRoute`.
    pub origin: String,
    /// `active` or `blackhole`.
    pub state: String,
}

/// A packet's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketHeader {
    /// The source.
    pub source: String,
    /// The destination.
    pub destination: String,
    /// Its ports.
    pub source_ports: Ports,
    /// Its ports.
    pub destination_ports: Ports,
    /// `6` or `17`.
    pub protocol: String,
}

/// One component of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathComponent {
    /// What it is.
    pub component: Component,
    /// The entry that lets the packet pass, of a network ACL.
    pub acl_rule: Option<AclRule>,
    /// The rule that lets it pass, of a security group.
    pub group_rule: Option<GroupRule>,
    /// The route that is taken, of a route table.
    pub route: Option<RouteTableRoute>,
    /// Its subnet.
    pub subnet: Option<Component>,
    /// Its VPC.
    pub vpc: Option<Component>,
    /// The VPCs that a peering connection leads from and to.
    pub vpcs: Option<(Component, Component)>,
    /// The header as the packet leaves it.
    pub outbound: Option<PacketHeader>,
    /// The header as the packet comes.
    pub inbound: Option<PacketHeader>,
    /// What an interface or an ACL belongs to.
    pub attached_to: Option<Component>,
}

/// Why there is no way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// As `ENI_SG_RULES_MISMATCH`.
    pub code: String,
    /// `ingress` or `egress`.
    pub direction: Option<String>,
    /// What stands in the way, when it has no member of its own.
    pub component: Option<Component>,
    /// The network ACL.
    pub acl: Option<Component>,
    /// Its entry.
    pub acl_rule: Option<AclRule>,
    /// The address that is meant.
    pub address: Option<String>,
    /// What it is not within.
    pub cidrs: Vec<String>,
    /// The destination.
    pub destination: Option<Component>,
    /// The interface.
    pub interface: Option<Component>,
    /// The peering connection.
    pub peering: Option<Component>,
    /// The port.
    pub port: Option<u16>,
    /// The ports.
    pub ports: Vec<Ports>,
    /// The protocols.
    pub protocols: Vec<String>,
    /// The route table.
    pub route_table: Option<Component>,
    /// Its route.
    pub route: Option<RouteTableRoute>,
    /// The security groups that were asked.
    pub security_groups: Vec<Component>,
    /// The state it is in.
    pub state: Option<String>,
    /// The subnet.
    pub subnet: Option<Component>,
    /// The VPC.
    pub vpc: Option<Component>,
}

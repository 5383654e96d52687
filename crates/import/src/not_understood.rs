//! What an import does not understand, and what leans on it.
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::fmt;
use vpclab_cloud::{
    Direction, DomainName, HostedZoneId, NetworkInterfaceId, RestApiId, RouteTableId, Scope, SecurityGroupId, VpcEndpointId, VpcId,
    VpcPeeringConnectionId,
};

/// Something that is there and that vpclab cannot take into account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotUnderstood {
    /// The id or the name of the resource.
    pub resource: String,
    /// What of it.
    pub what: String,
    /// The judgements that lean on it. None: it was left out or taken for granted, and no verdict turns on it.
    #[serde(default)]
    pub affects: Vec<Affected>,
}

/// A part of a call's way of which not all is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Affected {
    /// What an interface sends, answers or lets through.
    Interface(NetworkInterfaceId),
    /// A route; without a destination it may be any.
    Route {
        /// Its table.
        table: RouteTableId,
        /// Where it leads to.
        destination: Option<Ipv4Net>,
    },
    /// A rule of a security group that may allow more than the rules that are known.
    Rules {
        /// The group.
        group: SecurityGroupId,
        /// In or out.
        direction: Direction,
    },
    /// Whether and how a peering connection carries packets and names.
    Peering(VpcPeeringConnectionId),
    /// All that goes through a VPC.
    Vpc(VpcId),
    /// What an endpoint lets through.
    Endpoint(VpcEndpointId),
    /// What an API does with every call.
    Api(RestApiId),
    /// What a method of an API does.
    Method {
        /// The API.
        api: RestApiId,
        /// The resource's path.
        path: String,
        /// `GET`, …, `ANY`.
        method: String,
    },
    /// Who may invoke a function, and what it answers.
    Function {
        /// Its account and region.
        scope: Scope,
        /// Its name.
        name: String,
    },
    /// What a name of a hosted zone resolves to; without a name, any of them.
    Name {
        /// The zone.
        zone: HostedZoneId,
        /// The name.
        name: Option<DomainName>,
    },
    /// What names resolve to in a VPC that forwards them.
    Forwarded {
        /// The VPC.
        vpc: VpcId,
        /// The domain: its names and those below it; without one, all names.
        domain: Option<DomainName>,
        /// Domains below it that are not forwarded.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<DomainName>,
    },
    /// To which API a host name leads; `*.example.com` is every name one label below.
    Host(String),
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.what)
    }
}

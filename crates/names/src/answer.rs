//! What comes of a question, with its cause as data.
use crate::{DomainName, Soa};
use std::net::{Ipv4Addr, Ipv6Addr};
use vpclab_cloud::{HostedZoneId, NetworkInterfaceId, Region, RestApiId, VpcEndpointId, VpcId, VpcPeeringConnectionId};

/// All fates of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The resolver does not answer: the client waits until it gives up.
    Silent(Silence),
    /// The lab owns the name, or the question may not be asked.
    Answered(Answer),
    /// The lab does not own the name. A resolver that forwards asks elsewhere; any other gives this answer.
    Outside(Answer),
}

impl Outcome {
    /// The answer that a lab which forwards nothing gives; `None` when it is silent.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Silent(_) => None,
            Self::Answered(answer) | Self::Outside(answer) => Some(answer),
        }
    }
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// `enableDnsSupport` is off.
    DnsSupportOff,
    /// There is no such VPC (any more).
    NoVpc,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The response code.
    pub rcode: Rcode,
    /// The CNAME records of hosted zones that led from the name asked to the name of the records.
    pub chain: Vec<Hop>,
    /// The records, all of one name.
    pub records: Vec<RecordData>,
    /// The records' time to live, in seconds.
    pub ttl: u32,
    /// The zone's start, in answers without records.
    pub authority: Option<Soa>,
    /// Where the answer comes from.
    pub source: Source,
}

/// One CNAME record on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its name, as it was asked.
    pub name: DomainName,
    /// Where it leads.
    pub target: DomainName,
    /// Its time to live, in seconds.
    pub ttl: u32,
    /// The zone that has it.
    pub zone: HostedZoneId,
}

/// The response codes that occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rcode {
    /// The name exists, with or without records of the type asked.
    NoError,
    /// The name does not exist.
    NxDomain,
    /// Questions of this kind are not answered.
    Refused,
    /// The way to the answer has no end.
    ServFail,
}

/// The data of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A host name.
    Ptr(String),
    /// A name server.
    Ns(String),
    /// The start of a zone.
    Soa(Soa),
    /// The name's true name.
    Cname(DomainName),
    /// Character strings.
    Txt(Vec<Vec<u8>>),
    /// Character strings, under the type SPF.
    Spf(Vec<Vec<u8>>),
    /// A mail server.
    Mx {
        /// Lower ones first.
        preference: u16,
        /// The server.
        exchange: DomainName,
    },
    /// A server of a service.
    Srv {
        /// Lower ones first.
        priority: u16,
        /// Share among those of one priority.
        weight: u16,
        /// The port.
        port: u16,
        /// The server.
        target: DomainName,
    },
    /// Who may issue certificates.
    Caa {
        /// Bit 7: critical.
        flags: u8,
        /// `issue`, `issuewild`, `iodef`.
        tag: String,
        /// The tag's value.
        value: Vec<u8>,
    },
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The private zone that the endpoint attached to this VPC.
    PrivateDns {
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
    /// A customer's zone that this VPC is associated with.
    HostedZone {
        /// The zone.
        zone: HostedZoneId,
        /// The name of the records, which may be a wildcard; `None` where only names below have records.
        matched: Option<DomainName>,
        /// What an alias led to.
        alias: Option<Box<Source>>,
    },
    /// CNAME records that lead in a circle or too far.
    EndlessChain,
    /// The public name of an endpoint.
    EndpointName {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The availability zone of a zonal name; `None` for the regional name.
        zone: Option<String>,
    },
    /// The public alias of an API at one endpoint.
    ApiAlias {
        /// The API.
        api: RestApiId,
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
    /// The private name of an address.
    PrivateHostname {
        /// The address in the name.
        address: Ipv4Addr,
    },
    /// The public name of a public address.
    PublicHostname {
        /// The address in the name.
        address: Ipv4Addr,
        /// The interface that has it.
        interface: NetworkInterfaceId,
    },
    /// The reverse name of an interface of this VPC.
    Reverse {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// `localhost` and its addresses.
    Localhost,
    /// The name exists only because names below it do.
    Ancestor,
    /// There is no such name.
    Nothing(Absence),
    /// Only class IN is served, and no zone transfers.
    NotServed,
}

/// Why a name does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// A customer's zone of this VPC has no such name; neither shorter zones nor the public DNS are asked.
    NotInZone {
        /// The zone.
        zone: HostedZoneId,
        /// What would have answered if the zone were not there: the zone hides it.
        hides: Option<Box<Source>>,
    },
    /// A name under `execute-api.{r}.amazonaws.com` that no public zone has, in a VPC that has no private zone for it.
    /// The name of a private API is like this wherever private DNS does not serve it.
    NotPublished {
        /// The region in the name.
        region: Region,
        /// The API that the name is of, if the lab has it.
        api: Option<RestApiId>,
        /// Why this VPC's private zone does not answer.
        private_dns: NoPrivateDns,
        /// Peers whose own private zone would answer; peering carries no zones.
        peers: Vec<PeerZone>,
    },
    /// The name of a REGIONAL or EDGE API: public on AWS, but there is no public address in a lab.
    PublicApi {
        /// The API.
        api: RestApiId,
        /// Why this VPC's private zone does not answer.
        private_dns: NoPrivateDns,
    },
    /// An alias `{api}-{vpce}` that is not published.
    Alias {
        /// The API in the name.
        api: RestApiId,
        /// The endpoint in the name.
        endpoint: VpcEndpointId,
        /// Why not.
        because: NoAlias,
    },
    /// A name under `vpce.amazonaws.com` that no endpoint has.
    NoEndpointName,
    /// A private name or reverse name in a VPC whose attributes are not both on.
    HostnamesOff,
    /// A private name of another region than the VPC's.
    OtherRegion,
    /// A private name that is of no private address.
    NoPrivateHostname,
    /// No interface of this VPC has the address.
    NoInterface {
        /// The address.
        address: Ipv4Addr,
    },
    /// A name in a zone that no resolver asks others about.
    LocalZone,
    /// A name that the lab does not know of.
    Unknown,
}

/// Why a VPC has no private zone for `execute-api.{r}.amazonaws.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPrivateDns {
    /// It has no endpoint for API Gateway.
    NoEndpoint,
    /// Its endpoints have private DNS off.
    Disabled(Vec<VpcEndpointId>),
    /// Its endpoint has private DNS on, but `enableDnsHostnames` is off.
    HostnamesOff(VpcEndpointId),
    /// The name is of another region than the VPC's.
    OtherRegion,
}

/// A peer that has a private zone for the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerZone {
    /// The active peering connection.
    pub connection: VpcPeeringConnectionId,
    /// The peer.
    pub vpc: VpcId,
    /// Its endpoint.
    pub endpoint: VpcEndpointId,
    /// The peer's `AllowDnsResolutionFromRemoteVpc`: it concerns public instance names, not private zones.
    pub allows_dns_resolution: bool,
}

/// Why an alias is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAlias {
    /// There is no such API in the region.
    NoApi,
    /// There is no such endpoint in the region.
    NoEndpoint,
    /// The API is not private.
    NotPrivate,
    /// The API does not list the endpoint.
    NotAssociated,
    /// The API lists the endpoint, but no stage serves a deployment that does.
    NotDeployed,
}

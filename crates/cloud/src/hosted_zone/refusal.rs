//! What Route 53 refuses, in its words.
use super::RecordKind;
use crate::{DomainName, NoDomainName, Region, VpcId};

/// A refused operation on hosted zones; each has a code of its own, which the service's table gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneRefusal {
    /// `NoSuchHostedZone`
    #[error("No hosted zone found with ID: {0}")]
    NotFound(String),
    /// `HostedZoneAlreadyExists`
    #[error("A hosted zone has already been created with the specified caller reference.")]
    AlreadyExists,
    /// `HostedZoneNotEmpty`
    #[error("The specified hosted zone contains non-required resource record sets  and so cannot be deleted.")]
    NotEmpty,
    /// `TooManyHostedZones`
    #[error("Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more hosted zones.")]
    TooManyZones,
    /// `InvalidDomainName`
    #[error("{0}")]
    InvalidDomainName(NoDomainName),
    /// `ConflictingDomainExists`
    #[error("The VPC {vpc} in region {region} has already been associated with the hosted zone {zone} with the same domain name.")]
    ConflictingDomain {
        /// The VPC.
        vpc: VpcId,
        /// Its region.
        region: Region,
        /// The zone that has the name there: a customer's, or the hidden one of an endpoint with private DNS.
        zone: String,
    },
    /// `InvalidVPCId`
    #[error("The VPC: {vpc} in region {region} that you provided is not authorized to make the association.")]
    InvalidVpc {
        /// What was named.
        vpc: String,
        /// The region named.
        region: Region,
    },
    /// `NotAuthorizedException`
    #[error("The VPC: {0} has not authorized to associate with your hosted zone.")]
    NotAuthorized(VpcId),
    /// `PublicZoneVPCAssociation`
    #[error(
        "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone."
    )]
    PublicZone,
    /// `VPCAssociationNotFound`
    #[error("The VPC: {vpc} in region {region} that you provided is not associated with the hosted zone.")]
    NotAssociated {
        /// The VPC.
        vpc: VpcId,
        /// The region named.
        region: Region,
    },
    /// `LastVPCAssociation`
    #[error("Cannot remove last VPC association for the private zone")]
    LastVpc,
    /// `VPCAssociationAuthorizationNotFound`
    #[error("The VPC that you specified is not authorized to be associated with the hosted zone.")]
    AuthorizationNotFound,
    /// `TooManyVPCAssociationAuthorizations`
    #[error("You've created the maximum number of authorizations that can be created for the specified hosted zone.")]
    TooManyAuthorizations,
    /// `LimitsExceeded`
    #[error("Limits Exceeded: MAX_VPCS_ASSOCIATED_BY_ZONE - Cannot associate more VPCs with the hosted zone.")]
    TooManyVpcs,
    /// `NoSuchChange`
    #[error("Could not find resource with ID: {0}")]
    NoChange(String),
    /// `InvalidInput`
    #[error("{0}")]
    InvalidInput(String),
    /// `InvalidChangeBatch`: everything that is wrong with the changes.
    #[error("[{}]", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    InvalidChangeBatch(Vec<ChangeProblem>),
}

/// One thing that is wrong with a batch of changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeProblem {
    /// CREATE of what is there.
    #[error("Tried to create resource record set [name='{}', type='{kind}'] but it already exists", .name.with_dot())]
    Exists {
        /// The name.
        name: DomainName,
        /// The type.
        kind: RecordKind,
    },
    /// DELETE of what is not there.
    #[error("Tried to delete resource record set [name='{}', type='{kind}'] but it was not found", .name.with_dot())]
    NotFound {
        /// The name.
        name: DomainName,
        /// The type.
        kind: RecordKind,
    },
    /// DELETE of a record set with another content.
    #[error("Tried to delete resource record set [name='{}', type='{kind}'] but the values provided do not match the current values", .name.with_dot())]
    OtherValues {
        /// The name.
        name: DomainName,
        /// The type.
        kind: RecordKind,
    },
    /// A name outside the zone.
    #[error("RRSet with DNS name {} is not permitted in zone {}", .name.with_dot(), .zone.with_dot())]
    OutsideZone {
        /// The name.
        name: DomainName,
        /// The zone's name.
        zone: DomainName,
    },
    /// A CNAME record with the zone's own name.
    #[error("RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}", .zone.with_dot(), .zone.with_dot())]
    CnameAtApex {
        /// The zone's name.
        zone: DomainName,
    },
    /// A CNAME record beside others of its name.
    #[error(
        "RRSet of type CNAME with DNS name {} is not permitted as it conflicts with other records with the same DNS name in zone {}",
        .name.with_dot(), .zone.with_dot()
    )]
    CnameNotAlone {
        /// The name.
        name: DomainName,
        /// The zone's name.
        zone: DomainName,
    },
    /// A record beside a CNAME record of its name.
    #[error(
        "RRSet of type {kind} with DNS name {} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already \
         exists in zone {}",
        .name.with_dot(), .zone.with_dot()
    )]
    BesideCname {
        /// The type.
        kind: RecordKind,
        /// The name.
        name: DomainName,
        /// The zone's name.
        zone: DomainName,
    },
    /// The same value twice.
    #[error("Duplicate Resource Record: '{0}'")]
    DuplicateValue(String),
    /// A value that is none of the type.
    #[error("Invalid Resource Record: 'FATAL problem: {problem} encountered with '{value}''")]
    InvalidValue {
        /// What is wrong with it.
        problem: String,
        /// The value.
        value: String,
    },
    /// More than one value of a type that has one.
    #[error("RRSet of type {kind} with DNS name {} contains more than one resource record", .name.with_dot())]
    OneValue {
        /// The type.
        kind: RecordKind,
        /// The name.
        name: DomainName,
    },
    /// The same record set is changed twice.
    #[error("The request contains an invalid set of changes for a resource record set '{kind} {}'", .name.with_dot())]
    ChangedTwice {
        /// The name.
        name: DomainName,
        /// The type.
        kind: RecordKind,
    },
    /// The NS record of the zone would be gone.
    #[error("A HostedZone must contain at least one NS record for the zone itself.")]
    NameServersGone,
    /// The SOA record of the zone would be gone, or there would be another.
    #[error("A HostedZone must contain exactly one SOA record.")]
    OneSoa,
    /// An alias to a name that the zone of its id does not hold.
    #[error(
        "Tried to create an alias that targets {}, type {kind} in zone {zone}, but the alias target name does not lie within the target zone",
        .target.with_dot()
    )]
    AliasOutsideZone {
        /// The target.
        target: DomainName,
        /// The type.
        kind: RecordKind,
        /// The target's zone.
        zone: String,
    },
    /// An alias to a name that is not there.
    #[error("Tried to create an alias that targets {}, type {kind} in zone {zone}, but that target was not found", .target.with_dot())]
    AliasNotFound {
        /// The target.
        target: DomainName,
        /// The type.
        kind: RecordKind,
        /// The target's zone.
        zone: String,
    },
    /// An alias of a type that cannot be one.
    #[error("Alias record sets of type {0} are not supported")]
    AliasOfType(RecordKind),
    /// Too many records in a batch.
    #[error("Number of records limit of 1000 exceeded.")]
    TooManyRecords,
    /// Too much text in a batch.
    #[error("RDATA character limit exceeded.")]
    TooMuchText,
    /// Too many record sets in the zone.
    #[error("Limits Exceeded: MAX_RRSETS_BY_ZONE - Cannot create more resource record sets in the hosted zone.")]
    TooManySets,
}

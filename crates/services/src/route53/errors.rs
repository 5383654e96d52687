//! Route 53's error codes: the only place where a [`ZoneRefusal`] meets them.
//! Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html#API_CreateHostedZone_Errors>
use vpclab_cloud::hosted_zone::ZoneRefusal as Z;
use vpclab_cloud::{DomainName, HostedZoneId, Refusal};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    match refusal {
        Refusal::HostedZone(why) => word_zone(why),
        // Refusals of other services cannot come out of operations on zones; whatever does was asked wrongly.
        other => invalid_input(other.to_string()),
    }
}

pub(super) fn word_zone(why: &Z) -> WireError {
    let (status, code) = match why {
        Z::NotFound(_) => (404, "NoSuchHostedZone"),
        Z::AlreadyExists => (409, "HostedZoneAlreadyExists"),
        Z::NotEmpty => (400, "HostedZoneNotEmpty"),
        Z::TooManyZones => (400, "TooManyHostedZones"),
        Z::InvalidDomainName(_) => (400, "InvalidDomainName"),
        Z::ConflictingDomain { .. } => (400, "ConflictingDomainExists"),
        Z::InvalidVpc { .. } => (400, "InvalidVPCId"),
        Z::NotAuthorized(_) => (401, "NotAuthorizedException"),
        Z::PublicZone => (400, "PublicZoneVPCAssociation"),
        Z::NotAssociated { .. } => (404, "VPCAssociationNotFound"),
        Z::LastVpc => (400, "LastVPCAssociation"),
        Z::AuthorizationNotFound => (404, "VPCAssociationAuthorizationNotFound"),
        Z::TooManyAuthorizations => (400, "TooManyVPCAssociationAuthorizations"),
        Z::TooManyVpcs => (400, "LimitsExceeded"),
        Z::NoChange(_) => (404, "NoSuchChange"),
        Z::InvalidInput(_) => (400, "InvalidInput"),
        Z::InvalidChangeBatch(_) => (400, "InvalidChangeBatch"),
    };
    WireError::new(status, code, why.to_string())
}

pub(super) fn invalid_input(text: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidInput", text)
}

/// A value that is not in an enumeration of the interface.
pub(super) fn not_in_enum(value: &str, member: &str, legal: &[&str]) -> WireError {
    invalid_input(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        legal.join(", ")
    ))
}

/// A text that is too long or too short for its member.
pub(super) fn check_length(member: &str, text: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<(), WireError> {
    let length = text.chars().count();
    if lengths.contains(&length) {
        return Ok(());
    }
    let (least, most) = (lengths.start(), lengths.end());
    let (bound, number) = if length < *least { ("greater", least) } else { ("less", most) };
    Err(invalid_input(format!(
        "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must have length {bound} than or \
         equal to {number}"
    )))
}

pub(crate) fn zone_id(text: &str) -> Result<HostedZoneId, WireError> {
    text.parse().map_err(|why| word_zone(&why))
}

/// The name of a zone.
pub(crate) fn domain_name(text: &str) -> Result<DomainName, WireError> {
    DomainName::parse(text).map_err(|why| word_zone(&Z::InvalidDomainName(why)))
}

//! A question: name, type and class, with the numbers of the DNS.
use crate::DomainName;

/// A record type by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u16);

impl RecordType {
    /// An IPv4 address.
    pub const A: Self = Self(1);
    /// A name server.
    pub const NS: Self = Self(2);
    /// A name's true name.
    pub const CNAME: Self = Self(5);
    /// The start of a zone.
    pub const SOA: Self = Self(6);
    /// A name for an address.
    pub const PTR: Self = Self(12);
    /// A mail server.
    pub const MX: Self = Self(15);
    /// Character strings.
    pub const TXT: Self = Self(16);
    /// An IPv6 address.
    pub const AAAA: Self = Self(28);
    /// A server of a service.
    pub const SRV: Self = Self(33);
    /// The older type of character strings for mail.
    pub const SPF: Self = Self(99);
    /// An incremental zone transfer.
    pub const IXFR: Self = Self(251);
    /// A zone transfer.
    pub const AXFR: Self = Self(252);
    /// Whatever there is.
    pub const ANY: Self = Self(255);
    /// Who may issue certificates.
    pub const CAA: Self = Self(257);
}

/// A class by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u16);

impl Class {
    /// The internet.
    pub const IN: Self = Self(1);
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name.
    pub name: DomainName,
    /// The type.
    pub record_type: RecordType,
    /// The class.
    pub class: Class,
}

impl Question {
    /// A question of class IN.
    #[must_use]
    pub fn new(name: DomainName, record_type: RecordType) -> Self {
        Self { name, record_type, class: Class::IN }
    }
}

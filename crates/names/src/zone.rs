//! The zones that answer, and the start-of-authority records of their negative answers.

/// The time to live of every answer that no customer's zone gives, in seconds. 60 s is what is seen of endpoint names on AWS.
pub const TTL: u32 = 60;

/// A zone's start-of-authority record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The zone's name without the last dot; empty for the root.
    pub zone: String,
    /// Its primary name server.
    pub mname: String,
    /// The mailbox of who is responsible, as a name.
    pub rname: String,
    /// Its serial number.
    pub serial: u32,
    /// Seconds between refreshes.
    pub refresh: i32,
    /// Seconds between retries.
    pub retry: i32,
    /// Seconds after which a copy is stale.
    pub expire: i32,
    /// Seconds for which a negative answer may be kept.
    pub minimum: u32,
    /// The record's own time to live.
    pub ttl: u32,
}

impl Soa {
    /// A zone kept by Route 53: a private hosted zone, or one of the service's public zones.
    pub(crate) fn hosted(zone: impl Into<String>) -> Self {
        Self {
            zone: zone.into(),
            mname: "ns-0.awsdns-00.com".into(),
            rname: "awsdns-hostmaster.amazon.com".into(),
            serial: 1,
            refresh: 7200,
            retry: 900,
            expire: 1_209_600,
            minimum: TTL,
            ttl: TTL,
        }
    }

    /// A zone that the VPC's resolver serves of itself: private host names, reverse names.
    pub(crate) fn local(zone: impl Into<String>) -> Self {
        let zone = zone.into();
        Self {
            mname: format!("ns0.{zone}"),
            rname: "hostmaster.amazon.com".into(),
            zone,
            serial: 1,
            refresh: 3600,
            retry: 3600,
            expire: 3600,
            minimum: TTL,
            ttl: TTL,
        }
    }

    /// The root: it denies every name that a lab does not have.
    pub(crate) fn root() -> Self {
        Self {
            zone: String::new(),
            mname: "a.root-servers.net".into(),
            rname: "nstld.verisign-grs.com".into(),
            serial: 1,
            refresh: 1800,
            retry: 900,
            expire: 604_800,
            minimum: TTL,
            ttl: TTL,
        }
    }
}

//! Record sets: the records of one name and one type.
use super::{HostedZone, HostedZoneId, RecordKind, RecordValue};
use crate::{Cloud, DomainName};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The records of one name and type in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// The zone.
    pub zone: HostedZoneId,
    /// The name; a first label `\052` is a wildcard.
    pub name: DomainName,
    /// The type.
    pub kind: RecordKind,
    /// What is answered.
    pub content: Content,
}

/// What a record set answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Values that live for `ttl` seconds.
    Values {
        /// Seconds.
        ttl: u32,
        /// At least one.
        values: Vec<RecordValue>,
    },
    /// What another name of the same type answers.
    Alias(AliasTarget),
}

/// Where an alias leads.
/// Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasTarget {
    /// The zone of the target: the record's own, or that of the endpoints' public names in a region.
    pub zone: String,
    /// The target.
    pub name: DomainName,
    /// `EvaluateTargetHealth`: without effect, for nothing in a lab is unhealthy.
    pub evaluate_target_health: bool,
}

impl RecordSet {
    /// Its key among all record sets.
    #[must_use]
    pub fn key(&self) -> (HostedZoneId, DomainName, RecordKind) {
        (self.zone.clone(), self.name.clone(), self.kind)
    }

    /// Whether its zone cannot be without it.
    #[must_use]
    pub fn is_required(&self, zone: &HostedZone) -> bool {
        self.name == zone.name && matches!(self.kind, RecordKind::Ns | RecordKind::Soa)
    }
}

impl Cloud {
    /// The record sets of a zone, in the order of Route 53's lists.
    pub fn record_sets_of<'a>(&'a self, zone: &'a HostedZoneId) -> impl Iterator<Item = &'a Arc<RecordSet>> {
        self.record_sets_from(zone, &DomainName::default())
    }

    /// The record sets of a zone from a name on: those of the name, of the names below it, and of those behind.
    pub fn record_sets_from<'a>(&'a self, zone: &'a HostedZoneId, name: &DomainName) -> impl Iterator<Item = &'a Arc<RecordSet>> + use<'a> {
        let from = (zone.clone(), name.clone(), RecordKind::A);
        self.record_sets.range(from..).take_while(move |((of, ..), _)| of == zone).map(|(_, set)| set)
    }
}

/// The NS and SOA records that a zone is made with.
pub(super) fn defaults(zone: &HostedZone) -> [RecordSet; 2] {
    let set = |kind, ttl, texts: Vec<String>| {
        // The texts are made here, so that every one is a value.
        let values = texts.iter().filter_map(|text| RecordValue::parse(kind, text).ok()).collect();
        RecordSet { zone: zone.id.clone(), name: zone.name.clone(), kind, content: Content::Values { ttl, values } }
    };
    let first = zone.name_servers.first().map_or("", String::as_str);
    let start = format!("{first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
    let servers = zone.name_servers.iter().map(|server| format!("{server}.")).collect();
    [set(RecordKind::Ns, 172_800, servers), set(RecordKind::Soa, 900, vec![start])]
}

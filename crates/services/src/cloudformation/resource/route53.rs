//! `AWS::Route53::…`
use super::Failure;
use crate::cloudformation::properties::Properties;
use vpclab_cloud::hosted_zone::{ChangeAction, RecordChange, ZoneRefusal};
use vpclab_cloud::{Cloud, HostedZoneId, Refusal, Scope};
use vpclab_wire::{WireError, route53 as wire};

pub mod hosted_zone;
pub mod record_set;
pub mod record_set_group;

/// Route 53's refusal.
fn by_route53(refusal: Refusal) -> Failure {
    Failure::of("Route53", crate::route53::word(&refusal))
}

fn wire_by_route53(error: WireError) -> Failure {
    Failure::of("Route53", error)
}

/// The zone of records: by id, or by a name that one zone of the account has.
fn zone(cloud: &Cloud, scope: &Scope, properties: &Properties<'_>) -> Result<HostedZoneId, Failure> {
    match (properties.text("HostedZoneId")?, properties.text("HostedZoneName")?) {
        (Some(id), None) => crate::route53::zone_id(&id).map_err(wire_by_route53),
        (None, Some(name)) => {
            let mut zones = cloud.hosted_zones.values().filter(|zone| zone.account == scope.account && zone.name.with_dot() == name);
            match (zones.next(), zones.next()) {
                (Some(zone), None) => Ok(zone.id.clone()),
                (None, _) => Err(Failure::not_found(format!("No hosted zones named {name} found"))),
                (Some(_), Some(_)) => Err(Failure::invalid(format!("Found multiple hosted zones for the name {name}"))),
            }
        }
        _ => Err(Failure::invalid("Exactly one of HostedZoneId and HostedZoneName is needed")),
    }
}

fn change(action: ChangeAction, properties: &Properties<'_>) -> Result<RecordChange, Failure> {
    let alias_target = match properties.object("AliasTarget")? {
        None => None,
        Some(target) => Some(wire::AliasTarget {
            hosted_zone_id: Some(target.required("HostedZoneId")?),
            dns_name: Some(target.required("DNSName")?),
            evaluate_target_health: Some(target.truth("EvaluateTargetHealth")?.unwrap_or(false)),
        }),
    };
    let records = properties.texts("ResourceRecords")?;
    let set = wire::ResourceRecordSet {
        name: Some(properties.required("Name")?),
        type_: Some(properties.required("Type")?),
        ttl: properties.number("TTL")?,
        resource_records: records.into_iter().map(|value| wire::ResourceRecord { value: Some(value) }).collect(),
        alias_target,
    };
    let text = match action {
        ChangeAction::Create => "CREATE",
        ChangeAction::Delete => "DELETE",
        ChangeAction::Upsert => "UPSERT",
    };
    let read = crate::route53::change(wire::Change { action: text.to_owned(), resource_record_set: set }).map_err(wire_by_route53)?;
    read.map_err(|problem| by_route53(ZoneRefusal::InvalidChangeBatch(vec![problem]).into()))
}

//! Route 53's answers: hosted zones, their VPCs and their records.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::hosted_zone::{AliasTarget, Content, RecordValue, ZoneVpc};
use vpclab_cloud::{DomainName, HostedZone, HostedZoneId, RecordSet, Timestamp};

/// Members that choose among several record sets of a name.
const ROUTING: [&str; 7] = ["Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer", "CidrRoutingConfig", "GeoProximityLocation"];

/// A `HostedZones` member. Its VPCs come in an answer of their own.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: HostedZoneId = item.read("Id")?;
    if import.cloud.hosted_zones.contains_key(&id) {
        return Ok(());
    }
    let config = item.item("Config");
    let zone = HostedZone {
        account: source.scope.account.clone(),
        name: name(item, "Name")?,
        caller_reference: item.owned("CallerReference").unwrap_or_default(),
        comment: config.and_then(|config| config.owned("Comment")),
        private: config.is_some_and(|config| config.flag("PrivateZone")),
        vpcs: BTreeSet::new(),
        authorizations: BTreeSet::new(),
        name_servers: Vec::new(),
        created: Timestamp::default(),
        tags: Default::default(),
        id: id.clone(),
    };
    import.cloud.hosted_zones.insert(id, Arc::new(zone));
    Ok(())
}

/// `GetHostedZone`: the zone with its VPCs.
pub(crate) fn read_vpcs(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let Some(zone) = item.item("HostedZone") else { return Ok(()) };
    read(import, source, zone)?;
    let id: HostedZoneId = zone.read("Id")?;
    let mut vpcs = BTreeSet::new();
    for vpc in item.list("VPCs") {
        vpcs.insert(ZoneVpc { vpc: vpc.read("VPCId")?, region: vpc.read("VPCRegion")? });
    }
    if let Some(zone) = import.cloud.hosted_zones.get_mut(&id).map(Arc::make_mut) {
        zone.vpcs.extend(vpcs);
        zone.name_servers = item.item("DelegationSet").map(|set| set.texts("NameServers").map(str::to_owned).collect()).unwrap_or_default();
    }
    Ok(())
}

/// `ListResourceRecordSets`: the zone is named by the file's path, or is the only one of the name that the SOA record has.
pub(crate) fn read_records(import: &mut Import, source: &Source<'_>, whole: Item<'_>) {
    let in_path = source.document.words().find_map(|word| {
        let id: HostedZoneId = word.parse().ok()?;
        import.cloud.hosted_zones.contains_key(&id).then_some(id)
    });
    let Some(zone) = in_path.or_else(|| by_authority(import, whole)) else {
        let affects: Vec<_> = import.cloud.hosted_zones.keys().map(|zone| Affected::Name { zone: zone.clone(), name: None }).collect();
        let what = "the answer does not say which hosted zone it is of: the file's path has to name the zone's id";
        import.note(&source.document.origin, what, affects);
        return;
    };
    for item in whole.list("ResourceRecordSets") {
        if let Err(why) = read_record(import, &zone, item) {
            let affected = Affected::Name { zone: zone.clone(), name: name(item, "Name").ok() };
            let what = format!("the record of {} cannot be read: {why}", item.text("Name").unwrap_or("?"));
            import.note(zone.as_str(), what, [affected]);
        }
    }
}

fn by_authority(import: &Import, whole: Item<'_>) -> Option<HostedZoneId> {
    let authority = whole.list("ResourceRecordSets").find(|record| record.text("Type") == Some("SOA"))?;
    let apex = name(authority, "Name").ok()?;
    let mut zones = import.cloud.hosted_zones.values().filter(|zone| zone.name == apex);
    let zone = zones.next()?;
    zones.next().is_none().then(|| zone.id.clone())
}

fn read_record(import: &mut Import, zone: &HostedZoneId, item: Item<'_>) -> Result<(), Unreadable> {
    let name = name(item, "Name")?;
    if let Some(by) = ROUTING.into_iter().find(|member| item.has(member)) {
        let affected = Affected::Name { zone: zone.clone(), name: Some(name.clone()) };
        import.note(zone.as_str(), format!("vpclab knows no routing by `{by}`: a record of {name} is left out"), [affected]);
        return Ok(());
    }
    let kind = item.read("Type")?;
    let content = match item.item("AliasTarget") {
        Some(target) => Content::Alias(AliasTarget {
            zone: target.owned("HostedZoneId").unwrap_or_default(),
            name: self::name(target, "DNSName")?,
            evaluate_target_health: target.flag("EvaluateTargetHealth"),
        }),
        None => {
            let value = |record: Item<'_>| {
                let text = record.text("Value").ok_or(Unreadable::Missing("Value"))?;
                RecordValue::parse(kind, text).map_err(|_| Unreadable::Malformed { member: "Value", value: text.to_owned() })
            };
            let values: Result<Vec<_>, _> = item.list("ResourceRecords").map(value).collect();
            Content::Values { ttl: item.number("TTL").unwrap_or_default(), values: values? }
        }
    };
    let set = RecordSet { zone: zone.clone(), name, kind, content };
    import.cloud.record_sets.insert(set.key(), Arc::new(set));
    Ok(())
}

fn name(item: Item<'_>, member: &'static str) -> Result<DomainName, Unreadable> {
    let text = item.text(member).ok_or(Unreadable::Missing(member))?;
    DomainName::parse(text).map_err(|_| Unreadable::Malformed { member, value: text.to_owned() })
}

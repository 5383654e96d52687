//! Hosted zones and their record sets.
use super::{Asked, Items};
use serde_json::json;
use vpclab_cloud::hosted_zone::Content;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.hosted_zones.values().map(|zone| {
        json!({
            "HostedZoneId": zone.id.as_str(),
            "OwnerId": zone.account.as_str(),
            "Region": "global",
            "Tags": zone.tags,
            "Name": zone.name.as_str(),
            "PrivateZone": zone.private,
            "Comment": zone.comment,
            "Vpcs": zone.vpcs.iter().map(|vpc| json!({"VpcId": vpc.vpc.as_str(), "Region": vpc.region.as_str()})).collect::<Vec<_>>(),
            "NameServers": zone.name_servers,
            "CreationTime": zone.created.0,
        })
    }))
}

/// The record sets of the zone that is asked for.
pub(super) fn records<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    let own = asked.cloud.record_sets.values().filter(|set| set.zone.as_str() == asked.of);
    Box::new(own.map(|set| {
        let content = match &set.content {
            Content::Values { ttl, values } => {
                json!({"TTL": ttl, "Values": values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>()})
            }
            Content::Alias(alias) => json!({"AliasTarget": alias.name.as_str(), "AliasZone": alias.zone}),
        };
        json!({"Name": set.name.as_str(), "Type": set.kind.name(), "Content": content})
    }))
}

//! Hosted zones.
use super::association::{shown_vpc, zone_vpc};
use super::errors::{check_length, domain_name, invalid_input, not_in_enum, word, word_zone, zone_id};
use super::page::page;
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::hosted_zone::{ChangeId, CreateHostedZone, MAX_RECORD_SETS, MAX_VPCS};
use vpclab_cloud::{Cloud, Context, HostedZone, Tags};
use vpclab_wire::{Timestamp, WireError, route53 as wire};

/// Items on a page at most.
const PAGE: usize = 100;

/// `CreateHostedZone`
pub async fn create_hosted_zone(
    cx: &RequestContext,
    req: wire::CreateHostedZoneRequest,
) -> Result<wire::CreateHostedZoneResponse, WireError> {
    if req.delegation_set_id.is_some() {
        return Err(invalid_input("vpclab does not serve reusable delegation sets yet (DelegationSetId)"));
    }
    check_length("callerReference", &req.caller_reference, 1..=128)?;
    let config = req.hosted_zone_config.unwrap_or_default();
    check_length("hostedZoneConfig.comment", config.comment.as_deref().unwrap_or_default(), 0..=256)?;
    let vpc = req.vpc.as_ref().map(zone_vpc).transpose()?;
    if config.private_zone == Some(true) && vpc.is_none() {
        return Err(invalid_input(
            "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also specify values for VPCId \
             and VPCRegion.",
        ));
    }
    let input = CreateHostedZone {
        name: domain_name(&req.name)?,
        caller_reference: req.caller_reference,
        comment: config.comment,
        vpc,
        tags: Tags::new(),
    };
    let (zone, shown, change) = cx
        .change(word, |cloud, c| {
            let id = cloud.create_hosted_zone(c, input)?;
            let zone = Arc::clone(cloud.hosted_zone(&c.scope.account, &id)?);
            let shown = shown(cloud, &zone);
            Ok((zone, shown, change_info(c, None)))
        })
        .await?;
    Ok(wire::CreateHostedZoneResponse {
        location: Some(format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{}", zone.id)),
        vpc: req.vpc,
        delegation_set: Some(servers(&zone)),
        hosted_zone: Some(shown),
        change_info: Some(change),
    })
}

/// `GetHostedZone`
pub async fn get_hosted_zone(cx: &RequestContext, req: wire::GetHostedZoneRequest) -> Result<wire::GetHostedZoneResponse, WireError> {
    let cloud = cx.snapshot();
    let zone = found(cx, &cloud, &req.id)?;
    Ok(wire::GetHostedZoneResponse {
        hosted_zone: Some(shown(&cloud, zone)),
        // The name servers of a private zone are nobody's to ask.
        delegation_set: (!zone.private).then(|| servers(zone)),
        vp_cs: zone.vpcs.iter().map(shown_vpc).collect(),
    })
}

/// `DeleteHostedZone`
pub async fn delete_hosted_zone(
    cx: &RequestContext,
    req: wire::DeleteHostedZoneRequest,
) -> Result<wire::DeleteHostedZoneResponse, WireError> {
    let id = zone_id(&req.id)?;
    let change = cx
        .change(word, |cloud, c| {
            cloud.delete_hosted_zone(c, &id)?;
            Ok(change_info(c, None))
        })
        .await?;
    Ok(wire::DeleteHostedZoneResponse { change_info: Some(change) })
}

/// `UpdateHostedZoneComment`
pub async fn update_hosted_zone_comment(
    cx: &RequestContext,
    req: wire::UpdateHostedZoneCommentRequest,
) -> Result<wire::UpdateHostedZoneCommentResponse, WireError> {
    let id = zone_id(&req.id)?;
    check_length("comment", req.comment.as_deref().unwrap_or_default(), 0..=256)?;
    let zone = cx
        .change(word, |cloud, c| {
            cloud.update_hosted_zone_comment(c, &id, req.comment)?;
            let zone = Arc::clone(cloud.hosted_zone(&c.scope.account, &id)?);
            Ok(shown(cloud, &zone))
        })
        .await?;
    Ok(wire::UpdateHostedZoneCommentResponse { hosted_zone: Some(zone) })
}

/// `ListHostedZones`
pub async fn list_hosted_zones(cx: &RequestContext, req: wire::ListHostedZonesRequest) -> Result<wire::ListHostedZonesResponse, WireError> {
    if req.delegation_set_id.is_some() {
        return Err(invalid_input("vpclab does not serve reusable delegation sets yet (DelegationSetId)"));
    }
    let private = match req.hosted_zone_type.as_deref() {
        None => false,
        Some("PrivateHostedZone") => true,
        Some(other) => return Err(not_in_enum(other, "hostedZoneType", &["PrivateHostedZone"])),
    };
    let cloud = cx.snapshot();
    let marker = req.marker.clone().unwrap_or_default();
    let zones = own(cx, &cloud).filter(|zone| zone.id.as_str() >= marker.as_str() && (zone.private || !private));
    let (zones, next, size) = page(zones, req.max_items.as_deref(), PAGE)?;
    Ok(wire::ListHostedZonesResponse {
        hosted_zones: zones.into_iter().map(|zone| shown(&cloud, zone)).collect(),
        marker: req.marker,
        is_truncated: Some(next.is_some()),
        next_marker: next.map(|zone| zone.id.to_string()),
        max_items: Some(size.to_string()),
    })
}

/// `ListHostedZonesByName`: in the order of the names from the right.
pub async fn list_hosted_zones_by_name(
    cx: &RequestContext,
    req: wire::ListHostedZonesByNameRequest,
) -> Result<wire::ListHostedZonesByNameResponse, WireError> {
    let name = req.dns_name.as_deref().map(domain_name).transpose()?;
    if name.is_none() && req.hosted_zone_id.is_some() {
        return Err(invalid_input("The request specifies HostedZoneId without DNSName"));
    }
    let id = req.hosted_zone_id.as_deref().map(zone_id).transpose()?;
    let cloud = cx.snapshot();
    let mut zones: Vec<_> = own(cx, &cloud).collect();
    zones.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let from = zones.into_iter().filter(|zone| match (&name, &id) {
        (Some(name), Some(id)) => (&zone.name, &zone.id) >= (name, id),
        (Some(name), None) => &zone.name >= name,
        _ => true,
    });
    let (zones, next, size) = page(from, req.max_items.as_deref(), PAGE)?;
    Ok(wire::ListHostedZonesByNameResponse {
        hosted_zones: zones.into_iter().map(|zone| shown(&cloud, zone)).collect(),
        dns_name: req.dns_name,
        hosted_zone_id: req.hosted_zone_id,
        is_truncated: Some(next.is_some()),
        next_dns_name: next.map(|zone| zone.name.with_dot()),
        next_hosted_zone_id: next.map(|zone| zone.id.to_string()),
        max_items: Some(size.to_string()),
    })
}

/// `GetHostedZoneCount`
pub async fn get_hosted_zone_count(
    cx: &RequestContext,
    _: wire::GetHostedZoneCountRequest,
) -> Result<wire::GetHostedZoneCountResponse, WireError> {
    Ok(wire::GetHostedZoneCountResponse { hosted_zone_count: Some(count(own(cx, &cx.snapshot()))) })
}

/// `GetHostedZoneLimit`
pub async fn get_hosted_zone_limit(
    cx: &RequestContext,
    req: wire::GetHostedZoneLimitRequest,
) -> Result<wire::GetHostedZoneLimitResponse, WireError> {
    let cloud = cx.snapshot();
    let zone = found(cx, &cloud, &req.hosted_zone_id)?;
    let (most, now) = match req.type_.as_str() {
        "MAX_RRSETS_BY_ZONE" => (MAX_RECORD_SETS, count(cloud.record_sets_of(&zone.id))),
        "MAX_VPCS_ASSOCIATED_BY_ZONE" if !zone.private => {
            return Err(WireError::new(
                400,
                "HostedZoneNotPrivate",
                "The specified hosted zone is a public hosted zone, not a private hosted zone.",
            ));
        }
        "MAX_VPCS_ASSOCIATED_BY_ZONE" => (MAX_VPCS, count(zone.vpcs.iter())),
        other => return Err(not_in_enum(other, "type", &["MAX_RRSETS_BY_ZONE", "MAX_VPCS_ASSOCIATED_BY_ZONE"])),
    };
    let limit = wire::HostedZoneLimit { type_: Some(req.type_), value: i64::try_from(most).ok() };
    Ok(wire::GetHostedZoneLimitResponse { limit: Some(limit), count: Some(now) })
}

/// `GetChange`: a change that was answered is in force.
pub async fn get_change(cx: &RequestContext, req: wire::GetChangeRequest) -> Result<wire::GetChangeResponse, WireError> {
    let change = ChangeId::parse(&cx.scope.account, &req.id).map_err(|why| word_zone(&why))?;
    let info = wire::ChangeInfo {
        id: Some(format!("/change/{}", change.text(&cx.scope.account))),
        status: Some("INSYNC".into()),
        submitted_at: Some(Timestamp::from_millis(change.made.0)),
        comment: None,
    };
    Ok(wire::GetChangeResponse { change_info: Some(info) })
}

/// What a change is answered with.
pub(super) fn change_info(cx: &Context, comment: Option<String>) -> wire::ChangeInfo {
    let id = ChangeId { made: cx.now }.text(&cx.scope.account);
    wire::ChangeInfo {
        id: Some(format!("/change/{id}")),
        status: Some("PENDING".into()),
        submitted_at: Some(Timestamp::from_millis(cx.now.0)),
        comment,
    }
}

/// The caller's zone of that id.
pub(super) fn found<'a>(cx: &RequestContext, cloud: &'a Cloud, id: &str) -> Result<&'a Arc<HostedZone>, WireError> {
    cloud.hosted_zone(&cx.scope.account, &zone_id(id)?).map_err(|why| word(&why))
}

fn own<'a>(cx: &'a RequestContext, cloud: &'a Cloud) -> impl Iterator<Item = &'a Arc<HostedZone>> {
    cloud.hosted_zones.values().filter(|zone| zone.account == cx.scope.account)
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

fn servers(zone: &HostedZone) -> wire::DelegationSet {
    wire::DelegationSet { name_servers: zone.name_servers.clone(), ..Default::default() }
}

/// A zone as answers show it.
fn shown(cloud: &Cloud, zone: &HostedZone) -> wire::HostedZone {
    wire::HostedZone {
        id: Some(format!("/hostedzone/{}", zone.id)),
        name: Some(zone.name.with_dot()),
        caller_reference: Some(zone.caller_reference.clone()),
        config: Some(wire::HostedZoneConfig { comment: zone.comment.clone(), private_zone: Some(zone.private) }),
        resource_record_set_count: Some(count(cloud.record_sets_of(&zone.id))),
    }
}

//! Which VPCs see a private zone.
use super::errors::{invalid_input, word, word_zone, zone_id};
use super::hosted_zone::{change_info, found};
use super::page::page;
use crate::request::RequestContext;
use vpclab_cloud::hosted_zone::{ZoneRefusal, ZoneVpc};
use vpclab_cloud::{Cloud, HostedZone};
use vpclab_wire::{WireError, route53 as wire};

/// `AssociateVPCWithHostedZone`
pub async fn associate_vpc_with_hosted_zone(
    cx: &RequestContext,
    req: wire::AssociateVPCWithHostedZoneRequest,
) -> Result<wire::AssociateVPCWithHostedZoneResponse, WireError> {
    let (id, vpc) = (zone_id(&req.hosted_zone_id)?, zone_vpc(&req.vpc)?);
    let change = cx
        .change(word, |cloud, c| {
            cloud.associate_vpc_with_hosted_zone(c, &id, vpc)?;
            Ok(change_info(c, req.comment))
        })
        .await?;
    Ok(wire::AssociateVPCWithHostedZoneResponse { change_info: Some(change) })
}

/// `DisassociateVPCFromHostedZone`
pub async fn disassociate_vpc_from_hosted_zone(
    cx: &RequestContext,
    req: wire::DisassociateVPCFromHostedZoneRequest,
) -> Result<wire::DisassociateVPCFromHostedZoneResponse, WireError> {
    let (id, vpc) = (zone_id(&req.hosted_zone_id)?, zone_vpc(&req.vpc)?);
    let change = cx
        .change(word, |cloud, c| {
            cloud.disassociate_vpc_from_hosted_zone(c, &id, &vpc)?;
            Ok(change_info(c, req.comment))
        })
        .await?;
    Ok(wire::DisassociateVPCFromHostedZoneResponse { change_info: Some(change) })
}

/// `CreateVPCAssociationAuthorization`
pub async fn create_vpc_association_authorization(
    cx: &RequestContext,
    req: wire::CreateVPCAssociationAuthorizationRequest,
) -> Result<wire::CreateVPCAssociationAuthorizationResponse, WireError> {
    let (id, vpc) = (zone_id(&req.hosted_zone_id)?, zone_vpc(&req.vpc)?);
    cx.change(word, |cloud, c| cloud.authorize_vpc_association(c, &id, vpc)).await?;
    Ok(wire::CreateVPCAssociationAuthorizationResponse { hosted_zone_id: Some(id.to_string()), vpc: Some(req.vpc) })
}

/// `DeleteVPCAssociationAuthorization`
pub async fn delete_vpc_association_authorization(
    cx: &RequestContext,
    req: wire::DeleteVPCAssociationAuthorizationRequest,
) -> Result<wire::DeleteVPCAssociationAuthorizationResponse, WireError> {
    let (id, vpc) = (zone_id(&req.hosted_zone_id)?, zone_vpc(&req.vpc)?);
    cx.change(word, |cloud, c| cloud.deauthorize_vpc_association(c, &id, &vpc)).await?;
    Ok(wire::DeleteVPCAssociationAuthorizationResponse {})
}

/// `ListVPCAssociationAuthorizations`
pub async fn list_vpc_association_authorizations(
    cx: &RequestContext,
    req: wire::ListVPCAssociationAuthorizationsRequest,
) -> Result<wire::ListVPCAssociationAuthorizationsResponse, WireError> {
    let cloud = cx.snapshot();
    let zone = found(cx, &cloud, &req.hosted_zone_id)?;
    let from = req.next_token.unwrap_or_default();
    let vpcs = zone.authorizations.iter().filter(|vpc| vpc.vpc.as_str() >= from.as_str());
    let (vpcs, next, _) = page(vpcs, req.max_results.as_deref(), 50)?;
    Ok(wire::ListVPCAssociationAuthorizationsResponse {
        hosted_zone_id: Some(zone.id.to_string()),
        next_token: next.map(|vpc| vpc.vpc.to_string()),
        vp_cs: vpcs.into_iter().map(shown_vpc).collect(),
    })
}

/// `ListHostedZonesByVPC`: zones of every account, and the hidden one of an endpoint with private DNS.
/// Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html>
pub async fn list_hosted_zones_by_vpc(
    cx: &RequestContext,
    req: wire::ListHostedZonesByVPCRequest,
) -> Result<wire::ListHostedZonesByVPCResponse, WireError> {
    let asked = wire::VPC { vpc_id: Some(req.vpc_id), vpc_region: Some(req.vpc_region) };
    let vpc = zone_vpc(&asked)?;
    let cloud = cx.snapshot();
    let of_caller =
        cloud.vpcs.get(&vpc.vpc).is_some_and(|found| found.scope.account == cx.scope.account && found.scope.region == vpc.region);
    if !of_caller {
        return Err(word_zone(&ZoneRefusal::InvalidVpc { vpc: vpc.vpc.to_string(), region: vpc.region }));
    }
    let mut all: Vec<_> = cloud.zones_of_vpc(&vpc).map(|zone| summary(zone)).chain(hidden(&cloud, &vpc)).collect();
    all.sort_by(|a, b| a.hosted_zone_id.cmp(&b.hosted_zone_id));
    let from = all.into_iter().filter(|zone| zone.hosted_zone_id >= req.next_token);
    let (zones, next, size) = page(from, req.max_items.as_deref(), 100)?;
    Ok(wire::ListHostedZonesByVPCResponse {
        hosted_zone_summaries: zones,
        max_items: Some(size.to_string()),
        next_token: next.and_then(|zone| zone.hosted_zone_id),
    })
}

fn summary(zone: &HostedZone) -> wire::HostedZoneSummary {
    let owner = wire::HostedZoneOwner { owning_account: Some(zone.account.to_string()), owning_service: None };
    wire::HostedZoneSummary { hosted_zone_id: Some(zone.id.to_string()), name: Some(zone.name.with_dot()), owner: Some(owner) }
}

/// The zones of the VPC's endpoints with private DNS.
fn hidden(cloud: &Cloud, vpc: &ZoneVpc) -> impl Iterator<Item = wire::HostedZoneSummary> {
    let endpoints = cloud.vpc_endpoints.values().filter(|endpoint| endpoint.vpc == vpc.vpc && endpoint.private_dns_enabled);
    endpoints.map(|endpoint| {
        let apex = endpoint.private_apex();
        let owner = wire::HostedZoneOwner { owning_account: None, owning_service: Some("vpce.amazonaws.com".into()) };
        wire::HostedZoneSummary { hosted_zone_id: Some(endpoint.private_zone()), name: Some(format!("{apex}.")), owner: Some(owner) }
    })
}

/// The VPC of a request.
pub(crate) fn zone_vpc(vpc: &wire::VPC) -> Result<ZoneVpc, WireError> {
    let (Some(id), Some(region)) = (&vpc.vpc_id, &vpc.vpc_region) else {
        return Err(invalid_input("The request must specify both VPCId and VPCRegion"));
    };
    let region = region.parse().map_err(|_| invalid_input(format!("'{region}' is no region that vpclab serves (VPCRegion)")))?;
    match id.parse() {
        Ok(vpc) => Ok(ZoneVpc { vpc, region }),
        Err(_) => Err(word_zone(&ZoneRefusal::InvalidVpc { vpc: id.clone(), region })),
    }
}

pub(super) fn shown_vpc(vpc: &ZoneVpc) -> wire::VPC {
    wire::VPC { vpc_id: Some(vpc.vpc.to_string()), vpc_region: Some(vpc.region.to_string()) }
}

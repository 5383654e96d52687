//! VPC peering connections.
use super::errors::{self, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, page};
use super::tag;
use crate::engine::clock;
use crate::request::RequestContext;
use vpclab_cloud::peering::{CreateVpcPeeringConnection, ModifyPeeringOptions};
use vpclab_cloud::{Cloud, PeeringSide, PeeringStatus, Refusal, Scope, Timestamp, VpcPeeringConnection, VpcPeeringConnectionId};
use vpclab_wire::{WireError, ec2};

/// What a describe call can be filtered by.
const FILTERS: &[&str] = &[
    "accepter-vpc-info.cidr-block",
    "accepter-vpc-info.owner-id",
    "accepter-vpc-info.vpc-id",
    "expiration-time",
    "requester-vpc-info.cidr-block",
    "requester-vpc-info.owner-id",
    "requester-vpc-info.vpc-id",
    "status-code",
    "status-message",
    "tag:",
    "tag-key",
    "vpc-peering-connection-id",
];

/// `CreateVpcPeeringConnection`: answers `initiating-request`; what becomes of it the next describe call shows.
pub async fn create_vpc_peering_connection(
    cx: &RequestContext,
    req: ec2::CreateVpcPeeringConnectionRequest,
) -> Result<ec2::CreateVpcPeeringConnectionResult, WireError> {
    let input = new_peering(&req)?;
    let vpc_peering_connection = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_vpc_peering_connection(c, input)?;
            Ok(answered(cloud, &id, &c.scope, c.now, PeeringStatus::InitiatingRequest))
        })
        .await?;
    Ok(ec2::CreateVpcPeeringConnectionResult { vpc_peering_connection })
}

/// What a request for a new connection asks of the cloud.
pub(crate) fn new_peering(req: &ec2::CreateVpcPeeringConnectionRequest) -> Result<CreateVpcPeeringConnection, WireError> {
    let account = |text: &String| {
        let message = format!("Value ({text}) for parameter peerOwnerId is invalid. An account id has 12 digits.");
        text.parse().map_err(|_| invalid_value(message))
    };
    let region = |text: &String| {
        let message = format!("Value ({text}) for parameter peerRegion is invalid. There is no such region.");
        text.parse().map_err(|_| invalid_value(message))
    };
    Ok(CreateVpcPeeringConnection {
        vpc: parse_id(&req.vpc_id)?,
        peer_vpc: parse_id(req.peer_vpc_id.as_deref().ok_or_else(|| missing("peerVpcId"))?)?,
        peer_account: req.peer_owner_id.as_ref().map(account).transpose()?,
        peer_region: req.peer_region.as_ref().map(region).transpose()?,
        tags: tag::of_specifications(&req.tag_specifications, "vpc-peering-connection")?,
    })
}

/// `AcceptVpcPeeringConnection`: answers `provisioning`; packets pass already.
pub async fn accept_vpc_peering_connection(
    cx: &RequestContext,
    req: ec2::AcceptVpcPeeringConnectionRequest,
) -> Result<ec2::AcceptVpcPeeringConnectionResult, WireError> {
    let id = parse_id(&req.vpc_peering_connection_id)?;
    let vpc_peering_connection = cx
        .change(errors::word, |cloud, c| {
            cloud.accept_vpc_peering_connection(c, &id)?;
            Ok(answered(cloud, &id, &c.scope, c.now, PeeringStatus::Provisioning))
        })
        .await?;
    Ok(ec2::AcceptVpcPeeringConnectionResult { vpc_peering_connection })
}

/// `RejectVpcPeeringConnection`.
pub async fn reject_vpc_peering_connection(
    cx: &RequestContext,
    req: ec2::RejectVpcPeeringConnectionRequest,
) -> Result<ec2::RejectVpcPeeringConnectionResult, WireError> {
    let id = parse_id(&req.vpc_peering_connection_id)?;
    cx.change(errors::word, |cloud, c| cloud.reject_vpc_peering_connection(c, &id)).await?;
    Ok(ec2::RejectVpcPeeringConnectionResult { return_: Some(true) })
}

/// `DeleteVpcPeeringConnection`.
pub async fn delete_vpc_peering_connection(
    cx: &RequestContext,
    req: ec2::DeleteVpcPeeringConnectionRequest,
) -> Result<ec2::DeleteVpcPeeringConnectionResult, WireError> {
    let id = parse_id(&req.vpc_peering_connection_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_vpc_peering_connection(c, &id)).await?;
    Ok(ec2::DeleteVpcPeeringConnectionResult { return_: Some(true) })
}

/// `ModifyVpcPeeringConnectionOptions`.
pub async fn modify_vpc_peering_connection_options(
    cx: &RequestContext,
    req: ec2::ModifyVpcPeeringConnectionOptionsRequest,
) -> Result<ec2::ModifyVpcPeeringConnectionOptionsResult, WireError> {
    let id = parse_id(&req.vpc_peering_connection_id)?;
    let asked =
        |options: Option<&ec2::PeeringConnectionOptionsRequest>| options.and_then(|options| options.allow_dns_resolution_from_remote_vpc);
    let change = ModifyPeeringOptions {
        requester: asked(req.requester_peering_connection_options.as_ref()),
        accepter: asked(req.accepter_peering_connection_options.as_ref()),
    };
    if change == ModifyPeeringOptions::default() {
        return Err(missing("requesterPeeringConnectionOptions"));
    }
    cx.change(errors::word, |cloud, c| cloud.modify_peering_options(c, &id, change)).await?;
    let now = |asked: Option<bool>| {
        asked.map(|allow| ec2::PeeringConnectionOptions { allow_dns_resolution_from_remote_vpc: Some(allow), ..Default::default() })
    };
    Ok(ec2::ModifyVpcPeeringConnectionOptionsResult {
        accepter_peering_connection_options: now(change.accepter),
        requester_peering_connection_options: now(change.requester),
    })
}

/// `DescribeVpcPeeringConnections`.
pub async fn describe_vpc_peering_connections(
    cx: &RequestContext,
    req: ec2::DescribeVpcPeeringConnectionsRequest,
) -> Result<ec2::DescribeVpcPeeringConnectionsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.vpc_peering_connection_ids)?;
    let (cloud, now) = (cx.snapshot(), clock());
    let seen: Vec<_> = cloud.peerings.values().filter_map(|found| Some((found, found.seen_from(&cx.scope, now)?))).collect();
    if let Some(missing) = ids.iter().find(|id| !seen.iter().any(|(found, _)| &found.id == *id)) {
        return Err(errors::word(&Refusal::PeeringNotFound(missing.clone())));
    }
    let asked = seen.into_iter().filter(|(found, _)| ids.is_empty() || ids.contains(&found.id));
    let found: Vec<_> = asked.filter(|(found, side)| filters.pass(&side.tags, |name| values(found, now, name))).collect();
    let page = page(found, |(found, _)| found.id.to_string(), req.max_results, req.next_token.as_deref(), 5..=1000)?;
    let show = |(found, side): (&_, &PeeringSide)| shown(found, side, now, VpcPeeringConnection::status_at(found, now));
    Ok(ec2::DescribeVpcPeeringConnectionsResult {
        next_token: page.next_token,
        vpc_peering_connections: page.items.into_iter().map(|(found, side)| show((found.as_ref(), side))).collect(),
    })
}

/// A peering as the answer of a call shows it: `status` is one that it passes through.
fn answered(
    cloud: &Cloud,
    id: &VpcPeeringConnectionId,
    scope: &Scope,
    now: Timestamp,
    status: PeeringStatus,
) -> Option<ec2::VpcPeeringConnection> {
    let found = cloud.peerings.get(id)?;
    Some(shown(found, found.seen_from(scope, now)?, now, status))
}

fn shown(found: &VpcPeeringConnection, seen_from: &PeeringSide, now: Timestamp, status: PeeringStatus) -> ec2::VpcPeeringConnection {
    // The accepter's blocks are nobody's business until it has accepted.
    let accepted = status == PeeringStatus::Active;
    ec2::VpcPeeringConnection {
        accepter_vpc_info: Some(side(&found.accepter, accepted)),
        requester_vpc_info: Some(side(&found.requester, true)),
        expiration_time: expiration(found, now),
        status: Some(ec2::VpcPeeringConnectionStateReason { code: Some(status.code().into()), message: Some(message(found, status)) }),
        tags: tag::set(&seen_from.tags),
        vpc_peering_connection_id: Some(found.id.to_string()),
        ..Default::default()
    }
}

fn side(side: &PeeringSide, with_blocks: bool) -> ec2::VpcPeeringConnectionVpcInfo {
    let identity = ec2::VpcPeeringConnectionVpcInfo {
        owner_id: Some(side.scope.account.to_string()),
        vpc_id: Some(side.vpc.to_string()),
        region: Some(side.scope.region.to_string()),
        ..Default::default()
    };
    if !with_blocks {
        return identity;
    }
    ec2::VpcPeeringConnectionVpcInfo {
        cidr_block: side.cidrs.first().map(ToString::to_string),
        cidr_block_set: side.cidrs.iter().map(|cidr| ec2::CidrBlock { cidr_block: Some(cidr.to_string()) }).collect(),
        peering_options: Some(ec2::VpcPeeringConnectionOptionsDescription {
            allow_dns_resolution_from_remote_vpc: Some(side.allow_dns_resolution),
            allow_egress_from_local_classic_link_to_remote_vpc: Some(false),
            allow_egress_from_local_vpc_to_remote_classic_link: Some(false),
            ..Default::default()
        }),
        ..identity
    }
}

/// Only a request that waits, or waited for too long, has a time at which it expires.
fn expiration(found: &VpcPeeringConnection, now: Timestamp) -> Option<vpclab_wire::Timestamp> {
    matches!(found.status_at(now), PeeringStatus::PendingAcceptance | PeeringStatus::Expired)
        .then(|| vpclab_wire::Timestamp::from_millis(found.expires.0))
}

fn message(found: &VpcPeeringConnection, status: PeeringStatus) -> String {
    let accepter = &found.accepter.scope.account;
    match status {
        PeeringStatus::InitiatingRequest => format!("Initiating Request to {accepter}"),
        PeeringStatus::PendingAcceptance => format!("Pending Acceptance by {accepter}"),
        PeeringStatus::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".into(),
        PeeringStatus::Expired => "Expired".into(),
        PeeringStatus::Rejected => "Inactive".into(),
        PeeringStatus::Provisioning => "Provisioning".into(),
        PeeringStatus::Active => "Active".into(),
        PeeringStatus::Deleting => "Deleting".into(),
        PeeringStatus::Deleted => format!("Deleted by {}", found.ended_by.as_ref().unwrap_or(accepter)),
    }
}

/// What a peering has for a filter.
fn values(found: &VpcPeeringConnection, now: Timestamp, filter: &str) -> Vec<String> {
    let status = found.status_at(now);
    let blocks = |side: &PeeringSide| side.cidrs.iter().map(ToString::to_string).collect();
    match filter {
        "accepter-vpc-info.cidr-block" if status == PeeringStatus::Active => blocks(&found.accepter),
        "accepter-vpc-info.owner-id" => vec![found.accepter.scope.account.to_string()],
        "accepter-vpc-info.vpc-id" => vec![found.accepter.vpc.to_string()],
        "expiration-time" => expiration(found, now).iter().map(ToString::to_string).collect(),
        "requester-vpc-info.cidr-block" => blocks(&found.requester),
        "requester-vpc-info.owner-id" => vec![found.requester.scope.account.to_string()],
        "requester-vpc-info.vpc-id" => vec![found.requester.vpc.to_string()],
        "status-code" => vec![status.code().into()],
        "status-message" => vec![message(found, status)],
        "vpc-peering-connection-id" => vec![found.id.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! VPC peering connections.
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::{PeeringSide, PeeringStatus, Scope, VpcPeeringConnection, VpcPeeringConnectionId};

/// A `VpcPeeringConnections` member; the same one may be told by both sides, and each knows its own options.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: VpcPeeringConnectionId = item.read("VpcPeeringConnectionId")?;
    let code = item.item("Status").and_then(|status| status.text("Code")).ok_or(Unreadable::Missing("Status"))?;
    let status = status(code).ok_or(Unreadable::Malformed { member: "Status", value: code.to_owned() })?;
    let side = |member: &'static str| -> Result<PeeringSide, Unreadable> {
        let info = item.item(member).ok_or(Unreadable::Missing(member))?;
        let cidrs: Result<Vec<_>, _> = info.list("CidrBlockSet").map(|block| block.read("CidrBlock")).collect();
        let mut cidrs = cidrs?;
        if cidrs.is_empty() {
            cidrs.extend(info.maybe::<ipnet::Ipv4Net>("CidrBlock")?);
        }
        let vpc = info.read("VpcId")?;
        let scope = Scope {
            account: info.maybe("OwnerId")?.unwrap_or_else(|| source.scope.account.clone()),
            region: info.maybe("Region")?.unwrap_or_else(|| source.scope.region.clone()),
        };
        let allow_dns_resolution = info.item("PeeringOptions").is_some_and(|options| options.flag("AllowDnsResolutionFromRemoteVpc"));
        let tags = if scope == *source.scope { item.tags() } else { Default::default() };
        Ok(PeeringSide { scope, vpc, cidrs, allow_dns_resolution, tags })
    };
    let mut peering = VpcPeeringConnection {
        requester: side("RequesterVpcInfo")?,
        accepter: side("AccepterVpcInfo")?,
        status,
        since: import.now,
        expires: item.time("ExpirationTime"),
        ended_by: None,
        id: id.clone(),
    };
    if let Some(before) = import.cloud.peerings.get(&id) {
        for (side, before) in [(&mut peering.requester, &before.requester), (&mut peering.accepter, &before.accepter)] {
            side.allow_dns_resolution |= before.allow_dns_resolution;
            if side.tags.is_empty() {
                side.tags.clone_from(&before.tags);
            }
            if side.cidrs.is_empty() {
                side.cidrs.clone_from(&before.cidrs);
            }
        }
    }
    import.cloud.peerings.insert(id, Arc::new(peering));
    Ok(())
}

fn status(code: &str) -> Option<PeeringStatus> {
    use PeeringStatus as S;
    let all = [
        S::InitiatingRequest,
        S::PendingAcceptance,
        S::Failed,
        S::Expired,
        S::Rejected,
        S::Provisioning,
        S::Active,
        S::Deleting,
        S::Deleted,
    ];
    all.into_iter().find(|status| status.code() == code)
}

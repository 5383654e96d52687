//! How a peering connection is asked for, accepted, rejected and ended.
//! Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
use super::{EXPIRES_AFTER, PeeringSide, PeeringStatus, VpcPeeringConnection};
use crate::{AccountId, Cloud, Context, Refusal, Region, Scope, Tags, Timestamp, VpcId, VpcPeeringConnectionId};
use ipnet::Ipv4Net;
use std::sync::Arc;

/// The most active peering connections of a VPC.
const MAX_ACTIVE: usize = 50;
/// The most requests of an account that wait for an answer.
const MAX_OUTSTANDING: usize = 25;

/// What `CreateVpcPeeringConnection` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateVpcPeeringConnection {
    /// The requester's VPC.
    pub vpc: VpcId,
    /// The VPC to peer with.
    pub peer_vpc: VpcId,
    /// Its account; the requester's when not said.
    pub peer_account: Option<AccountId>,
    /// Its region; the requester's when not said.
    pub peer_region: Option<Region>,
    /// The requester's tags.
    pub tags: Tags,
}

impl Cloud {
    /// A peering connection that the caller sees.
    pub(crate) fn visible_peering(&self, cx: &Context, id: &VpcPeeringConnectionId) -> Result<&Arc<VpcPeeringConnection>, Refusal> {
        let seen = self.peerings.get(id).filter(|found| found.seen_from(&cx.scope, cx.now).is_some());
        seen.ok_or_else(|| Refusal::PeeringNotFound(id.clone()))
    }

    /// `CreateVpcPeeringConnection`. A wrong VPC, account or region, or overlapping blocks, make it `failed`: the call succeeds.
    ///
    /// # Errors
    /// An unknown VPC of the requester, a living peering of the two VPCs, too many of them.
    pub fn create_vpc_peering_connection(
        &mut self,
        cx: &mut Context,
        input: CreateVpcPeeringConnection,
    ) -> Result<VpcPeeringConnectionId, Refusal> {
        self.forget_old_peerings(cx.now);
        let own = self.visible_vpc(&cx.scope, &input.vpc)?;
        let accepter = Scope {
            account: input.peer_account.unwrap_or_else(|| cx.scope.account.clone()),
            region: input.peer_region.unwrap_or_else(|| cx.scope.region.clone()),
        };
        let peer = self.vpcs.get(&input.peer_vpc).filter(|vpc| vpc.scope == accepter);
        let blocks = |vpc: &crate::Vpc| vpc.cidrs.iter().map(|block| block.cidr).collect::<Vec<_>>();
        let side = |scope: &Scope, vpc: &VpcId, cidrs, tags| PeeringSide {
            scope: scope.clone(),
            vpc: vpc.clone(),
            cidrs,
            allow_dns_resolution: false,
            tags,
        };
        let requester = side(&cx.scope, &own.id, blocks(own), input.tags);
        let accepter = side(&accepter, &input.peer_vpc, peer.map_or_else(Vec::new, |vpc| blocks(vpc)), Tags::new());
        let status = if peer.is_none() || overlap(&requester.cidrs, &accepter.cidrs) {
            PeeringStatus::Failed
        } else {
            self.check_request(cx, &requester, &accepter)?;
            PeeringStatus::PendingAcceptance
        };
        let id = VpcPeeringConnectionId::fresh(&mut cx.ids);
        let peering = VpcPeeringConnection {
            id: id.clone(),
            requester,
            accepter,
            status,
            since: cx.now,
            expires: Timestamp(cx.now.0.saturating_add(EXPIRES_AFTER)),
            ended_by: None,
        };
        self.peerings.insert(id.clone(), Arc::new(peering));
        Ok(id)
    }

    /// `AcceptVpcPeeringConnection`: in the accepter's account and region, while the request waits.
    ///
    /// # Errors
    /// An unknown peering, another account or region, another status, too many active peerings.
    pub fn accept_vpc_peering_connection(&mut self, cx: &mut Context, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        let peering = Arc::clone(self.visible_peering(cx, id)?);
        answerable(cx, &peering, "accept")?;
        transition(cx, &peering, PeeringStatus::Active, &[PeeringStatus::PendingAcceptance])?;
        for vpc in [&peering.requester.vpc, &peering.accepter.vpc] {
            self.check_active_limit(vpc)?;
        }
        self.set_status(cx, &peering, PeeringStatus::Active);
        Ok(())
    }

    /// `RejectVpcPeeringConnection`: in the accepter's account and region, while the request waits.
    ///
    /// # Errors
    /// An unknown peering, another account or region, another status.
    pub fn reject_vpc_peering_connection(&mut self, cx: &mut Context, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        let peering = Arc::clone(self.visible_peering(cx, id)?);
        answerable(cx, &peering, "reject")?;
        transition(cx, &peering, PeeringStatus::Rejected, &[PeeringStatus::PendingAcceptance])?;
        self.set_status(cx, &peering, PeeringStatus::Rejected);
        Ok(())
    }

    /// `DeleteVpcPeeringConnection`: by either side while active, by the requester while the request waits.
    ///
    /// # Errors
    /// An unknown peering, the accepter of a waiting request, another status.
    pub fn delete_vpc_peering_connection(&mut self, cx: &mut Context, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        let peering = Arc::clone(self.visible_peering(cx, id)?);
        let living = [PeeringStatus::PendingAcceptance, PeeringStatus::Provisioning, PeeringStatus::Active];
        transition(cx, &peering, PeeringStatus::Deleting, &living)?;
        if peering.status == PeeringStatus::PendingAcceptance && peering.requester.scope.account != cx.scope.account {
            return Err(Refusal::OperationNotPermitted(format!("User {} cannot delete peering {id}", cx.scope.account)));
        }
        self.set_status(cx, &peering, PeeringStatus::Deleted);
        Ok(())
    }

    /// Ends the peering connections of a VPC that is being deleted.
    pub(crate) fn end_peerings_of(&mut self, cx: &Context, vpc: &VpcId) {
        let ended: Vec<_> = self
            .peerings
            .values()
            .filter(|peering| peering.sides(vpc).is_some() && !peering.status_at(cx.now).is_over())
            .map(Arc::clone)
            .collect();
        for peering in ended {
            self.set_status(cx, &peering, PeeringStatus::Deleted);
        }
    }

    fn set_status(&mut self, cx: &Context, peering: &VpcPeeringConnection, status: PeeringStatus) {
        let mut changed = peering.clone();
        changed.status = status;
        changed.since = cx.now;
        if status.is_over() {
            changed.ended_by = Some(cx.scope.account.clone());
        }
        self.peerings.insert(changed.id.clone(), Arc::new(changed));
    }

    fn check_request(&self, cx: &Context, requester: &PeeringSide, accepter: &PeeringSide) -> Result<(), Refusal> {
        let living = || self.peerings.values().filter(|peering| !peering.status_at(cx.now).is_over());
        let same = living().find(|peering| peering.sides(&requester.vpc).is_some() && peering.sides(&accepter.vpc).is_some());
        if let Some(same) = same {
            return Err(Refusal::PeeringAlreadyExists(same.id.clone()));
        }
        let outstanding = living()
            .filter(|peering| peering.status == PeeringStatus::PendingAcceptance && peering.requester.scope.account == cx.scope.account);
        if outstanding.count() >= MAX_OUTSTANDING {
            return Err(Refusal::OutstandingPeeringLimit);
        }
        self.check_active_limit(&requester.vpc)
    }

    fn check_active_limit(&self, vpc: &VpcId) -> Result<(), Refusal> {
        let active = self.peerings.values().filter(|peering| peering.is_active() && peering.sides(vpc).is_some());
        if active.count() >= MAX_ACTIVE { Err(Refusal::ActivePeeringLimit(vpc.clone())) } else { Ok(()) }
    }

    /// Removes what neither side is shown any more, so that the table does not grow for ever.
    fn forget_old_peerings(&mut self, now: Timestamp) {
        let unseen = |peering: &VpcPeeringConnection| {
            [&peering.requester, &peering.accepter].iter().all(|side| peering.seen_from(&side.scope, now).is_none())
        };
        let old: Vec<_> = self.peerings.values().filter(|peering| unseen(peering)).map(|peering| peering.id.clone()).collect();
        for id in old {
            self.peerings.remove(&id);
        }
    }
}

/// Whether any block of one side overlaps one of the other.
fn overlap(these: &[Ipv4Net], those: &[Ipv4Net]) -> bool {
    these.iter().any(|this| those.iter().any(|that| this.contains(&that.network()) || that.contains(&this.network())))
}

/// Only the accepter may answer a request, and only in the accepter's region.
fn answerable(cx: &Context, peering: &VpcPeeringConnection, action: &str) -> Result<(), Refusal> {
    let Scope { account, region } = &peering.accepter.scope;
    if *account != cx.scope.account {
        return Err(Refusal::OperationNotPermitted(format!("User {} cannot {action} peering {}", cx.scope.account, peering.id)));
    }
    if *region != cx.scope.region {
        return Err(Refusal::OperationNotPermitted(format!(
            "Incorrect region ({}) specified for this request. VPC peering connection {} must be {action}ed in region {region}",
            cx.scope.region, peering.id
        )));
    }
    Ok(())
}

fn transition(cx: &Context, peering: &VpcPeeringConnection, to: PeeringStatus, from: &[PeeringStatus]) -> Result<(), Refusal> {
    let status = peering.status_at(cx.now);
    if from.contains(&status) {
        return Ok(());
    }
    Err(Refusal::InvalidStateTransition { peering: peering.id.clone(), from: status.code(), to: to.code() })
}

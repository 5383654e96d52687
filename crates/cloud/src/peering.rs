//! VPC peering connections.
use crate::{AccountId, Scope, Tags, Timestamp, VpcId, VpcPeeringConnectionId};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

mod life;
mod options;
#[cfg(test)]
mod tests;

pub use life::CreateVpcPeeringConnection;
pub use options::ModifyPeeringOptions;

const HOUR: i64 = 60 * 60 * 1000;
/// How long a request waits for its accepter: seven days.
pub const EXPIRES_AFTER: i64 = 168 * HOUR;

/// A VPC peering connection. It is seen from both sides; each side has its own tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeeringConnection {
    /// Its id.
    pub id: VpcPeeringConnectionId,
    /// The side that asked.
    pub requester: PeeringSide,
    /// The side that is asked. Its VPC may not exist: then the status is `failed`.
    pub accepter: PeeringSide,
    /// Its status.
    pub status: PeeringStatus,
    /// When the status was reached.
    pub since: Timestamp,
    /// When a request that nobody accepts expires: 168 hours after it was made.
    pub expires: Timestamp,
    /// The account that ended it.
    #[serde(default)]
    pub ended_by: Option<AccountId>,
}

/// One side of a peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringSide {
    /// Account and region.
    pub scope: Scope,
    /// The VPC.
    pub vpc: VpcId,
    /// The VPC's CIDR blocks; empty when the VPC was not found.
    pub cidrs: Vec<Ipv4Net>,
    /// `AllowDnsResolutionFromRemoteVpc`.
    pub allow_dns_resolution: bool,
    /// The tags this side gave it.
    pub tags: Tags,
}

/// Where a peering connection is in its life.
/// Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PeeringStatus {
    /// `initiating-request`: the request's first moment; what `CreateVpcPeeringConnection` answers.
    InitiatingRequest,
    /// `pending-acceptance`
    PendingAcceptance,
    /// `failed`: unknown VPC, or overlapping CIDR blocks.
    Failed,
    /// `expired`
    Expired,
    /// `rejected`
    Rejected,
    /// `provisioning`: what `AcceptVpcPeeringConnection` answers.
    Provisioning,
    /// `active`
    Active,
    /// `deleting`
    Deleting,
    /// `deleted`
    Deleted,
}

impl VpcPeeringConnection {
    /// The side a VPC is on, and the other one.
    #[must_use]
    pub fn sides(&self, vpc: &VpcId) -> Option<(&PeeringSide, &PeeringSide)> {
        if &self.requester.vpc == vpc {
            Some((&self.requester, &self.accepter))
        } else if &self.accepter.vpc == vpc {
            Some((&self.accepter, &self.requester))
        } else {
            None
        }
    }
    /// Whether packets pass.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == PeeringStatus::Active
    }
    /// Its status at a time: a request that nobody answered has expired, also when no operation wrote that down yet.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> PeeringStatus {
        match self.status {
            PeeringStatus::PendingAcceptance if now >= self.expires => PeeringStatus::Expired,
            status => status,
        }
    }
    /// Whether packets pass at a time.
    #[must_use]
    pub fn is_active_at(&self, now: Timestamp) -> bool {
        self.status_at(now) == PeeringStatus::Active
    }
    /// When it came to the status it has at a time.
    #[must_use]
    pub fn since_at(&self, now: Timestamp) -> Timestamp {
        if self.status_at(now) == self.status { self.since } else { self.expires }
    }
    /// The side by which a scope sees it, if it does: a request that failed never reached its accepter, and what is over is shown
    /// for a while only.
    #[must_use]
    pub fn seen_from(&self, scope: &Scope, now: Timestamp) -> Option<&PeeringSide> {
        let shown = |for_hours: i64| now.0.saturating_sub(self.since_at(now).0) < for_hours * HOUR;
        let is_requester = self.requester.scope == *scope;
        let side = if is_requester { &self.requester } else { &self.accepter };
        let same_account = self.requester.scope.account == self.accepter.scope.account;
        let visible = side.scope == *scope
            && match self.status_at(now) {
                PeeringStatus::Failed => is_requester && shown(2),
                PeeringStatus::Expired => shown(48),
                PeeringStatus::Rejected => shown(if is_requester && !same_account { 48 } else { 2 }),
                PeeringStatus::Deleted => shown(if same_account || self.ended_by.as_ref() == Some(&scope.account) { 2 } else { 48 }),
                PeeringStatus::InitiatingRequest
                | PeeringStatus::PendingAcceptance
                | PeeringStatus::Provisioning
                | PeeringStatus::Active
                | PeeringStatus::Deleting => true,
            };
        visible.then_some(side)
    }
    /// Whether the two VPCs are in different regions.
    #[must_use]
    pub fn is_inter_region(&self) -> bool {
        self.requester.scope.region != self.accepter.scope.region
    }
}

impl PeeringStatus {
    /// Its code as EC2 words it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InitiatingRequest => "initiating-request",
            Self::PendingAcceptance => "pending-acceptance",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
    /// Whether nothing can become of it any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Failed | Self::Expired | Self::Rejected | Self::Deleting | Self::Deleted => true,
            Self::InitiatingRequest | Self::PendingAcceptance | Self::Provisioning | Self::Active => false,
        }
    }
}

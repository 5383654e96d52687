//! VPC peering connections.
use crate::{Scope, Tags, Timestamp, VpcId, VpcPeeringConnectionId};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

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
    /// Whether the two VPCs are in different regions.
    #[must_use]
    pub fn is_inter_region(&self) -> bool {
        self.requester.scope.region != self.accepter.scope.region
    }
}

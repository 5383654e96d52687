//! NAT gateways. A lab has no internet, and translates no addresses: what is routed to one is lost.
use crate::{AddressAssociationId, AllocationId, ClientToken, NatGatewayId, NetworkInterfaceId, Scope, SubnetId, Tags, Timestamp, VpcId};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

mod life;
#[cfg(test)]
mod tests;

pub use life::CreateNatGateway;

/// The most NAT gateways of an availability zone. AWS begins with 5 and raises that on request.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_GATEWAYS: usize = 50;
/// How long a deleted or failed gateway is shown: about an hour.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>
pub const SHOWN_AFTER_END: i64 = 60 * 60 * 1000;

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its state.
    pub state: NatGatewayState,
    /// Its address; what is left of it after its end says where it was.
    pub address: NatGatewayAddress,
    /// When it was made.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// The states of a NAT gateway that outlast a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NatGatewayState {
    /// `available`
    Available,
    /// `failed`
    Failed {
        /// Such as `Gateway.NotAttached`.
        code: String,
        /// Why, in EC2's words.
        message: String,
    },
    /// `deleted`
    Deleted,
}

/// The addresses of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGatewayAddress {
    /// Its network interface; `None` when it failed.
    pub interface: Option<NetworkInterfaceId>,
    /// Its private address; `None` when it failed.
    pub private_ip: Option<Ipv4Addr>,
    /// Its Elastic IP address, for `public` connectivity.
    pub public: Option<NatGatewayPublicAddress>,
}

/// The public side of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGatewayPublicAddress {
    /// The Elastic IP address.
    pub allocation: AllocationId,
    /// Its association; `None` when it failed.
    pub association: Option<AddressAssociationId>,
    /// The address.
    pub ip: Ipv4Addr,
}

impl NatGateway {
    /// Whether a describe call shows it.
    #[must_use]
    pub fn is_shown(&self, now: Timestamp) -> bool {
        self.ended.is_none_or(|at| now.0.saturating_sub(at.0) < SHOWN_AFTER_END)
    }
    /// `public` or `private`.
    #[must_use]
    pub fn connectivity(&self) -> &'static str {
        if self.address.public.is_some() { "public" } else { "private" }
    }
}

impl NatGatewayState {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Failed { .. } => "failed",
            Self::Deleted => "deleted",
        }
    }
}

//! Public addresses: Elastic IP addresses, and those that Amazon lends an instance.
//!
//! A lab has no internet, so nobody is reached by them; they are there to be allocated, associated and shown. They come from
//! blocks that no network routes, each address once in the whole lab.
use crate::{AddressAssociationId, AllocationId, Cloud, NetworkInterfaceId, Refusal, Scope, Tags};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, sync::Arc};

mod life;
#[cfg(test)]
mod tests;

pub use life::{AddressTarget, AssociateAddress};

/// The most Elastic IP addresses of an account in a region. AWS begins with 5 and raises that on request.
pub const MAX_ADDRESSES: usize = 100;

/// Documentation blocks (RFC 5737) first, because people know them; then half of the benchmarking block (RFC 2544).
const POOL: [([u8; 4], u8); 4] = [([203, 0, 113, 0], 24), ([198, 51, 100, 0], 24), ([192, 0, 2, 0], 24), ([198, 18, 0, 0], 16)];

/// A public address in use. Keyed by the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// The address.
    pub ip: Ipv4Addr,
    /// Its account and region.
    pub scope: Scope,
    /// Its allocation, for an Elastic IP address; `None` for one that Amazon lends and takes back.
    pub allocation: Option<AllocationId>,
    /// Where it is.
    pub association: Option<AddressAssociation>,
    /// Its tags.
    pub tags: Tags,
}

/// The association of a public address with a private one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    /// Its id.
    pub id: AddressAssociationId,
    /// The network interface.
    pub interface: NetworkInterfaceId,
    /// The interface's private address.
    pub private_ip: Ipv4Addr,
}

impl Cloud {
    /// The public address of a network interface.
    #[must_use]
    pub fn public_address_of(&self, interface: &NetworkInterfaceId) -> Option<&Arc<PublicAddress>> {
        self.public_addresses.values().find(|found| found.association.as_ref().is_some_and(|at| &at.interface == interface))
    }

    /// An Elastic IP address of a scope.
    ///
    /// # Errors
    /// When there is none.
    pub fn elastic_address(&self, scope: &Scope, id: &AllocationId) -> Result<&Arc<PublicAddress>, Refusal> {
        let found = self.public_addresses.values().find(|found| &found.scope == scope && found.allocation.as_ref() == Some(id));
        found.ok_or_else(|| Refusal::AllocationNotFound(id.clone()))
    }

    /// The lowest address of the pool that nobody has.
    fn free_public_address(&self) -> Option<Ipv4Addr> {
        let blocks = POOL.into_iter().filter_map(|(base, length)| Ipv4Net::new(base.into(), length).ok());
        blocks.flat_map(|block| block.hosts()).find(|ip| !self.public_addresses.contains_key(ip))
    }
}

//! How public addresses are allocated, associated and released.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html>
use super::{AddressAssociation, MAX_ADDRESSES, PublicAddress};
use crate::{AddressAssociationId, AllocationId, Cloud, Context, InstanceId, NetworkInterface, NetworkInterfaceId, Refusal, Tags, VpcId};
use std::{net::Ipv4Addr, sync::Arc};

/// What `AssociateAddress` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociateAddress {
    /// The Elastic IP address.
    pub allocation: AllocationId,
    /// What gets it.
    pub target: AddressTarget,
    /// The private address; the interface's own one when not said.
    pub private_ip: Option<Ipv4Addr>,
    /// Whether it may be taken from where it is, as it may when not said.
    pub allow_reassociation: Option<bool>,
}

/// What gets a public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressTarget {
    /// An instance's primary interface.
    Instance(InstanceId),
    /// A network interface.
    Interface(NetworkInterfaceId),
}

impl Cloud {
    /// `AllocateAddress`.
    ///
    /// # Errors
    /// Too many addresses.
    pub fn allocate_address(&mut self, cx: &mut Context, tags: Tags) -> Result<AllocationId, Refusal> {
        let own = self.public_addresses.values().filter(|found| found.scope == cx.scope && found.allocation.is_some());
        if own.count() >= MAX_ADDRESSES {
            return Err(Refusal::AddressLimit);
        }
        let ip = self.free_public_address().ok_or(Refusal::AddressLimit)?;
        let id = AllocationId::fresh(&mut cx.ids);
        let address = PublicAddress { ip, scope: cx.scope.clone(), allocation: Some(id.clone()), association: None, tags };
        self.public_addresses.insert(ip, Arc::new(address));
        Ok(id)
    }

    /// `AssociateAddress`: what the interface had before goes back to Amazon, or stays allocated without an association.
    ///
    /// # Errors
    /// An unknown allocation, instance or interface; an interface that a service keeps; a private address that is not its own; a
    /// VPC without an internet gateway; an association that the caller does not want to be moved.
    pub fn associate_address(&mut self, cx: &mut Context, input: AssociateAddress) -> Result<AddressAssociationId, Refusal> {
        let address = Arc::clone(self.elastic_address(&cx.scope, &input.allocation)?);
        let interface = self.interface_of(cx, &input.target)?;
        if interface.is_requester_managed() {
            return Err(Refusal::OperationNotPermitted("You do not have permission to access the specified resource.".to_owned()));
        }
        if let Some(ip) = input.private_ip.filter(|ip| *ip != interface.private_ip) {
            return Err(Refusal::InvalidParameterValue(format!(
                "Invalid value '{ip}' for privateIpAddress. It is not a private address of the network interface {}",
                interface.id
            )));
        }
        self.needs_internet_gateway(&interface.vpc)?;
        if let Some(at) = &address.association {
            if at.interface == interface.id {
                return Ok(at.id.clone());
            }
            self.is_movable(cx, at)?;
            if input.allow_reassociation == Some(false) {
                return Err(Refusal::AlreadyAssociatedWith {
                    resource: input.allocation.to_string(),
                    with: format!("associate-id {}", at.id),
                });
            }
        }
        let before = self.public_address_of(&interface.id).filter(|found| found.allocation.is_some());
        if let Some(at) = before.and_then(|found| found.association.as_ref()).filter(|_| input.allow_reassociation != Some(true)) {
            // An interface is named to get exactly this address; an instance's may be exchanged.
            if input.allow_reassociation == Some(false) || matches!(input.target, AddressTarget::Interface(_)) {
                return Err(Refusal::AlreadyAssociatedWith { resource: interface.id.to_string(), with: format!("associate-id {}", at.id) });
            }
        }
        let (interface, private_ip) = (interface.id.clone(), interface.private_ip);
        self.drop_public_address(&interface);
        Ok(self.put_public_address(cx, address.ip, interface, private_ip))
    }

    /// `DisassociateAddress`.
    ///
    /// # Errors
    /// An unknown association, or one that a NAT gateway keeps.
    pub fn disassociate_address(&mut self, cx: &mut Context, id: &AddressAssociationId) -> Result<(), Refusal> {
        let own = self.public_addresses.values().filter(|found| found.scope == cx.scope && found.allocation.is_some());
        let mut associations = own.filter_map(|found| found.association.as_ref());
        let found = associations.find(|at| &at.id == id).ok_or_else(|| Refusal::AddressAssociationNotFound(id.clone()))?;
        self.is_movable(cx, found)?;
        let interface = found.interface.clone();
        self.drop_public_address(&interface);
        Ok(())
    }

    /// `ReleaseAddress`.
    ///
    /// # Errors
    /// An unknown allocation, or one that is associated.
    pub fn release_address(&mut self, cx: &mut Context, id: &AllocationId) -> Result<(), Refusal> {
        let address = self.elastic_address(&cx.scope, id)?;
        if address.association.is_some() {
            return Err(Refusal::AddressInUse(address.ip));
        }
        let ip = address.ip;
        self.public_addresses.remove(&ip);
        Ok(())
    }

    /// Lends an interface a public address, when the pool has one.
    pub(crate) fn lend_public_address(&mut self, cx: &mut Context, interface: &NetworkInterface) {
        let Some(ip) = self.free_public_address() else { return };
        let lent = PublicAddress { ip, scope: interface.scope.clone(), allocation: None, association: None, tags: Tags::new() };
        self.public_addresses.insert(ip, Arc::new(lent));
        self.put_public_address(cx, ip, interface.id.clone(), interface.private_ip);
    }

    pub(crate) fn put_public_address(
        &mut self,
        cx: &mut Context,
        ip: Ipv4Addr,
        interface: NetworkInterfaceId,
        private_ip: Ipv4Addr,
    ) -> AddressAssociationId {
        let id = AddressAssociationId::fresh(&mut cx.ids);
        if let Some(address) = self.public_addresses.get_mut(&ip) {
            Arc::make_mut(address).association = Some(AddressAssociation { id: id.clone(), interface, private_ip });
        }
        id
    }

    /// Takes the public address of an interface away: an Elastic IP address stays allocated, a lent one is free again.
    pub(crate) fn drop_public_address(&mut self, interface: &NetworkInterfaceId) {
        let Some((ip, is_elastic)) = self.public_address_of(interface).map(|found| (found.ip, found.allocation.is_some())) else { return };
        if !is_elastic {
            self.public_addresses.remove(&ip);
        } else if let Some(address) = self.public_addresses.get_mut(&ip) {
            Arc::make_mut(address).association = None;
        }
    }

    /// Refuses a VPC that has no internet gateway.
    pub(crate) fn needs_internet_gateway(&self, vpc: &VpcId) -> Result<(), Refusal> {
        match self.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(vpc)) {
            true => Ok(()),
            false => Err(Refusal::GatewayNotAttached(format!("Network {vpc} is not attached to any internet gateway"))),
        }
    }

    fn interface_of(&self, cx: &Context, target: &AddressTarget) -> Result<&Arc<NetworkInterface>, Refusal> {
        match target {
            AddressTarget::Interface(id) => self.visible_interface(&cx.scope, id),
            AddressTarget::Instance(id) => {
                let interface = self.visible_instance(&cx.scope, id)?.interface.as_ref();
                interface.and_then(|interface| self.network_interfaces.get(interface)).ok_or_else(|| Refusal::InvalidInstance {
                    instance: id.clone(),
                    why: "The instance is not in a valid state for this operation.",
                })
            }
        }
    }

    /// The address of a NAT gateway moves with the gateway only.
    fn is_movable(&self, cx: &Context, at: &AddressAssociation) -> Result<(), Refusal> {
        match self.visible_interface(&cx.scope, &at.interface)?.is_requester_managed() {
            true => Err(Refusal::OperationNotPermitted("You do not have permission to access the specified resource.".to_owned())),
            false => Ok(()),
        }
    }
}

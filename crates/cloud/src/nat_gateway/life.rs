//! How NAT gateways are made and deleted.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>
use super::{MAX_GATEWAYS, NatGateway, NatGatewayAddress, NatGatewayPublicAddress, NatGatewayState};
use crate::network_interface::{Addresses, NewInterface};
use crate::{AllocationId, ClientToken, Cloud, Context, InterfaceKind, NatGatewayId, Refusal, Scope, Subnet, SubnetId, Tags, Timestamp};
use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc};

/// What `CreateNatGateway` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateNatGateway {
    /// The subnet.
    pub subnet: SubnetId,
    /// The Elastic IP address of a public gateway; `None` makes a private one.
    pub allocation: Option<AllocationId>,
    /// The private address; the lowest free one when not said.
    pub private_ip: Option<Ipv4Addr>,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

impl Cloud {
    /// A NAT gateway that the scope sees.
    ///
    /// # Errors
    /// When there is none, or it ended more than an hour ago.
    pub fn nat_gateway(&self, scope: &Scope, now: Timestamp, id: &NatGatewayId) -> Result<&Arc<NatGateway>, Refusal> {
        let found = self.nat_gateways.get(id).filter(|gateway| &gateway.scope == scope && gateway.is_shown(now));
        found.ok_or_else(|| Refusal::NatGatewayNotFound(id.clone()))
    }

    /// `CreateNatGateway`. Without an internet gateway in the VPC, or with an Elastic IP address that is in use, a public one
    /// fails: the call succeeds, the state is `failed`.
    ///
    /// # Errors
    /// An unknown subnet or allocation, an address that is not free, too many gateways, a token used otherwise.
    pub fn create_nat_gateway(&mut self, cx: &mut Context, input: CreateNatGateway) -> Result<NatGatewayId, Refusal> {
        self.forget_ended_nat_gateways(cx.now);
        let made = self.nat_gateways.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        let subnet = Arc::clone(self.visible_subnet(&cx.scope, &input.subnet)?);
        let address = input.allocation.as_ref().map(|id| self.elastic_address(&cx.scope, id)).transpose()?.map(Arc::clone);
        let in_zone = |id| self.subnets.get(id).is_some_and(|other: &Arc<Subnet>| other.availability_zone == subnet.availability_zone);
        let alive = self.nat_gateways.values().filter(|gateway| gateway.scope == cx.scope && gateway.ended.is_none());
        if alive.filter(|gateway| in_zone(&gateway.subnet)).count() >= MAX_GATEWAYS {
            return Err(Refusal::NatGatewayLimit(subnet.availability_zone.clone()));
        }
        let public = address.as_ref().zip(input.allocation.clone());
        let mut gateway = NatGateway {
            id: NatGatewayId::fresh(&mut cx.ids),
            scope: cx.scope.clone(),
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            state: NatGatewayState::Available,
            address: NatGatewayAddress {
                interface: None,
                private_ip: None,
                public: public.map(|(address, allocation)| NatGatewayPublicAddress { allocation, association: None, ip: address.ip }),
            },
            created: cx.now,
            ended: None,
            client_token: input.client_token,
            tags: input.tags,
        };
        let failed = |code: &str, message: String| NatGatewayState::Failed { code: code.to_owned(), message };
        match &address {
            Some(_) if self.needs_internet_gateway(&subnet.vpc).is_err() => {
                let message = format!("Network {} has no Internet gateway attached", subnet.vpc);
                gateway.state = failed("Gateway.NotAttached", message);
            }
            Some(address) if address.association.is_some() => {
                let message = format!("Elastic IP address [{}] is already associated", gateway_allocation(&gateway));
                gateway.state = failed("Resource.AlreadyAssociated", message);
            }
            Some(_) | None => self.give_nat_addresses(cx, &subnet, &mut gateway, input.private_ip)?,
        }
        if gateway.state != NatGatewayState::Available {
            gateway.ended = Some(cx.now);
        }
        let id = gateway.id.clone();
        self.nat_gateways.insert(id.clone(), Arc::new(gateway));
        Ok(id)
    }

    /// `DeleteNatGateway`: its interface goes, its Elastic IP address stays allocated, routes to it are black holes.
    ///
    /// # Errors
    /// An unknown gateway. One that ended stays as it is.
    pub fn delete_nat_gateway(&mut self, cx: &mut Context, id: &NatGatewayId) -> Result<(), Refusal> {
        self.forget_ended_nat_gateways(cx.now);
        let mut gateway = NatGateway::clone(self.nat_gateway(&cx.scope, cx.now, id)?);
        if gateway.ended.is_none() {
            if let Some(interface) = &gateway.address.interface {
                self.drop_public_address(interface);
                self.network_interfaces.remove(interface);
            }
            gateway.state = NatGatewayState::Deleted;
            gateway.ended = Some(cx.now);
            self.nat_gateways.insert(id.clone(), Arc::new(gateway));
        }
        Ok(())
    }

    fn give_nat_addresses(
        &mut self,
        cx: &mut Context,
        subnet: &Subnet,
        gateway: &mut NatGateway,
        private_ip: Option<Ipv4Addr>,
    ) -> Result<(), Refusal> {
        let private_ip = Addresses::of(self, subnet).take(private_ip)?;
        let new = NewInterface {
            private_ip,
            security_groups: BTreeSet::new(),
            kind: InterfaceKind::NatGateway(gateway.id.clone()),
            attachment: None,
            description: format!("Interface for NAT Gateway {}", gateway.id),
            client_token: None,
            tags: Tags::new(),
        };
        let interface = self.add_interface(cx, subnet, new);
        if let Some(public) = &mut gateway.address.public {
            public.association = Some(self.put_public_address(cx, public.ip, interface.clone(), private_ip));
        }
        gateway.address.interface = Some(interface);
        gateway.address.private_ip = Some(private_ip);
        Ok(())
    }

    fn forget_ended_nat_gateways(&mut self, now: Timestamp) {
        let gone: Vec<_> = self.nat_gateways.values().filter(|gateway| !gateway.is_shown(now)).map(|gateway| gateway.id.clone()).collect();
        for id in gone {
            self.nat_gateways.remove(&id);
        }
    }
}

fn gateway_allocation(gateway: &NatGateway) -> String {
    gateway.address.public.as_ref().map(|public| public.allocation.to_string()).unwrap_or_default()
}

//! The network interfaces of an endpoint: one a subnet, one subnet a zone.
use super::VpcEndpoint;
use crate::network_interface::{Addresses, NewInterface};
use crate::{Cloud, Context, InterfaceKind, Refusal, Subnet, SubnetId, Tags};
use std::{net::Ipv4Addr, sync::Arc};

impl Cloud {
    /// A subnet that the endpoint may get an interface in.
    pub(super) fn endpoint_subnet(&self, cx: &Context, endpoint: &VpcEndpoint, id: &SubnetId) -> Result<Arc<Subnet>, Refusal> {
        let subnet = self.visible_subnet(&cx.scope, id)?;
        if subnet.vpc != endpoint.vpc {
            return Err(Refusal::InvalidParameter(format!("The subnet {id} does not belong to the VPC {}", endpoint.vpc)));
        }
        let in_zone = |other: &SubnetId| self.subnets.get(other).is_some_and(|other| other.availability_zone == subnet.availability_zone);
        if endpoint.interfaces.keys().any(in_zone) {
            return Err(Refusal::DuplicateSubnetsInSameZone(id.clone()));
        }
        Ok(Arc::clone(subnet))
    }

    /// Gives the endpoint an interface in a subnet.
    pub(super) fn add_endpoint_interface(
        &mut self,
        cx: &mut Context,
        endpoint: &mut VpcEndpoint,
        subnet: &SubnetId,
        private_ip: Option<Ipv4Addr>,
    ) -> Result<(), Refusal> {
        let subnet = self.endpoint_subnet(cx, endpoint, subnet)?;
        let private_ip = Addresses::of(self, &subnet).take(private_ip)?;
        let new = NewInterface {
            private_ip,
            security_groups: endpoint.security_groups.clone(),
            kind: InterfaceKind::VpcEndpoint(endpoint.id.clone()),
            attachment: None,
            description: format!("VPC Endpoint Interface {}", endpoint.id),
            client_token: None,
            tags: Tags::new(),
        };
        let interface = self.add_interface(cx, &subnet, new);
        endpoint.interfaces.insert(subnet.id.clone(), interface);
        Ok(())
    }

    /// Takes the endpoint's interface in a subnet away.
    pub(super) fn remove_endpoint_interface(&mut self, endpoint: &mut VpcEndpoint, subnet: &SubnetId) -> Result<(), Refusal> {
        let Some(interface) = endpoint.interfaces.remove(subnet) else {
            return Err(Refusal::InvalidParameter(format!("The subnet {subnet} is not associated with the VPC endpoint {}", endpoint.id)));
        };
        self.network_interfaces.remove(&interface);
        Ok(())
    }

    /// Puts the endpoint's groups on its interfaces.
    pub(super) fn regroup_endpoint_interfaces(&mut self, endpoint: &VpcEndpoint) {
        for id in endpoint.interfaces.values() {
            if let Some(interface) = self.network_interfaces.get_mut(id) {
                Arc::make_mut(interface).security_groups.clone_from(&endpoint.security_groups);
            }
        }
    }
}

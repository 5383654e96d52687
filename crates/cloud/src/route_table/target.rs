//! Where routes lead: which targets a route may have, and whether they work now.
use super::{Route, RouteState, RouteTable, RouteTarget};
use crate::{Cloud, Context, InstanceId, InstanceState, NetworkInterfaceId, Refusal, Timestamp};
use ipnet::Ipv4Net;

impl Cloud {
    /// Whether a route leads anywhere now. What is not there yet, or no more, is a black hole.
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>
    #[must_use]
    pub fn route_state(&self, table: &RouteTable, route: &Route, now: Timestamp) -> RouteState {
        let works = match &route.target {
            RouteTarget::Local => true,
            RouteTarget::Peering(id) => self.peerings.get(id).is_some_and(|peering| peering.is_active_at(now)),
            RouteTarget::InternetGateway(id) => {
                self.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_ref() == Some(&table.vpc))
            }
            RouteTarget::NatGateway(id) => self.nat_gateways.get(id).is_some_and(|gateway| gateway.ended.is_none()),
            RouteTarget::Interface(id) => self.network_interfaces.get(id).is_some_and(|interface| {
                let instance = interface.attachment.as_ref().and_then(|attachment| self.instances.get(&attachment.instance));
                instance.is_some_and(|instance| instance.state == InstanceState::Running)
            }),
        };
        if works { RouteState::Active } else { RouteState::Blackhole }
    }

    /// The interface that a route to an instance leads to.
    ///
    /// # Errors
    /// An unknown instance, one without an interface, or one with several: then the caller has to say which.
    pub fn route_interface_of(&self, cx: &Context, id: &InstanceId) -> Result<NetworkInterfaceId, Refusal> {
        let instance = self.visible_instance(&cx.scope, id)?;
        let attached = self.network_interfaces.values().filter(|one| one.attachment.as_ref().is_some_and(|at| &at.instance == id));
        match (attached.count(), &instance.interface) {
            (1, Some(interface)) => Ok(interface.clone()),
            (0, _) | (_, None) => {
                Err(Refusal::InvalidInstance { instance: id.clone(), why: "The instance is not attached to a network interface." })
            }
            _ => Err(Refusal::InvalidInstance {
                instance: id.clone(),
                why: "There are multiple interfaces attached to the instance. Please specify an interface ID for the operation instead.",
            }),
        }
    }

    /// A route into the VPC's own blocks leads to an interface or a NAT gateway, one out of them cannot be `local`.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html#route-table-priority>
    pub(super) fn check_target(&self, cx: &Context, table: &RouteTable, destination: Ipv4Net, target: &RouteTarget) -> Result<(), Refusal> {
        let vpc = self.visible_vpc(&cx.scope, &table.vpc)?;
        let is_block = vpc.cidrs.iter().any(|block| block.cidr == destination);
        let inside = vpc.cidrs.iter().any(|block| block.cidr.contains(&destination));
        let value = |text: String| Err(Refusal::InvalidParameterValue(text));
        let of_vpc = |other: Option<&crate::VpcId>, what: String| match other == Some(&table.vpc) {
            true => Ok(()),
            false => value(format!("route table {} and {what} belong to different networks", table.id)),
        };
        match target {
            RouteTarget::Local if is_block => return Ok(()),
            RouteTarget::Local => {
                return value(format!("the target local can only be set for the CIDR blocks of the VPC, not for {destination}"));
            }
            RouteTarget::Peering(_) | RouteTarget::InternetGateway(_) if inside => {
                return value("Route target is not supported. This route only supports interface and instance targets.".to_owned());
            }
            RouteTarget::Peering(id) => {
                let peering = self.visible_peering(cx, id)?;
                of_vpc(peering.sides(&table.vpc).map(|_| &table.vpc), format!("vpc peering connection {id}"))?;
                if peering.status_at(cx.now).is_over() {
                    return Err(Refusal::PeeringNotFound(id.clone()));
                }
            }
            RouteTarget::InternetGateway(id) => {
                let gateway = self.visible_internet_gateway(&cx.scope, id)?;
                of_vpc(gateway.vpc.as_ref(), format!("network gateway {id}"))?;
            }
            RouteTarget::NatGateway(id) => {
                let gateway = self.nat_gateway(&cx.scope, cx.now, id)?;
                of_vpc(Some(&gateway.vpc), format!("nat gateway {id}"))?;
                if gateway.ended.is_some() {
                    return Err(Refusal::NatGatewayNotFound(id.clone()));
                }
            }
            RouteTarget::Interface(id) => {
                let interface = self.visible_interface(&cx.scope, id)?;
                of_vpc(Some(&interface.vpc), format!("interface {id}"))?;
            }
        }
        let is_subnet = || self.subnets.values().any(|subnet| subnet.vpc == vpc.id && subnet.cidr == destination);
        if inside && !is_block && !is_subnet() {
            return value(format!(
                "The destination CIDR block {destination} is more specific than a CIDR block of this VPC. It must be the CIDR block of a subnet."
            ));
        }
        Ok(())
    }
}

//! The targets of routes, as requests name and answers show them.
use crate::ec2::errors::{self, invalid_combination, parse_id};
use vpclab_cloud::{Cloud, Context, InstanceId, Refusal, RouteTarget};
use vpclab_wire::{WireError, ec2};

/// The targets that a request may name, of which it has to name one.
pub(super) struct Asked<'a> {
    pub(super) gateway: Option<&'a str>,
    pub(super) instance: Option<&'a str>,
    pub(super) interface: Option<&'a str>,
    pub(super) nat: Option<&'a str>,
    pub(super) peering: Option<&'a str>,
    pub(super) local: bool,
}

/// A target as a request names it.
pub(crate) enum Named {
    /// The target itself.
    Target(RouteTarget),
    /// An instance, which stands for its interface.
    Instance(InstanceId),
}

impl Named {
    pub(crate) fn of(self, cloud: &Cloud, c: &Context) -> Result<RouteTarget, Refusal> {
        match self {
            Self::Target(target) => Ok(target),
            Self::Instance(id) => cloud.route_interface_of(c, &id).map(RouteTarget::Interface),
        }
    }
}

impl Asked<'_> {
    pub(super) fn read(&self) -> Result<Named, WireError> {
        let given = [self.gateway, self.instance, self.interface, self.nat, self.peering];
        if given.iter().flatten().count() + usize::from(self.local) > 1 {
            return Err(invalid_combination("The request must name exactly one target of the route"));
        }
        Ok(Named::Target(match given {
            [Some(gateway), ..] => of_gateway(gateway)?,
            [_, Some(instance), ..] => return Ok(Named::Instance(parse_id(instance)?)),
            [_, _, Some(interface), ..] => RouteTarget::Interface(parse_id(interface)?),
            [_, _, _, Some(nat), _] => RouteTarget::NatGateway(parse_id(nat)?),
            [.., Some(peering)] => RouteTarget::Peering(parse_id(peering)?),
            _ if self.local => RouteTarget::Local,
            _ => return Err(errors::missing("gatewayId, instanceId, natGatewayId, networkInterfaceId or vpcPeeringConnectionId")),
        }))
    }
}

/// `gatewayId` names gateways of several kinds.
fn of_gateway(id: &str) -> Result<RouteTarget, WireError> {
    let unbuilt = |what: &str| {
        let message = format!("vpclab does not route to {what} (gatewayId {id}) yet");
        Err(WireError::new(400, "UnsupportedOperation", message))
    };
    match id.split_once('-').map_or(id, |(kind, _)| kind) {
        "local" => Ok(RouteTarget::Local),
        "vgw" => unbuilt("virtual private gateways"),
        "vpce" => unbuilt("Gateway Load Balancer endpoints"),
        _ => Ok(RouteTarget::InternetGateway(parse_id(id)?)),
    }
}

/// The members of a route that say where it leads.
pub(super) fn shown(cloud: &Cloud, target: &RouteTarget) -> ec2::Route {
    let none = ec2::Route::default();
    match target {
        RouteTarget::Local => ec2::Route { gateway_id: Some("local".into()), ..none },
        RouteTarget::InternetGateway(id) => ec2::Route { gateway_id: Some(id.to_string()), ..none },
        RouteTarget::NatGateway(id) => ec2::Route { nat_gateway_id: Some(id.to_string()), ..none },
        RouteTarget::Peering(id) => ec2::Route { vpc_peering_connection_id: Some(id.to_string()), ..none },
        RouteTarget::Interface(id) => {
            let interface = cloud.network_interfaces.get(id);
            let attachment = interface.and_then(|interface| interface.attachment.as_ref().zip(Some(&interface.scope.account)));
            ec2::Route {
                network_interface_id: Some(id.to_string()),
                instance_id: attachment.map(|(attachment, _)| attachment.instance.to_string()),
                instance_owner_id: attachment.map(|(_, account)| account.to_string()),
                ..none
            }
        }
    }
}

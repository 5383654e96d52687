//! Resources as components of a path: id, ARN, name.
use std::net::Ipv4Addr;
use vpclab_cloud::network_insights::{Component, PacketHeader, PathComponent, Ports, RouteTableRoute};
use vpclab_cloud::route_table::RouteState;
use vpclab_cloud::{
    Cloud, InstanceId, NetworkAclId, NetworkInterface, Route, RouteTable, RouteTableId, RouteTarget, Scope, SecurityGroupId, SubnetId,
    Tags, Timestamp, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};

/// The names of resources. One that is gone, or of a peering that only its id is known of, has the path's account and region in its ARN.
/// Of another account's, as the VPC at the other side of a peering, the Name tag is not told.
pub(super) struct Names<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) scope: &'a Scope,
}

impl Names<'_> {
    fn named(&self, kind: &str, id: &str, found: Option<(&Scope, &Tags)>) -> Component {
        let scope = found.map_or(self.scope, |(scope, _)| scope);
        Component {
            id: id.to_owned(),
            arn: format!("arn:aws:ec2:{}:{}:{kind}/{id}", scope.region, scope.account),
            name: found.filter(|(scope, _)| scope.account == self.scope.account).and_then(|(_, tags)| tags.get("Name").cloned()),
        }
    }
    pub(super) fn vpc(&self, id: &VpcId) -> Component {
        self.named("vpc", id.as_str(), self.cloud.vpcs.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn subnet(&self, id: &SubnetId) -> Component {
        self.named("subnet", id.as_str(), self.cloud.subnets.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn group(&self, id: &SecurityGroupId) -> Component {
        self.named("security-group", id.as_str(), self.cloud.security_groups.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn acl(&self, id: &NetworkAclId) -> Component {
        self.named("network-acl", id.as_str(), self.cloud.network_acls.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn table(&self, id: &RouteTableId) -> Component {
        self.named("route-table", id.as_str(), self.cloud.route_tables.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn peering(&self, id: &VpcPeeringConnectionId) -> Component {
        let sides = self.cloud.peerings.get(id).map(|one| [&one.requester, &one.accepter]);
        let own = sides.into_iter().flatten().find(|side| &side.scope == self.scope);
        let found = own.map(|side| (self.scope, &side.tags));
        self.named("vpc-peering-connection", id.as_str(), found)
    }
    pub(super) fn interface(&self, interface: &NetworkInterface) -> Component {
        self.named("network-interface", interface.id.as_str(), Some((&interface.scope, &interface.tags)))
    }
    pub(super) fn instance(&self, id: &InstanceId) -> Component {
        self.named("instance", id.as_str(), self.cloud.instances.get(id).map(|one| (&one.scope, &one.tags)))
    }
    pub(super) fn endpoint(&self, id: &VpcEndpointId) -> Component {
        self.named("vpc-endpoint", id.as_str(), self.cloud.vpc_endpoints.get(id).map(|one| (&one.scope, &one.tags)))
    }
    /// An end of a path by its id.
    pub(super) fn any(&self, id: &str) -> Option<Component> {
        match id.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
            "i" => Some(self.instance(&id.parse().ok()?)),
            "eni" => self.cloud.network_interfaces.get(id).map(|interface| self.interface(interface)),
            "vpce" => Some(self.endpoint(&id.parse().ok()?)),
            "pcx" => Some(self.peering(&id.parse().ok()?)),
            _ => None,
        }
    }
    /// A component with nothing else said of it.
    pub(super) fn plain(&self, component: Component) -> PathComponent {
        PathComponent {
            component,
            acl_rule: None,
            group_rule: None,
            route: None,
            subnet: None,
            vpc: None,
            vpcs: None,
            outbound: None,
            inbound: None,
            attached_to: None,
        }
    }
}

/// A route as components show it.
pub(super) fn route(cloud: &Cloud, table: &RouteTable, route: &Route, now: Timestamp) -> RouteTableRoute {
    let state = match cloud.route_state(table, route, now) {
        RouteState::Active => "active",
        RouteState::Blackhole => "blackhole",
    };
    let mut shown = RouteTableRoute {
        destination: route.destination.to_string(),
        origin: if route.from_table { "createroutetable" } else { "createroute" }.to_owned(),
        state: state.to_owned(),
        ..RouteTableRoute::default()
    };
    match &route.target {
        RouteTarget::Local => shown.gateway = Some("local".to_owned()),
        RouteTarget::InternetGateway(id) => shown.gateway = Some(id.to_string()),
        RouteTarget::NatGateway(id) => shown.nat_gateway = Some(id.to_string()),
        RouteTarget::Interface(id) => shown.interface = Some(id.to_string()),
        RouteTarget::Peering(id) => shown.peering = Some(id.to_string()),
    }
    shown
}

/// A header.
pub(super) fn header(source: Ipv4Addr, destination: Ipv4Addr, source_ports: Ports, destination_ports: Ports, protocol: u8) -> PacketHeader {
    PacketHeader {
        source: format!("{source}/32"),
        destination: format!("{destination}/32"),
        source_ports,
        destination_ports,
        protocol: protocol.to_string(),
    }
}

/// Says which header leaves the first component and reaches the last.
pub(super) fn sent(path: &mut [PathComponent], header: &PacketHeader) {
    if let Some(first) = path.first_mut() {
        first.outbound = Some(header.clone());
    }
    if let Some(last) = path.last_mut() {
        last.inbound = Some(header.clone());
    }
}

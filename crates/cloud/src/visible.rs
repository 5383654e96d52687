//! What a caller can see: resources of other accounts and regions are as if they did not exist.
use crate::{
    Cloud, DhcpOptions, DhcpOptionsId, Instance, InstanceId, InternetGateway, InternetGatewayId, NetworkAcl, NetworkAclId,
    NetworkInterface, NetworkInterfaceId, Refusal, RouteTable, RouteTableId, Scope, SecurityGroup, SecurityGroupId, Subnet, SubnetId, Vpc,
    VpcEndpoint, VpcEndpointId, VpcId,
};
use std::sync::Arc;

macro_rules! visible {
    ($($name:ident: $table:ident, $key:ty => $value:ty, $missing:ident;)*) => {
        impl Cloud {$(
            /// The resource of that id, when the scope may see it.
            pub(crate) fn $name(&self, scope: &Scope, id: &$key) -> Result<&Arc<$value>, Refusal> {
                self.$table.get(id).filter(|found| &found.scope == scope).ok_or_else(|| Refusal::$missing(id.clone()))
            }
        )*}
    };
}
visible! {
    visible_vpc: vpcs, VpcId => Vpc, VpcNotFound;
    visible_subnet: subnets, SubnetId => Subnet, SubnetNotFound;
    visible_group: security_groups, SecurityGroupId => SecurityGroup, SecurityGroupNotFound;
    visible_route_table: route_tables, RouteTableId => RouteTable, RouteTableNotFound;
    visible_network_acl: network_acls, NetworkAclId => NetworkAcl, NetworkAclNotFound;
    visible_endpoint: vpc_endpoints, VpcEndpointId => VpcEndpoint, VpcEndpointNotFound;
    visible_interface: network_interfaces, NetworkInterfaceId => NetworkInterface, NetworkInterfaceNotFound;
    visible_internet_gateway: internet_gateways, InternetGatewayId => InternetGateway, InternetGatewayNotFound;
    visible_dhcp_options: dhcp_options, DhcpOptionsId => DhcpOptions, DhcpOptionsNotFound;
    visible_instance: instances, InstanceId => Instance, InstanceNotFound;
}

//! EC2: operation -> handler.

use http::request::Parts;
use vpclab_wire::WireError;
use vpclab_wire::ec2::{Operation, PROTOCOL, UNSERVED, VERSION};
use vpclab_wire::query::Params;

use super::{Handler, by_action, table};
use crate::ec2;

table!(ec2, Params, {
    CreateVpc => ec2::vpc::create_vpc,
    DeleteVpc => ec2::vpc::delete_vpc,
    DescribeVpcs => ec2::vpc::describe_vpcs,
    ModifyVpcAttribute => ec2::vpc::modify_vpc_attribute,
    DescribeVpcAttribute => ec2::vpc::describe_vpc_attribute,
    CreateSubnet => ec2::subnet::create_subnet,
    DeleteSubnet => ec2::subnet::delete_subnet,
    DescribeSubnets => ec2::subnet::describe_subnets,
    ModifySubnetAttribute => ec2::subnet::modify_subnet_attribute,
    CreateSecurityGroup => ec2::security_group::create_security_group,
    DeleteSecurityGroup => ec2::security_group::delete_security_group,
    DescribeSecurityGroups => ec2::security_group::describe_security_groups,
    DescribeSecurityGroupRules => ec2::security_group::rule::describe_security_group_rules,
    AuthorizeSecurityGroupIngress => ec2::security_group::rule::authorize_security_group_ingress,
    AuthorizeSecurityGroupEgress => ec2::security_group::rule::authorize_security_group_egress,
    RevokeSecurityGroupIngress => ec2::security_group::rule::revoke_security_group_ingress,
    RevokeSecurityGroupEgress => ec2::security_group::rule::revoke_security_group_egress,
    ModifySecurityGroupRules => ec2::security_group::rule::modify_security_group_rules,
    CreateRouteTable => ec2::route_table::create_route_table,
    DeleteRouteTable => ec2::route_table::delete_route_table,
    DescribeRouteTables => ec2::route_table::describe_route_tables,
    CreateRoute => ec2::route_table::create_route,
    ReplaceRoute => ec2::route_table::replace_route,
    DeleteRoute => ec2::route_table::delete_route,
    AssociateRouteTable => ec2::route_table::associate_route_table,
    DisassociateRouteTable => ec2::route_table::disassociate_route_table,
    ReplaceRouteTableAssociation => ec2::route_table::replace_route_table_association,
    CreateNetworkAcl => ec2::network_acl::create_network_acl,
    DeleteNetworkAcl => ec2::network_acl::delete_network_acl,
    CreateNetworkAclEntry => ec2::network_acl::entry::create_network_acl_entry,
    ReplaceNetworkAclEntry => ec2::network_acl::entry::replace_network_acl_entry,
    DeleteNetworkAclEntry => ec2::network_acl::entry::delete_network_acl_entry,
    ReplaceNetworkAclAssociation => ec2::network_acl::replace_network_acl_association,
    DescribeNetworkAcls => ec2::network_acl::describe_network_acls,
    CreateVpcPeeringConnection => ec2::peering::create_vpc_peering_connection,
    AcceptVpcPeeringConnection => ec2::peering::accept_vpc_peering_connection,
    RejectVpcPeeringConnection => ec2::peering::reject_vpc_peering_connection,
    DeleteVpcPeeringConnection => ec2::peering::delete_vpc_peering_connection,
    DescribeVpcPeeringConnections => ec2::peering::describe_vpc_peering_connections,
    ModifyVpcPeeringConnectionOptions => ec2::peering::modify_vpc_peering_connection_options,
    CreateVpcEndpoint => ec2::vpc_endpoint::create_vpc_endpoint,
    ModifyVpcEndpoint => ec2::vpc_endpoint::modify_vpc_endpoint,
    DeleteVpcEndpoints => ec2::vpc_endpoint::delete_vpc_endpoints,
    DescribeVpcEndpoints => ec2::vpc_endpoint::describe_vpc_endpoints,
    DescribeVpcEndpointServices => ec2::vpc_endpoint::services::describe_vpc_endpoint_services,
    CreateNetworkInterface => ec2::network_interface::create_network_interface,
    DeleteNetworkInterface => ec2::network_interface::delete_network_interface,
    DescribeNetworkInterfaces => ec2::network_interface::describe_network_interfaces,
    ModifyNetworkInterfaceAttribute => ec2::network_interface::modify_network_interface_attribute,
    RunInstances => ec2::instance::launch::run_instances,
    StartInstances => ec2::instance::start_instances,
    StopInstances => ec2::instance::stop_instances,
    RebootInstances => ec2::instance::reboot_instances,
    TerminateInstances => ec2::instance::terminate_instances,
    DescribeInstances => ec2::instance::describe_instances,
    DescribeInstanceStatus => ec2::instance::status::describe_instance_status,
    DescribeInstanceAttribute => ec2::instance::attribute::describe_instance_attribute,
    ModifyInstanceAttribute => ec2::instance::attribute::modify_instance_attribute,
    GetConsoleOutput => ec2::instance::get_console_output,
    DescribeAvailabilityZones => ec2::zone::describe_availability_zones,
    DescribeRegions => ec2::zone::describe_regions,
    DescribeImages => ec2::image::describe_images,
    DescribeInstanceTypes => ec2::image::instance_type::describe_instance_types,
    CreateTags => ec2::tag::create_tags,
    DeleteTags => ec2::tag::delete_tags,
    DescribeTags => ec2::tag::describe_tags,
});

/// The handler of the request's action.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<Params>, Params), WireError> {
    by_action("ec2", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, VERSION), (parts, body))
}

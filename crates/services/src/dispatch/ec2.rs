//! EC2: operation -> handler.

use vpclab_wire::WireError;
use vpclab_wire::ec2::{Operation, UNSERVED, VERSION};
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
    DescribeNetworkAcls => ec2::network_acl::describe_network_acls,
    DescribeAvailabilityZones => ec2::zone::describe_availability_zones,
    DescribeRegions => ec2::zone::describe_regions,
    DescribeImages => ec2::image::describe_images,
    DescribeInstanceTypes => ec2::image::instance_type::describe_instance_types,
    CreateTags => ec2::tag::create_tags,
    DeleteTags => ec2::tag::delete_tags,
    DescribeTags => ec2::tag::describe_tags,
});

/// The handler of the request's action.
pub(super) fn choose(params: Params) -> Result<(Handler<Params>, Params), WireError> {
    let operation = Operation::from_name(params.action());
    by_action("ec2", TABLE, operation, UNSERVED, VERSION, params)
}

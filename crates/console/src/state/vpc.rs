//! VPCs.
use super::{Asked, Items, item};
use serde_json::json;

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.vpcs.values().map(|vpc| {
        item(
            &vpc.scope,
            &vpc.tags,
            json!({
                "VpcId": vpc.id.as_str(),
                "CidrBlocks": vpc.cidrs.iter().map(|block| block.cidr.to_string()).collect::<Vec<_>>(),
                "EnableDnsSupport": vpc.enable_dns_support,
                "EnableDnsHostnames": vpc.enable_dns_hostnames,
                "ResolverAddress": vpc.resolver_address().to_string(),
                "MainRouteTableId": vpc.main_route_table.as_str(),
                "DefaultSecurityGroupId": vpc.default_security_group.as_str(),
                "DefaultNetworkAclId": vpc.default_network_acl.as_str(),
                "DhcpOptionsId": vpc.dhcp_options.as_ref().map_or("default", |id| id.as_str()),
            }),
        )
    }))
}

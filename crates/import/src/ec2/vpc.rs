//! VPCs, their attributes, and subnets.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::{
    NetworkAclAssociationId, NetworkAclId, RouteTableId, SecurityGroupId, Subnet, Vpc, VpcCidr, VpcCidrAssociationId, VpcId,
};

/// A `Vpcs` member. What belongs to it is named by the answers that follow.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: VpcId = item.read("VpcId")?;
    let mut cidrs = Vec::new();
    for block in item.list("CidrBlockAssociationSet") {
        let state = block.item("CidrBlockState").and_then(|state| state.text("State")).unwrap_or("associated");
        if state == "associated" {
            cidrs.push(VpcCidr { association: block.read("AssociationId")?, cidr: block.read("CidrBlock")? });
        }
    }
    // The primary block comes first, whatever the order of the set.
    let primary = item.read("CidrBlock")?;
    match cidrs.iter().position(|block| block.cidr == primary) {
        Some(at) => cidrs.swap(0, at),
        None => cidrs.insert(0, VpcCidr { association: made_up::<VpcCidrAssociationId>("vpc-cidr-assoc-")?, cidr: primary }),
    }
    if item.list("Ipv6CidrBlockAssociationSet").next().is_some() {
        import.note(id.as_str(), "vpclab knows no IPv6: its IPv6 blocks are left out", []);
    }
    let vpc = Vpc {
        scope: source.scope_of(item)?,
        cidrs,
        // As AWS makes a VPC; the attributes come in answers of their own.
        enable_dns_support: true,
        enable_dns_hostnames: item.flag("IsDefault"),
        main_route_table: made_up::<RouteTableId>("rtb-")?,
        default_security_group: made_up::<SecurityGroupId>("sg-")?,
        default_network_acl: made_up::<NetworkAclId>("acl-")?,
        dhcp_options: item.text("DhcpOptionsId").and_then(|text| text.parse().ok()),
        tags: item.tags(),
        id: id.clone(),
    };
    import.cloud.vpcs.insert(id, Arc::new(vpc));
    Ok(())
}

/// `DescribeVpcAttribute`: one attribute an answer.
pub(crate) fn read_attribute(import: &mut Import, item: Item<'_>) -> Result<(), Unreadable> {
    let id: VpcId = item.read("VpcId")?;
    let value = |name: &str| item.item(name).map(|attribute| attribute.flag("Value"));
    if let Some(vpc) = import.cloud.vpcs.get_mut(&id).map(Arc::make_mut) {
        vpc.enable_dns_support = value("EnableDnsSupport").unwrap_or(vpc.enable_dns_support);
        vpc.enable_dns_hostnames = value("EnableDnsHostnames").unwrap_or(vpc.enable_dns_hostnames);
        import.attributes.insert((id, item.has("EnableDnsSupport")));
    }
    Ok(())
}

/// A `Subnets` member. Its network ACL is named by that ACL.
pub(crate) fn read_subnet(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: vpclab_cloud::SubnetId = item.read("SubnetId")?;
    let vpc: VpcId = item.read("VpcId")?;
    if !item.has("CidrBlock") {
        import.note(id.as_str(), "vpclab knows no IPv6: the subnet has no IPv4 block and is left out", [Affected::Vpc(vpc)]);
        return Ok(());
    }
    let subnet = Subnet {
        scope: source.scope_of(item)?,
        cidr: item.read("CidrBlock")?,
        availability_zone: item.owned("AvailabilityZone").ok_or(Unreadable::Missing("AvailabilityZone"))?,
        map_public_ip_on_launch: item.flag("MapPublicIpOnLaunch"),
        network_acl: made_up::<NetworkAclId>("acl-")?,
        network_acl_association: made_up::<NetworkAclAssociationId>("aclassoc-")?,
        tags: item.tags(),
        vpc,
        id: id.clone(),
    };
    import.cloud.subnets.insert(id, Arc::new(subnet));
    Ok(())
}

/// An id that stands where none was told; that it leads nowhere is found when all is read.
pub(crate) fn made_up<T: std::str::FromStr>(prefix: &'static str) -> Result<T, Unreadable> {
    format!("{prefix}00000000").parse().map_err(|_| Unreadable::Missing(prefix))
}

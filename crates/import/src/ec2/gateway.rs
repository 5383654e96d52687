//! Internet gateways, NAT gateways, public addresses and DHCP options.
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use vpclab_cloud::nat_gateway::{NatGatewayAddress, NatGatewayPublicAddress};
use vpclab_cloud::public_address::AddressAssociation;
use vpclab_cloud::{
    DhcpOptions, DhcpOptionsId, InternetGateway, InternetGatewayId, NatGateway, NatGatewayId, NatGatewayState, PublicAddress,
};

/// An `InternetGateways` member.
pub(crate) fn read_internet_gateway(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: InternetGatewayId = item.read("InternetGatewayId")?;
    let attached = item.list("Attachments").find(|attachment| matches!(attachment.text("State"), Some("available" | "attached")));
    let vpc = attached.map(|attachment| attachment.read("VpcId")).transpose()?;
    let gateway = InternetGateway { id: id.clone(), scope: source.scope_of(item)?, vpc, tags: item.tags() };
    import.cloud.internet_gateways.insert(id, Arc::new(gateway));
    Ok(())
}

/// A `NatGateways` member that is there.
pub(crate) fn read_nat_gateway(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: NatGatewayId = item.read("NatGatewayId")?;
    if !matches!(item.text("State"), Some("available" | "pending")) {
        return Ok(());
    }
    let Some(address) = item.list("NatGatewayAddresses").next() else {
        import.note(id.as_str(), "the NAT gateway has no address yet and is left out", []);
        return Ok(());
    };
    let public = match (address.maybe("AllocationId")?, address.maybe::<Ipv4Addr>("PublicIp")?) {
        (Some(allocation), Some(ip)) => Some(NatGatewayPublicAddress { allocation, association: address.maybe("AssociationId")?, ip }),
        _ => None,
    };
    let gateway = NatGateway {
        scope: source.scope_of(item)?,
        vpc: item.read("VpcId")?,
        subnet: item.read("SubnetId")?,
        state: NatGatewayState::Available,
        address: NatGatewayAddress { interface: address.maybe("NetworkInterfaceId")?, private_ip: address.maybe("PrivateIp")?, public },
        created: item.time("CreateTime"),
        ended: None,
        client_token: None,
        tags: item.tags(),
        id: id.clone(),
    };
    import.cloud.nat_gateways.insert(id, Arc::new(gateway));
    Ok(())
}

/// An `Addresses` member of a VPC.
pub(crate) fn read_address(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let ip: Ipv4Addr = item.read("PublicIp")?;
    let association = match (item.maybe("AssociationId")?, item.maybe("NetworkInterfaceId")?, item.maybe("PrivateIpAddress")?) {
        (Some(id), Some(interface), Some(private_ip)) => Some(AddressAssociation { id, interface, private_ip }),
        _ => None,
    };
    let address =
        PublicAddress { ip, scope: source.scope.clone(), allocation: item.maybe("AllocationId")?, association, tags: item.tags() };
    import.cloud.public_addresses.insert(ip, Arc::new(address));
    Ok(())
}

/// A `DhcpOptions` member.
pub(crate) fn read_dhcp_options(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: DhcpOptionsId = item.read("DhcpOptionsId")?;
    let mut configurations = BTreeMap::new();
    for configuration in item.list("DhcpConfigurations") {
        let key = configuration.owned("Key").ok_or(Unreadable::Missing("Key"))?;
        let values = configuration.list("Values").filter_map(|value| value.owned("Value"));
        configurations.insert(key, values.collect());
    }
    let options = DhcpOptions { id: id.clone(), scope: source.scope_of(item)?, configurations, tags: item.tags() };
    import.cloud.dhcp_options.insert(id, Arc::new(options));
    Ok(())
}

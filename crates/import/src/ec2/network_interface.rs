//! Network interfaces.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::net::Ipv4Addr;
use std::sync::Arc;
use vpclab_cloud::{Attachment, InstanceId, InterfaceKind, NetworkInterface, NetworkInterfaceId, SecurityGroupId};

/// A `NetworkInterfaces` member.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: NetworkInterfaceId = item.read("NetworkInterfaceId")?;
    let Some(private_ip) = item.maybe::<Ipv4Addr>("PrivateIpAddress")? else {
        import.note(id.as_str(), "vpclab knows no IPv6: the interface has no IPv4 address and is left out", []);
        return Ok(());
    };
    let others = item.list("PrivateIpAddresses").filter(|address| !address.flag("Primary")).count();
    if others > 0 {
        import.note(id.as_str(), format!("vpclab knows no secondary addresses: {others} are left out"), []);
    }
    let attachment = attachment(import, item)?;
    let kind = kind(import, &id, item, attachment.is_some());
    let groups: Result<_, Unreadable> = item.list("Groups").map(|group| group.read::<SecurityGroupId>("GroupId")).collect();
    let subnet: vpclab_cloud::SubnetId = item.read("SubnetId")?;
    let interface = NetworkInterface {
        scope: source.scope_of(item)?,
        vpc: item.read("VpcId")?,
        availability_zone: match import.cloud.subnets.get(&subnet) {
            Some(subnet) => subnet.availability_zone.clone(),
            None => item.owned("AvailabilityZone").unwrap_or_default(),
        },
        subnet,
        private_ip,
        mac: mac(item.text("MacAddress")),
        security_groups: groups?,
        kind,
        attachment,
        source_dest_check: item.0.get("SourceDestCheck").and_then(serde_json::Value::as_bool).unwrap_or(true),
        description: item.owned("Description").unwrap_or_default(),
        client_token: None,
        tags: item.tags(),
        id: id.clone(),
    };
    if let InterfaceKind::VpcEndpoint(endpoint) = &interface.kind
        && let Some(endpoint) = import.cloud.vpc_endpoints.get_mut(endpoint).map(Arc::make_mut)
    {
        endpoint.interfaces.insert(interface.subnet.clone(), id.clone());
    }
    import.cloud.network_interfaces.insert(id, Arc::new(interface));
    Ok(())
}

/// The instance it is attached to, if that one is read.
fn attachment(import: &mut Import, item: Item<'_>) -> Result<Option<Attachment>, Unreadable> {
    let Some(attached) = item.item("Attachment") else { return Ok(None) };
    let Some(instance) = attached.maybe::<InstanceId>("InstanceId")? else { return Ok(None) };
    let device_index = attached.number("DeviceIndex").unwrap_or_default();
    let id: NetworkInterfaceId = item.read("NetworkInterfaceId")?;
    match import.cloud.instances.get_mut(&instance).map(Arc::make_mut) {
        Some(instance) if device_index == 0 => instance.interface = Some(id),
        Some(_) => {}
        None => return Ok(None),
    }
    Ok(Some(Attachment {
        id: attached.read("AttachmentId")?,
        instance,
        device_index,
        delete_on_termination: attached.flag("DeleteOnTermination"),
        since: attached.time("AttachTime"),
    }))
}

/// What it belongs to: told by that, or by its type.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>
fn kind(import: &mut Import, id: &NetworkInterfaceId, item: Item<'_>, is_attached: bool) -> InterfaceKind {
    if let Some(endpoint) = import.endpoint_interfaces.get(id) {
        return InterfaceKind::VpcEndpoint(endpoint.clone());
    }
    let of_gateway = |gateway: &&Arc<vpclab_cloud::NatGateway>| gateway.address.interface.as_ref() == Some(id);
    if let Some(gateway) = import.cloud.nat_gateways.values().find(of_gateway) {
        return InterfaceKind::NatGateway(gateway.id.clone());
    }
    let kind = item.text("InterfaceType").unwrap_or("interface");
    let of_function = item.text("Description").is_some_and(|text| text.starts_with("AWS Lambda VPC ENI"));
    match kind {
        "lambda" => return InterfaceKind::Lambda,
        "interface" if of_function => return InterfaceKind::Lambda,
        "interface" if is_attached || !item.flag("RequesterManaged") => {}
        other => {
            let of = item.text("RequesterId").unwrap_or("AWS");
            import.note(
                id.as_str(),
                format!("vpclab does not know what answers at the interface of type `{other}` that {of} manages"),
                [Affected::Interface(id.clone())],
            );
        }
    }
    InterfaceKind::Customer
}

fn mac(text: Option<&str>) -> [u8; 6] {
    let mut mac = [0; 6];
    for (byte, digits) in mac.iter_mut().zip(text.unwrap_or_default().split(':')) {
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    mac
}

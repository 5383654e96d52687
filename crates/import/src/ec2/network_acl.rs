//! Network ACLs.
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::{IpProtocol, NetworkAcl, NetworkAclAssociationId, NetworkAclEntry, NetworkAclId, PortRange, SubnetId, VpcId};

/// The closing entry that denies what nothing allows.
const CLOSING: u16 = 32767;

/// A `NetworkAcls` member.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: NetworkAclId = item.read("NetworkAclId")?;
    let vpc: VpcId = item.read("VpcId")?;
    let mut entries = Vec::new();
    for entry in item.list("Entries") {
        entries.extend(read_entry(entry)?);
    }
    for association in item.list("Associations") {
        let subnet: SubnetId = association.read("SubnetId")?;
        let association: NetworkAclAssociationId = association.read("NetworkAclAssociationId")?;
        if let Some(subnet) = import.cloud.subnets.get_mut(&subnet).map(Arc::make_mut) {
            subnet.network_acl = id.clone();
            subnet.network_acl_association = association;
        }
    }
    let is_default = item.flag("IsDefault");
    if is_default && let Some(vpc) = import.cloud.vpcs.get_mut(&vpc).map(Arc::make_mut) {
        vpc.default_network_acl = id.clone();
    }
    let acl = NetworkAcl { id: id.clone(), scope: source.scope_of(item)?, vpc, is_default, entries, client_token: None, tags: item.tags() };
    import.cloud.network_acls.insert(id, Arc::new(acl));
    Ok(())
}

/// An entry; `None` for the closing one, which every ACL has, and for those of IPv6, which no call of IPv4 meets.
fn read_entry(entry: Item<'_>) -> Result<Option<NetworkAclEntry>, Unreadable> {
    let number: u16 = entry.number("RuleNumber").ok_or(Unreadable::Missing("RuleNumber"))?;
    if number == CLOSING || !entry.has("CidrBlock") {
        return Ok(None);
    }
    let protocol = entry.text("Protocol").ok_or(Unreadable::Missing("Protocol"))?;
    let malformed = |member, value: &str| Unreadable::Malformed { member, value: value.to_owned() };
    let protocol = IpProtocol::parse(protocol).map_err(|_| malformed("Protocol", protocol))?;
    let range = |item: Item<'_>, from: &str, to: &str| Some(PortRange { from: item.number(from)?, to: item.number(to)? });
    let ports = match protocol {
        IpProtocol::TCP | IpProtocol::UDP => entry.item("PortRange").and_then(|ports| range(ports, "From", "To")),
        IpProtocol::ICMP => entry.item("IcmpTypeCode").and_then(|kind| range(kind, "Type", "Code")),
        IpProtocol::All | IpProtocol::Number(_) => None,
    };
    let allow = match entry.text("RuleAction") {
        Some("allow") => true,
        Some("deny") => false,
        other => return Err(malformed("RuleAction", other.unwrap_or_default())),
    };
    Ok(Some(NetworkAclEntry { number, egress: entry.flag("Egress"), allow, protocol, cidr: entry.read("CidrBlock")?, ports }))
}

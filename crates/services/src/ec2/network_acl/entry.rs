//! The entries of network ACLs.
use crate::ec2::errors::{self, invalid_value, missing, parse_id};
use crate::request::RequestContext;
use vpclab_cloud::{IpProtocol, NetworkAclEntry};
use vpclab_wire::{WireError, ec2};

/// `CreateNetworkAclEntry`.
pub async fn create_network_acl_entry(cx: &RequestContext, req: ec2::CreateNetworkAclEntryRequest) -> Result<(), WireError> {
    let id = parse_id(&req.network_acl_id)?;
    let traffic = (req.protocol.as_str(), req.port_range.as_ref(), req.icmp_type_code.as_ref());
    let entry = entry(req.rule_number, req.egress, &req.rule_action, req.cidr_block.as_deref(), traffic)?;
    cx.change(errors::word, |cloud, c| cloud.create_network_acl_entry(c, &id, entry)).await
}

/// `ReplaceNetworkAclEntry`.
pub async fn replace_network_acl_entry(cx: &RequestContext, req: ec2::ReplaceNetworkAclEntryRequest) -> Result<(), WireError> {
    let id = parse_id(&req.network_acl_id)?;
    let traffic = (req.protocol.as_str(), req.port_range.as_ref(), req.icmp_type_code.as_ref());
    let entry = entry(req.rule_number, req.egress, &req.rule_action, req.cidr_block.as_deref(), traffic)?;
    cx.change(errors::word, |cloud, c| cloud.replace_network_acl_entry(c, &id, entry)).await
}

/// `DeleteNetworkAclEntry`.
pub async fn delete_network_acl_entry(cx: &RequestContext, req: ec2::DeleteNetworkAclEntryRequest) -> Result<(), WireError> {
    let id = parse_id(&req.network_acl_id)?;
    let number = number(req.rule_number)?;
    cx.change(errors::word, |cloud, c| cloud.delete_network_acl_entry(c, &id, number, req.egress)).await
}

/// Protocol, ports of TCP and UDP, type and code of ICMP.
pub(crate) type Traffic<'a> = (&'a str, Option<&'a ec2::PortRange>, Option<&'a ec2::IcmpTypeCode>);

pub(crate) fn entry(
    rule_number: i32,
    egress: bool,
    action: &str,
    cidr: Option<&str>,
    traffic: Traffic<'_>,
) -> Result<NetworkAclEntry, WireError> {
    let allow = match action {
        "allow" => true,
        "deny" => false,
        other => return Err(invalid_value(format!("Value ({other}) for parameter ruleAction is invalid. Unknown rule action."))),
    };
    let text = cidr.ok_or_else(|| missing("cidrBlock"))?;
    let cidr = text.parse();
    let cidr =
        cidr.map_err(|_| invalid_value(format!("Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.")))?;
    let (protocol, ports, icmp) = traffic;
    let refused = |refusal| errors::word(&refusal);
    let protocol = IpProtocol::parse(protocol).map_err(refused)?;
    let (from, to) = match protocol {
        IpProtocol::ICMP => icmp.map_or((None, None), |icmp| (icmp.type_, icmp.code)),
        IpProtocol::All | IpProtocol::Number(_) => ports.map_or((None, None), |ports| (ports.from, ports.to)),
    };
    let ports = protocol.ports(from, to).map_err(refused)?;
    Ok(NetworkAclEntry { number: number(rule_number)?, egress, allow, protocol, cidr, ports })
}

/// A number that no entry can have is refused with the others' text.
fn number(number: i32) -> Result<u16, WireError> {
    u16::try_from(number)
        .map_err(|_| invalid_value(format!("Value ({number}) for parameter ruleNumber is invalid. Rule numbers are between 1 and 32766.")))
}

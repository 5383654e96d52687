//! Security groups, and their rules in either form.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::{
    AccountId, Direction, IdSource, IpProtocol, PortRange, RulePeer, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    SecurityGroupRuleId, VpcId,
};

/// A `SecurityGroups` member, with rules without ids.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: SecurityGroupId = item.read("GroupId")?;
    let scope = source.scope_of(item)?;
    let vpc: VpcId = item.read("VpcId")?;
    let name = item.owned("GroupName").unwrap_or_default();
    let mut rules = Vec::new();
    // The answer names no rules: ids that are the same each time stand for them.
    let mut ids = IdSource::new(seed(id.as_str()));
    for (list, direction) in [("IpPermissions", Direction::Ingress), ("IpPermissionsEgress", Direction::Egress)] {
        for permission in item.list(list) {
            let (protocol, ports) = traffic(permission)?;
            for prefix in permission.list("PrefixListIds") {
                prefix_list(import, &id, direction, prefix.text("PrefixListId").unwrap_or("?"));
            }
            for (peer, of) in peers(permission, &scope.account)? {
                rules.push(SecurityGroupRule {
                    id: SecurityGroupRuleId::fresh(&mut ids),
                    direction,
                    protocol,
                    ports,
                    peer,
                    description: of.owned("Description"),
                    tags: Default::default(),
                });
            }
        }
    }
    if name == "default"
        && let Some(vpc) = import.cloud.vpcs.get_mut(&vpc).map(Arc::make_mut)
    {
        vpc.default_security_group = id.clone();
    }
    let description = item.owned("Description").unwrap_or_default();
    let group = SecurityGroup { id: id.clone(), scope, vpc, name, description, rules, tags: item.tags() };
    import.cloud.security_groups.insert(id, Arc::new(group));
    Ok(())
}

/// A `SecurityGroupRules` member: it takes the place of the rules without ids.
pub(crate) fn read_rule(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let group: SecurityGroupId = item.read("GroupId")?;
    let direction = if item.flag("IsEgress") { Direction::Egress } else { Direction::Ingress };
    let (protocol, ports) = traffic(item)?;
    let peer = if let Some(cidr) = item.maybe("CidrIpv4")? {
        RulePeer::Ipv4(cidr)
    } else if let Some(cidr) = item.maybe("CidrIpv6")? {
        RulePeer::Ipv6(cidr)
    } else if let Some(pair) = item.item("ReferencedGroupInfo") {
        referenced(pair, &source.scope.account)?
    } else if let Some(list) = item.text("PrefixListId") {
        clear(import, &group);
        prefix_list(import, &group, direction, list);
        return Ok(());
    } else {
        return Err(Unreadable::Missing("CidrIpv4"));
    };
    let rule = SecurityGroupRule {
        id: item.read("SecurityGroupRuleId")?,
        direction,
        protocol,
        ports,
        peer,
        description: item.owned("Description"),
        tags: item.tags(),
    };
    clear(import, &group);
    if let Some(group) = import.cloud.security_groups.get_mut(&group).map(Arc::make_mut) {
        group.rules.push(rule);
    }
    Ok(())
}

fn clear(import: &mut Import, group: &SecurityGroupId) {
    if import.ruled.insert(group.clone())
        && let Some(group) = import.cloud.security_groups.get_mut(group).map(Arc::make_mut)
    {
        group.rules.clear();
    }
}

fn prefix_list(import: &mut Import, group: &SecurityGroupId, direction: Direction, list: &str) {
    let affected = Affected::Rules { group: group.clone(), direction };
    import.note(group.as_str(), format!("vpclab knows no prefix lists: the rule for {list} is left out"), [affected]);
}

fn traffic(item: Item<'_>) -> Result<(IpProtocol, Option<PortRange>), Unreadable> {
    let text = item.text("IpProtocol").ok_or(Unreadable::Missing("IpProtocol"))?;
    let malformed = |member, value: String| Unreadable::Malformed { member, value };
    let protocol = IpProtocol::parse(text).map_err(|_| malformed("IpProtocol", text.to_owned()))?;
    let (from, to) = (item.number("FromPort"), item.number("ToPort"));
    let ports = protocol.ports(from, to).map_err(|_| malformed("FromPort", format!("{from:?} to {to:?}")))?;
    Ok((protocol, ports))
}

fn peers<'a>(permission: Item<'a>, account: &AccountId) -> Result<Vec<(RulePeer, Item<'a>)>, Unreadable> {
    let mut peers = Vec::new();
    for range in permission.list("IpRanges") {
        peers.push((RulePeer::Ipv4(range.read("CidrIp")?), range));
    }
    for range in permission.list("Ipv6Ranges") {
        peers.push((RulePeer::Ipv6(range.read("CidrIpv6")?), range));
    }
    for pair in permission.list("UserIdGroupPairs") {
        peers.push((referenced(pair, account)?, pair));
    }
    Ok(peers)
}

fn referenced(pair: Item<'_>, account: &AccountId) -> Result<RulePeer, Unreadable> {
    Ok(RulePeer::Group {
        group: pair.read("GroupId")?,
        account: pair.maybe("UserId")?.unwrap_or_else(|| account.clone()),
        peering: pair.maybe("VpcPeeringConnectionId")?,
    })
}

/// FNV-1a.
pub(crate) fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

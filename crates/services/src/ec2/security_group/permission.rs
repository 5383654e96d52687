//! `IpPermission`: several rules of one protocol and port range in one structure, as the older calls write and read rules.
use crate::ec2::errors::{self, invalid_value, missing, parse_id};
use vpclab_cloud::security_group::{GroupReference, NewPeer, NewRule};
use vpclab_cloud::{Cloud, Direction, IpProtocol, PortRange, RulePeer, SecurityGroup, SecurityGroupRule, Timestamp};
use vpclab_wire::{WireError, ec2};

/// The rules that permissions of a request stand for: one for each range and group.
pub(crate) fn rules(permissions: &[ec2::IpPermission]) -> Result<Vec<NewRule>, WireError> {
    let mut rules = Vec::new();
    for permission in permissions {
        let protocol = permission.ip_protocol.as_deref().ok_or_else(|| missing("ipProtocol"))?;
        if !permission.prefix_list_ids.is_empty() {
            return Err(WireError::new(400, "UnsupportedOperation", "vpclab does not serve the parameter IpPermissions.PrefixListIds yet"));
        }
        let mut peers = Vec::new();
        for range in &permission.ip_ranges {
            let cidr = range.cidr_ip.as_deref().ok_or_else(|| missing("cidrIp"))?;
            peers.push((ipv4(cidr)?, range.description.clone()));
        }
        for range in &permission.ipv6_ranges {
            let cidr = range.cidr_ipv6.as_deref().ok_or_else(|| missing("cidrIpv6"))?;
            peers.push((ipv6(cidr)?, range.description.clone()));
        }
        for pair in &permission.user_id_group_pairs {
            peers.push((group(pair)?, pair.description.clone()));
        }
        if peers.is_empty() {
            return Err(WireError::new(400, "MissingParameter", "Source group ID missing."));
        }
        for (peer, description) in peers {
            let rule = NewRule::new(protocol, (permission.from_port, permission.to_port), peer, description);
            rules.push(rule.map_err(|refusal| errors::word(&refusal))?);
        }
    }
    Ok(rules)
}

/// IPv4 addresses of a rule.
pub(super) fn ipv4(text: &str) -> Result<NewPeer, WireError> {
    text.parse().map(NewPeer::Ipv4).map_err(|_| malformed(text))
}

fn ipv6(text: &str) -> Result<NewPeer, WireError> {
    text.parse().map(NewPeer::Ipv6).map_err(|_| malformed(text))
}

fn malformed(cidr: &str) -> WireError {
    invalid_value(format!("CIDR block {cidr} is malformed"))
}

/// The status of the peering is an answer's member: clients send it back with what they read, and it says nothing new.
fn group(pair: &ec2::UserIdGroupPair) -> Result<NewPeer, WireError> {
    if let Some(name) = &pair.group_name {
        return Err(invalid_value(format!(
            "Invalid value '{name}' for groupName. You may not reference Amazon VPC security groups by name. Please use the \
             corresponding id for this operation."
        )));
    }
    let id = pair.group_id.as_deref().ok_or_else(|| WireError::new(400, "MissingParameter", "Source group ID missing."))?;
    let account = pair.user_id.as_deref().map(str::parse).transpose();
    Ok(NewPeer::Group(GroupReference {
        group: parse_id(id)?,
        account: account
            .map_err(|_| invalid_value(format!("Invalid value '{}' for userId.", pair.user_id.as_deref().unwrap_or_default())))?,
        vpc: pair.vpc_id.as_deref().map(parse_id).transpose()?,
        peering: pair.vpc_peering_connection_id.as_deref().map(parse_id).transpose()?,
    }))
}

/// The rules of a group in one direction, one structure for each protocol and port range, in order of the first of each.
pub(super) fn set(cloud: &Cloud, now: Timestamp, group: &SecurityGroup, direction: Direction) -> Vec<ec2::IpPermission> {
    let mut sets: Vec<((IpProtocol, Option<PortRange>), ec2::IpPermission)> = Vec::new();
    for rule in group.rules.iter().filter(|rule| rule.direction == direction) {
        let key = (rule.protocol, rule.ports);
        let at = sets.iter().position(|(known, _)| *known == key);
        match at.and_then(|at| sets.get_mut(at)) {
            Some((_, permission)) => add(cloud, now, permission, rule),
            None => {
                let mut permission = ec2::IpPermission {
                    ip_protocol: Some(rule.protocol.name()),
                    from_port: rule.ports.map(|ports| ports.from),
                    to_port: rule.ports.map(|ports| ports.to),
                    ..Default::default()
                };
                add(cloud, now, &mut permission, rule);
                sets.push((key, permission));
            }
        }
    }
    sets.into_iter().map(|(_, permission)| permission).collect()
}

fn add(cloud: &Cloud, now: Timestamp, permission: &mut ec2::IpPermission, rule: &SecurityGroupRule) {
    let description = rule.description.clone();
    match &rule.peer {
        RulePeer::Ipv4(cidr) => permission.ip_ranges.push(ec2::IpRange { description, cidr_ip: Some(cidr.to_string()) }),
        RulePeer::Ipv6(cidr) => permission.ipv6_ranges.push(ec2::Ipv6Range { description, cidr_ipv6: Some(cidr.to_string()) }),
        RulePeer::Group { group, account, peering } => {
            let reference = Reference::of(cloud, now, group, peering.as_ref());
            permission.user_id_group_pairs.push(ec2::UserIdGroupPair {
                description,
                user_id: Some(account.to_string()),
                group_name: None,
                group_id: Some(group.to_string()),
                vpc_id: reference.vpc,
                vpc_peering_connection_id: peering.as_ref().map(ToString::to_string),
                peering_status: reference.status,
            });
        }
    }
}

/// What is shown of a group that is reached over a peering connection.
pub(super) struct Reference {
    /// Its VPC.
    pub(super) vpc: Option<String>,
    /// The status of the peering connection.
    pub(super) status: Option<String>,
}

impl Reference {
    pub(super) fn of(
        cloud: &Cloud,
        now: Timestamp,
        group: &vpclab_cloud::SecurityGroupId,
        peering: Option<&vpclab_cloud::VpcPeeringConnectionId>,
    ) -> Self {
        let Some(peering) = peering else { return Self { vpc: None, status: None } };
        let status = cloud.peerings.get(peering).map_or("deleted", |peering| peering.status_at(now).code());
        Self { vpc: cloud.security_groups.get(group).map(|group| group.vpc.to_string()), status: Some(status.to_owned()) }
    }
}

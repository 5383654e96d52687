//! Security groups.
use super::errors::{self, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::tag;
use crate::engine::clock;
use crate::request::RequestContext;
use vpclab_cloud::security_group::CreateSecurityGroup;
use vpclab_cloud::{Direction, Refusal, SecurityGroup, SecurityGroupId, SecurityGroupRule};
use vpclab_wire::{WireError, ec2};

pub(crate) mod permission;
pub mod rule;
#[cfg(test)]
mod tests;

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.group-name",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "egress.ip-permission.user-id",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.group-name",
    "ip-permission.ipv6-cidr",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "ip-permission.user-id",
    "owner-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

/// The group of a request that may name it by id or, in a default VPC only, by name.
fn group_id(id: Option<&str>, name: Option<&str>) -> Result<SecurityGroupId, WireError> {
    match (id, name) {
        (Some(id), None) => parse_id(id),
        (_, Some(name)) => Err(invalid_value(format!(
            "Invalid value '{name}' for groupName. You may not reference Amazon VPC security groups by name. Please use the \
             corresponding id for this operation."
        ))),
        (None, None) => Err(missing("groupId")),
    }
}

fn arn(group: &SecurityGroup) -> String {
    format!("arn:aws:ec2:{}:{}:security-group/{}", group.scope.region, group.scope.account, group.id)
}

/// `CreateSecurityGroup`.
pub async fn create_security_group(
    cx: &RequestContext,
    req: ec2::CreateSecurityGroupRequest,
) -> Result<ec2::CreateSecurityGroupResult, WireError> {
    // Without a VPC the group would go to the default one.
    let Some(vpc) = req.vpc_id.as_deref() else {
        return Err(WireError::new(400, "VPCIdNotSpecified", "No default VPC for this user"));
    };
    let input = CreateSecurityGroup {
        vpc: parse_id(vpc)?,
        name: req.group_name,
        description: req.description,
        tags: tag::of_specifications(&req.tag_specifications, "security-group")?,
    };
    cx.change(errors::word, |cloud, c| {
        let id = cloud.create_security_group(c, input)?;
        let made = cloud.security_groups.get(&id).map(|group| ec2::CreateSecurityGroupResult {
            group_id: Some(group.id.to_string()),
            tags: tag::set(&group.tags),
            security_group_arn: Some(arn(group)),
        });
        made.ok_or(Refusal::SecurityGroupNotFound(id))
    })
    .await
}

/// `DeleteSecurityGroup`.
pub async fn delete_security_group(
    cx: &RequestContext,
    req: ec2::DeleteSecurityGroupRequest,
) -> Result<ec2::DeleteSecurityGroupResult, WireError> {
    let id = group_id(req.group_id.as_deref(), req.group_name.as_deref())?;
    cx.change(errors::word, |cloud, c| cloud.delete_security_group(c, &id)).await?;
    Ok(ec2::DeleteSecurityGroupResult { return_: Some(true), group_id: Some(id.to_string()) })
}

/// `DescribeSecurityGroups`.
pub async fn describe_security_groups(
    cx: &RequestContext,
    req: ec2::DescribeSecurityGroupsRequest,
) -> Result<ec2::DescribeSecurityGroupsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids: Vec<SecurityGroupId> = parse_ids(&req.group_ids)?;
    // Names are looked for in the default VPC, and there is none.
    if let Some(name) = req.group_names.first() {
        return Err(WireError::new(400, "InvalidGroup.NotFound", format!("The security group '{name}' does not exist")));
    }
    let cloud = cx.snapshot();
    let seen = cloud.security_groups.values().filter(|group| group.scope == cx.scope);
    let mut found = chosen(seen, |group| &group.id, &ids, Refusal::SecurityGroupNotFound)?;
    found.retain(|group| filters.pass(&group.tags, |name| property(&cloud, group, name)));
    let page = page(found, |group| group.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let now = clock();
    let security_groups = page.items.into_iter().map(|group| ec2::SecurityGroup {
        group_id: Some(group.id.to_string()),
        ip_permissions_egress: permission::set(&cloud, now, group, Direction::Egress),
        tags: tag::set(&group.tags),
        vpc_id: Some(group.vpc.to_string()),
        security_group_arn: Some(arn(group)),
        owner_id: Some(group.scope.account.to_string()),
        group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
        ip_permissions: permission::set(&cloud, now, group, Direction::Ingress),
    });
    Ok(ec2::DescribeSecurityGroupsResult { next_token: page.next_token, security_groups: security_groups.collect() })
}

fn property(cloud: &vpclab_cloud::Cloud, group: &SecurityGroup, name: &str) -> Vec<String> {
    use vpclab_cloud::RulePeer;
    let (direction, name) = match name.strip_prefix("egress.") {
        Some(name) => (Direction::Egress, name),
        None => (Direction::Ingress, name),
    };
    let of_rules = |of: fn(&SecurityGroupRule) -> Option<String>| -> Vec<String> {
        group.rules.iter().filter(|rule| rule.direction == direction).filter_map(of).collect()
    };
    match name {
        "description" => vec![group.description.clone()],
        "group-id" => vec![group.id.to_string()],
        "group-name" => vec![group.name.clone()],
        "owner-id" => vec![group.scope.account.to_string()],
        "vpc-id" => vec![group.vpc.to_string()],
        "ip-permission.cidr" => of_rules(|rule| match &rule.peer {
            RulePeer::Ipv4(cidr) => Some(cidr.to_string()),
            RulePeer::Ipv6(_) | RulePeer::Group { .. } => None,
        }),
        "ip-permission.ipv6-cidr" => of_rules(|rule| match &rule.peer {
            RulePeer::Ipv6(cidr) => Some(cidr.to_string()),
            RulePeer::Ipv4(_) | RulePeer::Group { .. } => None,
        }),
        "ip-permission.group-id" => of_rules(|rule| match &rule.peer {
            RulePeer::Group { group, .. } => Some(group.to_string()),
            RulePeer::Ipv4(_) | RulePeer::Ipv6(_) => None,
        }),
        "ip-permission.user-id" => of_rules(|rule| match &rule.peer {
            RulePeer::Group { account, .. } => Some(account.to_string()),
            RulePeer::Ipv4(_) | RulePeer::Ipv6(_) => None,
        }),
        "ip-permission.group-name" => {
            let rules = group.rules.iter().filter(|rule| rule.direction == direction);
            let named = rules.filter_map(|rule| match &rule.peer {
                RulePeer::Group { group, .. } => cloud.security_groups.get(group).map(|group| group.name.clone()),
                RulePeer::Ipv4(_) | RulePeer::Ipv6(_) => None,
            });
            named.collect()
        }
        "ip-permission.from-port" => of_rules(|rule| rule.ports.map(|ports| ports.from.to_string())),
        "ip-permission.to-port" => of_rules(|rule| rule.ports.map(|ports| ports.to.to_string())),
        "ip-permission.protocol" => of_rules(|rule| Some(rule.protocol.name())),
        _ => Vec::new(),
    }
}

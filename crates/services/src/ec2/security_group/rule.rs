//! Rules of security groups: authorised, revoked, modified and listed.
use super::permission::{self, Reference};
use crate::ec2::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use crate::ec2::filters::{Filters, PAGE_SIZES, page};
use crate::ec2::{security_group::group_id, tag};
use crate::engine::clock;
use crate::request::RequestContext;
use std::collections::BTreeSet;
use vpclab_cloud::security_group::{GroupReference, NewPeer, NewRule, RuleUpdate};
use vpclab_cloud::{
    Cloud, Direction, Refusal, RulePeer, SecurityGroup, SecurityGroupId, SecurityGroupRule, SecurityGroupRuleId, Tags, Timestamp,
};
use vpclab_wire::{WireError, ec2};

/// A rule in the flat form: protocol, ports and one CIDR block as parameters of the call itself.
struct Flat {
    protocol: Option<String>,
    from: Option<i32>,
    to: Option<i32>,
    cidr: Option<String>,
}

impl Flat {
    fn is_used(&self) -> bool {
        self.protocol.is_some() || self.from.is_some() || self.to.is_some() || self.cidr.is_some()
    }

    fn rule(&self) -> Result<NewRule, WireError> {
        let protocol = self.protocol.as_deref().ok_or_else(|| missing("ipProtocol"))?;
        let cidr = self.cidr.as_deref().ok_or_else(|| missing("cidrIp"))?;
        NewRule::new(protocol, (self.from, self.to), permission::ipv4(cidr)?, None).map_err(|refusal| errors::word(&refusal))
    }

    /// The rules of a call, in whichever form it has.
    fn or(&self, permissions: &[ec2::IpPermission]) -> Result<Vec<NewRule>, WireError> {
        match (self.is_used(), permissions.is_empty()) {
            (true, true) => Ok(vec![self.rule()?]),
            (false, false) => permission::rules(permissions),
            (true, false) => Err(invalid_combination("The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'")),
            (false, true) => Err(missing("ipPermissions")),
        }
    }
}

/// `AuthorizeSecurityGroupIngress`.
pub async fn authorize_security_group_ingress(
    cx: &RequestContext,
    req: ec2::AuthorizeSecurityGroupIngressRequest,
) -> Result<ec2::AuthorizeSecurityGroupIngressResult, WireError> {
    let id = group_id(req.group_id.as_deref(), req.group_name.as_deref())?;
    let flat = Flat { protocol: req.ip_protocol, from: req.from_port, to: req.to_port, cidr: req.cidr_ip };
    let rules = flat.or(&req.ip_permissions)?;
    let security_group_rules = authorize(cx, &id, Direction::Ingress, rules, &req.tag_specifications).await?;
    Ok(ec2::AuthorizeSecurityGroupIngressResult { return_: Some(true), security_group_rules })
}

/// `AuthorizeSecurityGroupEgress`.
pub async fn authorize_security_group_egress(
    cx: &RequestContext,
    req: ec2::AuthorizeSecurityGroupEgressRequest,
) -> Result<ec2::AuthorizeSecurityGroupEgressResult, WireError> {
    let id = parse_id(&req.group_id)?;
    if req.ip_permissions.is_empty() {
        return Err(missing("ipPermissions"));
    }
    let rules = permission::rules(&req.ip_permissions)?;
    let security_group_rules = authorize(cx, &id, Direction::Egress, rules, &req.tag_specifications).await?;
    Ok(ec2::AuthorizeSecurityGroupEgressResult { return_: Some(true), security_group_rules })
}

async fn authorize(
    cx: &RequestContext,
    id: &SecurityGroupId,
    direction: Direction,
    rules: Vec<NewRule>,
    specifications: &[ec2::TagSpecification],
) -> Result<Vec<ec2::SecurityGroupRule>, WireError> {
    let tags: Tags = tag::of_specifications(specifications, "security-group-rule")?;
    cx.change(errors::word, |cloud, c| {
        let made: BTreeSet<SecurityGroupRuleId> = cloud.authorize_security_group(c, id, direction, rules, &tags)?.into_iter().collect();
        let group = cloud.security_groups.get(id).ok_or_else(|| Refusal::SecurityGroupNotFound(id.clone()))?;
        Ok(group.rules.iter().filter(|rule| made.contains(&rule.id)).map(|rule| show(cloud, c.now, group, rule)).collect())
    })
    .await
}

/// `RevokeSecurityGroupIngress`.
pub async fn revoke_security_group_ingress(
    cx: &RequestContext,
    req: ec2::RevokeSecurityGroupIngressRequest,
) -> Result<ec2::RevokeSecurityGroupIngressResult, WireError> {
    let id = group_id(req.group_id.as_deref(), req.group_name.as_deref())?;
    let flat = Flat { protocol: req.ip_protocol, from: req.from_port, to: req.to_port, cidr: req.cidr_ip };
    let gone = revoke(cx, &id, Direction::Ingress, &flat, &req.ip_permissions, &req.security_group_rule_ids).await?;
    Ok(ec2::RevokeSecurityGroupIngressResult {
        return_: Some(true),
        unknown_ip_permissions: Vec::new(),
        revoked_security_group_rules: gone,
    })
}

/// `RevokeSecurityGroupEgress`.
pub async fn revoke_security_group_egress(
    cx: &RequestContext,
    req: ec2::RevokeSecurityGroupEgressRequest,
) -> Result<ec2::RevokeSecurityGroupEgressResult, WireError> {
    let id = parse_id(&req.group_id)?;
    let flat = Flat { protocol: None, from: None, to: None, cidr: None };
    let gone = revoke(cx, &id, Direction::Egress, &flat, &req.ip_permissions, &req.security_group_rule_ids).await?;
    Ok(ec2::RevokeSecurityGroupEgressResult { return_: Some(true), unknown_ip_permissions: Vec::new(), revoked_security_group_rules: gone })
}

async fn revoke(
    cx: &RequestContext,
    id: &SecurityGroupId,
    direction: Direction,
    flat: &Flat,
    permissions: &[ec2::IpPermission],
    rule_ids: &[String],
) -> Result<Vec<ec2::RevokedSecurityGroupRule>, WireError> {
    let gone = if rule_ids.is_empty() {
        let rules = flat.or(permissions)?;
        cx.change(errors::word, |cloud, c| cloud.revoke_security_group(c, id, direction, &rules)).await?
    } else if flat.is_used() || !permissions.is_empty() {
        return Err(invalid_combination("The parameter 'securityGroupRuleIds' may not be used in combination with 'ipPermissions'"));
    } else {
        let rule_ids: Vec<SecurityGroupRuleId> = parse_ids(rule_ids)?;
        cx.change(errors::word, |cloud, c| cloud.revoke_security_group_rules(c, id, direction, &rule_ids)).await?
    };
    Ok(gone.iter().map(|rule| revoked(id, rule)).collect())
}

/// `ModifySecurityGroupRules`.
pub async fn modify_security_group_rules(
    cx: &RequestContext,
    req: ec2::ModifySecurityGroupRulesRequest,
) -> Result<ec2::ModifySecurityGroupRulesResult, WireError> {
    let id = parse_id(&req.group_id)?;
    if req.security_group_rules.is_empty() {
        return Err(missing("securityGroupRules"));
    }
    let updates: Vec<RuleUpdate> = req.security_group_rules.iter().map(update).collect::<Result<_, _>>()?;
    cx.change(errors::word, |cloud, c| cloud.modify_security_group_rules(c, &id, updates)).await?;
    Ok(ec2::ModifySecurityGroupRulesResult { return_: Some(true) })
}

fn update(update: &ec2::SecurityGroupRuleUpdate) -> Result<RuleUpdate, WireError> {
    let rule = update.security_group_rule.as_ref().ok_or_else(|| missing("securityGroupRule"))?;
    let protocol = rule.ip_protocol.as_deref().ok_or_else(|| missing("ipProtocol"))?;
    let all_ports = |port: Option<i32>| matches!(port, None | Some(-1));
    if matches!(protocol, "-1" | "all") && !(all_ports(rule.from_port) && all_ports(rule.to_port)) {
        return Err(invalid_value(
            "You may not specify all protocols and specific ports. Please specify each protocol and port range combination \
             individually, or all protocols and no port range.",
        ));
    }
    let peer = match (&rule.cidr_ipv4, &rule.referenced_group_id) {
        (Some(cidr), None) => permission::ipv4(cidr)?,
        (None, Some(group)) => NewPeer::Group(GroupReference { group: parse_id(group)?, account: None, vpc: None, peering: None }),
        (None, None) => return Err(missing("cidrIpv4 or referencedGroupId")),
        (Some(_), Some(_)) => {
            return Err(invalid_combination("The parameter 'cidrIpv4' may not be used in combination with 'referencedGroupId'"));
        }
    };
    let rule = NewRule::new(protocol, (rule.from_port, rule.to_port), peer, rule.description.clone());
    Ok(RuleUpdate { id: parse_id(&update.security_group_rule_id)?, rule: rule.map_err(|refusal| errors::word(&refusal))? })
}

/// `DescribeSecurityGroupRules`.
pub async fn describe_security_group_rules(
    cx: &RequestContext,
    req: ec2::DescribeSecurityGroupRulesRequest,
) -> Result<ec2::DescribeSecurityGroupRulesResult, WireError> {
    let filters = Filters::new(&req.filters, &["group-id", "security-group-rule-id", "tag-key", "tag:"])?;
    let ids: Vec<SecurityGroupRuleId> = parse_ids(&req.security_group_rule_ids)?;
    let cloud = cx.snapshot();
    let groups = cloud.security_groups.values().filter(|group| group.scope == cx.scope);
    let mut found: Vec<(&SecurityGroup, &SecurityGroupRule)> =
        groups.flat_map(|group| group.rules.iter().map(move |rule| (group.as_ref(), rule))).collect();
    if let Some(absent) = ids.iter().find(|id| !found.iter().any(|(_, rule)| &rule.id == *id)) {
        return Err(errors::word(&Refusal::SecurityGroupRuleNotFound(absent.clone())));
    }
    found.retain(|(group, rule)| {
        (ids.is_empty() || ids.contains(&rule.id))
            && filters.pass(&rule.tags, |name| match name {
                "group-id" => vec![group.id.to_string()],
                "security-group-rule-id" => vec![rule.id.to_string()],
                _ => Vec::new(),
            })
    });
    let page = page(found, |(_, rule)| rule.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let now = clock();
    let security_group_rules = page.items.into_iter().map(|(group, rule)| show(&cloud, now, group, rule)).collect();
    Ok(ec2::DescribeSecurityGroupRulesResult { security_group_rules, next_token: page.next_token })
}

/// A rule of all protocols or of one without ports has the ports -1.
fn ports(rule: &SecurityGroupRule) -> (Option<i32>, Option<i32>) {
    rule.ports.map_or((Some(-1), Some(-1)), |ports| (Some(ports.from), Some(ports.to)))
}

fn show(cloud: &Cloud, now: Timestamp, group: &SecurityGroup, rule: &SecurityGroupRule) -> ec2::SecurityGroupRule {
    let (from_port, to_port) = ports(rule);
    let mut shown = ec2::SecurityGroupRule {
        security_group_rule_id: Some(rule.id.to_string()),
        group_id: Some(group.id.to_string()),
        group_owner_id: Some(group.scope.account.to_string()),
        is_egress: Some(rule.direction == Direction::Egress),
        ip_protocol: Some(rule.protocol.name()),
        from_port,
        to_port,
        description: rule.description.clone(),
        tags: tag::set(&rule.tags),
        security_group_rule_arn: Some(format!(
            "arn:aws:ec2:{}:{}:security-group-rule/{}",
            group.scope.region, group.scope.account, rule.id
        )),
        ..Default::default()
    };
    match &rule.peer {
        RulePeer::Ipv4(cidr) => shown.cidr_ipv4 = Some(cidr.to_string()),
        RulePeer::Ipv6(cidr) => shown.cidr_ipv6 = Some(cidr.to_string()),
        RulePeer::Group { group, account, peering } => {
            let reference = Reference::of(cloud, now, group, peering.as_ref());
            shown.referenced_group_info = Some(ec2::ReferencedSecurityGroup {
                group_id: Some(group.to_string()),
                peering_status: reference.status,
                user_id: Some(account.to_string()),
                vpc_id: reference.vpc,
                vpc_peering_connection_id: peering.as_ref().map(ToString::to_string),
            });
        }
    }
    shown
}

fn revoked(group: &SecurityGroupId, rule: &SecurityGroupRule) -> ec2::RevokedSecurityGroupRule {
    let (from_port, to_port) = ports(rule);
    let (mut cidr_ipv4, mut cidr_ipv6, mut referenced_group_id) = (None, None, None);
    match &rule.peer {
        RulePeer::Ipv4(cidr) => cidr_ipv4 = Some(cidr.to_string()),
        RulePeer::Ipv6(cidr) => cidr_ipv6 = Some(cidr.to_string()),
        RulePeer::Group { group, .. } => referenced_group_id = Some(group.to_string()),
    }
    ec2::RevokedSecurityGroupRule {
        security_group_rule_id: Some(rule.id.to_string()),
        group_id: Some(group.to_string()),
        is_egress: Some(rule.direction == Direction::Egress),
        ip_protocol: Some(rule.protocol.name()),
        from_port,
        to_port,
        cidr_ipv4,
        cidr_ipv6,
        prefix_list_id: None,
        referenced_group_id,
        description: rule.description.clone(),
    }
}

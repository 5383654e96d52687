//! Rules: authorised, revoked and modified.
use super::{Direction, IpProtocol, MAX_RULES, PortRange, RulePeer, SecurityGroup, SecurityGroupRule, is_permitted_text};
use crate::{AccountId, Cloud, Context, Refusal, SecurityGroupId, SecurityGroupRuleId, Tags, VpcId, VpcPeeringConnectionId};
use ipnet::{Ipv4Net, Ipv6Net};
use std::sync::Arc;

/// A rule to be added, or one like it to be revoked. Made by [`NewRule::new`], so that its ports fit its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    pub(super) protocol: IpProtocol,
    pub(super) ports: Option<PortRange>,
    peer: NewPeer,
    description: Option<String>,
}

/// The other side of a rule, as the caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewPeer {
    /// IPv4 addresses; host bits are cleared.
    Ipv4(Ipv4Net),
    /// IPv6 addresses; host bits are cleared.
    Ipv6(Ipv6Net),
    /// The members of a group.
    Group(GroupReference),
}

/// A group as a rule's caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReference {
    /// Its id.
    pub group: SecurityGroupId,
    /// Its account; the caller's own when absent.
    pub account: Option<AccountId>,
    /// Its VPC, when the caller says it: then it has to be right.
    pub vpc: Option<VpcId>,
    /// The peering connection to it, when the caller says it: then it has to be right.
    pub peering: Option<VpcPeeringConnectionId>,
}

/// A rule that takes the place of another under the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleUpdate {
    /// The rule's id.
    pub id: SecurityGroupRuleId,
    /// What it is to be.
    pub rule: NewRule,
}

impl NewRule {
    /// Reads a rule as requests write it.
    ///
    /// # Errors
    /// An unknown protocol, ports that do not fit it, or a description that is too long or has other characters than EC2 permits.
    pub fn new(
        protocol: &str,
        (from, to): (Option<i32>, Option<i32>),
        peer: NewPeer,
        description: Option<String>,
    ) -> Result<Self, Refusal> {
        let protocol = IpProtocol::parse(protocol)?;
        let ports = protocol.ports(from, to)?;
        if description.as_deref().is_some_and(|text| !is_permitted_text(text)) {
            return Err(Refusal::InvalidParameterValue(
                "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: \
                 a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
                    .to_owned(),
            ));
        }
        let peer = match peer {
            NewPeer::Ipv4(cidr) => NewPeer::Ipv4(cidr.trunc()),
            NewPeer::Ipv6(cidr) => NewPeer::Ipv6(cidr.trunc()),
            NewPeer::Group(reference) => NewPeer::Group(reference),
        };
        Ok(Self { protocol, ports, peer, description: description.filter(|text| !text.is_empty()) })
    }

    /// Whether an existing rule is the one that is described. Descriptions do not tell rules apart.
    fn is_like(&self, rule: &SecurityGroupRule) -> bool {
        self.protocol == rule.protocol && self.ports == rule.ports && self.peer.is_like(&rule.peer)
    }

    /// Whether two new rules would be duplicates.
    fn matches_same(&self, other: &Self) -> bool {
        let same_peer = match (&self.peer, &other.peer) {
            (NewPeer::Group(one), NewPeer::Group(two)) => one.group == two.group,
            (one, two) => one == two,
        };
        self.protocol == other.protocol && self.ports == other.ports && same_peer
    }

    /// The rule as EC2's text of a duplicate says it: `peer: 10.0.0.0/16, TCP, from port: 443, to port: 443, ALLOW`.
    pub(super) fn words(&self) -> String {
        let peer = match &self.peer {
            NewPeer::Ipv4(cidr) => cidr.to_string(),
            NewPeer::Ipv6(cidr) => cidr.to_string(),
            NewPeer::Group(reference) => reference.group.to_string(),
        };
        format!("peer: {peer}, {}, ALLOW", self.protocol.words(self.ports))
    }
}

impl NewPeer {
    fn is_like(&self, peer: &RulePeer) -> bool {
        match (self, peer) {
            (Self::Ipv4(one), RulePeer::Ipv4(two)) => one == two,
            (Self::Ipv6(one), RulePeer::Ipv6(two)) => one == two,
            (Self::Group(one), RulePeer::Group { group, account, .. }) => {
                &one.group == group && one.account.as_ref().is_none_or(|wanted| wanted == account)
            }
            _ => false,
        }
    }
}

impl Cloud {
    /// `AuthorizeSecurityGroupIngress` and `…Egress`: all of the rules or none.
    ///
    /// # Errors
    /// A rule that is there already or twice in the call, a group that cannot be referenced, or too many rules.
    pub fn authorize_security_group(
        &mut self,
        cx: &mut Context,
        id: &SecurityGroupId,
        direction: Direction,
        rules: Vec<NewRule>,
        tags: &Tags,
    ) -> Result<Vec<SecurityGroupRuleId>, Refusal> {
        let group = Arc::clone(self.visible_group(&cx.scope, id)?);
        refuse_twins(rules.iter())?;
        let mut made = Vec::with_capacity(rules.len());
        for rule in rules {
            if group.rules.iter().any(|own| own.direction == direction && rule.is_like(own)) {
                return Err(Refusal::RuleDuplicate(rule.words()));
            }
            made.push(SecurityGroupRule {
                id: SecurityGroupRuleId::fresh(&mut cx.ids),
                direction,
                protocol: rule.protocol,
                ports: rule.ports,
                peer: self.resolve(cx, &group, rule.peer)?,
                description: rule.description,
                tags: tags.clone(),
            });
        }
        let ids = made.iter().map(|rule| rule.id.clone()).collect();
        let mut next = SecurityGroup::clone(&group);
        next.rules.extend(made);
        refuse_too_many(&next.rules, direction)?;
        self.security_groups.insert(id.clone(), Arc::new(next));
        Ok(ids)
    }

    /// `RevokeSecurityGroupIngress` and `…Egress` by description of the rules. Answers the rules that are gone.
    ///
    /// # Errors
    /// [`Refusal::RuleNotFound`] when one of them is not there; then all stay.
    pub fn revoke_security_group(
        &mut self,
        cx: &mut Context,
        id: &SecurityGroupId,
        direction: Direction,
        rules: &[NewRule],
    ) -> Result<Vec<SecurityGroupRule>, Refusal> {
        let group = self.visible_group(&cx.scope, id)?;
        let mut ids = Vec::with_capacity(rules.len());
        for rule in rules {
            let found = group.rules.iter().find(|own| own.direction == direction && rule.is_like(own));
            ids.push(found.ok_or(Refusal::RuleNotFound)?.id.clone());
        }
        self.revoke_security_group_rules(cx, id, direction, &ids)
    }

    /// `RevokeSecurityGroupIngress` and `…Egress` by ids of the rules. Answers the rules that are gone.
    ///
    /// # Errors
    /// An id that is none of the group's rules in this direction; then all stay.
    pub fn revoke_security_group_rules(
        &mut self,
        cx: &mut Context,
        id: &SecurityGroupId,
        direction: Direction,
        rules: &[SecurityGroupRuleId],
    ) -> Result<Vec<SecurityGroupRule>, Refusal> {
        let mut group = SecurityGroup::clone(self.visible_group(&cx.scope, id)?);
        let is_own = |rule: &SecurityGroupRuleId| group.rules.iter().any(|own| own.direction == direction && &own.id == rule);
        if let Some(unknown) = rules.iter().find(|rule| !is_own(rule)) {
            return Err(Refusal::SecurityGroupRuleNotFound(unknown.clone()));
        }
        let (gone, kept) = group.rules.into_iter().partition(|own| rules.contains(&own.id));
        group.rules = kept;
        self.security_groups.insert(id.clone(), Arc::new(group));
        Ok(gone)
    }

    /// `ModifySecurityGroupRules`: rules take the place of others under the same ids; direction and tags stay, and so does the kind
    /// of the other side (addresses or group).
    ///
    /// # Errors
    /// An id that is none of the group's rules, a change of the kind, or what [`Cloud::authorize_security_group`] refuses.
    pub fn modify_security_group_rules(&mut self, cx: &mut Context, id: &SecurityGroupId, updates: Vec<RuleUpdate>) -> Result<(), Refusal> {
        let mut group = SecurityGroup::clone(self.visible_group(&cx.scope, id)?);
        for RuleUpdate { id: rule_id, rule } in updates {
            let peer = self.resolve(cx, &group, rule.peer.clone())?;
            let Some(own) = group.rules.iter().find(|own| own.id == rule_id) else {
                return Err(Refusal::SecurityGroupRuleNotFound(rule_id));
            };
            if std::mem::discriminant(&own.peer) != std::mem::discriminant(&peer) {
                return Err(Refusal::InvalidParameterValue(format!(
                    "The type of the source or destination of the security group rule {rule_id} cannot be changed."
                )));
            }
            let direction = own.direction;
            let twin = |other: &&SecurityGroupRule| other.id != rule_id && other.direction == direction && rule.is_like(other);
            if group.rules.iter().find(twin).is_some() {
                return Err(Refusal::RuleDuplicate(rule.words()));
            }
            if let Some(own) = group.rules.iter_mut().find(|own| own.id == rule_id) {
                own.protocol = rule.protocol;
                own.ports = rule.ports;
                own.peer = peer;
                own.description = rule.description;
            }
        }
        self.security_groups.insert(id.clone(), Arc::new(group));
        Ok(())
    }

    /// Who a rule's other side is. A group has to be in the same VPC, or in a VPC of the region to which a peering is active.
    /// Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
    fn resolve(&self, cx: &Context, own: &SecurityGroup, peer: NewPeer) -> Result<RulePeer, Refusal> {
        let GroupReference { group, account, vpc, peering } = match peer {
            NewPeer::Ipv4(cidr) => return Ok(RulePeer::Ipv4(cidr)),
            NewPeer::Ipv6(cidr) => return Ok(RulePeer::Ipv6(cidr)),
            NewPeer::Group(reference) => reference,
        };
        let account = account.unwrap_or_else(|| cx.scope.account.clone());
        let other = (self.security_groups.get(&group))
            .filter(|other| other.scope.account == account && other.scope.region == cx.scope.region)
            .ok_or_else(|| Refusal::SecurityGroupNotFound(group.clone()))?;
        if vpc.is_some_and(|said| said != other.vpc) {
            return Err(Refusal::DifferentNetworks);
        }
        if other.vpc == own.vpc {
            return match peering {
                None => Ok(RulePeer::Group { group, account, peering: None }),
                Some(said) => Err(Refusal::PeeringNotFound(said)),
            };
        }
        let joins = |sides: (&VpcId, &VpcId)| sides == (&own.vpc, &other.vpc) || sides == (&other.vpc, &own.vpc);
        let active = (self.peerings.values())
            .find(|one| one.is_active() && !one.is_inter_region() && joins((&one.requester.vpc, &one.accepter.vpc)));
        match (active, peering) {
            // Another account's group is not to be found out about without a peering.
            (None, _) if account != cx.scope.account => Err(Refusal::SecurityGroupNotFound(group)),
            (None, _) => Err(Refusal::DifferentNetworks),
            (Some(active), Some(said)) if active.id != said => Err(Refusal::PeeringNotFound(said)),
            (Some(active), _) => Ok(RulePeer::Group { group, account, peering: Some(active.id.clone()) }),
        }
    }
}

fn refuse_twins<'a>(rules: impl Iterator<Item = &'a NewRule> + Clone) -> Result<(), Refusal> {
    for (at, rule) in rules.clone().enumerate() {
        if rules.clone().take(at).any(|earlier| earlier.matches_same(rule)) {
            return Err(Refusal::InvalidParameterValue("The same permission must not appear multiple times".to_owned()));
        }
        if at >= 2 * MAX_RULES {
            return Err(Refusal::RulesLimit);
        }
    }
    Ok(())
}

fn refuse_too_many(rules: &[SecurityGroupRule], direction: Direction) -> Result<(), Refusal> {
    let count = |counts: fn(&RulePeer) -> bool| rules.iter().filter(|rule| rule.direction == direction && counts(&rule.peer)).count();
    let ipv4 = count(|peer| !matches!(peer, RulePeer::Ipv6(_)));
    let ipv6 = count(|peer| !matches!(peer, RulePeer::Ipv4(_)));
    if ipv4.max(ipv6) > MAX_RULES { Err(Refusal::RulesLimit) } else { Ok(()) }
}

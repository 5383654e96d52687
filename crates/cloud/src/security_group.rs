//! Security groups and their rules.
use crate::{AccountId, Cloud, Context, Refusal, Scope, SecurityGroupId, SecurityGroupRuleId, Tags, VpcId, VpcPeeringConnectionId};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod protocol;
mod rules;
#[cfg(test)]
mod tests;

pub use rules::{GroupReference, NewPeer, NewRule, RuleUpdate};

/// The most security groups of an account in a region.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_SECURITY_GROUPS: usize = 2500;
/// The most rules of a group in one direction, counted apart for IPv4 and IPv6; rules that name groups count in both.
pub const MAX_RULES: usize = 60;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its name, unique in the VPC.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its rules, in order of creation.
    pub rules: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: Tags,
}

/// One rule: allow-only, one peer each (as `DescribeSecurityGroupRules` shows them).
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// Its id.
    pub id: SecurityGroupRuleId,
    /// Inbound or outbound.
    pub direction: Direction,
    /// The protocol.
    pub protocol: IpProtocol,
    /// Destination ports for TCP and UDP; type and code for ICMP; `None` for all.
    pub ports: Option<PortRange>,
    /// Who the other side may be.
    pub peer: RulePeer,
    /// What people wrote about it.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Which way a rule lets traffic pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Inbound.
    Ingress,
    /// Outbound.
    Egress,
}

/// An IP protocol as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IpProtocol {
    /// `-1`: every protocol.
    All,
    /// A protocol by its IANA number: 6 TCP, 17 UDP, 1 ICMP, …
    Number(u8),
}

/// For TCP and UDP the destination ports, both ends included; for ICMP `from` is the type and `to` the code, -1 for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortRange {
    /// First port, or ICMP type.
    pub from: i32,
    /// Last port, or ICMP code.
    pub to: i32,
}

/// The other side of a security group rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    /// IPv4 addresses.
    Ipv4(Ipv4Net),
    /// IPv6 addresses. Kept and shown; no IPv6 packet exists in a lab, so it matches none.
    Ipv6(Ipv6Net),
    /// The interfaces that carry a group of the same VPC, or of a VPC peered in the same region.
    Group {
        /// The referenced group.
        group: SecurityGroupId,
        /// Its account.
        account: AccountId,
        /// The peering connection over which it is reached, for a group of a peered VPC.
        peering: Option<VpcPeeringConnectionId>,
    },
}

impl IpProtocol {
    /// TCP.
    pub const TCP: Self = Self::Number(6);
    /// UDP.
    pub const UDP: Self = Self::Number(17);
    /// ICMP.
    pub const ICMP: Self = Self::Number(1);
}

/// The input of [`Cloud::create_security_group`].
#[derive(Clone, Debug)]
pub struct CreateSecurityGroup {
    /// The VPC.
    pub vpc: VpcId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// `CreateSecurityGroup`: a group that lets nothing in and everything out.
    ///
    /// # Errors
    /// An unknown VPC; a name that is taken or not permitted; too many groups.
    pub fn create_security_group(&mut self, cx: &mut Context, input: CreateSecurityGroup) -> Result<SecurityGroupId, Refusal> {
        self.visible_vpc(&cx.scope, &input.vpc)?;
        check_name(&input.name)?;
        check_description(&input.description)?;
        let mut owned = 0;
        for group in self.security_groups.values().filter(|group| group.scope == cx.scope) {
            owned += 1;
            if group.vpc == input.vpc && group.name == input.name {
                return Err(Refusal::GroupDuplicate { name: input.name, vpc: input.vpc });
            }
        }
        if owned >= MAX_SECURITY_GROUPS {
            return Err(Refusal::SecurityGroupLimit);
        }
        let id = SecurityGroupId::fresh(&mut cx.ids);
        let everything_out = SecurityGroupRule {
            id: SecurityGroupRuleId::fresh(&mut cx.ids),
            direction: Direction::Egress,
            protocol: IpProtocol::All,
            ports: None,
            peer: RulePeer::Ipv4(Ipv4Net::default()),
            description: None,
            tags: Tags::new(),
        };
        let group = SecurityGroup {
            id: id.clone(),
            scope: cx.scope.clone(),
            vpc: input.vpc,
            name: input.name,
            description: input.description,
            rules: vec![everything_out],
            tags: input.tags,
        };
        self.security_groups.insert(id.clone(), Arc::new(group));
        Ok(id)
    }

    /// `DeleteSecurityGroup`. A reference from a peered VPC does not keep a group: that rule goes stale.
    ///
    /// # Errors
    /// An unknown or a default group; one that an interface, an endpoint or another group's rule of the VPC uses.
    pub fn delete_security_group(&mut self, cx: &mut Context, id: &SecurityGroupId) -> Result<(), Refusal> {
        let group = self.visible_group(&cx.scope, id)?;
        if self.vpcs.get(&group.vpc).is_some_and(|vpc| &vpc.default_security_group == id) {
            return Err(Refusal::GroupCannotDelete(id.clone()));
        }
        let names_it = |rule: &SecurityGroupRule| matches!(&rule.peer, RulePeer::Group { group, .. } if group == id);
        let in_use = self.network_interfaces.values().any(|eni| eni.security_groups.contains(id))
            || self.vpc_endpoints.values().any(|endpoint| endpoint.security_groups.contains(id))
            || (self.security_groups.values()).any(|other| &other.id != id && other.vpc == group.vpc && other.rules.iter().any(names_it));
        if in_use {
            return Err(Refusal::GroupInUse(id.clone()));
        }
        self.security_groups.remove(id);
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let refuse = |text: &str| Err(Refusal::InvalidParameterValue(text.to_owned()));
    if name.is_empty() {
        return Err(Refusal::MissingParameter("The request must contain the parameter GroupName".to_owned()));
    }
    if name.to_ascii_lowercase().starts_with("sg-") {
        return refuse("Invalid group name. Group names may not be in the format sg-*");
    }
    if name == "default" {
        return refuse("Cannot use reserved security group name: default");
    }
    if !is_permitted_text(name) {
        return refuse(
            "Invalid security group name. Valid names contain less than 256 characters and are from the following set: \
             a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*",
        );
    }
    Ok(())
}

fn check_description(description: &str) -> Result<(), Refusal> {
    if description.is_empty() {
        return Err(Refusal::MissingParameter("The request must contain the parameter GroupDescription".to_owned()));
    }
    if !is_permitted_text(description) {
        return Err(Refusal::InvalidParameterValue(
            "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set: \
             a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Names and descriptions: at most 255 characters of a set that EC2 lists.
fn is_permitted_text(text: &str) -> bool {
    text.len() <= 255 && text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
}

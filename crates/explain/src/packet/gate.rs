//! Security groups: allow-only, asked at the interface, and only for the first packet of a flow.
use super::{Fact, Ruling, Start, Tracer, is_live};
use crate::{Cause, Judge, StepKind};
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Direction, NetworkInterface, RulePeer, SecurityGroupId, SecurityGroupRuleId, VpcId};
use vpclab_packet::{Header, Traffic};

impl Tracer<'_> {
    /// Asks the groups of an interface.
    pub(crate) fn groups(
        &mut self,
        kind: StepKind,
        interface: &Arc<NetworkInterface>,
        direction: Direction,
        remote: Ipv4Addr,
        header: Header,
    ) {
        let rule = self.allowing(interface, direction, remote, header);
        let ruling = if rule.is_some() { Ruling::Pass } else { Ruling::Block(Cause::EniSgRulesMismatch) };
        self.hop(kind, ruling, Fact::Groups { interface: Arc::clone(interface), direction, remote, rule });
    }

    /// The first rule of an interface's groups that lets a flow start in a direction.
    fn allowing(
        &self,
        interface: &NetworkInterface,
        direction: Direction,
        remote: Ipv4Addr,
        header: Header,
    ) -> Option<(SecurityGroupId, SecurityGroupRuleId)> {
        let mut groups = interface.security_groups.iter().filter_map(|id| self.judge.cloud().security_groups.get(id));
        groups.find_map(|group| {
            let rule = group.rules.iter().find(|rule| {
                rule.direction == direction
                    && Traffic::of(rule.protocol, rule.ports).is_some_and(|traffic| traffic.matches(header))
                    && match &rule.peer {
                        RulePeer::Ipv4(cidr) => cidr.contains(&remote),
                        RulePeer::Ipv6(_) => false,
                        RulePeer::Group { group: referenced, .. } => self.is_member(&group.vpc, referenced, remote),
                    }
            })?;
            Some((group.id.clone(), rule.id.clone()))
        })
    }

    /// Whether an address is one of a group's, as a rule in a VPC may refer to it. Only interfaces at which something runs count; the
    /// client's is taken to be one.
    fn is_member(&self, here: &VpcId, group: &SecurityGroupId, address: Ipv4Addr) -> bool {
        let Some(group) = self.judge.cloud().security_groups.get(group) else { return false };
        let is_client = |found: &NetworkInterface| matches!(self.flow.start, Start::Interface(client) if client.id == found.id);
        may_refer(self.judge, here, &group.vpc)
            && self
                .judge
                .interface_at(&group.vpc, address)
                .is_some_and(|found| found.security_groups.contains(&group.id) && (is_live(self.judge, found) || is_client(found)))
    }
}

/// Whether rules in a VPC may name groups of another: it is the same, or a peer in the same region while the peering is active.
/// Source: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>
pub(crate) fn may_refer(judge: &Judge, here: &VpcId, there: &VpcId) -> bool {
    if here == there {
        return true;
    }
    let cloud = judge.cloud();
    let region = |id: &VpcId| cloud.vpcs.get(id).map(|vpc| &vpc.scope.region);
    let peers =
        || cloud.peerings.values().any(|peering| peering.is_active() && peering.sides(here).is_some_and(|(_, peer)| &peer.vpc == there));
    region(here).is_some() && region(here) == region(there) && peers()
}

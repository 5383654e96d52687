use super::*;
use crate::{IdSource, PeeringSide, PeeringStatus, Timestamp, VpcPeeringConnection, vpc::CreateVpc};
use proptest::prelude::*;

struct Lab {
    cloud: Cloud,
    cx: Context,
    vpc: VpcId,
    group: SecurityGroupId,
}

fn lab() -> Lab {
    let scope = Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
    let mut cx = Context { scope, now: Timestamp(7), ids: IdSource::new(1) };
    let mut cloud = Cloud::default();
    let vpc = cloud.create_vpc(&mut cx, vpc("10.0.0.0/16")).unwrap();
    let group = cloud.create_security_group(&mut cx, named(&vpc, "api")).unwrap();
    Lab { cloud, cx, vpc, group }
}
fn vpc(cidr: &str) -> CreateVpc {
    CreateVpc { cidr: cidr.parse().unwrap(), tags: Tags::new() }
}
fn named(vpc: &VpcId, name: &str) -> CreateSecurityGroup {
    CreateSecurityGroup { vpc: vpc.clone(), name: name.into(), description: "for a test".into(), tags: Tags::new() }
}
fn https_from(cidr: &str) -> NewRule {
    NewRule::new("tcp", (Some(443), Some(443)), NewPeer::Ipv4(cidr.parse().unwrap()), None).unwrap()
}
fn https_of(group: &SecurityGroupId, account: Option<&str>) -> NewRule {
    let account = account.map(|text| text.parse().unwrap());
    let reference = GroupReference { group: group.clone(), account, vpc: None, peering: None };
    NewRule::new("tcp", (Some(443), Some(443)), NewPeer::Group(reference), None).unwrap()
}

impl Lab {
    fn allow(&mut self, rule: NewRule) -> Result<Vec<SecurityGroupRuleId>, Refusal> {
        self.cloud.authorize_security_group(&mut self.cx, &self.group, Direction::Ingress, vec![rule], &Tags::new())
    }
    fn revoke(&mut self, rule: NewRule) -> Result<Vec<SecurityGroupRule>, Refusal> {
        self.cloud.revoke_security_group(&mut self.cx, &self.group, Direction::Ingress, &[rule])
    }
    /// A group in a second VPC, of another account, and a peering of that status between the two.
    fn peered(&mut self, account: &str, status: PeeringStatus) -> SecurityGroupId {
        let own = self.cx.scope.clone();
        let theirs = Scope { account: account.parse().unwrap(), region: own.region.clone() };
        self.cx.scope = theirs.clone();
        let other = self.cloud.create_vpc(&mut self.cx, vpc("10.1.0.0/16")).unwrap();
        let group = self.cloud.create_security_group(&mut self.cx, named(&other, "theirs")).unwrap();
        self.cx.scope = own.clone();
        let side = |scope: &Scope, vpc: &VpcId| PeeringSide {
            scope: scope.clone(),
            vpc: vpc.clone(),
            cidrs: Vec::new(),
            allow_dns_resolution: false,
            tags: Tags::new(),
        };
        let id = VpcPeeringConnectionId::fresh(&mut self.cx.ids);
        let peering = VpcPeeringConnection {
            id: id.clone(),
            requester: side(&theirs, &other),
            accepter: side(&own, &self.vpc),
            status,
            since: Timestamp(0),
            expires: Timestamp(0),
            ended_by: None,
        };
        self.cloud.peerings.insert(id, Arc::new(peering));
        group
    }
}

#[test]
fn a_new_group_lets_nothing_in_and_everything_out() {
    let lab = lab();
    let rules = &lab.cloud.security_groups[&lab.group].rules;
    assert_eq!(rules.len(), 1);
    assert_eq!((rules[0].direction, rules[0].protocol), (Direction::Egress, IpProtocol::All));
}

#[test]
fn names_are_unique_in_the_vpc() {
    let Lab { mut cloud, mut cx, vpc: own, .. } = lab();
    let refused = cloud.create_security_group(&mut cx, named(&own, "api"));
    assert_eq!(refused, Err(Refusal::GroupDuplicate { name: "api".into(), vpc: own.clone() }));
    let other = cloud.create_vpc(&mut cx, vpc("10.0.0.0/16")).unwrap();
    cloud.create_security_group(&mut cx, named(&other, "api")).unwrap();
    for name in ["sg-mine", "default", "ümlaut", &"x".repeat(256)] {
        assert!(matches!(cloud.create_security_group(&mut cx, named(&own, name)), Err(Refusal::InvalidParameterValue(_))), "{name}");
    }
    assert!(matches!(cloud.create_security_group(&mut cx, named(&own, "")), Err(Refusal::MissingParameter(_))));
}

#[test]
fn a_rule_is_added_once_and_revoked_once() {
    let mut lab = lab();
    let before = lab.cloud.clone();
    lab.allow(https_from("10.0.0.0/16")).unwrap();
    let words = "peer: 10.0.0.0/16, TCP, from port: 443, to port: 443, ALLOW";
    assert_eq!(lab.allow(https_from("10.0.3.4/16")), Err(Refusal::RuleDuplicate(words.into())));
    assert_eq!(lab.revoke(https_from("10.0.0.0/17")), Err(Refusal::RuleNotFound));
    assert_eq!(lab.revoke(https_from("10.0.0.0/16")).unwrap().len(), 1);
    assert_eq!(lab.revoke(https_from("10.0.0.0/16")), Err(Refusal::RuleNotFound));
    assert_eq!(lab.cloud, before);
}

#[test]
fn the_words_of_a_duplicate() {
    let any = || NewPeer::Ipv4("0.0.0.0/0".parse().unwrap());
    let words = |protocol: &str, ports| NewRule::new(protocol, ports, any(), None).unwrap().words();
    assert_eq!(words("-1", (Some(1), Some(2))), "peer: 0.0.0.0/0, ALL, ALLOW");
    assert_eq!(words("udp", (Some(1), Some(2))), "peer: 0.0.0.0/0, UDP, from port: 1, to port: 2, ALLOW");
    assert_eq!(words("icmp", (Some(8), Some(-1))), "peer: 0.0.0.0/0, ICMP, type: 8, code: ALL, ALLOW");
    assert_eq!(words("50", (None, None)), "peer: 0.0.0.0/0, 50, ALLOW");
}

#[test]
fn ports_fit_their_protocol() {
    let any = || NewPeer::Ipv4("0.0.0.0/0".parse().unwrap());
    let new = |protocol: &str, from, to| NewRule::new(protocol, (from, to), any(), None);
    for (protocol, from, to, text) in [
        ("tpc", Some(1), Some(1), "Invalid value 'tpc' for IP protocol. Unknown protocol."),
        ("256", Some(1), Some(1), "Invalid value '256' for IP protocol. Unknown protocol."),
        ("tcp", Some(443), None, "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."),
        ("tcp", Some(0), Some(70000), "TCP/UDP port (70000) out of range"),
        ("tcp", Some(-1), Some(-1), "TCP/UDP port (-1) out of range"),
        ("6", Some(443), Some(80), "Invalid TCP/UDP port range (443:80)"),
        ("icmp", Some(256), Some(0), "ICMP type (256) out of range"),
        ("icmp", Some(-1), Some(0), "ICMP code (0) must be -1 when the ICMP type is -1"),
    ] {
        assert_eq!(new(protocol, from, to), Err(Refusal::InvalidParameterValue(text.into())));
    }
    assert_eq!(new("all", Some(1), Some(2)).unwrap().ports, None);
    assert_eq!(new("TCP", Some(0), Some(65535)).unwrap().protocol, IpProtocol::TCP);
    assert_eq!(new("17", Some(53), Some(53)).unwrap().protocol, IpProtocol::UDP);
    assert_eq!(new("icmpv6", None, None).unwrap().ports, Some(PortRange { from: -1, to: -1 }));
}

#[test]
fn all_rules_of_a_call_or_none() {
    let mut lab = lab();
    lab.allow(https_from("10.0.0.0/16")).unwrap();
    let before = lab.cloud.clone();
    let both = vec![https_from("10.9.0.0/16"), https_from("10.0.0.0/16")];
    let refused = lab.cloud.authorize_security_group(&mut lab.cx, &lab.group, Direction::Ingress, both, &Tags::new());
    assert!(matches!(refused, Err(Refusal::RuleDuplicate(_))));
    let twins = vec![https_from("10.9.0.0/16"), https_from("10.9.0.0/16")];
    let refused = lab.cloud.authorize_security_group(&mut lab.cx, &lab.group, Direction::Ingress, twins, &Tags::new());
    assert!(matches!(refused, Err(Refusal::InvalidParameterValue(_))));
    assert_eq!(lab.cloud, before);
    let out = vec![https_from("10.0.0.0/16")];
    lab.cloud.authorize_security_group(&mut lab.cx, &lab.group, Direction::Egress, out, &Tags::new()).unwrap();
}

#[test]
fn sixty_rules_a_direction() {
    let mut lab = lab();
    let own = lab.group.clone();
    lab.allow(https_of(&own, None)).unwrap();
    for n in 0..59 {
        lab.allow(https_from(&format!("10.{n}.0.0/16"))).unwrap();
    }
    assert_eq!(lab.allow(https_from("10.99.0.0/16")), Err(Refusal::RulesLimit));
    let v6 = |n: u16| NewRule::new("-1", (None, None), NewPeer::Ipv6(format!("2001:db8:{n}::/48").parse().unwrap()), None).unwrap();
    lab.allow(v6(1)).unwrap();
}

#[test]
fn a_group_in_use_stays() {
    let mut lab = lab();
    let client = lab.cloud.create_security_group(&mut lab.cx, named(&lab.vpc, "client")).unwrap();
    lab.allow(https_of(&client, None)).unwrap();
    let own = lab.group.clone();
    lab.allow(https_of(&own, None)).unwrap();
    assert_eq!(lab.cloud.delete_security_group(&mut lab.cx, &client), Err(Refusal::GroupInUse(client.clone())));
    lab.cloud.delete_security_group(&mut lab.cx, &own).unwrap();
    lab.cloud.delete_security_group(&mut lab.cx, &client).unwrap();
    let default = lab.cloud.vpcs[&lab.vpc].default_security_group.clone();
    assert_eq!(lab.cloud.delete_security_group(&mut lab.cx, &default), Err(Refusal::GroupCannotDelete(default)));
}

#[test]
fn groups_of_a_peered_vpc_only_while_the_peering_is_active() {
    let mut lab = lab();
    let theirs = lab.peered("222222222222", PeeringStatus::PendingAcceptance);
    let missing = Refusal::SecurityGroupNotFound(theirs.clone());
    assert_eq!(lab.allow(https_of(&theirs, Some("222222222222"))), Err(missing.clone()));
    for peering in lab.cloud.peerings.keys().cloned().collect::<Vec<_>>() {
        Arc::make_mut(lab.cloud.peerings.get_mut(&peering).unwrap()).status = PeeringStatus::Active;
    }
    assert_eq!(lab.allow(https_of(&theirs, None)), Err(missing), "not without saying whose it is");
    lab.allow(https_of(&theirs, Some("222222222222"))).unwrap();
    let rule = lab.cloud.security_groups[&lab.group].rules.last().unwrap().clone();
    assert!(matches!(rule.peer, RulePeer::Group { peering: Some(_), .. }));
    // The reference from here does not keep the group there; the rule goes stale, and can be revoked.
    let own = lab.cx.scope.clone();
    lab.cx.scope.account = "222222222222".parse().unwrap();
    lab.cloud.delete_security_group(&mut lab.cx, &theirs).unwrap();
    lab.cx.scope = own;
    lab.revoke(https_of(&theirs, Some("222222222222"))).unwrap();
}

#[test]
fn groups_of_an_unconnected_vpc_are_on_different_networks() {
    let mut lab = lab();
    let other = lab.peered("111111111111", PeeringStatus::Deleted);
    assert_eq!(lab.allow(https_of(&other, None)), Err(Refusal::DifferentNetworks));
}

#[test]
fn rules_are_modified_in_place() {
    let mut lab = lab();
    let id = lab.allow(https_from("10.0.0.0/16")).unwrap().remove(0);
    let update = |rule| vec![RuleUpdate { id: id.clone(), rule }];
    lab.cloud.modify_security_group_rules(&mut lab.cx, &lab.group, update(https_from("10.2.0.0/16"))).unwrap();
    let rule = lab.cloud.security_groups[&lab.group].rules.last().unwrap();
    assert_eq!((&rule.id, &rule.peer), (&id, &RulePeer::Ipv4("10.2.0.0/16".parse().unwrap())));
    let to_group = update(https_of(&lab.group, None));
    let refused = lab.cloud.modify_security_group_rules(&mut lab.cx, &lab.group, to_group);
    assert!(matches!(refused, Err(Refusal::InvalidParameterValue(_))));
    lab.allow(https_from("10.3.0.0/16")).unwrap();
    let refused = lab.cloud.modify_security_group_rules(&mut lab.cx, &lab.group, update(https_from("10.3.0.0/16")));
    assert!(matches!(refused, Err(Refusal::RuleDuplicate(_))));
}

proptest! {
    /// However rules are added and revoked, no two of a direction are alike, and there are never too many.
    #[test]
    fn rules_stay_distinct(steps in prop::collection::vec((any::<bool>(), 0_u8..70, 1_i32..3), 1..200)) {
        let mut lab = lab();
        for (add, net, port) in steps {
            let peer = NewPeer::Ipv4(format!("10.{net}.0.0/16").parse().unwrap());
            let rule = NewRule::new("tcp", (Some(port), Some(port)), peer, None).unwrap();
            let _ = if add { lab.allow(rule).map(drop) } else { lab.revoke(rule).map(drop) };
            let rules = &lab.cloud.security_groups[&lab.group].rules;
            let ingress: Vec<_> = rules.iter().filter(|rule| rule.direction == Direction::Ingress).collect();
            let keys: std::collections::BTreeSet<_> = ingress.iter().map(|rule| (rule.protocol, rule.ports, rule.peer.clone())).collect();
            prop_assert_eq!(keys.len(), ingress.len());
            prop_assert!(ingress.len() <= MAX_RULES);
        }
    }
}

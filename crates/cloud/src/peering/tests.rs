use super::*;
use crate::fixture::{Lab, scope};
use crate::vpc::VpcAttribute;
use crate::{Refusal, VpcId};
use proptest::prelude::*;

const SEOUL: &str = "1/ap-northeast-2";
const OREGON: &str = "1/us-west-2";
const OTHER: &str = "2/us-west-2";

impl Lab {
    fn ask(&mut self, from: (&VpcId, &str), to: (&VpcId, &str)) -> Result<VpcPeeringConnectionId, Refusal> {
        let peer = scope(to.1);
        let input = CreateVpcPeeringConnection {
            vpc: from.0.clone(),
            peer_vpc: to.0.clone(),
            peer_account: Some(peer.account),
            peer_region: Some(peer.region),
            tags: Tags::new(),
        };
        self.go(from.1).run(|cloud, cx| cloud.create_vpc_peering_connection(cx, input))
    }
    fn status(&self, id: &VpcPeeringConnectionId) -> PeeringStatus {
        self.cloud.peerings[id].status_at(self.cx.now)
    }
    fn accept(&mut self, who: &str, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        self.go(who).run(|cloud, cx| cloud.accept_vpc_peering_connection(cx, id))
    }
    fn reject(&mut self, who: &str, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        self.go(who).run(|cloud, cx| cloud.reject_vpc_peering_connection(cx, id))
    }
    fn delete(&mut self, who: &str, id: &VpcPeeringConnectionId) -> Result<(), Refusal> {
        self.go(who).run(|cloud, cx| cloud.delete_vpc_peering_connection(cx, id))
    }
    /// A Seoul VPC and one of another account in Oregon, and the request between them.
    fn requested() -> (Lab, VpcPeeringConnectionId) {
        let mut lab = Lab::new();
        let seoul = lab.vpc("10.0.0.0/16");
        let oregon = lab.go(OTHER).vpc("10.1.0.0/16");
        let id = lab.ask((&seoul, SEOUL), (&oregon, OTHER)).unwrap();
        (lab, id)
    }
}

#[test]
fn a_request_waits_is_accepted_and_ends() {
    let (mut lab, id) = Lab::requested();
    assert_eq!(lab.status(&id), PeeringStatus::PendingAcceptance);
    assert_eq!(lab.cloud.peerings[&id].accepter.cidrs, ["10.1.0.0/16".parse().unwrap()]);
    lab.accept(OTHER, &id).unwrap();
    assert!(lab.cloud.peerings[&id].is_active_at(lab.cx.now));
    assert!(matches!(lab.accept(OTHER, &id), Err(Refusal::InvalidStateTransition { from: "active", .. })));
    lab.delete(SEOUL, &id).unwrap();
    assert_eq!(lab.status(&id), PeeringStatus::Deleted);
    assert_eq!(lab.cloud.peerings[&id].ended_by, Some(scope(SEOUL).account));
    let again = lab.delete(SEOUL, &id);
    assert_eq!(again, Err(Refusal::InvalidStateTransition { peering: id, from: "deleted", to: "deleting" }));
}

#[test]
fn only_the_accepter_answers_and_only_at_home() {
    let (mut lab, id) = Lab::requested();
    let refused = Refusal::OperationNotPermitted(format!("User 111111111111 cannot accept peering {id}"));
    assert_eq!(lab.accept(SEOUL, &id), Err(refused));
    assert!(matches!(lab.reject(SEOUL, &id), Err(Refusal::OperationNotPermitted(_))));
    assert!(matches!(lab.delete(OTHER, &id), Err(Refusal::OperationNotPermitted(_))), "the accepter rejects, it does not delete");
    assert_eq!(lab.accept("2/eu-west-1", &id), Err(Refusal::PeeringNotFound(id.clone())), "not visible there");
    assert_eq!(lab.accept("3/us-west-2", &id), Err(Refusal::PeeringNotFound(id.clone())));
    lab.reject(OTHER, &id).unwrap();
    assert_eq!(lab.status(&id), PeeringStatus::Rejected);
    assert!(matches!(lab.accept(OTHER, &id), Err(Refusal::InvalidStateTransition { from: "rejected", .. })));
    assert!(matches!(lab.delete(SEOUL, &id), Err(Refusal::InvalidStateTransition { from: "rejected", to: "deleting", .. })));
}

#[test]
fn one_account_accepts_in_the_accepters_region() {
    let mut lab = Lab::new();
    let seoul = lab.vpc("10.0.0.0/16");
    let oregon = lab.go(OREGON).vpc("10.1.0.0/16");
    let id = lab.ask((&seoul, SEOUL), (&oregon, OREGON)).unwrap();
    let refused = Refusal::OperationNotPermitted(format!(
        "Incorrect region (ap-northeast-2) specified for this request. VPC peering connection {id} must be accepted in region us-west-2"
    ));
    assert_eq!(lab.accept(SEOUL, &id), Err(refused));
    assert_eq!(lab.accept(OREGON, &id), Ok(()));
}

#[test]
fn what_cannot_be_peered_fails_without_refusing() {
    let mut lab = Lab::new();
    let seoul = lab.vpc("10.0.0.0/16");
    let same = lab.vpc("10.0.128.0/17");
    let oregon = lab.go(OREGON).vpc("10.1.0.0/16");
    let unknown: VpcId = "vpc-0123456789abcdef0".parse().unwrap();
    for to in [(&same, SEOUL), (&seoul, SEOUL), (&unknown, SEOUL), (&oregon, SEOUL), (&oregon, OTHER)] {
        let id = lab.ask((&seoul, SEOUL), to).unwrap();
        assert_eq!(lab.status(&id), PeeringStatus::Failed, "{to:?}");
        let peering = &lab.cloud.peerings[&id];
        assert!(peering.seen_from(&scope(SEOUL), lab.cx.now).is_some());
        assert!(peering.seen_from(&scope(OTHER), lab.cx.now).is_none(), "a failed request never reaches anyone");
        assert!(matches!(lab.delete(SEOUL, &id), Err(Refusal::InvalidStateTransition { from: "failed", .. })));
    }
    assert_eq!(lab.ask((&oregon, SEOUL), (&seoul, SEOUL)), Err(Refusal::VpcNotFound(oregon)));
}

#[test]
fn two_vpcs_have_one_living_peering() {
    let (mut lab, id) = Lab::requested();
    let (a, b) = (lab.cloud.peerings[&id].requester.vpc.clone(), lab.cloud.peerings[&id].accepter.vpc.clone());
    assert_eq!(lab.ask((&a, SEOUL), (&b, OTHER)), Err(Refusal::PeeringAlreadyExists(id.clone())));
    assert_eq!(lab.ask((&b, OTHER), (&a, SEOUL)), Err(Refusal::PeeringAlreadyExists(id.clone())));
    lab.reject(OTHER, &id).unwrap();
    assert!(lab.ask((&b, OTHER), (&a, SEOUL)).is_ok());
}

#[test]
fn a_request_expires_after_seven_days() {
    let (mut lab, id) = Lab::requested();
    lab.hours_later(167);
    assert_eq!(lab.status(&id), PeeringStatus::PendingAcceptance);
    lab.hours_later(1);
    assert_eq!(lab.status(&id), PeeringStatus::Expired);
    assert!(matches!(lab.accept(OTHER, &id), Err(Refusal::InvalidStateTransition { from: "expired", .. })));
    lab.hours_later(47);
    assert!(lab.cloud.peerings[&id].seen_from(&scope(SEOUL), lab.cx.now).is_some());
    lab.hours_later(1);
    assert!(lab.cloud.peerings[&id].seen_from(&scope(SEOUL), lab.cx.now).is_none());
}

#[test]
fn what_is_over_is_shown_for_a_while_and_then_forgotten() {
    let (mut lab, id) = Lab::requested();
    lab.reject(OTHER, &id).unwrap();
    lab.hours_later(3);
    let seen = |lab: &Lab, who: &str| lab.cloud.peerings[&id].seen_from(&scope(who), lab.cx.now).is_some();
    assert!(seen(&lab, SEOUL) && !seen(&lab, OTHER), "two days for the requester, two hours for the accepter");
    lab.hours_later(48);
    assert!(!seen(&lab, SEOUL));
    let (a, b) = (lab.go(SEOUL).vpc("10.8.0.0/16"), lab.vpc("10.9.0.0/16"));
    lab.ask((&a, SEOUL), (&b, SEOUL)).unwrap();
    assert!(!lab.cloud.peerings.contains_key(&id));
}

#[test]
fn deleting_a_vpc_ends_its_peerings() {
    let (mut lab, id) = Lab::requested();
    lab.accept(OTHER, &id).unwrap();
    let vpc = lab.cloud.peerings[&id].accepter.vpc.clone();
    lab.run(|cloud, cx| cloud.delete_vpc(cx, &vpc)).unwrap();
    assert_eq!(lab.status(&id), PeeringStatus::Deleted);
    assert_eq!(lab.cloud.peerings[&id].ended_by, Some(scope(OTHER).account));
}

#[test]
fn each_side_sets_its_own_options_while_active() {
    let (mut lab, id) = Lab::requested();
    let own = ModifyPeeringOptions { requester: Some(true), accepter: None };
    let both = ModifyPeeringOptions { requester: Some(true), accepter: Some(true) };
    let modify = |lab: &mut Lab, change| lab.go(SEOUL).run(|cloud, cx| cloud.modify_peering_options(cx, &id, change));
    assert_eq!(modify(&mut lab, own), Err(Refusal::PeeringNotActive(id.clone())));
    lab.accept(OTHER, &id).unwrap();
    let vpc = lab.cloud.peerings[&id].requester.vpc.clone();
    assert_eq!(modify(&mut lab, own), Err(Refusal::PeeringDnsHostnamesDisabled(vpc.clone())));
    lab.go(SEOUL).attribute(&vpc, VpcAttribute::DnsHostnames(true));
    assert!(matches!(modify(&mut lab, both), Err(Refusal::OperationNotPermitted(_))));
    assert!(!lab.cloud.peerings[&id].requester.allow_dns_resolution, "all or nothing");
    assert_eq!(modify(&mut lab, own), Ok(()));
    assert!(lab.cloud.peerings[&id].requester.allow_dns_resolution);
}

#[test]
fn outstanding_requests_are_limited() {
    let mut lab = Lab::new();
    let hub = lab.vpc("10.0.0.0/16");
    for n in 1..=25 {
        let spoke = lab.vpc(&format!("10.{n}.0.0/16"));
        lab.ask((&hub, SEOUL), (&spoke, SEOUL)).unwrap();
    }
    let spoke = lab.vpc("10.26.0.0/16");
    assert_eq!(lab.ask((&hub, SEOUL), (&spoke, SEOUL)), Err(Refusal::OutstandingPeeringLimit));
}

proptest! {
    /// Overlap, decided address by address, is what makes a request fail.
    #[test]
    fn overlap_is_a_shared_address(a in 0_u8..4, la in 16_u8..20, b in 0_u8..4, lb in 16_u8..20) {
        let mut lab = Lab::new();
        let (this, that) = (format!("10.0.{}.0/{la}", a * 64), format!("10.0.{}.0/{lb}", b * 64));
        let blocks: [Ipv4Net; 2] = [this.parse().unwrap(), that.parse().unwrap()];
        let shared = (0..=255_u8).any(|n| blocks.iter().all(|block| block.contains(&std::net::Ipv4Addr::new(10, 0, n, 9))));
        let (this, that) = (lab.vpc(&this), lab.vpc(&that));
        let id = lab.ask((&this, SEOUL), (&that, SEOUL)).unwrap();
        prop_assert_eq!(lab.status(&id) == PeeringStatus::Failed, shared);
    }

    /// Whatever is asked by whomever, what is over never lives again, and both sides never disagree on the status.
    #[test]
    fn the_end_is_final(steps in proptest::collection::vec((0_u8..3, 0_usize..3, 0_i64..100), 1..12)) {
        let (mut lab, id) = Lab::requested();
        let mut over = false;
        for (what, who, hours) in steps {
            let who = [SEOUL, OTHER, OREGON][who];
            let before = lab.status(&id);
            let done = match what {
                0 => lab.accept(who, &id),
                1 => lab.reject(who, &id),
                _ => lab.delete(who, &id),
            };
            if over {
                prop_assert!(done.is_err());
            }
            if done.is_err() {
                prop_assert_eq!(lab.status(&id), before);
            }
            lab.hours_later(hours);
            over = lab.status(&id).is_over();
        }
    }
}

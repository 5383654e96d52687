use super::*;
use crate::fixture::Lab;
use crate::network_interface::CreateNetworkInterface;
use crate::{Refusal, SecurityGroupId};
use proptest::prelude::*;

fn lab() -> (Lab, VpcId, SubnetId) {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/28", 'a');
    (lab, vpc, subnet)
}

fn new(subnet: &SubnetId, groups: &[SecurityGroupId], ip: Option<&str>) -> LaunchInterface {
    LaunchInterface::New {
        subnet: subnet.clone(),
        security_groups: groups.to_vec(),
        private_ip: ip.map(|ip| ip.parse().unwrap()),
        description: String::new(),
        delete_on_termination: true,
        public_address: None,
    }
}

fn launch(interface: LaunchInterface, min_count: u32, max_count: u32) -> RunInstances {
    RunInstances {
        image: "ami-0123456789abcdef0".parse().unwrap(),
        instance_type: "t3.micro".into(),
        min_count,
        max_count,
        interface,
        availability_zone: None,
        key_name: None,
        profile: None,
        user_data: None,
        client_token: None,
        tags: Tags::new(),
        interface_tags: Tags::new(),
    }
}

impl Lab {
    fn launch(&mut self, input: RunInstances) -> Result<Vec<InstanceId>, Refusal> {
        self.run(|cloud, cx| cloud.run_instances(cx, input))
    }
    fn states(&self, changes: Vec<StateChange>) -> Vec<(InstanceState, InstanceState)> {
        changes.into_iter().map(|change| (change.from, change.to)).collect()
    }
}

#[test]
fn a_launch_makes_instances_that_run() {
    let (mut lab, vpc, subnet) = lab();
    let ids = lab.launch(launch(new(&subnet, &[], None), 1, 3)).unwrap();
    assert_eq!(ids.len(), 3);
    let first = &lab.cloud.instances[&ids[0]];
    assert_eq!((first.state, first.launch_index, &first.vpc), (InstanceState::Running, 0, &vpc));
    let ips: Vec<_> = ids.iter().map(|id| lab.cloud.instances[id].interface.clone().unwrap()).collect();
    let ips: Vec<_> = ips.iter().map(|eni| lab.cloud.network_interfaces[eni].private_ip.to_string()).collect();
    assert_eq!(ips, ["10.0.1.4", "10.0.1.5", "10.0.1.6"]);
    assert!(ids.iter().all(|id| lab.cloud.instances[id].reservation == first.reservation));
}

#[test]
fn as_many_as_fit_but_not_fewer_than_asked() {
    let (mut lab, _, subnet) = lab();
    assert_eq!(lab.launch(launch(new(&subnet, &[], None), 12, 20)), Err(Refusal::InsufficientFreeAddresses(subnet.clone())));
    assert_eq!(lab.launch(launch(new(&subnet, &[], None), 1, 20)).unwrap().len(), 11);
    for (least, most) in [(0, 1), (2, 1), (1, 1001)] {
        let refused = lab.launch(launch(new(&subnet, &[], None), least, most));
        assert!(matches!(refused, Err(Refusal::InvalidParameterValue(_))), "{least} {most}");
    }
    let refused = lab.launch(launch(new(&subnet, &[], Some("10.0.1.9")), 1, 2));
    assert!(matches!(refused, Err(Refusal::InvalidParameterCombination(_))));
}

#[test]
fn the_group_and_the_zone_are_the_subnets() {
    let (mut lab, _, subnet) = lab();
    let other = lab.vpc("10.9.0.0/16");
    let group = lab.group(&other, "foreign");
    let text = format!("Security group {group} and subnet {subnet} belong to different networks.");
    assert_eq!(lab.launch(launch(new(&subnet, &[group], None), 1, 1)), Err(Refusal::InvalidParameter(text)));
    let zone = |letter: char| Some(format!("ap-northeast-2{letter}"));
    let there = RunInstances { availability_zone: zone('b'), ..launch(new(&subnet, &[], None), 1, 1) };
    assert!(matches!(lab.launch(there), Err(Refusal::InvalidParameterValue(_))));
    let here = RunInstances { availability_zone: zone('a'), ..launch(new(&subnet, &[], None), 1, 1) };
    assert!(lab.launch(here).is_ok());
}

#[test]
fn stopping_keeps_the_interface_and_terminating_takes_it() {
    let (mut lab, _, subnet) = lab();
    let ids = lab.launch(launch(new(&subnet, &[], None), 1, 1)).unwrap();
    let eni = lab.cloud.instances[&ids[0]].interface.clone().unwrap();
    assert_eq!(lab.run(|cloud, cx| cloud.delete_network_interface(cx, &eni)), Err(Refusal::NetworkInterfaceInUse(eni.clone())));
    use InstanceState::{Running, Stopped, Terminated};
    let stop = |lab: &mut Lab| lab.run(|cloud, cx| cloud.stop_instances(cx, &ids, "why"));
    let done = stop(&mut lab).unwrap();
    assert_eq!(lab.states(done), [(Running, Stopped)]);
    let done = stop(&mut lab).unwrap();
    assert_eq!(lab.states(done), [(Stopped, Stopped)]);
    assert!(lab.cloud.network_interfaces.contains_key(&eni));
    lab.hours_later(1);
    let done = lab.run(|cloud, cx| cloud.start_instances(cx, &ids)).unwrap();
    assert_eq!(lab.states(done), [(Stopped, Running)]);
    let instance = &lab.cloud.instances[&ids[0]];
    assert_eq!((instance.launched, instance.state_reason.clone()), (lab.cx.now, None));
    let terminate = |lab: &mut Lab| lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "why"));
    let done = terminate(&mut lab).unwrap();
    assert_eq!(lab.states(done), [(Running, Terminated)]);
    assert!(lab.cloud.network_interfaces.is_empty());
    let done = terminate(&mut lab).unwrap();
    assert_eq!(lab.states(done), [(Terminated, Terminated)]);
    let refused = stop(&mut lab);
    assert_eq!(refused, Err(Refusal::IncorrectInstanceState { instance: ids[0].clone(), action: "stopped" }));
}

#[test]
fn a_terminated_instance_is_shown_for_an_hour() {
    let (mut lab, _, subnet) = lab();
    let ids = lab.launch(launch(new(&subnet, &[], None), 1, 1)).unwrap();
    lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "why")).unwrap();
    let shown = |lab: &Lab| lab.cloud.shown_instances(&lab.cx.scope, lab.cx.now, &ids).map(|found| found.len());
    assert_eq!(shown(&lab), Ok(1));
    lab.hours_later(1);
    assert_eq!(shown(&lab), Err(Refusal::InstanceNotFound(ids[0].clone())));
    lab.launch(launch(new(&subnet, &[], None), 1, 1)).unwrap();
    assert!(!lab.cloud.instances.contains_key(&ids[0]), "and then forgotten");
}

#[test]
fn an_interface_that_was_there_before_stays() {
    let (mut lab, _, subnet) = lab();
    let input = CreateNetworkInterface {
        subnet,
        private_ip: None,
        security_groups: vec![],
        description: String::new(),
        client_token: None,
        tags: Tags::new(),
    };
    let eni = lab.run(|cloud, cx| cloud.create_network_interface(cx, input)).unwrap();
    let existing = || LaunchInterface::Existing(eni.clone());
    assert!(lab.launch(launch(existing(), 1, 2)).is_err());
    let ids = lab.launch(launch(existing(), 1, 1)).unwrap();
    assert_eq!(lab.launch(launch(existing(), 1, 1)), Err(Refusal::NetworkInterfaceInUseByOther(eni.clone())));
    lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "why")).unwrap();
    assert_eq!(lab.cloud.network_interfaces[&eni].attachment, None);
    assert!(lab.launch(launch(existing(), 1, 1)).is_ok());
}

#[test]
fn all_instances_of_a_call_or_none() {
    let (mut lab, _, subnet) = lab();
    let mut ids = lab.launch(launch(new(&subnet, &[], None), 2, 2)).unwrap();
    let unknown: InstanceId = "i-0123456789abcdef0".parse().unwrap();
    let other: InstanceId = "i-0123456789abcdef1".parse().unwrap();
    ids.push(unknown.clone());
    let stop = |lab: &mut Lab, ids: &[InstanceId]| lab.run(|cloud, cx| cloud.stop_instances(cx, ids, "why"));
    assert_eq!(stop(&mut lab, &ids), Err(Refusal::InstanceNotFound(unknown.clone())));
    assert_eq!(lab.cloud.instances[&ids[0]].state, InstanceState::Running);
    ids.push(other.clone());
    assert_eq!(stop(&mut lab, &ids), Err(Refusal::InstancesNotFound(vec![unknown, other])));
    lab.go("1/us-west-2");
    assert_eq!(stop(&mut lab, &ids[..1]), Err(Refusal::InstanceNotFound(ids[0].clone())));
}

#[test]
fn attributes_are_those_of_the_primary_interface() {
    let (mut lab, vpc, subnet) = lab();
    let ids = lab.launch(launch(new(&subnet, &[], None), 1, 1)).unwrap();
    let eni = lab.cloud.instances[&ids[0]].interface.clone().unwrap();
    let group = lab.group(&vpc, "own");
    let modify = |lab: &mut Lab, change| lab.run(|cloud, cx| cloud.modify_instance(cx, &ids[0], change));
    modify(&mut lab, ModifyInstance::SourceDestCheck(false)).unwrap();
    modify(&mut lab, ModifyInstance::SecurityGroups(vec![group.clone()])).unwrap();
    let interface = &lab.cloud.network_interfaces[&eni];
    assert!(!interface.source_dest_check && interface.security_groups == [group].into());
    lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "why")).unwrap();
    assert!(modify(&mut lab, ModifyInstance::SourceDestCheck(true)).is_err());
}

#[test]
fn a_token_launches_once() {
    let (mut lab, _, subnet) = lab();
    let token = |arguments: u8| Some(ClientToken::new("once", &arguments).unwrap());
    let input = RunInstances { client_token: token(1), ..launch(new(&subnet, &[], None), 2, 2) };
    let ids = lab.launch(input.clone()).unwrap();
    assert_eq!(lab.launch(input.clone()), Ok(ids));
    let other = RunInstances { client_token: token(2), ..input };
    assert_eq!(lab.launch(other), Err(Refusal::IdempotentParameterMismatch));
    assert_eq!(lab.cloud.instances.len(), 2);
}

proptest! {
    /// Instances and interfaces agree on who has whom, whatever is called.
    #[test]
    fn attachments_agree(steps in proptest::collection::vec((0_u8..4, 0_usize..6, 1_u32..4), 1..20)) {
        let (mut lab, _, subnet) = lab();
        for (what, which, count) in steps {
            let ids: Vec<_> = lab.cloud.instances.keys().nth(which).cloned().into_iter().collect();
            let _ = match what {
                0 => lab.launch(launch(new(&subnet, &[], None), 1, count)).map(|_| vec![]),
                1 => lab.run(|cloud, cx| cloud.stop_instances(cx, &ids, "why")),
                2 => lab.run(|cloud, cx| cloud.start_instances(cx, &ids)),
                _ => lab.run(|cloud, cx| cloud.terminate_instances(cx, &ids, "why")),
            };
            for instance in lab.cloud.instances.values() {
                let attached = instance.interface.as_ref().and_then(|eni| lab.cloud.network_interfaces.get(eni));
                let of = attached.and_then(|eni| eni.attachment.as_ref()).map(|attachment| &attachment.instance);
                prop_assert_eq!(of, (instance.state != InstanceState::Terminated).then_some(&instance.id));
            }
            let living = lab.cloud.instances.values().filter(|found| found.state != InstanceState::Terminated).count();
            prop_assert_eq!(lab.cloud.network_interfaces.len(), living);
        }
    }
}

#[test]
fn an_instance_profile_is_the_accounts_and_has_a_role() {
    let (mut lab, _, subnet) = lab();
    let trust = crate::iam::PolicyDocument::checked("{}".into(), Vec::new());
    let role = crate::iam::CreateRole {
        name: "r".into(),
        path: None,
        trust,
        description: None,
        max_session: None,
        boundary: None,
        tags: Tags::new(),
    };
    lab.run(|cloud, cx| cloud.create_role(cx, role)).unwrap();
    let made = lab.run(|cloud, cx| cloud.create_instance_profile(cx, "p", None, Tags::new())).unwrap();
    let with = |profile: &str| RunInstances { profile: Some(profile.into()), ..launch(new(&subnet, &[], None), 1, 1) };
    assert!(matches!(lab.launch(with("p")), Err(Refusal::InvalidParameterValue(why)) if why.contains("no associated IAM Roles")));
    lab.run(|cloud, cx| cloud.add_role_to_instance_profile(cx, "p", "r")).unwrap();
    for wrong in ["q", "arn:aws:iam::222222222222:instance-profile/p", "arn:aws:iam::111111111111:instance-profile/x/p"] {
        assert!(matches!(lab.launch(with(wrong)), Err(Refusal::InvalidParameterValue(_))), "{wrong}");
    }
    for right in ["p", &made.arn()] {
        let id = lab.launch(with(right)).unwrap().remove(0);
        let held = lab.cloud.instances[&id].profile.clone().unwrap();
        assert_eq!((held.arn, held.id), (made.arn(), made.id.clone()));
    }
}

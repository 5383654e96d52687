//! What flow logs and traces need of the packet filter: nothing, while no interface of the VPC has a flow log.
//!
//! A packet is told to user space by an NFLOG rule whose prefix says whose flow it is and what became of it: behind the sender's
//! gates, behind the receiver's, or just before it is dropped. What has no route never comes to the gates of the forward hook; a
//! flow log of AWS shows it as accepted, or not, all the same, so three chains of the prerouting hook judge it.
use super::{
    Chain, Element, Field, Hook, Look, Maps, Part, Point, Rule, Table, Verdict, accept, device_key, devices, established, same_subnet,
};
use crate::plan::{Plan, interface_device};
use vpclab_cloud::{Direction, FlowAction, VpcId};

/// Whether flows of a VPC are logged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flows {
    logged: bool,
}

impl Flows {
    pub(super) fn of(plan: &Plan, vpc: &VpcId) -> Self {
        Self { logged: plan.interfaces.values().any(|interface| interface.logged && &interface.vpc == vpc) }
    }
    /// How a gate of a direction drops.
    pub(super) fn drop(self, direction: Direction) -> Verdict {
        match (self.logged, direction) {
            (false, _) => Verdict::Drop,
            (true, Direction::Egress) => Verdict::Goto("rejected_out".to_owned()),
            (true, Direction::Ingress) => Verdict::Goto("rejected_in".to_owned()),
        }
    }
}

/// The prefix of what is told of an interface's packets; [`crate::observe`] reads it.
#[must_use]
pub fn prefix(interface: &str, direction: Direction, action: FlowAction) -> String {
    let way = match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    };
    format!("{interface} {way} {action}")
}

/// The chains that tell packets.
pub(super) fn log(table: &mut Table, plan: &Plan, vpc: &VpcId, flows: Flows) {
    if !flows.logged {
        return;
    }
    let told = [
        ("accepted_out", Direction::Egress, FlowAction::Accept),
        ("rejected_out", Direction::Egress, FlowAction::Reject),
        ("accepted_in", Direction::Ingress, FlowAction::Accept),
        ("rejected_in", Direction::Ingress, FlowAction::Reject),
    ];
    for (name, direction, action) in told {
        let map = format!("log_{name}");
        table.set(&map, &[Field::Device], false, Some(Maps::Verdict));
        for (id, _) in plan.interfaces.iter().filter(|(_, interface)| interface.logged && &interface.vpc == vpc) {
            let chain = format!("{id}_{name}");
            let rule = Rule::new([Part::Log(prefix(id.as_str(), direction, action))]);
            table.chains.insert(chain.clone(), Chain { hook: None, rules: vec![rule] });
            let element = Element { verdict: Some(Verdict::Jump(chain)), comment: id.as_str().to_owned(), ..Element::default() };
            table.set(&map, &[Field::Device], false, Some(Maps::Verdict)).add(device_key(&interface_device(id)), element);
        }
        let device = match direction {
            Direction::Egress => Look::InDevice,
            Direction::Ingress => Look::OutDevice,
        };
        let mut rules = vec![Rule::new([Part::VerdictOf(device, map)])];
        let hook = match (action, direction) {
            (FlowAction::Reject, _) => None,
            // Between the sender's gates and the receiver's, and behind both.
            (FlowAction::Accept, Direction::Egress) => Some(-12),
            (FlowAction::Accept, Direction::Ingress) => Some(0),
        };
        if hook.is_none() {
            rules.push(Rule::new([Part::Decide(Verdict::Drop)]));
        }
        let hook = hook.map(|priority| Hook { point: Point::Forward, priority, accept: true });
        table.chains.insert(name.to_owned(), Chain { hook, rules });
    }
    unrouted(table);
}

/// Judges what has no route, behind connection tracking (-200): the sender's groups, its network ACL, then it is told and dropped.
fn unrouted(table: &mut Table) {
    let others = || {
        vec![
            Rule::new([Part::NotIpv4, accept()]),
            Rule::new([Part::Local, accept()]).because("for the router"),
            Rule::new([Part::Routed, accept()]),
        ]
    };
    let mut base = |name: &str, priority, rules: Vec<Rule>| {
        let hook = Some(Hook { point: Point::Prerouting, priority, accept: true });
        table.chains.insert(name.to_owned(), Chain { hook, rules: others().into_iter().chain(rules).collect() });
    };
    let from_peering = || Rule::new([devices(Look::InDevice, b"p"), accept()]);
    base("unrouted_1", -150, vec![from_peering(), established(), Rule::new([Part::VerdictOf(Look::InDevice, "interface_out".to_owned())])]);
    let acl = Rule::new([Part::VerdictOf(Look::InGroup, "acl_out_of".to_owned())]);
    base("unrouted_2", -149, vec![from_peering(), same_subnet(), acl]);
    let told = Rule::new([Part::VerdictOf(Look::InDevice, "log_accepted_out".to_owned())]);
    base("unrouted_3", -148, vec![told, Rule::new([Part::Count, Part::Decide(Verdict::Drop)]).because("no route")]);
}

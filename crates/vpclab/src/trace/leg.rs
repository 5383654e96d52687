//! From the kernel's steps to a packet's way through one router.
use std::collections::BTreeMap;
use vpclab_fabric::{
    RuleNames,
    observe::{Did, PacketHeader, TraceEvent},
};

/// Packets that are on their way at the same time; when there are more, the oldest are given up.
const ON_THE_WAY: usize = 4096;

/// The gates of a router, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Whether the source address belongs to the interface, or to the peered VPC.
    SourceCheck,
    /// The sender's security groups.
    GroupsOut,
    /// The network ACL of the sender's subnet.
    AclOut,
    /// The route.
    Route,
    /// The network ACL of the receiver's subnet.
    AclIn,
    /// The receiver's security groups.
    GroupsIn,
    /// What the router itself takes: the resolver, the instance metadata.
    Platform,
}

impl Gate {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SourceCheck => "source check",
            Self::GroupsOut => "security groups out",
            Self::AclOut => "network ACL out",
            Self::Route => "route",
            Self::AclIn => "network ACL in",
            Self::GroupsIn => "security groups in",
            Self::Platform => "platform",
        }
    }

    /// The gate that a base chain is; see `vpclab_fabric::nft`.
    fn of_chain(chain: &str) -> Option<Self> {
        Some(match chain {
            "raw" => Self::SourceCheck,
            "s1_sg_out" | "unrouted_1" => Self::GroupsOut,
            "s2_nacl_out" | "unrouted_2" => Self::AclOut,
            "unrouted_3" | "unrouted" => Self::Route,
            "s3_nacl_in" => Self::AclIn,
            "s4_sg_in" => Self::GroupsIn,
            "input" => Self::Platform,
            _ => return None,
        })
    }
}

/// What became of a packet in a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It left by a device.
    Left,
    /// The router took it.
    Taken,
    /// It was dropped by the last gate.
    Dropped,
}

/// A packet's way through one router.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Its header.
    pub header: PacketHeader,
    /// The device it came in by.
    pub came_by: String,
    /// The device it left by.
    pub left_by: Option<String>,
    /// The routing mark.
    pub mark: Option<u32>,
    /// The gates that decided, and the comment of the rule that did.
    pub gates: Vec<(Gate, String)>,
    /// What became of it.
    pub end: End,
}

#[derive(Debug, Default)]
struct Half {
    header: Option<PacketHeader>,
    in_index: Option<u32>,
    out_index: Option<u32>,
    mark: Option<u32>,
    gates: Vec<(Gate, String)>,
    at: Option<Gate>,
    /// The last comment of a rule at this gate; one that goes on to a chain which drops says why.
    why: String,
    age: u64,
}

/// Puts the steps of one router's packets together.
#[derive(Debug, Default)]
pub struct Follower {
    /// What the numbers stand for.
    pub names: RuleNames,
    halves: BTreeMap<u32, Half>,
    steps: u64,
}

impl Follower {
    /// Nothing is on the way yet.
    pub fn new(names: RuleNames) -> Self {
        Self { names, ..Self::default() }
    }

    /// Whether a step names a rule that is not known: rules have changed since.
    pub fn is_foreign(&self, event: &TraceEvent) -> bool {
        event.table == "vpc" && event.rule.is_some_and(|rule| !self.names.rules.contains_key(&rule))
    }

    /// Takes a step; answers the packet's way when it has come to its end.
    pub fn step(&mut self, event: TraceEvent) -> Option<Leg> {
        self.steps += 1;
        if self.halves.len() >= ON_THE_WAY
            && let Some(oldest) = self.halves.iter().min_by_key(|(_, half)| half.age).map(|(id, _)| *id)
        {
            self.halves.remove(&oldest);
        }
        let comment = match (event.table.as_str(), event.rule) {
            ("vpc", Some(rule)) => self.names.rules.get(&rule).cloned().unwrap_or_default(),
            _ if event.chain == "unrouted" && event.did == Did::Drop => "no route".to_owned(),
            _ => String::new(),
        };
        let half = self.halves.entry(event.packet).or_default();
        half.age = self.steps;
        half.header = event.header.or(half.header);
        half.in_index = event.in_index.or(half.in_index);
        half.out_index = event.out_index.or(half.out_index);
        half.mark = event.mark.or(half.mark);
        let gate = Gate::of_chain(&event.chain);
        if gate.is_some() && gate != half.at {
            (half.at, half.why) = (gate, String::new());
        }
        if !comment.is_empty() {
            half.why.clone_from(&comment);
        }
        let at = half.at?;
        match event.did {
            Did::GoOn => None,
            Did::Drop => {
                half.gates.push((at, half.why.clone()));
                self.end(event.packet, End::Dropped)
            }
            // What has no route is judged by chains of the prerouting hook, and what has one passes them unjudged.
            Did::Accept if event.chain.starts_with("unrouted") => None,
            Did::Accept => {
                // A chain's policy, where nothing was asked, is no gate.
                if event.rule.is_some() && half.gates.last().is_none_or(|(gate, _)| *gate != at) {
                    half.gates.push((at, half.why.clone()));
                }
                match at {
                    Gate::GroupsIn => self.end(event.packet, End::Left),
                    Gate::Platform => self.end(event.packet, End::Taken),
                    Gate::SourceCheck | Gate::GroupsOut | Gate::AclOut | Gate::Route | Gate::AclIn => None,
                }
            }
        }
    }

    fn end(&mut self, packet: u32, end: End) -> Option<Leg> {
        let half = self.halves.remove(&packet)?;
        let name = |index: Option<u32>| index.and_then(|index| self.names.devices.get(&index).cloned());
        Some(Leg {
            header: half.header?,
            came_by: name(half.in_index).unwrap_or_default(),
            left_by: name(half.out_index),
            mark: half.mark.filter(|mark| *mark != 0),
            gates: half.gates,
            end,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn event(chain: &str, rule: Option<u64>, did: Did) -> TraceEvent {
        let header = PacketHeader {
            source: [10, 0, 1, 60].into(),
            destination: [10, 0, 1, 50].into(),
            protocol: 6,
            source_port: 40_000,
            destination_port: 443,
            tcp_flags: 2,
            length: 60,
        };
        let (in_index, out_index) = (Some(17), (chain != "raw").then_some(18));
        TraceEvent {
            packet: 7,
            table: "vpc".into(),
            chain: chain.into(),
            rule,
            did,
            header: Some(header),
            in_index,
            out_index,
            mark: Some(2000),
        }
    }

    fn follower() -> Follower {
        let rules = [(1, ""), (2, "sg-1"), (3, "acl-1 out 100"), (4, "acl-2 in 50"), (5, "tracked flow")];
        let rules = rules.into_iter().map(|(handle, comment)| (handle, comment.to_owned())).collect();
        let names = RuleNames { rules, devices: [(17, "e1".to_owned()), (18, "e2".to_owned())].into() };
        Follower { names, ..Follower::default() }
    }

    fn all(events: Vec<TraceEvent>) -> Vec<Leg> {
        let mut follower = follower();
        events.into_iter().filter_map(|event| follower.step(event)).collect()
    }

    #[test]
    fn a_packet_that_passes_all_gates() {
        let legs = all(vec![
            event("raw", Some(1), Did::GoOn),
            event("raw", Some(1), Did::Accept),
            event("s1_sg_out", Some(1), Did::GoOn),
            event("eni-1_out", Some(1), Did::GoOn),
            event("sg-1_out", Some(2), Did::Accept),
            event("s2_nacl_out", Some(1), Did::GoOn),
            event("acl-1_out", Some(3), Did::Accept),
            event("s3_nacl_in", Some(1), Did::Accept),
            event("s4_sg_in", Some(5), Did::Accept),
        ]);
        let [leg] = legs.as_slice() else { panic!("{legs:?}") };
        let gates: Vec<(Gate, &str)> = leg.gates.iter().map(|(gate, why)| (*gate, why.as_str())).collect();
        let wanted = [
            (Gate::SourceCheck, ""),
            (Gate::GroupsOut, "sg-1"),
            (Gate::AclOut, "acl-1 out 100"),
            (Gate::AclIn, ""),
            (Gate::GroupsIn, "tracked flow"),
        ];
        assert_eq!(gates, wanted);
        assert_eq!((leg.end, leg.came_by.as_str(), leg.left_by.as_deref(), leg.mark), (End::Left, "e1", Some("e2"), Some(2000)));
    }

    #[test]
    fn a_drop_is_named_by_the_rule_that_led_to_it() {
        let legs = all(vec![
            event("raw", Some(1), Did::Accept),
            event("s3_nacl_in", Some(1), Did::GoOn),
            event("acl-2_in", Some(4), Did::GoOn),
            event("rejected_in", Some(1), Did::Drop),
        ]);
        let [leg] = legs.as_slice() else { panic!("{legs:?}") };
        assert_eq!((leg.end, leg.gates.last().unwrap()), (End::Dropped, &(Gate::AclIn, "acl-2 in 50".to_owned())));
    }

    #[test]
    fn unknown_rules_are_noticed() {
        let follower = follower();
        assert!(!follower.is_foreign(&event("raw", Some(1), Did::GoOn)));
        assert!(follower.is_foreign(&event("raw", Some(99), Did::GoOn)));
        assert!(!follower.is_foreign(&event("raw", None, Did::Accept)));
    }
}

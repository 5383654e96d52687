//! Packets become flows.
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};
use vpclab_cloud::{Direction, FlowAction, FlowLogId, NetworkInterfaceId, Timestamp};

/// How long a flow is quiet, in milliseconds, before its record is written. AWS writes a record when the aggregation interval has
/// passed and delivers it minutes later; who tests with flow logs waits for them.
const QUIET: i64 = 2_000;
/// The most flows that are open at once, in all flow logs together.
const MOST_FLOWS: usize = 65_536;

/// What tells a flow of an interface from another. The way back is a flow of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// Into the interface or out of it.
    pub direction: Direction,
    /// What became of it.
    pub action: FlowAction,
    /// The packets' source.
    pub source: Ipv4Addr,
    /// The packets' destination.
    pub destination: Ipv4Addr,
    /// The IP protocol's number.
    pub protocol: u8,
    /// The source's port; 0 for protocols without ports.
    pub source_port: u16,
    /// The destination's port; 0 for protocols without ports.
    pub destination_port: u16,
}

/// One packet of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Its flow.
    pub flow: Flow,
    /// Its bytes.
    pub bytes: u32,
    /// TCP's flags.
    pub tcp_flags: u8,
    /// When.
    pub at: Timestamp,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A flow. Log status `OK`.
    Flow {
        /// Which.
        flow: Flow,
        /// Its packets.
        packets: u64,
        /// Their bytes.
        bytes: u64,
        /// The flags that AWS notes: FIN 1, SYN 2, RST 4, SYN-ACK 18, together.
        tcp_flags: u8,
    },
    /// The interface was quiet for a whole interval.
    NoData,
    /// Some flows were lost.
    SkipData,
}

/// A record on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The flow log.
    pub log: FlowLogId,
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// The first packet, or the interval's start.
    pub start: Timestamp,
    /// The last packet, or the interval's end.
    pub end: Timestamp,
    /// What happened.
    pub recorded: Recorded,
}

/// A flow that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: Timestamp,
    end: Timestamp,
    packets: u64,
    bytes: u64,
    tcp_flags: u8,
}

/// One interface in one flow log.
#[derive(Debug)]
struct Watch {
    /// In milliseconds.
    interval: i64,
    since: Timestamp,
    any: bool,
    skipped: bool,
    flows: BTreeMap<Flow, Open>,
}

/// Collects packets until their flows' records are due.
#[derive(Debug, Default)]
pub struct Aggregator {
    watched: BTreeMap<(FlowLogId, NetworkInterfaceId), Watch>,
    open: usize,
}

impl Aggregator {
    /// Says which interfaces are watched by which flow logs, and with which aggregation intervals (seconds). What is no longer
    /// watched is forgotten with its flows, except that an interface which is gone leaves its last records: call
    /// [`Self::due`] with `all` for those first.
    pub fn watch(&mut self, wanted: &BTreeMap<(FlowLogId, NetworkInterfaceId), u32>, now: Timestamp) {
        self.watched.retain(|key, _| wanted.contains_key(key));
        for (key, seconds) in wanted {
            let fresh = || Watch { interval: 0, since: now, any: false, skipped: false, flows: BTreeMap::new() };
            self.watched.entry(key.clone()).or_insert_with(fresh).interval = i64::from(*seconds) * 1000;
        }
        self.count();
    }

    /// The flow logs and interfaces watched now.
    pub fn watched(&self) -> impl Iterator<Item = &(FlowLogId, NetworkInterfaceId)> {
        self.watched.keys()
    }

    /// A packet of an interface.
    pub fn see(&mut self, log: &FlowLogId, interface: &NetworkInterfaceId, sight: Sight) {
        let Some(watch) = self.watched.get_mut(&(log.clone(), interface.clone())) else { return };
        watch.any = true;
        if !watch.flows.contains_key(&sight.flow) {
            if self.open >= MOST_FLOWS {
                watch.skipped = true;
                return;
            }
            self.open += 1;
        }
        let fresh = Open { start: sight.at, end: sight.at, packets: 0, bytes: 0, tcp_flags: 0 };
        let open = watch.flows.entry(sight.flow).or_insert(fresh);
        open.end = open.end.max(sight.at);
        open.packets += 1;
        open.bytes += u64::from(sight.bytes);
        open.tcp_flags |= noted(sight.tcp_flags);
    }

    /// Packets of these interfaces were lost before they were seen.
    pub fn lost(&mut self, interfaces: &BTreeSet<NetworkInterfaceId>) {
        for ((_, interface), watch) in &mut self.watched {
            watch.skipped |= interfaces.contains(interface);
        }
    }

    /// The records that are due: of flows that are quiet or as old as the interval, of intervals without any packet, and of
    /// losses. With `which`, all flows of the interfaces it names are due.
    pub fn due(&mut self, now: Timestamp, which: impl Fn(&NetworkInterfaceId) -> bool) -> Vec<Record> {
        let mut records = Vec::new();
        for ((log, interface), watch) in &mut self.watched {
            let all = which(interface);
            let mut record = |start, end, recorded| {
                records.push(Record { log: log.clone(), interface: interface.clone(), start, end, recorded });
            };
            watch.flows.retain(|flow, open| {
                let keep = !all && now.0 - open.end.0 < QUIET && now.0 - open.start.0 < watch.interval;
                if !keep {
                    let Open { packets, bytes, tcp_flags, .. } = *open;
                    record(open.start, open.end, Recorded::Flow { flow: *flow, packets, bytes, tcp_flags });
                }
                keep
            });
            let whole = now.0 - watch.since.0 >= watch.interval;
            if watch.skipped && (whole || all || now.0 - watch.since.0 >= QUIET) {
                record(watch.since, now, Recorded::SkipData);
                (watch.since, watch.any, watch.skipped) = (now, false, false);
            } else if whole {
                if !watch.any && watch.flows.is_empty() {
                    record(watch.since, now, Recorded::NoData);
                }
                (watch.since, watch.any) = (now, false);
            }
        }
        self.count();
        records
    }

    fn count(&mut self) {
        self.open = self.watched.values().map(|watch| watch.flows.len()).sum();
    }
}

/// The flags of a segment that AWS notes: ACK only beside SYN, and no others than FIN, SYN and RST.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
fn noted(flags: u8) -> u8 {
    const SYN: u8 = 2;
    const ACK: u8 = 16;
    let known = flags & 0b111;
    if known & SYN != 0 { known | flags & ACK } else { known }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> FlowLogId {
        "fl-0123456789abcdef0".parse().unwrap()
    }
    fn eni() -> NetworkInterfaceId {
        "eni-0123456789abcdef0".parse().unwrap()
    }
    fn flow(port: u16) -> Flow {
        Flow {
            direction: Direction::Egress,
            action: FlowAction::Accept,
            source: [10, 0, 1, 60].into(),
            destination: [10, 0, 1, 50].into(),
            protocol: 6,
            source_port: 40_000,
            destination_port: port,
        }
    }
    fn sight(port: u16, at: i64, tcp_flags: u8) -> Sight {
        Sight { flow: flow(port), bytes: 100, tcp_flags, at: Timestamp(at) }
    }
    fn watching(seconds: u32) -> Aggregator {
        let mut aggregator = Aggregator::default();
        aggregator.watch(&[((log(), eni()), seconds)].into(), Timestamp(0));
        aggregator
    }
    fn none(_: &NetworkInterfaceId) -> bool {
        false
    }

    #[test]
    fn a_quiet_flow_is_one_record() {
        let mut aggregator = watching(60);
        for (at, flags) in [(0, 2), (10, 16), (500, 17)] {
            aggregator.see(&log(), &eni(), sight(443, at, flags));
        }
        assert_eq!(aggregator.due(Timestamp(2_499), none), []);
        let records = aggregator.due(Timestamp(2_500), none);
        assert_eq!(records.len(), 1);
        assert_eq!((records[0].start, records[0].end), (Timestamp(0), Timestamp(500)));
        assert_eq!(records[0].recorded, Recorded::Flow { flow: flow(443), packets: 3, bytes: 300, tcp_flags: 3 });
        assert_eq!(aggregator.due(Timestamp(5_000), none), []);
    }

    #[test]
    fn a_long_flow_is_a_record_each_interval() {
        let mut aggregator = watching(60);
        let mut records = Vec::new();
        for second in 0..=121 {
            aggregator.see(&log(), &eni(), sight(443, second * 1000, 16));
            records.extend(aggregator.due(Timestamp(second * 1000), none));
        }
        let starts: Vec<i64> = records.iter().map(|record| record.start.0).collect();
        assert_eq!(starts, [0, 61_000]);
    }

    #[test]
    fn a_quiet_interface_is_said_once_an_interval() {
        let mut aggregator = watching(60);
        let mut seen = Vec::new();
        for second in 0..=120 {
            seen.extend(aggregator.due(Timestamp(second * 1000), none));
        }
        assert!(seen.iter().all(|record| record.recorded == Recorded::NoData));
        assert_eq!(seen.iter().map(|record| record.end.0).collect::<Vec<_>>(), [60_000, 120_000]);
    }

    #[test]
    fn losses_are_said() {
        let mut aggregator = watching(600);
        aggregator.lost(&[eni()].into());
        assert_eq!(aggregator.due(Timestamp(1_000), none), []);
        let records = aggregator.due(Timestamp(2_000), none);
        assert_eq!(records.iter().map(|record| record.recorded).collect::<Vec<_>>(), [Recorded::SkipData]);
        assert_eq!(aggregator.due(Timestamp(9_000), none), []);
    }

    #[test]
    fn there_is_room_for_so_many_flows() {
        let mut aggregator = watching(600);
        for number in 0..=MOST_FLOWS {
            let mut sight = sight(443, 0, 0);
            sight.flow.source = Ipv4Addr::from(u32::try_from(number).unwrap());
            aggregator.see(&log(), &eni(), sight);
        }
        let records = aggregator.due(Timestamp(2_000), none);
        assert_eq!(records.len(), MOST_FLOWS + 1);
        assert_eq!(records.last().unwrap().recorded, Recorded::SkipData);
        aggregator.see(&log(), &eni(), sight(443, 3_000, 0));
        assert_eq!(aggregator.due(Timestamp(3_000), |_| true).len(), 1, "there is room again");
    }

    #[test]
    fn flags_are_those_that_aws_notes() {
        for (flags, wanted) in [(2, 2), (18, 18), (16, 0), (24, 0), (17, 1), (4, 4), (20, 4), (0xc2, 2)] {
            assert_eq!(noted(flags), wanted, "{flags}");
        }
    }
}

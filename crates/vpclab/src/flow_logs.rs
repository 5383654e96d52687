//! Flow logs: taps in the routers hear of packets, one task makes records of them and writes them to log groups.
//!
//! Nothing waits for it: a tap that is not read in time loses packets, and the flow log says so (`SKIPDATA`).
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use vpclab_cloud::{Cloud, FlowLog, FlowLogId, NetworkInterfaceId, Scope, Timestamp, VpcId};
use vpclab_fabric::{
    Fabric, FabricError, Plan,
    observe::{FlowPacket, FlowTap, Heard, Listening},
};
use vpclab_flows::{Aggregator, Facts, Flow, Record, Sight, line};
use vpclab_services::{
    ec2::flow_log::delivers,
    engine::{Engine, clock},
};
use vpclab_store::NewLogEvent;

/// Batches of packets that wait; a tap is not read while there is no room.
const WAITING: usize = 256;
/// The bytes that a tap is read by.
const BUFFER: usize = 256 << 10;
/// How often due records are looked for.
const TICK: Duration = Duration::from_millis(250);

/// How long packets of an interface that is gone may still come: the kernel hands them over by batches, at the latest after a second.
const LATE: i64 = 4_000;
/// Snapshots that wait to be followed; beyond them interfaces that came and went within a moment are not logged.
const APPLIED: usize = 64;

/// What the taps tell.
pub enum Told {
    /// Packets.
    Packets(Vec<FlowPacket>),
    /// A VPC's packets were lost.
    Lost(VpcId),
    /// The lab ends: write what there is.
    End(oneshot::Sender<()>),
}

/// The taps, one in each router with a flow log.
pub struct Taps {
    told: mpsc::Sender<Told>,
    applied: Applied,
    listening: Mutex<BTreeMap<VpcId, JoinHandle<()>>>,
}

/// What the taps tell, and beside it what the network has been led to: an interface may be gone before anybody looks.
pub struct Waiting {
    told: mpsc::Receiver<Told>,
    applied: Applied,
}

#[derive(Clone, Default)]
struct Applied(Arc<Mutex<VecDeque<Arc<Cloud>>>>);

impl Applied {
    fn push(&self, cloud: &Arc<Cloud>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= APPLIED {
            waiting.pop_front();
        }
        waiting.push_back(Arc::clone(cloud));
    }

    fn take(&self) -> VecDeque<Arc<Cloud>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Taps {
    /// No taps yet, and the other end of what they tell.
    pub fn new() -> (Self, Waiting) {
        let (told, heard) = mpsc::channel(WAITING);
        let applied = Applied::default();
        (Self { told, applied: applied.clone(), listening: Mutex::default() }, Waiting { told: heard, applied })
    }

    /// The VPCs of a plan, and whether something is logged in them.
    pub fn wanted(plan: &Plan) -> BTreeMap<VpcId, bool> {
        let logged = |vpc: &VpcId| plan.interfaces.values().any(|interface| interface.logged && &interface.vpc == vpc);
        plan.routers.keys().map(|vpc| (vpc.clone(), logged(vpc))).collect()
    }

    /// Listens in VPCs in which something is logged. A tap stays until its VPC goes: it may still hear the last packets, costs
    /// nothing while there are none, and no other can take its place before its descriptor is closed.
    pub async fn keep(&self, fabric: &Fabric, wanted: BTreeMap<VpcId, bool>, cloud: &Arc<Cloud>) -> Result<(), FabricError> {
        if !cloud.flow_logs.is_empty() {
            self.applied.push(cloud);
        }
        self.listening().retain(|vpc, task| {
            let stays = wanted.contains_key(vpc) && !task.is_finished();
            if !stays {
                task.abort();
            }
            stays
        });
        for vpc in wanted.into_iter().filter_map(|(vpc, logged)| logged.then_some(vpc)) {
            if self.listening().contains_key(&vpc) {
                continue;
            }
            let tap = fabric.flow_tap(vpc.clone()).await?;
            let task = tokio::spawn(listen(vpc.clone(), tap, self.told.clone()));
            self.listening().insert(vpc, task);
        }
        Ok(())
    }

    /// The routers may be made anew: listens nowhere until it is told again.
    pub fn forget(&self) {
        std::mem::take(&mut *self.listening()).into_values().for_each(|task| task.abort());
    }

    /// Returns when all that was heard is written.
    pub async fn end(&self) {
        let (done, written) = oneshot::channel();
        if self.told.send(Told::End(done)).await.is_ok() {
            let _gone = written.await;
        }
    }

    fn listening(&self) -> MutexGuard<'_, BTreeMap<VpcId, JoinHandle<()>>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(vpc: VpcId, tap: FlowTap, told: mpsc::Sender<Told>) {
    let tap = match Listening::new(tap) {
        Ok(tap) => tap,
        Err(why) => return tracing::error!(%why, %vpc, "flow logs hear nothing"),
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        let mut packets = Vec::new();
        let message = match tap.hear(&mut buffer, |packet| packets.push(packet)).await {
            Ok(Heard::Packets) => Told::Packets(packets),
            Ok(Heard::Lost) => Told::Lost(vpc.clone()),
            Err(why) => return tracing::error!(%why, %vpc, "flow logs hear nothing any more"),
        };
        if told.send(message).await.is_err() {
            return;
        }
    }
}

/// Makes records of what the taps tell, and writes them.
pub async fn collect(waiting: Waiting, engine: Arc<Engine>) {
    let Waiting { mut told, applied } = waiting;
    let mut collector = Collector::default();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            _ = ticks.tick() => None,
            message = told.recv() => match message {
                Some(message) => Some(message),
                None => return,
            },
        };
        let now = clock();
        for cloud in applied.take() {
            let last = collector.follow(&cloud, now);
            write(&engine, &cloud, &collector.facts, &last).await;
        }
        let cloud = engine.snapshot();
        let last = collector.follow(&cloud, now);
        write(&engine, &cloud, &collector.facts, &last).await;
        match message {
            None => {
                let due = collector.aggregator.due(now, |_| false);
                write(&engine, &cloud, &collector.facts, &due).await;
            }
            Some(Told::Packets(packets)) => packets.iter().for_each(|packet| collector.see(packet, now)),
            Some(Told::Lost(vpc)) => {
                tracing::warn!(%vpc, "packets come faster than flow logs take them");
                collector.lost(&vpc);
            }
            Some(Told::End(done)) => {
                let due = collector.aggregator.due(now, |_| true);
                write(&engine, &cloud, &collector.facts, &due).await;
                let _gone = done.send(());
            }
        }
    }
}

#[derive(Default)]
struct Collector {
    aggregator: Aggregator,
    /// The interfaces that are watched, and those whose last records are not written.
    facts: BTreeMap<NetworkInterfaceId, Facts>,
    logs: BTreeMap<NetworkInterfaceId, Vec<Arc<FlowLog>>>,
    /// Interfaces that are gone, and since when: their last packets may be on the way.
    leaving: BTreeMap<NetworkInterfaceId, Timestamp>,
    /// The tables last followed.
    seen: Option<Tables>,
}

type Tables = (imbl::OrdMap<FlowLogId, Arc<FlowLog>>, imbl::OrdMap<NetworkInterfaceId, Arc<vpclab_cloud::NetworkInterface>>);

impl Collector {
    /// Watches what the cloud says; answers the last records of what is no longer watched.
    fn follow(&mut self, cloud: &Cloud, now: Timestamp) -> Vec<Record> {
        let same = |(logs, interfaces): &Tables| logs.ptr_eq(&cloud.flow_logs) && interfaces.ptr_eq(&cloud.network_interfaces);
        let waits = self.leaving.values().all(|since| now.0.saturating_sub(since.0) < LATE);
        if (waits && self.seen.as_ref().is_some_and(same)) || (cloud.flow_logs.is_empty() && self.logs.is_empty()) {
            return Vec::new();
        }
        self.seen = Some((cloud.flow_logs.clone(), cloud.network_interfaces.clone()));
        let mut wanted = BTreeMap::new();
        let before = std::mem::take(&mut self.logs);
        for interface in cloud.network_interfaces.values() {
            self.leaving.remove(&interface.id);
            let logs: Vec<_> = cloud.flow_logs_on(interface).cloned().collect();
            for log in &logs {
                wanted.insert((log.id.clone(), interface.id.clone()), log.max_interval);
            }
            if !logs.is_empty() {
                self.facts.insert(interface.id.clone(), Facts::of(interface));
                self.logs.insert(interface.id.clone(), logs);
            }
        }
        for (id, logs) in before {
            if cloud.network_interfaces.contains_key(&id) {
                continue;
            }
            let since = *self.leaving.entry(id.clone()).or_insert(now);
            if now.0.saturating_sub(since.0) < LATE {
                wanted.extend(logs.iter().map(|log| ((log.id.clone(), id.clone()), log.max_interval)));
                self.logs.insert(id, logs);
            } else {
                self.leaving.remove(&id);
            }
        }
        let gone: BTreeSet<NetworkInterfaceId> =
            self.aggregator.watched().map(|(_, interface)| interface).filter(|id| !self.logs.contains_key(*id)).cloned().collect();
        let last = self.aggregator.due(now, |interface| gone.contains(interface));
        let late: BTreeSet<&NetworkInterfaceId> = last.iter().map(|record| &record.interface).collect();
        self.facts.retain(|id, _| self.logs.contains_key(id) || late.contains(id));
        self.aggregator.watch(&wanted, now);
        last
    }

    fn see(&mut self, packet: &FlowPacket, at: Timestamp) {
        let header = packet.header;
        let flow = Flow {
            direction: packet.direction,
            action: packet.action,
            source: header.source,
            destination: header.destination,
            protocol: header.protocol,
            source_port: header.source_port,
            destination_port: header.destination_port,
        };
        let sight = Sight { flow, bytes: header.length, tcp_flags: header.tcp_flags, at };
        for log in self.logs.get(&packet.interface).into_iter().flatten().filter(|log| log.traffic.takes(packet.action)) {
            self.aggregator.see(&log.id, &packet.interface, sight);
        }
    }

    fn lost(&mut self, vpc: &VpcId) {
        let here = self.facts.iter().filter(|(_, facts)| &facts.vpc == vpc).map(|(id, _)| id.clone()).collect();
        self.aggregator.lost(&here);
    }
}

/// Writes records to their streams, if the flow log's role allows it.
async fn write(engine: &Engine, cloud: &Cloud, facts: &BTreeMap<NetworkInterfaceId, Facts>, records: &[Record]) {
    let mut streams: BTreeMap<(Scope, String, String), Vec<NewLogEvent>> = BTreeMap::new();
    for record in records {
        let (Some(log), Some(facts)) = (cloud.flow_logs.get(&record.log), facts.get(&record.interface)) else { continue };
        if delivers(cloud, log) {
            let event = NewLogEvent { timestamp: record.start.0, message: line(&log.format, record, facts, cloud) };
            streams.entry((log.scope.clone(), log.group.clone(), log.stream(&record.interface))).or_default().push(event);
        }
    }
    for ((scope, group, stream), mut events) in streams {
        events.sort_by_key(|event| event.timestamp);
        if let Err(why) = vpclab_services::logs::write(engine, &scope, &group, &stream, events).await {
            tracing::warn!(why, group, "records of a flow log could not be kept");
        }
    }
}

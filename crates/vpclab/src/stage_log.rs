//! Where the gateway's lines go: CloudWatch Logs of the lab, through a bounded queue, so that no request waits for the disk.
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::mpsc;
use vpclab_cloud::Scope;
use vpclab_gateway::{LogLines, LogSink};
use vpclab_services::engine::Engine;
use vpclab_store::NewLogEvent;

/// Requests whose lines wait to be kept.
const WAITING: usize = 4_096;
/// Requests whose lines are kept together.
const AT_ONCE: usize = 512;

/// The queue's front.
struct Queue {
    lines: mpsc::Sender<LogLines>,
    dropped: AtomicU64,
}

impl LogSink for Queue {
    fn write(&self, lines: LogLines) {
        if self.lines.try_send(lines).is_err() {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            // The 1st, 2nd, 4th, 8th …: a flood of requests must not become one of warnings.
            if dropped.is_power_of_two() {
                tracing::warn!(dropped, "log lines of API stages were dropped: they come faster than they can be kept");
            }
        }
    }
}

/// A sink, and the task that writes what it takes.
pub fn start(engine: Arc<Engine>) -> (Arc<dyn LogSink>, tokio::task::JoinHandle<()>) {
    let (lines, waiting) = mpsc::channel(WAITING);
    (Arc::new(Queue { lines, dropped: AtomicU64::new(0) }), tokio::spawn(keep(engine, waiting)))
}

async fn keep(engine: Arc<Engine>, mut waiting: mpsc::Receiver<LogLines>) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
        let mut streams: BTreeMap<_, Vec<NewLogEvent>> = BTreeMap::new();
        for LogLines { account, region, group, stream, at, lines } in batch.drain(..) {
            let timestamp = i64::try_from(at).unwrap_or(i64::MAX);
            let events = lines.into_iter().map(|message| NewLogEvent { timestamp, message });
            streams.entry((account, region, group, stream)).or_default().extend(events);
        }
        for ((account, region, group, stream), mut events) in streams {
            let (Ok(account), Ok(region)) = (account.parse(), region.parse()) else { continue };
            events.sort_by_key(|event| event.timestamp);
            if let Err(why) = vpclab_services::logs::write(&engine, &Scope { account, region }, &group, &stream, events).await {
                tracing::warn!(why, group, "log lines of an API stage could not be kept");
            }
        }
    }
}

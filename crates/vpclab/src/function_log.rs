//! Where the lines go that functions write: to log groups, by a task of its own, because functions do not wait for the disk.
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};
use vpclab_cloud::Scope;
use vpclab_functions::{LogLine, LogPlace, LogSink};
use vpclab_services::engine::Engine;
use vpclab_store::NewLogEvent;

/// Batches of lines that wait to be kept. A function that writes faster than the disk loses lines, and the daemon's log says so.
const QUEUE: usize = 4096;
/// Batches that are kept together.
const TOGETHER: usize = 256;

/// Takes lines for [`keep`].
pub struct FunctionLog {
    queue: mpsc::Sender<Message>,
    lost: AtomicU64,
}

/// Lines on their way.
pub type Lines = mpsc::Receiver<Message>;

/// What goes through the queue.
pub enum Message {
    /// Lines of one stream.
    Lines(LogPlace, Vec<LogLine>),
    /// Somebody waits until what came before is kept.
    Settle(oneshot::Sender<()>),
}

impl FunctionLog {
    /// A log and its other end.
    pub fn new() -> (Self, Lines) {
        let (queue, lines) = mpsc::channel(QUEUE);
        (Self { queue, lost: AtomicU64::new(0) }, lines)
    }

    /// Returns when what was written so far is kept.
    pub async fn settle(&self) {
        let (done, kept) = oneshot::channel();
        if self.queue.send(Message::Settle(done)).await.is_ok() {
            let _gone = kept.await;
        }
    }
}

impl LogSink for FunctionLog {
    fn write(&self, place: &LogPlace, lines: Vec<LogLine>) {
        let count = lines.len() as u64;
        if self.queue.try_send(Message::Lines(place.clone(), lines)).is_err() {
            let lost = self.lost.fetch_add(count, Ordering::Relaxed);
            // The first, and then every so often: not a line for each.
            if lost == 0 || lost / 10_000 != (lost + count) / 10_000 {
                tracing::warn!(group = place.group, lost = lost + count, "functions write more lines than can be kept");
            }
        }
    }
}

/// Keeps lines until nobody writes any more.
pub async fn keep(mut lines: Lines, engine: Arc<Engine>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while lines.recv_many(&mut batch, TOGETHER).await > 0 {
        let mut streams: BTreeMap<(Scope, String, String), Vec<NewLogEvent>> = BTreeMap::new();
        let mut waiting = Vec::new();
        for message in batch.drain(..) {
            let (place, lines) = match message {
                Message::Lines(place, lines) => (place, lines),
                Message::Settle(done) => {
                    waiting.push(done);
                    continue;
                }
            };
            let events = lines.into_iter().map(|line| NewLogEvent { timestamp: line.time.0, message: line.text });
            streams.entry((place.scope, place.group, place.stream)).or_default().extend(events);
        }
        for ((scope, group, stream), events) in streams {
            if let Err(why) = vpclab_services::logs::write(&engine, &scope, &group, &stream, events).await {
                tracing::warn!(group, why, "a function's lines could not be kept");
            }
        }
        for done in waiting {
            let _gone = done.send(());
        }
    }
}

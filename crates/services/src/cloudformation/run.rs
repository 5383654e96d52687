//! Running operations of stacks: one task a stack, until its operation is over.
//!
//! All that an operation did is in the stack's records; a task only remembers what it would find out again. So a task that
//! is started anew after a crash goes on where the last one ended.
mod forward;
mod memory;
pub(super) mod record;
mod removal;

use crate::caller::Caller;
use crate::engine::{ChangeError, Engine};
use crate::request::RequestContext;
use memory::{Key, Memory, Order};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet};
use vpclab_cloud::stack::Phase;
use vpclab_cloud::{Cloud, Context, Stack, StackId};

use super::resource::{self, Ask, Failure, Prepared};

/// How many resources one change of the engine makes or removes: each change is one update of the data plane.
const BATCH: usize = 64;
/// How many resources of a stack are prepared at once.
const PREPARING: usize = 16;
/// How long a resource may take to be prepared.
const PREPARE_LIMIT: Duration = Duration::from_secs(3600);
/// How often a resource that is not ready yet is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long to wait after the store or the data plane refused to note how a stack is.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// The stacks whose operations run in this process.
#[derive(Default)]
pub struct Runners {
    running: Mutex<BTreeMap<StackId, watch::Receiver<()>>>,
}

impl Runners {
    /// Runs a stack's operation, unless it runs already or there is none.
    pub fn ensure(&self, engine: &Arc<Engine>, id: &StackId) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(id) || !engine.snapshot().stacks.get(id).is_some_and(|stack| stack.status.is_running()) {
            return;
        }
        let (ends, ended) = watch::channel(());
        running.insert(id.clone(), ended);
        let (engine, id) = (Arc::clone(engine), id.clone());
        tokio::spawn(async move {
            run(&engine, &id).await;
            engine.runners().running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            drop(ends);
            // An operation may have begun between the last look and the removal.
            engine.runners().ensure(&engine, &id);
        });
    }

    /// Waits until the stack's operation is over, or the time is.
    pub async fn wait(&self, id: &StackId, limit: Duration) {
        let ended = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(mut ended) = ended {
            let _over = tokio::time::timeout(limit, async { while ended.changed().await.is_ok() {} }).await;
        }
    }
}

/// Goes on with the operations that a former process left.
pub fn resume(engine: &Arc<Engine>) {
    let cloud = engine.snapshot();
    for stack in cloud.stacks.values().filter(|stack| stack.status.is_running()) {
        tracing::info!(stack = %stack.id, status = %stack.status, "going on with a stack's operation");
        engine.runners().ensure(engine, &stack.id);
    }
}

/// How one step went.
#[derive(Default)]
struct Step {
    /// Something was done: look again at once.
    progress: bool,
    /// Something is not ready yet.
    waiting: bool,
    /// The phase is over, or another one has begun.
    over: bool,
    /// What has to be prepared.
    orders: Vec<Order>,
}

/// What a phase does in one change.
trait Worker {
    fn step(&self, memory: &mut Memory, cloud: &mut Cloud, c: &mut Context) -> Step;
}

async fn run(engine: &Arc<Engine>, id: &StackId) {
    loop {
        let cloud = engine.snapshot();
        let Some(stack) = cloud.stacks.get(id).filter(|stack| stack.status.is_running()).cloned() else { return };
        let Some(operation) = &stack.operation else { return };
        match operation.phase {
            Phase::Create | Phase::Update | Phase::UpdateRollback => work(engine, &stack, &forward::Forward::new(&cloud, &stack)).await,
            Phase::Rollback | Phase::Delete | Phase::Cleanup | Phase::RollbackCleanup => {
                work(engine, &stack, &removal::Removal::new(&cloud, &stack)).await;
            }
        }
    }
}

/// Steps until the phase is over.
async fn work(engine: &Arc<Engine>, stack: &Stack, worker: &(impl Worker + Sync)) {
    let mut memory = Memory { batch: BATCH, ..Memory::default() };
    let mut running: JoinSet<(Key, Result<Prepared, Failure>)> = JoinSet::new();
    loop {
        memory.room = PREPARING.saturating_sub(running.len());
        let mut next = memory.clone();
        next.acted = None;
        let changed = engine.change(&stack.scope, false, |cloud, c| Ok::<_, std::convert::Infallible>(worker.step(&mut next, cloud, c)));
        let step = match changed.await {
            Ok(step) => step,
            Err(why) => {
                blame(&mut memory, next.acted, &why).await;
                continue;
            }
        };
        memory = next;
        start_nested(engine, &stack.id);
        if step.over {
            // What is still being prepared belongs to a phase that is over.
            running.shutdown().await;
            return;
        }
        for order in step.orders {
            let engine = Arc::clone(engine);
            running.spawn(async move { (order.key.clone(), prepare(engine, order).await) });
        }
        if step.progress {
            continue;
        }
        let look = tokio::time::sleep(if step.waiting || running.is_empty() { LOOK_EVERY } else { 10 * LOOK_EVERY });
        tokio::select! {
            Some(done) = running.join_next(), if !running.is_empty() => match done {
                Ok((key, prepared)) => {
                    memory.preparing.remove(&key);
                    memory.prepared.insert(key, prepared);
                }
                Err(why) => {
                    tracing::error!(%why, stack = %stack.id, "a resource's preparation ended badly");
                    // Which one it was is not told: all are begun anew.
                    running.shutdown().await;
                    memory.preparing.clear();
                }
            },
            () = look => {}
        }
    }
}

/// The data plane or the store refused a change: the resources are taken one at a time, and the one at fault fails.
async fn blame(memory: &mut Memory, acted: Option<Key>, why: &ChangeError<std::convert::Infallible>) {
    tracing::error!(%why, "a step of a stack was undone");
    if memory.batch > 1 {
        memory.batch = 1;
    } else if let Some(key) = acted {
        memory.doomed.insert(key, Failure::new("InternalFailure", why.to_string()));
    } else {
        tokio::time::sleep(AFTER_TROUBLE).await;
    }
}

/// Nested stacks that the change began to make, update or remove.
fn start_nested(engine: &Arc<Engine>, id: &StackId) {
    let cloud = engine.snapshot();
    let Some(stack) = cloud.stacks.get(id) else { return };
    for child in cloud.stacks_of(&stack.scope).filter(|child| child.parent.as_ref() == Some(id) && child.status.is_running()) {
        engine.runners().ensure(engine, &child.id);
    }
}

async fn prepare(engine: Arc<Engine>, order: Order) -> Result<Prepared, Failure> {
    let Some(kind) = resource::of(&order.kind) else { return Err(record::unserved(&order.kind)) };
    let cx = RequestContext {
        engine,
        scope: order.stack.scope.clone(),
        caller: Caller::default(),
        request_id: order.token.clone(),
        dry_run: false,
    };
    let ask = Ask {
        cx: &cx,
        action: order.action,
        stack: &order.stack,
        logical: order.key.logical(),
        kind: &order.kind,
        physical: order.physical.as_deref(),
        properties: super::properties::Properties::new(&order.properties),
        old: order.old.as_ref().map(super::properties::Properties::new),
    };
    match tokio::time::timeout(PREPARE_LIMIT, kind.prepare(ask)).await {
        Ok(prepared) => prepared,
        Err(_) => Err(Failure::new("NotStabilized", "Exceeded attempts to wait")),
    }
}

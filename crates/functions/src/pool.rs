//! Which environments wait for work, and how many events are on their way.
use crate::{
    NotRun,
    environment::Work,
    version::{FunctionVersion, Wanted},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, mpsc, watch};
use vpclab_cloud::Scope;

/// The concurrency of an account in a region, and of the whole lab.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>
pub const CONCURRENCY: u32 = 1000;

type Function = (Scope, String);

#[derive(Debug)]
pub(crate) struct Pool {
    state: Mutex<State>,
    freed: Notify,
    closing: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    /// By function and version.
    waiting: HashMap<(Scope, String, String), Waiting>,
    running: HashMap<Function, u32>,
    environments: usize,
    next: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    revision: String,
    /// The last one to come is the first to go, so that those not needed grow old.
    environments: Vec<(u64, mpsc::Sender<Work>)>,
}

/// An event's part of the concurrency.
#[derive(Debug)]
pub(crate) struct Slot {
    pool: Arc<Pool>,
    function: Function,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        if let Some(count) = state.running.get_mut(&self.function) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.running.remove(&self.function);
            }
        }
    }
}

impl Pool {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), freed: Notify::new(), closing: watch::Sender::new(false) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a part of the concurrency. `reserved` is what the account's functions have reserved, this one left out.
    pub(crate) fn slot(self: &Arc<Self>, function: &FunctionVersion, reserved_by_others: u32) -> Result<Slot, NotRun> {
        let name = (function.scope.clone(), function.name.clone());
        let mut state = self.state();
        let own = state.running.get(&name).copied().unwrap_or(0);
        match function.reserved {
            Some(limit) if own >= limit => return Err(NotRun::Throttled { reserved: true }),
            Some(_) => {}
            None => {
                let all: u32 = state.running.iter().filter(|((scope, _), _)| *scope == function.scope).map(|(_, count)| count).sum();
                if all >= CONCURRENCY.saturating_sub(reserved_by_others) {
                    return Err(NotRun::Throttled { reserved: false });
                }
            }
        }
        *state.running.entry(name.clone()).or_default() += 1;
        drop(state);
        Ok(Slot { pool: Arc::clone(self), function: name })
    }

    /// An environment that waits for work of this version and revision. Those of another revision end.
    pub(crate) fn warm(&self, function: &FunctionVersion) -> Option<mpsc::Sender<Work>> {
        let mut state = self.state();
        let waiting = state.waiting.entry(key(function)).or_default();
        if waiting.revision != function.revision {
            *waiting = Waiting { revision: function.revision.clone(), environments: Vec::new() };
        }
        waiting.environments.pop().map(|(_, sender)| sender)
    }

    /// Told when an environment begins to wait.
    pub(crate) fn freed(&self) -> &Notify {
        &self.freed
    }

    /// A number for a new environment. When there are too many, one that waits ends.
    pub(crate) fn born(&self) -> u64 {
        let mut state = self.state();
        state.environments += 1;
        state.next += 1;
        let number = state.next;
        if state.environments > CONCURRENCY as usize {
            let oldest = state.waiting.values_mut().filter(|waiting| !waiting.environments.is_empty());
            if let Some(waiting) = oldest.min_by_key(|waiting| waiting.environments.first().map(|(number, _)| *number)) {
                waiting.environments.remove(0);
            }
        }
        number
    }

    /// An environment is over.
    pub(crate) fn gone(&self) {
        let mut state = self.state();
        state.environments = state.environments.saturating_sub(1);
        drop(state);
        self.freed.notify_waiters();
    }

    /// An environment waits for work; `false` when it is not wanted any more.
    pub(crate) fn give_back(&self, function: &FunctionVersion, number: u64, sender: mpsc::Sender<Work>) -> bool {
        let mut state = self.state();
        let wanted = match state.waiting.get_mut(&key(function)) {
            Some(waiting) if waiting.revision == function.revision && !*self.closing.borrow() => {
                waiting.environments.push((number, sender));
                true
            }
            _ => false,
        };
        drop(state);
        self.freed.notify_waiters();
        wanted
    }

    /// An environment that has waited for too long.
    pub(crate) fn take_out(&self, function: &FunctionVersion, number: u64) {
        if let Some(waiting) = self.state().waiting.get_mut(&key(function)) {
            waiting.environments.retain(|(other, _)| *other != number);
        }
    }

    /// Ends the environments of versions that are not wanted in this revision any more, once their work is done.
    pub(crate) fn keep(&self, wanted: &[Wanted]) {
        let keys = wanted.iter().map(|one| ((&one.scope, one.name.as_str(), one.version.as_str()), &one.revision));
        let wanted: BTreeMap<_, _> = keys.collect();
        self.state().waiting.retain(|(scope, name, version), waiting| {
            wanted.get(&(scope, name.as_str(), version.as_str())).is_some_and(|revision| **revision == waiting.revision)
        });
    }

    /// Becomes true when every environment is to end.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends every environment; returns when all are gone.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        self.state().waiting.clear();
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.state().environments == 0 {
                return;
            }
            freed.await;
        }
    }

    /// How many environments there are.
    pub(crate) fn environments(&self) -> usize {
        self.state().environments
    }
}

fn key(function: &FunctionVersion) -> (Scope, String, String) {
    (function.scope.clone(), function.name.clone(), function.version.clone())
}

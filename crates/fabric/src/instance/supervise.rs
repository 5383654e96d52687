//! The daemon's side of running instances: starting them, reading their consoles, noticing their end.
//!
//! Two threads serve all instances of a lab. `instance-start` starts the first processes and lives as long as the lab,
//! because the kernel ties their lives to the thread that started them. `instance-watch` waits for consoles and ends.

mod handle;
mod sandbox;
mod start;
mod watch;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Signal, WaitId, WaitIdOptions};

pub use self::handle::InstanceHandle;
pub(crate) use self::handle::start_time;

use self::handle::Running;
use self::start::{Job, start_all};
use self::watch::Watch;
use super::console::Console;
use super::init::GRACE;
use super::layers::{LayerStorage, LayerStore};
use super::{InstanceError, InstanceExit, InstanceSpec, InstancesConfig};

/// How long the first process may be silent before it is given up.
const SETUP_LIMIT: Duration = Duration::from_secs(30);
/// How long a killed instance may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// Starts that wait for their turn; more callers wait at the door.
const START_QUEUE: usize = 64;

/// All instances of a lab. Dropping it ends them.
pub struct Instances {
    shared: Arc<Shared>,
    starter: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    config: InstancesConfig,
    hidden: Vec<PathBuf>,
    layers: LayerStore,
    watch: Watch,
    table: Mutex<BTreeMap<String, Slot>>,
    changed: Condvar,
    consoles: Mutex<BTreeMap<String, Arc<Console>>>,
}

enum Slot {
    Starting,
    Running(InstanceHandle),
}

impl Instances {
    /// Makes the directory of the layers ready and starts the two threads.
    ///
    /// # Errors
    /// When the layers can be kept neither in the directory nor in memory, or a thread cannot be started.
    pub fn open(config: InstancesConfig) -> Result<Instances, InstanceError> {
        let layers = LayerStore::open(&config.layers, &config.authority_pem, config.privilege)?;
        if let Some(logs) = &config.console_logs {
            std::fs::create_dir_all(logs).map_err(InstanceError::io("make the directory of the consoles"))?;
        }
        let hidden = config.hidden.iter().map(|path| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone())).collect();
        let shared = Arc::new(Shared {
            hidden,
            layers,
            watch: Watch::new().map_err(InstanceError::io("make an epoll"))?,
            table: Mutex::default(),
            changed: Condvar::new(),
            consoles: Mutex::default(),
            config,
        });
        let (starter, jobs) = sync_channel(START_QUEUE);
        let thread = |name: &str, run: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new()
                .name(name.to_owned())
                .stack_size(256 * 1024)
                .spawn(run)
                .map_err(InstanceError::io(format!("start the thread `{name}`")))
        };
        let watched = Arc::clone(&shared);
        let threads = vec![
            thread("instance-start", Box::new(move || start_all(&jobs)))?,
            thread("instance-watch", Box::new(move || watched.watch.run(&|running| watched.ended(running))))?,
        ];
        Ok(Instances { shared, starter: Some(starter), threads })
    }

    pub(crate) fn layers(&self) -> &LayerStore {
        &self.shared.layers
    }

    /// Where the instances' own files are.
    #[must_use]
    pub fn storage(&self) -> &LayerStorage {
        self.shared.layers.storage()
    }

    /// Starts an instance and returns when its files and names are in place; its user data runs from then on.
    ///
    /// Blocks for some milliseconds; several threads may start instances at once.
    ///
    /// # Errors
    /// When it runs already, or a step of setting it up fails; nothing is left running then.
    pub fn start(&self, spec: InstanceSpec) -> Result<InstanceHandle, InstanceError> {
        let id = spec.id.clone();
        if !is_id(&id) {
            return Err(InstanceError::BadId(id));
        }
        {
            let mut table = self.shared.table();
            if table.contains_key(&id) {
                return Err(InstanceError::Running(id));
            }
            table.insert(id.clone(), Slot::Starting);
        }
        let started = self.boot(spec);
        let mut table = self.shared.table();
        match &started {
            Ok(handle) => table.insert(id, Slot::Running(handle.clone())),
            Err(_) => table.remove(&id),
        };
        drop(table);
        self.shared.changed.notify_all();
        let handle = started?;
        // Only now, so that an end is always noticed after the entry in the table.
        self.shared.watch.process(Arc::clone(&handle.inner)).map_err(InstanceError::io("watch the first process"))?;
        Ok(handle)
    }

    /// The instance, while it runs.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<InstanceHandle> {
        match self.shared.table().get(id) {
            Some(Slot::Running(handle)) => Some(handle.clone()),
            Some(Slot::Starting) | None => None,
        }
    }

    /// Ends every process of an instance and keeps its files. It is no mistake when it does not run.
    ///
    /// # Errors
    /// When it is still there some seconds after it was killed.
    pub fn stop(&self, id: &str) -> Result<(), InstanceError> {
        self.end(id, GRACE + GRACE / 2)
    }

    /// Ends every process of an instance and removes its files and console.
    ///
    /// # Errors
    /// When it does not end, or its files cannot be removed.
    pub fn terminate(&self, id: &str) -> Result<(), InstanceError> {
        if !is_id(id) {
            return Err(InstanceError::BadId(id.to_owned()));
        }
        self.end(id, Duration::ZERO)?;
        lock(&self.shared.consoles).remove(id);
        if let Some(path) = self.shared.log_path(id) {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(InstanceError::io("remove the console's file")(error));
                }
                _ => {}
            }
        }
        self.shared.layers.remove(id)
    }

    fn end(&self, id: &str, grace: Duration) -> Result<(), InstanceError> {
        let Some(handle) = self.shared.when_started(id) else {
            return Ok(());
        };
        handle.inner.asked_for.store(true, Ordering::SeqCst);
        if !grace.is_zero() {
            handle.inner.signal(Signal::TERM);
            if handle.wait(grace) {
                return Ok(());
            }
        }
        handle.inner.signal(Signal::KILL);
        if handle.wait(KILL_LIMIT) {
            Ok(())
        } else {
            Err(InstanceError::Io { step: format!("end instance `{id}`"), source: io::ErrorKind::TimedOut.into() })
        }
    }

    /// The last bytes of an instance's console, also after it stopped.
    #[must_use]
    pub fn console(&self, id: &str) -> Vec<u8> {
        if !is_id(id) {
            return Vec::new();
        }
        let known = lock(&self.shared.consoles).get(id).cloned();
        match (known, self.shared.log_path(id)) {
            (Some(console), _) => console.tail(),
            // Not started since the daemon was: what the last one wrote.
            (None, Some(path)) if path.exists() => Console::open(Some(&path)).map_or_else(|_| Vec::new(), |console| console.tail()),
            (None, _) => Vec::new(),
        }
    }
}

impl Drop for Instances {
    fn drop(&mut self) {
        let handles: Vec<InstanceHandle> = self
            .shared
            .table()
            .values()
            .filter_map(|slot| match slot {
                Slot::Running(handle) => Some(handle.clone()),
                Slot::Starting => None,
            })
            .collect();
        for handle in &handles {
            handle.inner.asked_for.store(true, Ordering::SeqCst);
            handle.inner.signal(Signal::KILL);
        }
        let end = Instant::now() + KILL_LIMIT;
        for handle in &handles {
            handle.wait(end.saturating_duration_since(Instant::now()));
        }
        self.starter = None;
        self.shared.watch.finish();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the instances panicked");
            }
        }
    }
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, BTreeMap<String, Slot>> {
        lock(&self.table)
    }

    /// The running instance; waits for one that is being started.
    fn when_started(&self, id: &str) -> Option<InstanceHandle> {
        let table = self.table();
        let (table, _) = self
            .changed
            .wait_timeout_while(table, SETUP_LIMIT * 2, |table| matches!(table.get(id), Some(Slot::Starting)))
            .unwrap_or_else(PoisonError::into_inner);
        match table.get(id) {
            Some(Slot::Running(handle)) => Some(handle.clone()),
            Some(Slot::Starting) | None => None,
        }
    }

    fn log_path(&self, id: &str) -> Option<PathBuf> {
        self.config.console_logs.as_ref().map(|logs| logs.join(format!("{id}.log")))
    }

    fn console(&self, id: &str) -> io::Result<Arc<Console>> {
        let mut consoles = lock(&self.consoles);
        if let Some(console) = consoles.get(id) {
            return Ok(Arc::clone(console));
        }
        // The directory may have been tidied away since the lab began; an instance starts all the same.
        if let Some(logs) = &self.config.console_logs {
            std::fs::create_dir_all(logs)?;
        }
        let console = Arc::new(Console::open(self.log_path(id).as_deref())?);
        consoles.insert(id.to_owned(), Arc::clone(&console));
        Ok(console)
    }

    /// The first process is over: collect it and tell whoever waits.
    fn ended(&self, running: &Arc<Running>) {
        if let Err(error) = rustix::process::waitid(WaitId::PidFd(running.process.as_fd()), WaitIdOptions::EXITED)
            && error != Errno::CHILD
        {
            tracing::warn!(id = running.id, %error, "cannot collect the first process");
        }
        self.table().remove(&running.id);
        *lock(&running.ended) = true;
        running.ending.notify_all();
        if let Some(on_exit) = &self.config.on_exit {
            on_exit(InstanceExit { id: running.id.clone(), asked_for: running.asked_for.load(Ordering::SeqCst) });
        }
    }
}

/// Whether a text may be the name of an instance's directory.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && !id.starts_with('-') && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_directory() {
        assert!(is_id("i-0123456789abcdef0"));
        for bad in ["", ".", "..", "a/b", ".machine", "-x", "i-1\0", &"i".repeat(65)] {
            assert!(!is_id(bad), "{bad:?}");
        }
    }
}

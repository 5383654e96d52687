//! The one writer: an operation is applied to a clone of the snapshot, obeyed by the data plane, made durable, and only then published
//! and answered. When the data plane or the store refuses, the old snapshot stays, and the data plane is led back to it.
use crate::cloudformation::run::Runners;
use crate::lambda::Runner;
use arc_swap::ArcSwap;
use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::SystemTime,
};
use tokio::sync::watch;
use vpclab_cloud::{Change, Cloud, Context, IdSource, Scope, Timestamp};
use vpclab_store::{Blobs, LogError, Logs, MemoryStore, Store};
use vpclab_wire::sigv4::AccessKeySecrets;

/// What has to obey a snapshot before a call is answered: kernel, resolver, gateway, instances.
pub trait DataPlane: Send + Sync {
    /// Returns once packets, names and requests obey `cloud`.
    fn apply<'a>(&'a self, cloud: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>>;
    /// The last bytes of an instance's console, also after it stopped.
    fn console_output(&self, instance: &vpclab_cloud::InstanceId) -> Vec<u8>;
    /// Ends and starts again the processes of a running instance.
    fn reboot<'a>(
        &'a self,
        instance: &'a vpclab_cloud::InstanceId,
        cloud: Arc<Cloud>,
    ) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>>;
}

/// The data plane of a shadow: there is nothing to obey.
struct NoPlane;

impl DataPlane for NoPlane {
    fn apply<'a>(&'a self, _cloud: Arc<Cloud>) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn console_output(&self, _instance: &vpclab_cloud::InstanceId) -> Vec<u8> {
        Vec::new()
    }
    fn reboot<'a>(
        &'a self,
        _instance: &'a vpclab_cloud::InstanceId,
        _cloud: Arc<Cloud>,
    ) -> Pin<Box<dyn Future<Output = Result<(), DataPlaneError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Why the data plane could not obey.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the data plane could not apply the change: {0}")]
pub struct DataPlaneError(pub String);

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E> {
    /// The operation refused.
    #[error(transparent)]
    Refused(E),
    /// The kernel, the resolver or the gateway could not obey.
    #[error(transparent)]
    DataPlane(DataPlaneError),
    /// The store could not keep it.
    #[error("the store could not keep the change: {0}")]
    Store(String),
}

/// What a lab keeps over a restart.
pub struct Kept {
    /// Its records.
    pub store: Arc<dyn Store>,
    /// Bytes too big for records.
    pub blobs: Blobs,
    /// Log events.
    pub logs: Arc<Logs>,
    /// The secrets of its access keys.
    pub secrets: Arc<AccessKeySecrets>,
}

impl Kept {
    /// What is gone with the process; blobs are files that nobody finds again.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn in_memory() -> Result<Self, String> {
        let blobs = Blobs::scratch().map_err(|why| why.to_string())?;
        let logs = Logs::in_memory().map_err(|why: LogError| why.to_string())?;
        let secrets = AccessKeySecrets::fresh().map_err(|_| "the machine gives no randomness".to_owned())?;
        Ok(Self { store: Arc::new(MemoryStore::default()), blobs, logs: Arc::new(logs), secrets: Arc::new(secrets) })
    }
}

/// The state of a lab and the only way to change it.
pub struct Engine {
    current: Arc<ArcSwap<Cloud>>,
    published: watch::Sender<u64>,
    logged: watch::Sender<u64>,
    writer: Arc<tokio::sync::Mutex<()>>,
    store: Arc<dyn Store>,
    blobs: Blobs,
    plane: Arc<dyn DataPlane>,
    logs: Arc<Logs>,
    secrets: Arc<AccessKeySecrets>,
    ephemeral: bool,
    runners: Runners,
    functions: OnceLock<Runner>,
    address: OnceLock<SocketAddr>,
}

impl Engine {
    /// Loads the records of the store, leads the data plane to them, and sweeps away the bytes that no record names.
    ///
    /// # Errors
    /// When the records cannot be read or the data plane cannot obey.
    pub async fn start(kept: Kept, plane: Arc<dyn DataPlane>, ephemeral: bool) -> Result<Arc<Self>, ChangeError<std::convert::Infallible>> {
        let mut cloud = Cloud::default();
        for record in kept.store.load().map_err(|why| ChangeError::Store(why.to_string()))? {
            cloud.put(record);
        }
        let cloud = Arc::new(cloud);
        plane.apply(Arc::clone(&cloud)).await.map_err(ChangeError::DataPlane)?;
        let engine = Self::over(cloud, kept, plane, ephemeral);
        engine.sweep().await;
        Ok(engine)
    }

    /// An engine that begins with this one's state and changes nothing outside of itself: no packet, no name, no record obeys it, and no
    /// function runs. What is tried in it can be compared with what is. Bytes are the same: it must not sweep them.
    ///
    /// # Errors
    /// When there is no room for its log events.
    pub fn shadow(&self) -> Result<Arc<Self>, String> {
        let logs = Logs::in_memory().map_err(|why| why.to_string())?;
        let (blobs, secrets) = (self.blobs.clone(), Arc::clone(&self.secrets));
        let kept = Kept { store: Arc::new(MemoryStore::default()), blobs, logs: Arc::new(logs), secrets };
        Ok(Self::over(self.snapshot(), kept, Arc::new(NoPlane), true))
    }

    fn over(cloud: Arc<Cloud>, kept: Kept, plane: Arc<dyn DataPlane>, ephemeral: bool) -> Arc<Self> {
        let Kept { store, blobs, logs, secrets } = kept;
        let (current, writer) = (Arc::new(ArcSwap::new(cloud)), Arc::default());
        let (runners, functions, address) = (Runners::default(), OnceLock::new(), OnceLock::new());
        let (published, logged) = (watch::Sender::new(0), watch::Sender::new(0));
        Arc::new(Self { current, published, logged, writer, store, blobs, plane, logs, secrets, ephemeral, runners, functions, address })
    }

    /// Removes the bytes that no record names any more; called at the start and now and then.
    pub async fn sweep(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        // A change that is being made may name bytes whose request has gone away: it is waited for.
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let swept = tokio::task::spawn_blocking(move || {
            engine.blobs.sweep(|| {
                let snapshot = engine.snapshot();
                drop(writer);
                snapshot.blobs()
            })
        })
        .await;
        match swept {
            Ok(Ok(swept)) if swept.files == 0 => {}
            Ok(Ok(swept)) => tracing::info!(files = swept.files, bytes = swept.bytes, "removed bytes that nothing names any more"),
            Ok(Err(why)) => tracing::warn!(%why, "bytes that nothing names any more could not be removed"),
            Err(why) => tracing::error!(%why, "the sweep died"),
        }
    }

    /// The secrets of the lab's access keys.
    #[must_use]
    pub fn secrets(&self) -> &Arc<AccessKeySecrets> {
        &self.secrets
    }

    /// Bytes too big for records: hold on to the [`vpclab_store::Blob`] until the change that names it is made.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Says at which address the lab's own port is.
    pub fn listens_at(&self, address: SocketAddr) {
        if self.address.set(address).is_err() {
            tracing::error!("the lab's address is known already");
        }
    }

    /// The address of the lab's own port, for URLs that lead there; nothing in a lab without a port.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.get().map(ToString::to_string).unwrap_or_default()
    }

    /// Lets functions run from now on.
    pub fn run_functions(&self, runner: Runner) {
        if self.functions.set(runner).is_err() {
            tracing::error!("functions run already");
        }
    }

    /// What runs functions; `None` in a lab that runs none.
    #[must_use]
    pub fn runner(&self) -> Option<&Runner> {
        self.functions.get()
    }

    /// The state as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Cloud> {
        self.current.load_full()
    }

    /// The revision of the snapshot, for whoever waits for the next one. It begins with 0 at each start, and every published change adds 1;
    /// [`Engine::snapshot`] is at least as new as the revision read here.
    #[must_use]
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// How often log events came since the start, for whoever waits for further ones.
    #[must_use]
    pub fn log_arrivals(&self) -> watch::Receiver<u64> {
        self.logged.subscribe()
    }

    /// Tells those who wait that log events came.
    pub(crate) fn note_logged(&self) {
        self.logged.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The log events.
    #[must_use]
    pub fn logs(&self) -> &Arc<Logs> {
        &self.logs
    }

    /// The data plane, for what is not state: console output, reboot.
    #[must_use]
    pub fn plane(&self) -> &dyn DataPlane {
        self.plane.as_ref()
    }

    /// The operations of stacks that run.
    #[must_use]
    pub fn runners(&self) -> &Runners {
        &self.runners
    }

    /// Ends and starts again the processes of a running instance; no change runs meanwhile.
    ///
    /// # Errors
    /// When it could not be started again.
    pub async fn reboot(&self, instance: &vpclab_cloud::InstanceId) -> Result<(), DataPlaneError> {
        let _writer = self.writer.lock().await;
        self.plane.reboot(instance, self.snapshot()).await
    }

    /// Whether the lab keeps nothing, so that it may be reset.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Runs one operation. With `dry_run` it is only tried: nothing changes.
    ///
    /// # Errors
    /// The operation's refusal, or that the data plane or the store failed; the state is then as before.
    pub async fn change<T, E>(
        &self,
        scope: &Scope,
        dry_run: bool,
        operation: impl FnOnce(&mut Cloud, &mut Context) -> Result<T, E>,
    ) -> Result<T, ChangeError<E>> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let before = self.current.load_full();
        let mut next = Cloud::clone(&before);
        let mut context = Context { scope: scope.clone(), now: now(), ids: IdSource::new(seed()) };
        let answer = operation(&mut next, &mut context).map_err(ChangeError::Refused)?;
        let change = before.diff(&next);
        if dry_run || change.is_empty() {
            return Ok(answer);
        }
        let making = Making {
            _writer: writer,
            current: Arc::clone(&self.current),
            published: self.published.clone(),
            plane: (!change.is_of_objects()).then(|| Arc::clone(&self.plane)),
            store: Arc::clone(&self.store),
            before,
            next: Arc::new(next),
            change,
        };
        // A task of its own: a client that goes away ends its request, but not half of a change.
        match tokio::spawn(making.make()).await {
            Ok(Ok(())) => Ok(answer),
            Ok(Err(ChangeError::DataPlane(why))) => Err(ChangeError::DataPlane(why)),
            Ok(Err(ChangeError::Store(why))) => Err(ChangeError::Store(why)),
            Err(why) => Err(ChangeError::Store(why.to_string())),
        }
    }

    /// Empties the lab.
    ///
    /// # Errors
    /// As [`Engine::change`].
    pub async fn reset(&self, scope: &Scope) -> Result<(), ChangeError<std::convert::Infallible>> {
        self.change(scope, false, |cloud, _| {
            *cloud = Cloud::default();
            Ok(())
        })
        .await
    }
}

/// A change on its way: obeyed, kept, published.
struct Making {
    _writer: tokio::sync::OwnedMutexGuard<()>,
    current: Arc<ArcSwap<Cloud>>,
    published: watch::Sender<u64>,
    /// What has to obey; nothing has to when only objects of S3 change.
    plane: Option<Arc<dyn DataPlane>>,
    store: Arc<dyn Store>,
    before: Arc<Cloud>,
    next: Arc<Cloud>,
    change: Change,
}

impl Making {
    async fn make(self) -> Result<(), ChangeError<std::convert::Infallible>> {
        let Self { _writer, current, published, plane, store, before, next, change } = self;
        if let Some(plane) = &plane
            && let Err(why) = plane.apply(Arc::clone(&next)).await
        {
            back(plane, &before).await;
            return Err(ChangeError::DataPlane(why));
        }
        let kept = tokio::task::spawn_blocking(move || store.commit(&change)).await;
        let why = match kept {
            Ok(Ok(())) => {
                current.store(next);
                published.send_modify(|revision| *revision += 1);
                return Ok(());
            }
            Ok(Err(why)) => why.to_string(),
            Err(why) => why.to_string(),
        };
        if let Some(plane) = &plane {
            back(plane, &before).await;
        }
        Err(ChangeError::Store(why))
    }
}

async fn back(plane: &Arc<dyn DataPlane>, before: &Arc<Cloud>) {
    if let Err(why) = plane.apply(Arc::clone(before)).await {
        tracing::error!(%why, "the data plane could not be led back to the state before a failed change");
    }
}

#[expect(clippy::disallowed_methods, reason = "the engine is where time comes in")]
fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// The time as operations see it, for reads that depend on it.
#[must_use]
pub fn clock() -> Timestamp {
    now()
}

/// A source of ids for what is no record.
#[must_use]
pub fn id_source() -> IdSource {
    IdSource::new(seed())
}

fn seed() -> u64 {
    let mut bytes = [0_u8; 8];
    let mut filled = 0;
    while filled < bytes.len() {
        let Some(rest) = bytes.get_mut(filled..) else { break };
        match rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => break,
        }
    }
    u64::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests;

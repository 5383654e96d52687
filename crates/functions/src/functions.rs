//! All functions of a lab.
use crate::{
    NotRun, Outside, Replies, Unpacked,
    environment::{Work, Workshop, start},
    log::LogSink,
    pool::Pool,
    runtime,
    version::{Event, FunctionVersion, Outcome, Wanted},
};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::{Semaphore, oneshot};
use vpclab_fabric::{Fabric, instance::Instances};

/// Environments that are being made at once; further events wait for one of them or for one that gets free.
const STARTING: usize = 8;
/// How long the end of all environments may take.
const END: Duration = Duration::from_secs(10);

/// What functions are run with.
pub struct FunctionsConfig {
    /// The network.
    pub fabric: Arc<Fabric>,
    /// What starts sandboxes.
    pub instances: Arc<Instances>,
    /// A directory for unpacked code; what is in it is removed.
    pub directory: PathBuf,
    /// Who keeps the logs.
    pub logs: Arc<dyn LogSink>,
    /// Modules of Node's that functions find as they find AWS's SDK on AWS.
    pub node_modules: Option<PathBuf>,
    /// Packages of Python's that functions find as they find boto3 on AWS.
    pub python_packages: Option<PathBuf>,
}

/// Runs functions.
pub struct Functions {
    workshop: Arc<Workshop>,
    pool: Arc<Pool>,
    starting: Arc<Semaphore>,
}

impl Functions {
    /// Makes the directory ready.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(config: FunctionsConfig) -> io::Result<Self> {
        let unpacked = Unpacked::open(config.directory)?;
        runtime::write(&unpacked.beside("runtime"))?;
        let workshop = Workshop {
            fabric: config.fabric,
            instances: config.instances,
            unpacked: Arc::new(unpacked),
            logs: config.logs,
            replies: Arc::default(),
            outside: OnceLock::new(),
            node_modules: config.node_modules,
            python_packages: config.python_packages,
        };
        Ok(Self { workshop: Arc::new(workshop), pool: Pool::new(), starting: Arc::new(Semaphore::new(STARTING)) })
    }

    /// Gives an event to a function and waits for the outcome. It goes on when nobody waits any more.
    ///
    /// `reserved_by_others` is the concurrency that other functions of the account and region have reserved; with `tail` the outcome
    /// comes with the end of the log, when the report was written.
    ///
    /// # Errors
    /// When the concurrency is used up, or no environment can be made.
    pub async fn invoke(
        &self,
        function: Arc<FunctionVersion>,
        event: Event,
        reserved_by_others: u32,
        tail: bool,
    ) -> Result<Outcome, NotRun> {
        let slot = self.pool.slot(&function, reserved_by_others)?;
        let (reply, answer) = oneshot::channel();
        let work = Work { event, reply, tail, slot };
        let (workshop, pool, starting) = (Arc::clone(&self.workshop), Arc::clone(&self.pool), Arc::clone(&self.starting));
        tokio::spawn(hand_over(workshop, pool, starting, function, work)).await.map_err(|why| NotRun::Failed(why.to_string()))??;
        answer.await.map_err(|_| NotRun::Failed("the environment was ended".to_owned()))
    }

    /// Ends the environments of what is not wanted, once their work is done, and removes code that is not needed any more.
    pub fn keep(&self, wanted: Vec<Wanted>) {
        self.pool.keep(&wanted);
        let unpacked = Arc::clone(&self.workshop.unpacked);
        tokio::task::spawn_blocking(move || unpacked.sweep(&wanted));
    }

    /// Ends every environment.
    pub async fn end(&self) {
        if tokio::time::timeout(END, self.pool.close()).await.is_err() {
            tracing::warn!("some environments did not end");
        }
        let unpacked = Arc::clone(&self.workshop.unpacked);
        let _removed = tokio::task::spawn_blocking(move || unpacked.remove()).await;
    }

    /// What environments made from now on have beside them; only the first one counts.
    pub fn set_outside(&self, outside: Arc<dyn Outside>) {
        let _first = self.workshop.outside.set(outside);
    }

    /// Where functions put what somebody waits for.
    #[must_use]
    pub fn replies(&self) -> &Arc<Replies> {
        &self.workshop.replies
    }

    /// How many environments there are.
    #[must_use]
    pub fn environments(&self) -> usize {
        self.pool.environments()
    }
}

/// Gives work to an environment that waits, or to a new one, whichever is there first.
async fn hand_over(
    workshop: Arc<Workshop>,
    pool: Arc<Pool>,
    starting: Arc<Semaphore>,
    function: Arc<FunctionVersion>,
    mut work: Work,
) -> Result<(), NotRun> {
    let permit = loop {
        let freed = pool.freed().notified();
        tokio::pin!(freed);
        freed.as_mut().enable();
        if let Some(environment) = pool.warm(&function) {
            match environment.try_send(work) {
                Ok(()) => return Ok(()),
                // It ended just now.
                Err(back) => work = back.into_inner(),
            }
            continue;
        }
        tokio::select! {
            permit = Arc::clone(&starting).acquire_owned() => break permit,
            () = freed => {}
        }
    };
    let number = pool.born();
    let made = start(&workshop, Arc::clone(&pool), number, function, work).await;
    drop(permit);
    if made.is_err() {
        pool.gone();
    }
    made
}

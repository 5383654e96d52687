//! One execution environment: a sandbox, its Runtime API, and the task that gives it one event after the other.
mod event;
mod journal;
mod life;
mod outside;
mod report;

use crate::{
    NotRun,
    archive::Held,
    clock::stream,
    log::{LogPlace, LogSink},
    pool::{Pool, Slot},
    runtime,
    runtime_api::{Api, serve},
    version::{Event, FunctionNetwork, FunctionVersion, Outcome},
};
use journal::Journal;
use life::Life;
pub use outside::Outside;
use std::{
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::OwnedFd,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use vpclab_fabric::{
    Fabric, Place,
    instance::{
        Instances,
        sandbox::{SandboxLimits, SandboxSpec},
    },
};

/// The port of the Runtime API.
const PORT: u16 = 9001;
/// Processes, threads and open files of an environment.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const PROCESSES: u32 = 1024;
const OPEN_FILES: u32 = 1024;
const MB: u64 = 1 << 20;

/// What environments are made with.
pub(crate) struct Workshop {
    pub(crate) fabric: Arc<Fabric>,
    pub(crate) instances: Arc<Instances>,
    pub(crate) unpacked: Arc<crate::archive::Unpacked>,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) replies: Arc<crate::Replies>,
    pub(crate) outside: OnceLock<Arc<dyn crate::Outside>>,
    pub(crate) node_modules: Option<PathBuf>,
    pub(crate) python_packages: Option<PathBuf>,
}

/// One event on its way through an environment.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) event: Event,
    pub(crate) reply: oneshot::Sender<Outcome>,
    /// Whether the caller waits for the log's end too.
    pub(crate) tail: bool,
    /// Its part of the concurrency, until it is over.
    pub(crate) slot: Slot,
}

/// Makes an environment, which then does a first work and gives itself to the pool.
///
/// # Errors
/// When it cannot be made; the work is lost, and its caller sees that.
pub(crate) async fn start(
    workshop: &Workshop,
    pool: Arc<Pool>,
    number: u64,
    function: Arc<FunctionVersion>,
    first: Work,
) -> Result<(), NotRun> {
    let failed = |why: &dyn std::fmt::Display| NotRun::Failed(why.to_string());
    let begun = Instant::now();
    let (unpacked, wanted) = (Arc::clone(&workshop.unpacked), Arc::clone(&function));
    let directories = tokio::task::spawn_blocking(move || {
        let code = unpacked.code(&wanted.code)?;
        let opt = if wanted.layers.is_empty() { None } else { Some(unpacked.layers(&wanted.layers)?) };
        Ok::<_, crate::ArchiveError>((code, opt))
    });
    let (held_code, held_opt) = directories.await.map_err(|why| failed(&why))?.map_err(|why| failed(&why))?;
    let (code, opt) = (held_code.path(), held_opt.as_ref().map(Held::path));
    let Network { namespace, nameservers, search_domains } = network(workshop, &function, number).await?;
    let own = own_address(number);
    let listener = listen(workshop, &namespace, SocketAddrV4::new(own, PORT)).await?;
    let api_address = listener.local_addr().map_err(|why| failed(&why))?;
    let beside = outside::open(workshop, &function, &namespace, own).await?;
    let place = LogPlace { scope: function.scope.clone(), group: function.log_group.clone(), stream: stream(&function) };
    let mut mounts = vec![(code.clone(), "/var/task".into()), (workshop.unpacked.beside("runtime"), runtime::DIRECTORY.into())];
    mounts.extend(opt.clone().map(|opt| (opt, "/opt".into())));
    mounts.extend(workshop.node_modules.clone().map(|modules| (modules, runtime::MODULES.into())));
    mounts.extend(workshop.python_packages.clone().map(|packages| (packages, runtime::PACKAGES.into())));
    let id = format!("f-{number}");
    let spec = SandboxSpec {
        id: id.clone(),
        network: namespace,
        nameservers,
        search_domains,
        hosts: beside.hosts,
        program: function.runtime.program(&code, opt.as_deref()),
        environment: runtime::variables(&function, &api_address.to_string(), &place.stream, beside.variables),
        directory: "/var/task".into(),
        mounts,
        limits: SandboxLimits {
            memory: u64::from(function.memory_mb) * MB,
            storage: u64::from(function.storage_mb) * MB,
            processes: PROCESSES,
            open_files: OPEN_FILES,
        },
    };
    let instances = Arc::clone(&workshop.instances);
    let sandbox = tokio::task::spawn_blocking(move || instances.start_sandbox(spec))
        .await
        .map_err(|why| failed(&why))?
        .map_err(|why| failed(&why))?;
    let (deliver, deliveries) = mpsc::channel(1);
    let (said, hears) = mpsc::channel(4);
    let mut serving = beside.serving;
    serving.spawn(serve(listener, Arc::new(Api { deliveries: tokio::sync::Mutex::new(deliveries), said })));
    let journal = Journal::new(Arc::clone(&function), place, Arc::clone(&workshop.logs));
    let life = Life::new(function, sandbox, deliver, hears, journal, begun).map_err(|why| failed(&why))?;
    let instances = Arc::clone(&workshop.instances);
    tokio::spawn(async move {
        life.live(&pool, number, first).await;
        drop((held_code, held_opt));
        drop(serving);
        pool.gone();
        let _ = tokio::task::spawn_blocking(move || instances.remove_sandbox(&id)).await;
    });
    Ok(())
}

/// The loopback address of an environment: environments that share a network interface share its namespace.
fn own_address(number: u64) -> Ipv4Addr {
    // 127.1.0.0 to 127.254.255.255: the rest is the program's own.
    let low = u32::try_from(number % 0x00fe_0000).unwrap_or(0);
    Ipv4Addr::from(0x7f01_0000 + low)
}

async fn listen(workshop: &Workshop, namespace: &OwnedFd, at: SocketAddrV4) -> Result<tokio::net::TcpListener, NotRun> {
    let failed = |why: &dyn std::fmt::Display| NotRun::Failed(why.to_string());
    let namespace = namespace.try_clone().map_err(|why| failed(&why))?;
    let listener = workshop.fabric.listen_on_loopback(namespace, at).await.map_err(|why| failed(&why))?;
    tokio::net::TcpListener::from_std(listener).map_err(|why| failed(&why))
}

/// The network of an environment.
struct Network {
    namespace: OwnedFd,
    nameservers: Vec<Ipv4Addr>,
    search_domains: Vec<String>,
}

async fn network(workshop: &Workshop, function: &FunctionVersion, number: u64) -> Result<Network, NotRun> {
    let failed = |why: vpclab_fabric::FabricError| NotRun::Failed(why.to_string());
    match &function.network {
        FunctionNetwork::Isolated => Ok(Network {
            namespace: workshop.fabric.isolated().await.map_err(failed)?,
            // Nobody listens there: names are not found at once.
            nameservers: vec![Ipv4Addr::LOCALHOST],
            search_domains: Vec::new(),
        }),
        FunctionNetwork::Vpc { interfaces, nameservers, search_domains } => {
            let turn = usize::try_from(number).unwrap_or(0) % interfaces.len().max(1);
            let Some(interface) = interfaces.get(turn) else { return Err(NotRun::Failed("the function has no network interface".into())) };
            Ok(Network {
                namespace: workshop.fabric.netns_fd(Place::Interface(interface.clone())).await.map_err(failed)?,
                nameservers: nameservers.clone(),
                search_domains: search_domains.clone(),
            })
        }
    }
}

/// How long an environment without work is kept.
pub(crate) const IDLE: Duration = Duration::from_secs(600);

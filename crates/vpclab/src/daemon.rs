//! The daemon: takes its rights before the first thread, wires the layers together, serves until it is told to end.
use crate::{
    cli::UpArgs,
    flow_logs::{self, Taps},
    function_log::{self, FunctionLog},
    lab::{Lab, Note},
    local::{self, About},
    outside,
    plane::Plane,
    report::{FORBIDDEN, Failure},
    service_endpoint::ServiceEndpoints,
    snapshot, stage_log, trace, up,
};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{ffi::OsString, io::Write, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::SignalKind,
    sync::{Semaphore, mpsc},
};
use vpclab_cloud::InstanceId;
use vpclab_console::Console;
use vpclab_fabric::{
    Fabric,
    instance::{InstanceExit, Instances, InstancesConfig, LayerPlace},
    userns::{self, Privilege},
};
use vpclab_functions::{Functions, FunctionsConfig};
use vpclab_gateway::{Gateway, LabCa};
use vpclab_listen::{Door, Visitor};
use vpclab_probe::Prober;
use vpclab_resolver::{Forwarder, Resolver};
use vpclab_services::{
    engine::{Engine, Kept},
    http::{AnswerBody, LocalRoutes},
    lambda,
};
use vpclab_store::{Blobs, Logs, MemoryStore, RedbStore, Store, lab_key};
use vpclab_wire::sigv4::AccessKeySecrets;

/// Connections of AWS clients at once; further ones wait.
const MAX_CONNECTIONS: usize = 1024;
/// Ends of instances that wait to be noted; the supervisor waits beyond that.
const MAX_EXITS: usize = 1024;
/// How often bytes that nothing names are removed.
const SWEEP: Duration = Duration::from_secs(60);
/// How often old log events are looked for.
const RETENTION_SECONDS: u64 = 600;
/// The state reason of an instance that ended by itself.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>
const INITIATED_INSIDE: &str = "Client.InstanceInitiatedShutdown: Instance initiated shutdown";

/// Runs the daemon in the foreground. With `VPCLAB_READY` set, one line on standard output tells the parent how it went.
pub fn run(lab: &Lab, args: &UpArgs) -> Result<ExitCode, Failure> {
    let tell = std::env::var_os("VPCLAB_READY").is_some();
    let done = serve(lab, args, tell);
    if let Err(why) = &done
        && tell
    {
        // One line, so that the parent reads all of it.
        let mut out = std::io::stdout();
        let _told = writeln!(out, "failed {}", why.one_line());
    }
    done
}

fn serve(lab: &Lab, args: &UpArgs, tell: bool) -> Result<ExitCode, Failure> {
    lab.create()?;
    // Before the first thread: the kernel gives a user namespace to single-threaded processes only.
    let privilege = userns::enter().map_err(|why| {
        let failure = Failure::new(&why).code(FORBIDDEN);
        match why.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("VPCLAB_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    let Some(lock) = lab.lock()? else {
        return Err(Failure::new(format!("a lab is running at `{}` already", lab.dir().display())).hint("end it with `vpclab down`"));
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("vpclab").build()?;
    let done = runtime.block_on(lifetime(lab, args, &privilege, tell));
    runtime.shutdown_timeout(Duration::from_secs(5));
    lab.forget(args.ephemeral);
    drop(lock);
    done
}

async fn lifetime(lab: &Lab, args: &UpArgs, privilege: &Privilege, tell: bool) -> Result<ExitCode, Failure> {
    let mut term = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut int = tokio::signal::unix::signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind(args.listen).await.map_err(|why| {
        Failure::new(format!("cannot listen on {}: {why}", args.listen)).hint("name another address with --listen, such as 127.0.0.1:4567")
    })?;
    let listen = listener.local_addr()?;

    let (store, ca, logs): (Arc<dyn Store>, LabCa, Logs) = if args.ephemeral {
        (Arc::new(MemoryStore::default()), LabCa::ephemeral().map_err(Failure::new)?, Logs::in_memory().map_err(Failure::new)?)
    } else {
        let store =
            RedbStore::open(lab.dir().join("lab.redb")).map_err(|why| Failure::new(format!("the lab's state cannot be opened: {why}")))?;
        let logs = Logs::open(&lab.dir().join("logs.redb")).map_err(Failure::new)?;
        (Arc::new(store), LabCa::load_or_create(&lab.dir().join("ca")).map_err(Failure::new)?, logs)
    };
    // An ephemeral lab may share its directory with one that keeps its state.
    let blobs = match args.ephemeral {
        true => Blobs::temporary(&lab.dir().join(crate::lab::EPHEMERAL_BLOBS)),
        false => Blobs::open(&lab.dir().join("blobs")),
    };
    let blobs = blobs.map_err(|why| Failure::new(format!("the place for objects cannot be made: {why}")))?;
    let ca = Arc::new(ca);
    let logs = Arc::new(logs);
    let secrets = Arc::new(access_key_secrets(lab, args)?);
    let fabric = Arc::new(Fabric::start().map_err(|why| Failure::new(format!("the network cannot be made: {why}")).code(FORBIDDEN))?);
    let (exits, exited) = mpsc::channel(MAX_EXITS);
    let config =
        InstancesConfig { on_exit: Some(Arc::new(move |exit| note_exit(&exits, exit))), ..instances_config(lab, args, privilege, &ca) };
    let instances = Arc::new(Instances::open(config).map_err(Failure::new)?);
    let forwarder = match args.forward_dns {
        true => {
            let text = std::fs::read_to_string("/etc/resolv.conf")
                .map_err(|why| Failure::new(format!("cannot read `/etc/resolv.conf`: {why}")))?;
            Some(Forwarder::from_resolv_conf(&text).map_err(|why| Failure::new(format!("names cannot be forwarded: {why}")))?)
        }
        false => None,
    };
    let resolver = Arc::new(Resolver::new(&vpclab_cloud::Cloud::default(), forwarder));
    let gateway = Arc::new(Gateway::new(Arc::clone(&ca), Arc::clone(&secrets)));
    let layers = (!args.ephemeral).then(|| lab.dir().join("instances"));
    let (function_log, lines) = FunctionLog::new();
    let function_log = Arc::new(function_log);
    let functions = Functions::open(FunctionsConfig {
        fabric: Arc::clone(&fabric),
        instances: Arc::clone(&instances),
        directory: lab.dir().join(if args.ephemeral { "ephemeral-functions" } else { "functions" }),
        logs: Arc::clone(&function_log) as _,
        node_modules: args.node_modules.clone(),
        python_packages: args.python_packages.clone(),
    });
    let functions = Arc::new(functions.map_err(|why| Failure::new(format!("the place for functions' code cannot be made: {why}")))?);
    let prober = Prober::new(Arc::clone(&fabric), ca.cert_pem(), crate::probe::AT_ONCE).map_err(Failure::new)?;
    let (taps, flows) = Taps::new();
    let services = Arc::new(ServiceEndpoints::new(Arc::clone(&ca)));
    let reached = (Arc::clone(&gateway), Arc::clone(&services));
    let plane = Arc::new(Plane::new(fabric, instances, resolver, reached, Arc::clone(&functions), taps, layers));
    let kept = Kept { store, blobs: blobs.clone(), logs: Arc::clone(&logs), secrets };
    let engine = match Engine::start(kept, Arc::clone(&plane) as _, args.ephemeral).await {
        Ok(engine) => engine,
        Err(why) => {
            drop(flows);
            plane.end().await;
            return Err(Failure::new(format!("the lab cannot be brought up: {why}")));
        }
    };
    services.set_engine(&engine);
    let flow_logging = tokio::spawn(flow_logs::collect(flows, Arc::clone(&engine)));
    if let Err(why) = seed(lab, args, &engine).await {
        plane.end().await;
        return Err(why);
    }
    let logging = tokio::spawn(function_log::keep(lines, Arc::clone(&engine)));
    functions.set_outside(Arc::new(outside::Lab::new(Arc::clone(&ca), &engine)));
    engine.run_functions(lambda::Runner::new(functions));
    gateway.set_functions(Arc::new(lambda::Invoker::new(&engine)));
    let (sink, stage_logging) = stage_log::start(Arc::clone(&engine));
    gateway.set_log_sink(sink);
    plane.sweep(&engine.snapshot()).await;
    engine.listens_at(listen);
    lambda::event::resume(&engine);
    vpclab_services::cloudformation::run::resume(&engine);
    let watching = tokio::spawn(watch(exited, Arc::clone(&engine)));
    let keeping = tokio::spawn(keep_logs(Arc::clone(&engine)));
    let privilege = match privilege {
        Privilege::Root => "root",
        Privilege::UserNamespace { .. } => "user namespace",
    };
    let about = About { privilege: privilege.to_owned(), forward_dns: args.forward_dns };
    let routes = local::routes(Arc::clone(&engine), Arc::clone(&plane), prober, about);
    let sweeping = tokio::spawn(sweep(Arc::clone(&engine)));
    let console = Arc::new(Console::new(Arc::clone(&engine), gateway, shell_of(lab)));
    let traces = Arc::new(Semaphore::new(trace::AT_ONCE));
    let accepting = tokio::spawn(accept(listener, Serving { engine, routes, console, plane: Arc::clone(&plane), traces }));
    lab.note(&Note {
        pid: i32::try_from(std::process::id()).unwrap_or(0),
        listen,
        ephemeral: args.ephemeral,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        privilege: privilege.to_owned(),
    })?;
    tracing::info!(%listen, privilege, "serving");
    if tell {
        let mut out = std::io::stdout();
        let _told = writeln!(out, "ready {listen}");
    }
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("ending");
    accepting.abort();
    watching.abort();
    sweeping.abort();
    keeping.abort();
    plane.end().await;
    if tokio::time::timeout(Duration::from_secs(2), function_log.settle()).await.is_err() {
        tracing::warn!("the last lines of functions are lost");
    }
    logging.abort();
    flow_logging.abort();
    stage_logging.abort();
    if let Err(why) = logs.flush() {
        tracing::error!(%why, "the last log events may be lost");
    }
    Ok(ExitCode::SUCCESS)
}

/// The secrets of the lab's access keys: those of the key that it keeps, or of one that is gone with it.
fn access_key_secrets(lab: &Lab, args: &UpArgs) -> Result<AccessKeySecrets, Failure> {
    if args.ephemeral {
        return AccessKeySecrets::fresh().map_err(|_| Failure::new("the machine gives no randomness"));
    }
    let key = lab_key(&lab.dir().join("access-keys.key")).map_err(|why| Failure::new(format!("the lab's key cannot be kept: {why}")))?;
    Ok(AccessKeySecrets::of_lab(&key))
}

/// Brings an empty lab to the state of the snapshot that was asked for: obeyed by the data plane and kept, or refused.
async fn seed(lab: &Lab, args: &UpArgs, engine: &Engine) -> Result<(), Failure> {
    let Some(path) = &args.snapshot else { return Ok(()) };
    if !vpclab_cloud::Cloud::default().diff(&engine.snapshot()).is_empty() {
        return Err(Failure::new(format!("the lab at `{}` has a state already", lab.dir().display()))
            .hint("bring the snapshot up in another one, with --state DIR, or add --ephemeral"));
    }
    let snapshot = snapshot::read(path)?;
    let (cloud, left_out) = vpclab_import::living(snapshot.cloud());
    for what in left_out {
        tracing::warn!(what, "left out of the snapshot");
    }
    for what in up::not_understood(&snapshot) {
        tracing::warn!("{what}");
    }
    if snapshot.records.is_empty() {
        return Ok(());
    }
    let scope = snapshot.scopes.first().cloned().or_else(|| scope_in(&cloud)).ok_or_else(|| {
        Failure::new(format!("the snapshot `{}` names no account and region, and neither does a record of it", path.display()))
            .hint("name one in its `scopes`")
    })?;
    let seeded = engine.change(&scope, false, |state, _| {
        *state = cloud;
        Ok::<_, std::convert::Infallible>(())
    });
    seeded.await.map_err(|why| Failure::new(format!("the snapshot cannot be brought up: {why}")))
}

/// The account and region of something that a snapshot holds.
fn scope_in(cloud: &vpclab_cloud::Cloud) -> Option<vpclab_cloud::Scope> {
    let of_vpc = || cloud.vpcs.values().next().map(|vpc| vpc.scope.clone());
    let of_api = || cloud.rest_apis.values().next().map(|api| api.scope.clone());
    let of_function = || cloud.functions.keys().next().map(|(scope, _)| scope.clone());
    of_vpc().or_else(of_api).or_else(of_function)
}

/// Makes log events durable every second, and lets them expire as their groups' retention says.
async fn keep_logs(engine: Arc<Engine>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0_u64.. {
        ticks.tick().await;
        let engine = Arc::clone(&engine);
        let kept = tokio::task::spawn_blocking(move || {
            engine.logs().flush()?;
            if tick % RETENTION_SECONDS == 0 { vpclab_services::logs::expire(&engine) } else { Ok(()) }
        });
        if let Ok(Err(why)) = kept.await {
            tracing::error!(%why, "log events could not be kept");
        }
    }
}

fn instances_config(lab: &Lab, args: &UpArgs, privilege: &Privilege, ca: &LabCa) -> InstancesConfig {
    InstancesConfig {
        layers: if args.ephemeral { LayerPlace::Memory } else { LayerPlace::Directory(lab.dir().join("instances")) },
        hidden: vec![lab.dir().to_owned()],
        console_logs: (!args.ephemeral).then(|| lab.dir().join("console")) as Option<PathBuf>,
        authority_pem: ca.cert_pem().to_owned(),
        privilege: *privilege,
        on_exit: None,
    }
}

/// On the supervisor's thread: an instance's first process has ended.
fn note_exit(exits: &mpsc::Sender<InstanceExit>, exit: InstanceExit) {
    if !exit.asked_for && exits.blocking_send(exit).is_err() {
        tracing::debug!("an instance ended while the lab was ending");
    }
}

/// Instances that ended by themselves are stopped, as on AWS after a shutdown from inside.
async fn watch(mut exited: mpsc::Receiver<InstanceExit>, engine: Arc<Engine>) {
    while let Some(exit) = exited.recv().await {
        let Ok(id) = exit.id.parse::<InstanceId>() else { continue };
        let Some(instance) = engine.snapshot().instances.get(&id).cloned() else { continue };
        tracing::warn!(instance = %id, "the instance ended by itself");
        let stopped = engine.change(&instance.scope, false, |cloud, cx| cloud.stop_instances(cx, &[id], INITIATED_INSIDE)).await;
        if let Err(why) = stopped {
            tracing::error!(%why, instance = exit.id, "an instance that ended could not be marked as stopped");
        }
    }
}

/// Removes objects' bytes some time after the last record of them.
async fn sweep(engine: Arc<Engine>) {
    let mut tick = tokio::time::interval(SWEEP);
    // The engine swept at its start.
    tick.tick().await;
    loop {
        tick.tick().await;
        engine.sweep().await;
    }
}

/// How the console opens a shell: as a person does, by this program's own `shell`.
fn shell_of(lab: &Lab) -> vpclab_console::ShellOf {
    let (program, state) = (format!("/proc/{}/exe", std::process::id()), lab.dir().as_os_str().to_owned());
    Arc::new(move |instance| {
        let words: [OsString; 5] = [(&program).into(), "--state".into(), state.clone(), "shell".into(), instance.as_str().into()];
        words.into()
    })
}

/// What answers on the lab's port.
#[derive(Clone)]
struct Serving {
    engine: Arc<Engine>,
    routes: LocalRoutes,
    console: Arc<Console>,
    plane: Arc<Plane>,
    /// A place for each trace at once.
    traces: Arc<Semaphore>,
}

impl Serving {
    async fn answer(self, request: Request<Incoming>) -> Response<AnswerBody> {
        if Console::takes(&request) {
            return self.console.handle(request).await;
        }
        match vpclab_console::origin::check_api(request.method(), request.uri(), request.headers()) {
            Ok(()) if request.method() == http::Method::POST && request.uri().path() == "/_vpclab/trace" => {
                trace::answer(&self.engine, &self.plane, &self.traces, request).await
            }
            Ok(()) => vpclab_services::http::handle(self.engine, request, &self.routes).await,
            Err(foreign) => local::refuse(foreign.message()).map(|body| body.map_err(|never| match never {}).boxed_unsync()),
        }
    }
}

async fn accept(listener: TcpListener, serving: Serving) {
    let door = Door::new(listener, MAX_CONNECTIONS);
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        let serving = serving.clone();
        tokio::spawn(async move {
            let _place = place;
            let service = hyper::service::service_fn(move |request| {
                let serving = serving.clone();
                async move { Ok::<_, std::convert::Infallible>(serving.answer(request).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(60))
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
            if let Err(why) = served {
                tracing::debug!(%why, "a connection ended badly");
            }
        });
    }
}

//! Accepting, TLS and HTTP/1.1 on one endpoint's address, with every wait and every size bounded.

use crate::authorizer::Cache;
use crate::call::Connection;
use crate::invoke::respond;
use crate::log::RequestLog;
use crate::sink::LogSink;
use crate::throttle::Throttle;
use crate::view::View;
use arc_swap::ArcSwap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use vpclab_functions::Invoke;
use vpclab_listen::{Door, Visitor};
use vpclab_wire::sigv4::AccessKeySecrets;

/// Connections one endpoint holds at a time; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// Large bodies held in memory at a time, over all endpoints.
const LARGE_BODIES_MAX: usize = 32;
/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the first request's head may take after the handshake.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection may be idle, or one request take.
const IDLE_TIMEOUT: Duration = Duration::from_secs(310);
/// Room for the longest URL and the largest headers, with some to spare so that they get their own answer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 256;

/// What all endpoints share.
pub(crate) struct Shared {
    pub(crate) view: ArcSwap<View>,
    pub(crate) log: RequestLog,
    /// Permits for bodies that are not small.
    pub(crate) large_bodies: Semaphore,
    /// What runs functions; set once, when the daemon is wired.
    pub(crate) functions: OnceLock<Arc<dyn Invoke>>,
    /// What keeps logs; set once too.
    pub(crate) sink: OnceLock<Arc<dyn LogSink>>,
    /// How much more methods with limits let pass.
    pub(crate) throttle: Throttle,
    /// The secrets that signatures are verified with.
    pub(crate) secrets: Arc<AccessKeySecrets>,
    /// What authorizers said.
    pub(crate) authorized: Cache,
}

impl Shared {
    pub(crate) fn new(secrets: Arc<AccessKeySecrets>) -> Self {
        Self {
            secrets,
            view: ArcSwap::default(),
            log: RequestLog::default(),
            large_bodies: Semaphore::new(LARGE_BODIES_MAX),
            functions: OnceLock::new(),
            sink: OnceLock::new(),
            throttle: Throttle::default(),
            authorized: Cache::default(),
        }
    }
}

/// One endpoint's listener.
pub(crate) struct Endpoint {
    pub(crate) id: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) tls: Arc<ServerConfig>,
}

/// Accepts until the task is dropped; the connections end with it.
pub(crate) async fn run(listener: TcpListener, endpoint: Endpoint, shared: Arc<Shared>) {
    let endpoint = Arc::new(endpoint);
    let door = Door::new(listener, CONNECTIONS_MAX);
    let mut connections = JoinSet::new();
    while let Some(visitor) = door.next().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(visitor, Arc::clone(&endpoint), Arc::clone(&shared)));
    }
}

async fn connection(visitor: Visitor, endpoint: Arc<Endpoint>, shared: Arc<Shared>) {
    let Visitor { stream, peer, place: _place } = visitor;
    let handshake = TlsAcceptor::from(Arc::clone(&endpoint.tls)).accept(stream);
    let stream = match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(endpoint = %endpoint.id, %peer, %error, "TLS handshake failed");
            return;
        }
        Err(_) => {
            tracing::debug!(endpoint = %endpoint.id, %peer, "TLS handshake timed out");
            return;
        }
    };
    let connection = Connection {
        endpoint: Arc::clone(&endpoint.id),
        region: Arc::clone(&endpoint.region),
        peer,
        peer_ip: peer.ip().to_canonical().to_string(),
        server_name: stream.get_ref().1.server_name().map(str::to_owned),
    };
    let activity = Activity::new();
    let service = service_fn(|request| {
        activity.touch();
        let answer = respond(&shared, &connection, request);
        async {
            let answer = answer.await;
            activity.touch();
            Ok::<_, Infallible>(answer)
        }
    });
    let served = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        result = served => {
            if let Err(error) = result {
                tracing::debug!(endpoint = %endpoint.id, %peer, %error, "connection ended");
            }
        }
        () = activity.lapsed() => {
            tracing::debug!(endpoint = %endpoint.id, %peer, "connection was idle");
        }
    }
}

/// When a connection last did something. One timer per connection looks at it now and then, instead of one timer being
/// made for each request.
struct Activity {
    started: Instant,
    /// Milliseconds from `started`; 0 before the first request.
    last: AtomicU64,
}

impl Activity {
    fn new() -> Self {
        Self { started: Instant::now(), last: AtomicU64::new(0) }
    }

    fn touch(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed.max(1), Ordering::Relaxed);
    }

    async fn lapsed(&self) {
        loop {
            let deadline = match self.last.load(Ordering::Relaxed) {
                0 => self.started + FIRST_REQUEST_TIMEOUT,
                last => self.started + Duration::from_millis(last) + IDLE_TIMEOUT,
            };
            if Instant::now() >= deadline {
                return;
            }
            tokio::time::sleep_until(deadline).await;
        }
    }
}

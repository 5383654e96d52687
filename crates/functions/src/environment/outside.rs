//! What an environment finds at its own loopback address beside the Runtime API: where custom resources answer, and, without a VPC,
//! AWS's APIs.
use super::{Workshop, listen};
use crate::{
    NotRun,
    replies::{Replies, answer, reply_host},
    version::{FunctionNetwork, FunctionVersion},
};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    future::Future,
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::OwnedFd,
    pin::Pin,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use vpclab_listen::{Door, Visitor};

/// The port of AWS's APIs, as on the machine.
const APIS: u16 = 4566;
/// Replies that come at once.
const CONNECTIONS: usize = 4;
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What the lab has outside of a function's environment.
pub trait Outside: Send + Sync {
    /// TLS for a name, as the lab's authority signs it.
    ///
    /// # Errors
    /// The text of why there is none.
    fn tls(&self, host: &str) -> Result<Arc<rustls::ServerConfig>, String>;

    /// Serves AWS's APIs until the future is dropped.
    fn serve(&self, listener: TcpListener) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// What was opened for an environment.
#[derive(Default)]
pub(super) struct Beside {
    /// It is served as long as this is there.
    pub(super) serving: JoinSet<()>,
    /// The names that lead to it.
    pub(super) hosts: Vec<(Ipv4Addr, String)>,
    /// What tells the program of it.
    pub(super) variables: Vec<(&'static str, String)>,
}

/// Opens what is beside an environment of a function.
///
/// # Errors
/// When it cannot be listened there.
pub(super) async fn open(workshop: &Workshop, function: &FunctionVersion, namespace: &OwnedFd, own: Ipv4Addr) -> Result<Beside, NotRun> {
    let mut beside = Beside::default();
    let Some(outside) = workshop.outside.get() else { return Ok(beside) };
    let host = reply_host(function.scope.region.as_str());
    let tls = outside.tls(&host).map_err(NotRun::Failed)?;
    let listener = listen(workshop, namespace, SocketAddrV4::new(own, 443)).await?;
    beside.serving.spawn(take_replies(listener, TlsAcceptor::from(tls), Arc::clone(&workshop.replies)));
    beside.hosts.push((own, host));
    if function.network == FunctionNetwork::Isolated {
        let at = SocketAddrV4::new(own, APIS);
        let listener = listen(workshop, namespace, at).await?;
        beside.serving.spawn(outside.serve(listener));
        beside.variables.push(("AWS_ENDPOINT_URL", format!("http://{at}")));
    }
    Ok(beside)
}

async fn take_replies(listener: TcpListener, tls: TlsAcceptor, replies: Arc<Replies>) {
    let door = Door::new(listener, CONNECTIONS);
    while let Some(Visitor { stream, place, .. }) = door.next().await {
        let (tls, replies) = (tls.clone(), Arc::clone(&replies));
        tokio::spawn(async move {
            let _place = place;
            let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else { return };
            let service = hyper::service::service_fn(move |request| {
                let replies = Arc::clone(&replies);
                async move { Ok::<_, Infallible>(answer(&replies, request).await) }
            });
            // The program went away, or ends the connection as it likes.
            let _ended = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

//! The resolver of all VPCs of a lab.
use crate::{
    Forwarder,
    limit::Limiter,
    tcp, udp,
    wire::{self, Reply, Transport},
};
use arc_swap::ArcSwap;
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, TcpListener, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::{runtime::Handle, sync::Semaphore, task::JoinHandle};
use vpclab_cloud::{Cloud, VpcId};
use vpclab_names::View;

/// Open TCP connections to the resolver of one VPC.
const CONNECTIONS: usize = 100;

/// Answers on the sockets it is handed. Cloning is cheap; all clones are one resolver.
#[derive(Clone, Debug)]
pub struct Resolver(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    view: ArcSwap<View>,
    forwarder: Option<Forwarder>,
    /// The sockets of one VPC share its limits.
    vpcs: Mutex<BTreeMap<VpcId, Weak<VpcLimits>>>,
}

#[derive(Debug)]
struct VpcLimits {
    packets: Limiter,
    connections: Arc<Semaphore>,
    turn: AtomicUsize,
}

/// A socket that is being served. Dropping it ends that.
#[derive(Debug)]
#[must_use = "the socket is closed when this is dropped"]
pub struct Serving(JoinHandle<()>);

impl Serving {
    /// Ends the service and returns when the socket is closed.
    pub async fn stop(mut self) {
        self.0.abort();
        let _ = (&mut self.0).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Resolver {
    /// A resolver for a snapshot. With a forwarder, names that the lab does not own are asked there; without one they do not exist.
    #[must_use]
    pub fn new(cloud: &Cloud, forwarder: Option<Forwarder>) -> Self {
        Self(Arc::new(Shared { view: ArcSwap::from_pointee(View::compile(cloud)), forwarder, vpcs: Mutex::default() }))
    }

    /// Answers from this snapshot from now on.
    pub fn apply(&self, cloud: &Cloud) {
        self.0.view.rcu(|view| view.next(cloud));
    }

    /// What is answered at the moment.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.0.view.load_full()
    }

    /// Answers on a bound socket for the clients of a VPC.
    ///
    /// # Errors
    /// When the socket cannot be made non-blocking, or outside a tokio runtime.
    pub fn serve_udp(&self, socket: UdpSocket, vpc: VpcId) -> io::Result<Serving> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        socket.set_nonblocking(true)?;
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        let service = self.service(vpc);
        Ok(Serving(runtime.spawn(udp::serve(socket, service))))
    }

    /// Answers on a listener for the clients of a VPC.
    ///
    /// # Errors
    /// When the listener cannot be made non-blocking, or outside a tokio runtime.
    pub fn serve_tcp(&self, listener: TcpListener, vpc: VpcId) -> io::Result<Serving> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let service = self.service(vpc);
        Ok(Serving(runtime.spawn(tcp::serve(listener, service))))
    }

    fn service(&self, vpc: VpcId) -> Service {
        let mut vpcs = self.0.vpcs.lock().unwrap_or_else(PoisonError::into_inner);
        vpcs.retain(|_, limits| limits.strong_count() > 0);
        let limits = vpcs.get(&vpc).and_then(Weak::upgrade).unwrap_or_else(|| {
            let limits = Arc::new(VpcLimits {
                packets: Limiter::default(),
                connections: Arc::new(Semaphore::new(CONNECTIONS)),
                turn: AtomicUsize::new(0),
            });
            vpcs.insert(vpc.clone(), Arc::downgrade(&limits));
            limits
        });
        Service { shared: Arc::clone(&self.0), limits, vpc }
    }
}

/// What one socket needs to answer for its VPC.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    shared: Arc<Shared>,
    limits: Arc<VpcLimits>,
    pub(crate) vpc: VpcId,
}

impl Service {
    /// What a client's message is answered with.
    pub(crate) fn respond(&self, client: IpAddr, bytes: &[u8], transport: Transport) -> Reply {
        if !self.limits.packets.allows(client, Instant::now()) {
            return Reply::Drop;
        }
        let turn = self.limits.turn.fetch_add(1, Ordering::Relaxed);
        let forwards = self.shared.forwarder.is_some();
        wire::respond(&self.shared.view.load(), &self.vpc, bytes, transport, turn, forwards)
    }

    /// Asks another resolver; the answer's bytes.
    pub(crate) async fn forward(&self, request: &wire::Request) -> Vec<u8> {
        match &self.shared.forwarder {
            Some(forwarder) => forwarder.forward(request).await,
            None => request.fail(hickory_proto::op::ResponseCode::ServFail),
        }
    }

    /// The slots for TCP connections of the VPC.
    pub(crate) fn connections(&self) -> Arc<Semaphore> {
        Arc::clone(&self.limits.connections)
    }
}

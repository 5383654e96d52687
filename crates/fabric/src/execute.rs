//! The executor: one thread that owns the namespaces and netlink sockets, and a handle to it.
mod kernel;
mod sockets;

pub use sockets::Place;

use crate::{
    observe::{FlowTap, Select, TraceTap},
    plan::Plan,
};
use kernel::Kernel;
use std::{collections::BTreeMap, io, net::SocketAddr, os::fd::OwnedFd};
use tokio::sync::{mpsc, oneshot};
use vpclab_cloud::VpcId;

/// How many jobs may wait; more make their senders wait.
const QUEUE: usize = 256;

/// Why the fabric could not do something.
#[derive(Debug, thiserror::Error)]
pub enum FabricError {
    /// The machine does not allow network namespaces here.
    #[error("cannot make a network namespace: {0}")]
    Namespace(#[source] io::Error),
    /// The kernel refused a step; the previous plan holds again.
    #[error("{step}: {source}")]
    Step {
        /// The step, in words.
        step: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel refused a step, and going back failed too; the next plan is built from nothing.
    #[error("{step}: {source}; going back failed at {back}: {back_source}")]
    Torn {
        /// The step, in words.
        step: String,
        /// What the kernel said.
        source: io::Error,
        /// The step of the way back.
        back: String,
        /// What the kernel said to that.
        back_source: io::Error,
    },
    /// There is no such router or interface.
    #[error("no namespace for {0}")]
    NoSuchPlace(Place),
    /// A socket could not be made.
    #[error("{place}, {address}: {source}")]
    Socket {
        /// Where.
        place: Place,
        /// Which address.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// The router's packets cannot be heard of.
    #[error("{place}: its packets cannot be observed: {source}")]
    Observe {
        /// Where.
        place: Place,
        /// What the kernel said.
        source: io::Error,
    },
    /// A socket could not be made on a loopback interface.
    #[error("a socket on the loopback interface: {0}")]
    Loopback(#[source] io::Error),
    /// The fabric's thread has ended.
    #[error("the fabric has ended")]
    Ended,
}

/// What the numbers in a trace stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleNames {
    /// The comments of rules, by handle.
    pub rules: BTreeMap<u64, String>,
    /// The names of devices, by index.
    pub devices: BTreeMap<u32, String>,
}

type Job = Box<dyn FnOnce(&mut Kernel) + Send>;

/// The handle to the fabric's thread. Everything the fabric made vanishes when the last handle goes, or with the process.
#[derive(Clone, Debug)]
pub struct Fabric {
    jobs: mpsc::Sender<Job>,
}

impl Fabric {
    /// Starts the thread. It needs CAP_NET_ADMIN and CAP_SYS_ADMIN: as root, or after [`crate::userns`] was entered.
    pub fn start() -> Result<Self, FabricError> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        let (ready, started) = std::sync::mpsc::sync_channel(1);
        let body = move || {
            let mut kernel = match Kernel::new() {
                Ok(kernel) => kernel,
                Err(error) => {
                    let _ = ready.send(Err(FabricError::Namespace(error)));
                    return;
                }
            };
            let _ = ready.send(Ok(()));
            while let Some(job) = queue.blocking_recv() {
                job(&mut kernel);
            }
        };
        std::thread::Builder::new().name("fabric".to_owned()).spawn(body).map_err(FabricError::Namespace)?;
        started.recv().map_err(|_| FabricError::Ended)??;
        Ok(Self { jobs })
    }

    /// Makes the kernel hold a plan; returns when it does. When a step is refused, the previous plan is put back and the error
    /// names the step.
    pub async fn apply(&self, plan: Plan) -> Result<(), FabricError> {
        self.run(move |kernel| kernel.apply(plan)).await?
    }

    /// A TCP listener in a router or an interface.
    pub async fn bind_tcp(&self, place: Place, address: SocketAddr) -> Result<std::net::TcpListener, FabricError> {
        self.run(move |kernel| sockets::bind_tcp(kernel, place, address)).await?
    }

    /// A UDP socket in a router or an interface.
    pub async fn bind_udp(&self, place: Place, address: SocketAddr) -> Result<std::net::UdpSocket, FabricError> {
        self.run(move |kernel| sockets::bind_udp(kernel, place, address)).await?
    }

    /// A TCP socket of a router or an interface, not connected and not blocking: a client's.
    pub async fn tcp_socket(&self, place: Place) -> Result<OwnedFd, FabricError> {
        self.run(move |kernel| sockets::tcp_socket(kernel, place)).await?
    }

    /// Hears of the packets of a VPC's interfaces that have a flow log.
    pub async fn flow_tap(&self, vpc: VpcId) -> Result<FlowTap, FabricError> {
        self.run(move |kernel| sockets::flow_tap(kernel, vpc)).await?
    }

    /// Traces packets in a VPC's router until the answer is dropped.
    pub async fn trace(&self, vpc: VpcId, selects: Vec<Select>) -> Result<TraceTap, FabricError> {
        self.run(move |kernel| sockets::trace(kernel, vpc, &selects)).await?
    }

    /// The comments of the rules of a VPC's router, by their handles; and the interfaces and peerings behind its devices' indexes.
    pub async fn rule_names(&self, vpc: VpcId) -> Result<RuleNames, FabricError> {
        self.run(move |kernel| kernel.rule_names(vpc)).await?
    }

    /// A descriptor of the network namespace of a router or an interface, to start processes in.
    pub async fn netns_fd(&self, place: Place) -> Result<OwnedFd, FabricError> {
        self.run(move |kernel| sockets::netns_fd(kernel, place)).await?
    }

    /// A network namespace with a loopback interface and nothing else. It lasts as long as the descriptor, or what lives in it.
    pub async fn isolated(&self) -> Result<OwnedFd, FabricError> {
        self.run(|_| sockets::isolated()).await?
    }

    /// A TCP listener on a loopback address of a namespace: any of 127.0.0.0/8.
    pub async fn listen_on_loopback(&self, network: OwnedFd, at: std::net::SocketAddrV4) -> Result<std::net::TcpListener, FabricError> {
        self.run(move |_| sockets::listen_on_loopback(&network, at)).await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Kernel) -> T + Send + 'static) -> Result<T, FabricError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |kernel| {
            let _ = answer.send(work(kernel));
        });
        self.jobs.send(job).await.map_err(|_| FabricError::Ended)?;
        answered.await.map_err(|_| FabricError::Ended)
    }
}

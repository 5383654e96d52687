//! Sockets in the fabric's namespaces. A socket belongs to the namespace of the thread that makes it, for ever; so this thread
//! goes there, makes it, and hands it over.
use super::{FabricError, kernel::Kernel};
use crate::instance::sys;
use crate::namespace::{self, Namespace};
use crate::observe::{FlowTap, Select, TraceTap};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket},
    os::fd::{AsFd, OwnedFd},
};
use vpclab_cloud::{NetworkInterfaceId, VpcId};

/// A place that has a network namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The router of a VPC: where the resolver listens.
    Router(VpcId),
    /// A network interface: where instances live and the gateway listens.
    Interface(NetworkInterfaceId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Router(vpc) => write!(f, "the router of {vpc}"),
            Self::Interface(interface) => write!(f, "{interface}"),
        }
    }
}

fn find<'a>(kernel: &'a Kernel, place: &Place) -> Result<&'a Namespace, FabricError> {
    kernel.namespace(place).ok_or_else(|| FabricError::NoSuchPlace(place.clone()))
}

pub(super) fn bind_tcp(kernel: &Kernel, place: Place, address: SocketAddr) -> Result<TcpListener, FabricError> {
    let made = find(kernel, &place)?.enter().and_then(|()| TcpListener::bind(address)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    made.map_err(|source| FabricError::Socket { place, address, source })
}

pub(super) fn bind_udp(kernel: &Kernel, place: Place, address: SocketAddr) -> Result<UdpSocket, FabricError> {
    let made = find(kernel, &place)?.enter().and_then(|()| UdpSocket::bind(address)).and_then(|socket| {
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    made.map_err(|source| FabricError::Socket { place, address, source })
}

/// A TCP socket that is bound to nothing yet: whoever gets it connects it.
pub(super) fn tcp_socket(kernel: &Kernel, place: Place) -> Result<OwnedFd, FabricError> {
    let made = find(kernel, &place)?.enter().and_then(|()| {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        Ok(socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?)
    });
    made.map_err(|source| FabricError::Socket { place, address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), source })
}

pub(super) fn flow_tap(kernel: &Kernel, vpc: VpcId) -> Result<FlowTap, FabricError> {
    let place = Place::Router(vpc);
    find(kernel, &place)?.enter().and_then(|()| FlowTap::here()).map_err(|source| FabricError::Observe { place, source })
}

pub(super) fn trace(kernel: &mut Kernel, vpc: VpcId, selects: &[Select]) -> Result<TraceTap, FabricError> {
    let number = kernel.fresh_trace();
    let place = Place::Router(vpc);
    find(kernel, &place)?.enter().and_then(|()| TraceTap::here(number, selects)).map_err(|source| FabricError::Observe { place, source })
}

pub(super) fn isolated() -> Result<OwnedFd, FabricError> {
    // This thread is in the new namespace then; every job enters the one it works in.
    let made = Namespace::create().and_then(|namespace| {
        sys::loopback_up()?;
        namespace.try_clone()
    });
    made.map_err(FabricError::Namespace)
}

pub(super) fn listen_on_loopback(network: &OwnedFd, at: SocketAddrV4) -> Result<TcpListener, FabricError> {
    let listen = || {
        namespace::enter(network.as_fd())?;
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(FabricError::Loopback)
}

pub(super) fn netns_fd(kernel: &Kernel, place: Place) -> Result<OwnedFd, FabricError> {
    find(kernel, &place)?.try_clone().map_err(FabricError::Namespace)
}

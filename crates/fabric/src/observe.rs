//! What packets do, told by the kernel as they do it: sockets that belong to a router's namespace and may be read anywhere.
//!
//! [`FlowTap`] hears the NFLOG rules that [`crate::nft`] sets for interfaces with a flow log, [`TraceTap`] the steps of the packets it marks.
#![allow(unsafe_code)]
mod flow;
mod trace;

pub(crate) use trace::comments;

pub use flow::{FlowPacket, FlowTap, Heard};
pub use trace::{Did, Select, TraceEvent, TraceTap, Traced};

use std::{
    io,
    net::Ipv4Addr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
};
use tokio::io::unix::AsyncFd;

/// A socket that the kernel tells things by, awaited on tokio's runtime.
#[derive(Debug)]
pub struct Listening<S: Source>(AsyncFd<Descriptor<S>>);

/// Something that is read from a descriptor of its own.
pub trait Source: AsFd {
    /// What one look gives, beside what it hands over.
    type Heard;
    /// What it hears of.
    type Item;
    /// Reads what waits, one datagram.
    ///
    /// # Errors
    /// `WouldBlock` when nothing waits.
    fn read(&self, buffer: &mut [u8], each: impl FnMut(Self::Item)) -> io::Result<Self::Heard>;
}

#[derive(Debug)]
struct Descriptor<S>(S);

impl<S: AsFd> AsFd for Descriptor<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl<S: AsFd> AsRawFd for Descriptor<S> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl<S: Source> Listening<S> {
    /// Begins to wait; called on the runtime.
    ///
    /// # Errors
    /// When the runtime cannot take the descriptor.
    pub fn new(source: S) -> io::Result<Self> {
        // SAFETY: every source of this crate owns one descriptor and gives that same one until it is dropped, with this value.
        let registered = unsafe { AsyncFd::register(Descriptor(source)) };
        Ok(Self(registered.map_err(io::Error::from)?))
    }

    /// Waits for the next datagram and reads it.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn hear(&self, buffer: &mut [u8], mut each: impl FnMut(S::Item)) -> io::Result<S::Heard> {
        loop {
            let mut ready = self.0.readable().await?;
            if let Ok(heard) = ready.try_io(|source| source.get_ref().0.read(&mut *buffer, &mut each)) {
                return heard;
            }
        }
    }
}

/// The header of an IPv4 packet as far as flows are told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketHeader {
    /// Where it comes from.
    pub source: Ipv4Addr,
    /// Where it goes.
    pub destination: Ipv4Addr,
    /// The IP protocol's number.
    pub protocol: u8,
    /// The source's port of TCP and UDP, else 0.
    pub source_port: u16,
    /// The destination's port of TCP and UDP, else 0.
    pub destination_port: u16,
    /// TCP's flags, else 0.
    pub tcp_flags: u8,
    /// The whole packet's length in bytes; several segments that the kernel carries as one count as one.
    pub length: u32,
}

impl PacketHeader {
    /// Reads the beginning of a packet; what is no IPv4 has none. The ports of a fragment other than the first are 0.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        const TCP: u8 = 6;
        const UDP: u8 = 17;
        let first = *bytes.first()?;
        let short = |at: usize| Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
        let address = |at: usize| Some(Ipv4Addr::from(*bytes.get(at..)?.first_chunk::<4>()?));
        if first >> 4 != 4 {
            return None;
        }
        let header = usize::from(first & 0xf) * 4;
        let protocol = *bytes.get(9)?;
        let is_first = short(6)? & 0x1fff == 0;
        let port = |at: usize| if is_first && matches!(protocol, TCP | UDP) { short(header + at).unwrap_or(0) } else { 0 };
        let flags = if is_first && protocol == TCP { bytes.get(header + 13).copied().unwrap_or(0) } else { 0 };
        Some(Self {
            source: address(12)?,
            destination: address(16)?,
            protocol,
            source_port: port(0),
            destination_port: port(2),
            tcp_flags: flags,
            length: u32::from(short(2)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_a_short_one_is_not() {
        let mut bytes = vec![0u8; 40];
        bytes[0] = 0x45;
        bytes[3] = 60;
        bytes[9] = 6;
        bytes[12..20].copy_from_slice(&[10, 0, 1, 60, 10, 0, 1, 50]);
        bytes[20..24].copy_from_slice(&[0x80, 0x01, 0x01, 0xbb]);
        bytes[33] = 2;
        let header = PacketHeader::read(&bytes).unwrap();
        assert_eq!((header.source_port, header.destination_port, header.tcp_flags, header.length), (32769, 443, 2, 60));
        assert_eq!((header.source, header.destination), ([10, 0, 1, 60].into(), [10, 0, 1, 50].into()));
        bytes[7] = 1;
        assert_eq!(PacketHeader::read(&bytes).unwrap().destination_port, 0, "a later fragment has no ports");
        for length in 0..20 {
            assert_eq!(PacketHeader::read(&bytes[..length]), None);
        }
        bytes[0] = 0x60;
        assert_eq!(PacketHeader::read(&bytes), None);
    }
}

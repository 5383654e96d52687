//! The way of single packets through a router's rules, rule by rule, as nf_tables itself tells it.
use super::{PacketHeader, Source};
use crate::netlink::{Socket, attributes, messages};
use crate::nft::{self, Look, Part, Rule, device_key};
use rustix::net::{RecvFlags, netlink::SocketAddrNetlink, recv};
use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

/// `NFNL_SUBSYS_NFTABLES`
const SUBSYSTEM: u16 = 10 << 8;
/// How many bytes of events may wait to be read.
const WAITING: usize = 4 << 20;

/// Which packets of a router are traced. What is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// The device they come in by.
    pub device: Option<String>,
    /// Their source.
    pub source: Option<Ipv4Addr>,
    /// Their destination.
    pub destination: Option<Ipv4Addr>,
    /// The source's port, of TCP and UDP.
    pub source_port: Option<u16>,
    /// The destination's port, of TCP and UDP.
    pub destination_port: Option<u16>,
}

/// What a rule or a chain's policy did with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// It passes this base chain.
    Accept,
    /// It is dropped.
    Drop,
    /// It goes on: to the next rule, or in another chain.
    GoOn,
}

/// One step of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Equal for the steps of one packet in one router.
    pub packet: u32,
    /// The table.
    pub table: String,
    /// The chain.
    pub chain: String,
    /// The rule that matched; `None` for the chain's policy.
    pub rule: Option<u64>,
    /// What it did.
    pub did: Did,
    /// The packet's header; not every step carries it.
    pub header: Option<PacketHeader>,
    /// The device it came in by.
    pub in_index: Option<u32>,
    /// The device it goes out by.
    pub out_index: Option<u32>,
    /// Its routing mark.
    pub mark: Option<u32>,
}

/// What one look at a trace gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced {
    /// Steps.
    Steps,
    /// Steps came faster than they were read: some are lost.
    Lost,
}

/// A trace in a router. The rules that mark packets belong to this value: the kernel removes them when it is dropped, or the process ends.
#[derive(Debug)]
pub struct TraceTap {
    events: OwnedFd,
    _rules: Socket,
}

impl TraceTap {
    /// Traces in the network namespace that this thread is in. `number` tells traces apart.
    pub(crate) fn here(number: u32, selects: &[Select]) -> io::Result<Self> {
        /// `NFNLGRP_NFTRACE` is the ninth group.
        const GROUP: u32 = 1 << 8;
        let mut listener = Socket::netfilter()?;
        listener.widen(WAITING)?;
        let events = listener.into_nonblocking()?;
        rustix::net::bind(&events, &SocketAddrNetlink::new(0, GROUP))?;
        let mut rules = Socket::netfilter()?;
        let table = nft::trace_table(&format!("trace{number}"), selects.iter().map(marking).collect());
        rules.run_all(&table).map_err(|refused| io::Error::new(refused.source.kind(), refused.to_string()))?;
        Ok(Self { events, _rules: rules })
    }
}

/// The rule that marks what is selected.
fn marking(select: &Select) -> Rule {
    let mut parts = vec![Part::Ipv4];
    let mut exactly = |look: Look, bytes: Vec<u8>| parts.push(Part::Between(look, bytes.clone(), bytes));
    if let Some(device) = &select.device {
        exactly(Look::InDevice, device_key(device));
    }
    if let Some(source) = select.source {
        exactly(Look::Source, source.octets().to_vec());
    }
    if let Some(destination) = select.destination {
        exactly(Look::Destination, destination.octets().to_vec());
    }
    if let Some(port) = select.source_port {
        exactly(Look::SourcePort, port.to_be_bytes().to_vec());
    }
    if let Some(port) = select.destination_port {
        exactly(Look::Port, port.to_be_bytes().to_vec());
    }
    parts.push(Part::Trace);
    Rule::new(parts)
}

impl Source for TraceTap {
    type Heard = Traced;
    type Item = TraceEvent;

    fn read(&self, buffer: &mut [u8], mut each: impl FnMut(TraceEvent)) -> io::Result<Traced> {
        const EVENT: u16 = SUBSYSTEM | 17;
        let length = match recv(&self.events, &mut *buffer, RecvFlags::DONTWAIT) {
            Ok((length, _)) => length,
            Err(rustix::io::Errno::NOBUFS) => return Ok(Traced::Lost),
            Err(why) => return Err(why.into()),
        };
        let found = messages(buffer.get(..length).unwrap_or_default()).filter(|(kind, _)| *kind == EVENT);
        found.filter_map(|(_, body)| event(body)).for_each(&mut each);
        Ok(Traced::Steps)
    }
}

impl AsFd for TraceTap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }
}

fn be32(data: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*data.first_chunk()?))
}

fn text(data: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(data).ok()?.trim_end_matches('\0').to_owned())
}

/// Reads `enum nft_trace_attributes` of `linux/netfilter/nf_tables.h`.
fn event(body: &[u8]) -> Option<TraceEvent> {
    let found: BTreeMap<u16, &[u8]> = attributes(body.get(4..)?).collect();
    let get = |kind: u16| found.get(&kind).copied();
    let verdict = get(5).and_then(|data| attributes(data).find(|(kind, _)| *kind == 1)).and_then(|(_, data)| be32(data));
    let did = match verdict.or_else(|| get(16).and_then(be32)).map(u32::cast_signed) {
        Some(0) => Did::Drop,
        Some(1) => Did::Accept,
        _ => Did::GoOn,
    };
    let header = get(8).map(|network| [network, get(9).unwrap_or_default()].concat());
    Some(TraceEvent {
        packet: get(6).and_then(be32)?,
        table: get(1).and_then(text)?,
        chain: get(2).and_then(text)?,
        rule: get(3).and_then(|data| Some(u64::from_be_bytes(*data.first_chunk()?))),
        did,
        header: header.as_deref().and_then(PacketHeader::read),
        in_index: get(10).and_then(be32),
        out_index: get(12).and_then(be32),
        mark: get(14).and_then(be32),
    })
}

/// The comments of a table's rules, by handle.
pub(crate) fn comments(socket: &mut Socket) -> io::Result<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    socket.ask(nft::list_rules(), |body| {
        let attributes: BTreeMap<u16, &[u8]> = attributes(body.get(4..).unwrap_or_default()).collect();
        let handle = attributes.get(&3).and_then(|data| data.first_chunk().copied()).map(u64::from_be_bytes);
        // Type, length, text with NUL.
        let comment = attributes.get(&7).and_then(|data| text(data.get(2..)?));
        if let Some(handle) = handle {
            found.insert(handle, comment.unwrap_or_default());
        }
    })?;
    Ok(found)
}

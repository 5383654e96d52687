//! Netlink: messages, and a socket that waits for the kernel's word on each.
pub mod conntrack;
pub mod route;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, sockopt};
use std::{io, os::fd::OwnedFd, time::Duration};

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// This is a request.
pub(crate) const REQUEST: u16 = 1;
/// Please answer, also when it went well.
pub(crate) const ACK: u16 = 4;
/// Replace what exists.
pub(crate) const REPLACE: u16 = 0x100;
/// Fail if it exists.
pub(crate) const EXCLUSIVE: u16 = 0x200;
/// Make it if it does not exist.
pub(crate) const CREATE: u16 = 0x400;
/// Add behind what exists (nf_tables rules).
pub(crate) const APPEND: u16 = 0x800;
/// Everything there is.
pub(crate) const DUMP: u16 = 0x300;
const NESTED: u16 = 0x8000;
/// How long the kernel may take; it answers at once, so that this is only reached when something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Type-length-value attributes, padded to four bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<u8>);

impl Attributes {
    /// Starts with a fixed header of the message kind.
    pub fn header(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
    /// Adds one attribute.
    #[must_use]
    pub fn put(mut self, kind: u16, data: &[u8]) -> Self {
        let length = u16::try_from(data.len() + 4).unwrap_or(u16::MAX);
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }
    /// Adds a number in the machine's byte order.
    #[must_use]
    pub fn u32(self, kind: u16, value: u32) -> Self {
        self.put(kind, &value.to_ne_bytes())
    }
    /// Adds a number in network byte order.
    #[must_use]
    pub fn be32(self, kind: u16, value: u32) -> Self {
        self.put(kind, &value.to_be_bytes())
    }
    /// Adds a NUL-terminated text.
    #[must_use]
    pub fn text(self, kind: u16, value: &str) -> Self {
        let mut bytes = value.as_bytes().to_vec();
        bytes.push(0);
        self.put(kind, &bytes)
    }
    /// Adds attributes inside an attribute.
    #[must_use]
    pub fn nest(self, kind: u16, inner: &Self) -> Self {
        self.put(kind | NESTED, &inner.0)
    }
    /// Adds when there is a value.
    #[must_use]
    pub fn when<T>(self, value: Option<T>, add: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => add(self, value),
            None => self,
        }
    }
    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.0.len()
    }
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// One message: its kind, its flags beyond `REQUEST`, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `nlmsg_type`
    pub kind: u16,
    /// `nlmsg_flags`
    pub flags: u16,
    /// Header of the kind and attributes.
    pub body: Attributes,
}

impl Message {
    /// Size on the wire.
    pub fn size(&self) -> usize {
        (16 + self.body.size()).next_multiple_of(4)
    }
    /// Writes it behind others.
    pub fn write(&self, sequence: u32, out: &mut Vec<u8>) {
        let length = u32::try_from(16 + self.body.size()).unwrap_or(u32::MAX);
        out.extend(length.to_ne_bytes());
        out.extend(self.kind.to_ne_bytes());
        out.extend((self.flags | REQUEST).to_ne_bytes());
        out.extend(sequence.to_ne_bytes());
        out.extend(0u32.to_ne_bytes());
        out.extend(self.body.bytes());
        out.resize(out.len().next_multiple_of(4), 0);
    }
}

/// What the kernel said to one message of a transaction.
#[derive(Debug, thiserror::Error)]
#[error("message {index}: {source}")]
pub struct Refused {
    /// Which message, from 0.
    pub index: usize,
    /// What the kernel said.
    pub source: io::Error,
}

/// A netlink socket; it belongs to the network namespace of the thread that made it.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    sequence: u32,
    capacity: usize,
}

impl Socket {
    /// A socket for links, addresses, routes.
    pub fn route() -> io::Result<Self> {
        Self::new(None)
    }
    /// A socket for nf_tables and conntrack.
    pub fn netfilter() -> io::Result<Self> {
        Self::new(Some(netlink::NETFILTER))
    }

    fn new(protocol: Option<rustix::net::Protocol>) -> io::Result<Self> {
        let fd = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
        sockopt::set_socket_timeout(&fd, sockopt::Timeout::Recv, Some(PATIENCE))?;
        Ok(Self { fd, sequence: 0, capacity: sockopt_capacity(protocol.is_some())? })
    }

    /// How many bytes one datagram may have.
    pub fn capacity(&mut self) -> io::Result<usize> {
        if self.capacity == 0 {
            const WANTED: usize = 16 << 20;
            // The forced form needs real root; the other is capped by net.core.wmem_max.
            if sockopt::set_socket_send_buffer_size_force(&self.fd, WANTED).is_err() {
                sockopt::set_socket_send_buffer_size(&self.fd, WANTED)?;
            }
            // Each refused or acknowledged message of a transaction is answered by a datagram of its own.
            if sockopt::set_socket_recv_buffer_size_force(&self.fd, WANTED).is_err() {
                sockopt::set_socket_recv_buffer_size(&self.fd, WANTED)?;
            }
            self.capacity = sockopt::socket_send_buffer_size(&self.fd)?.saturating_sub(4096);
        }
        Ok(self.capacity)
    }

    /// Lets more bytes wait to be read.
    pub(crate) fn widen(&mut self, bytes: usize) -> io::Result<()> {
        if sockopt::set_socket_recv_buffer_size_force(&self.fd, bytes).is_err() {
            sockopt::set_socket_recv_buffer_size(&self.fd, bytes)?;
        }
        Ok(())
    }

    /// The socket itself, that no longer waits.
    pub(crate) fn into_nonblocking(self) -> io::Result<OwnedFd> {
        rustix::io::ioctl_fionbio(&self.fd, true)?;
        Ok(self.fd)
    }

    /// Sends one message and waits for the kernel to have done it.
    pub fn run(&mut self, mut message: Message) -> io::Result<()> {
        message.flags |= ACK;
        let first = self.send(&[message])?;
        self.wait(first, first).map_err(|refused| refused.source)
    }

    /// Sends messages as one datagram; waits until the last is acknowledged or one is refused.
    pub fn run_all(&mut self, messages: &[Message]) -> Result<(), Refused> {
        let first = self.send(messages).map_err(|source| Refused { index: 0, source })?;
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        // The last message that asks for an answer; the rest is silent unless refused.
        let last = messages.iter().rposition(|message| message.flags & ACK != 0).map_or(count, |at| u32::try_from(at).unwrap_or(count));
        self.wait(first, first.wrapping_add(last))
    }

    /// Asks (with `DUMP` or `ACK`), and hands over each answer's content, header of the kind included.
    pub fn ask(&mut self, message: Message, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let wanted = self.send(&[message])?;
        let mut buffer = vec![0u8; 256 << 10];
        loop {
            let (_, length) = rustix::net::recv(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())?;
            for reply in replies(buffer.get(..length).unwrap_or_default()) {
                if reply.sequence != wanted {
                    continue;
                }
                match reply.kind {
                    NLMSG_DONE => return Ok(()),
                    NLMSG_ERROR => return reply.error().map_or(Ok(()), Err),
                    _ => each(reply.body),
                }
            }
        }
    }

    fn send(&mut self, messages: &[Message]) -> io::Result<u32> {
        let first = self.sequence.wrapping_add(1);
        let mut out = Vec::with_capacity(messages.iter().map(Message::size).sum());
        for message in messages {
            self.sequence = self.sequence.wrapping_add(1);
            message.write(self.sequence, &mut out);
        }
        rustix::net::send(&self.fd, &out, SendFlags::empty())?;
        Ok(first)
    }

    /// Reads answers until the one to `last`, or a refusal. Answers to older messages are left-overs of a refused transaction.
    fn wait(&mut self, first: u32, last: u32) -> Result<(), Refused> {
        let mut buffer = vec![0u8; 64 << 10];
        loop {
            let (_, length) = rustix::net::recv(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())
                .map_err(|errno| Refused { index: 0, source: errno.into() })?;
            for reply in replies(buffer.get(..length).unwrap_or_default()) {
                let index = reply.sequence.wrapping_sub(first);
                if reply.kind != NLMSG_ERROR || index > last.wrapping_sub(first) {
                    continue;
                }
                if let Some(source) = reply.error() {
                    return Err(Refused { index: usize::try_from(index).unwrap_or(0), source });
                }
                if reply.sequence == last {
                    return Ok(());
                }
            }
        }
    }
}

/// Route sockets send small messages only; the netfilter ones learn theirs on first use.
fn sockopt_capacity(is_netfilter: bool) -> io::Result<usize> {
    Ok(if is_netfilter { 0 } else { 32 << 10 })
}

struct Reply<'a> {
    kind: u16,
    sequence: u32,
    body: &'a [u8],
}

impl Reply<'_> {
    /// The error an `NLMSG_ERROR` carries; `None` when it is an acknowledgement.
    fn error(&self) -> Option<io::Error> {
        let code = self.body.first_chunk::<4>().map_or(-5, |bytes| i32::from_ne_bytes(*bytes));
        (code != 0).then(|| io::Error::from_raw_os_error(-code))
    }
}

/// The kind and the body of each message of a datagram.
pub(crate) fn messages(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    replies(bytes).map(|reply| (reply.kind, reply.body))
}

/// The messages of a datagram.
fn replies(mut bytes: &[u8]) -> impl Iterator<Item = Reply<'_>> {
    std::iter::from_fn(move || {
        let length = usize::try_from(number(bytes, 0)?).ok()?;
        let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
        let sequence = number(bytes, 8)?;
        let body = bytes.get(16..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Reply { kind, sequence, body })
    })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The attributes of a message: kind without flags, and data.
pub(crate) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(*bytes.first_chunk()?));
        let kind = u16::from_ne_bytes(*bytes.get(2..)?.first_chunk()?) & 0x3fff;
        let data = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, data))
    })
}

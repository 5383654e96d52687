//! The packets of interfaces that have a flow log.
use super::{PacketHeader, Source};
use crate::netlink::{ACK, Attributes, Message, Socket, attributes, messages};
use crate::nft::{LOG_BYTES, LOG_GROUP};
use rustix::net::{RecvFlags, recv};
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};
use vpclab_cloud::{Direction, FlowAction, NetworkInterfaceId};

const SUBSYSTEM: u16 = 4 << 8;
const CONFIG: u16 = SUBSYSTEM | 1;
const PACKET: u16 = SUBSYSTEM;
/// How many bytes of packets may wait to be read.
const WAITING: usize = 4 << 20;

/// One packet of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPacket {
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// Into it or out of it.
    pub direction: Direction,
    /// What became of it.
    pub action: FlowAction,
    /// Its header.
    pub header: PacketHeader,
}

/// What one look at a tap gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Packets.
    Packets,
    /// Packets came faster than they were read: some are lost.
    Lost,
}

/// Hears of the packets of a router's interfaces that have a flow log. Its descriptor is readable when there is something.
#[derive(Debug)]
pub struct FlowTap(OwnedFd);

impl FlowTap {
    /// Listens in the network namespace that this thread is in.
    pub(crate) fn here() -> io::Result<Self> {
        const BIND: u8 = 1;
        const COPY_PACKET: u8 = 2;
        /// Packets are told together, at the latest after this many hundredths of a second.
        const PATIENCE: u32 = 10;
        let mut socket = Socket::netfilter()?;
        socket.widen(WAITING)?;
        let configure = |attribute: u16, data: &[u8]| Message {
            kind: CONFIG,
            flags: ACK,
            body: Attributes::header(&[0, 0, LOG_GROUP.to_be_bytes()[0], LOG_GROUP.to_be_bytes()[1]]).put(attribute, data),
        };
        let [a, b, c, d] = LOG_BYTES.to_be_bytes();
        socket.run(configure(1, &[BIND]))?;
        socket.run(configure(2, &[a, b, c, d, COPY_PACKET, 0]))?;
        socket.run(configure(4, &PATIENCE.to_be_bytes()))?;
        Ok(Self(socket.into_nonblocking()?))
    }
}

impl Source for FlowTap {
    type Heard = Heard;
    type Item = FlowPacket;

    fn read(&self, buffer: &mut [u8], mut each: impl FnMut(FlowPacket)) -> io::Result<Heard> {
        let length = match recv(&self.0, &mut *buffer, RecvFlags::DONTWAIT) {
            Ok((length, _)) => length,
            Err(rustix::io::Errno::NOBUFS) => return Ok(Heard::Lost),
            Err(why) => return Err(why.into()),
        };
        let found = messages(buffer.get(..length).unwrap_or_default()).filter(|(kind, _)| *kind == PACKET);
        found.filter_map(|(_, body)| packet(body)).for_each(&mut each);
        Ok(Heard::Packets)
    }
}

impl AsFd for FlowTap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn packet(body: &[u8]) -> Option<FlowPacket> {
    const PAYLOAD: u16 = 9;
    const PREFIX: u16 = 10;
    let (mut prefix, mut payload) = (None, None);
    for (kind, data) in attributes(body.get(4..)?) {
        match kind {
            PAYLOAD => payload = Some(data),
            PREFIX => prefix = Some(data),
            _ => {}
        }
    }
    let prefix = std::str::from_utf8(prefix?).ok()?.trim_end_matches('\0');
    let mut words = prefix.split(' ');
    let interface = words.next()?.parse().ok()?;
    let direction = match words.next()? {
        "egress" => Direction::Egress,
        "ingress" => Direction::Ingress,
        _ => return None,
    };
    let action = match words.next()? {
        "ACCEPT" => FlowAction::Accept,
        "REJECT" => FlowAction::Reject,
        _ => return None,
    };
    Some(FlowPacket { interface, direction, action, header: PacketHeader::read(payload?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_by_its_prefix() {
        let id: NetworkInterfaceId = "eni-0123456789abcdef0".parse().unwrap();
        let mut ip = vec![0u8; 28];
        (ip[0], ip[3], ip[9]) = (0x45, 28, 17);
        let body = |prefix: &str| Attributes::header(&[2, 0, 0, 1]).put(9, &ip).text(10, prefix);
        for (direction, action) in [(Direction::Egress, FlowAction::Accept), (Direction::Ingress, FlowAction::Reject)] {
            let prefix = crate::nft::prefix(id.as_str(), direction, action);
            let read = packet(body(&prefix).bytes()).unwrap();
            assert_eq!((read.interface, read.direction, read.action, read.header.length), (id.clone(), direction, action, 28));
        }
        for bad in ["", "eni-1 egress ACCEPT", "eni-0123456789abcdef0 egress", "eni-0123456789abcdef0 out ACCEPT"] {
            assert_eq!(packet(body(bad).bytes()), None, "{bad}");
        }
    }
}

//! The connection table of a router: reading it, and forgetting single flows.
use super::{ACK, Attributes, DUMP, Message, Socket, attributes};
use std::{io, net::Ipv4Addr};
use vpclab_packet::{Flow, Header};

const SUBSYSTEM: u16 = 1 << 8;
const DELETE: u16 = SUBSYSTEM | 2;
const GET: u16 = SUBSYSTEM | 1;
const CTA_TUPLE_ORIG: u16 = 1;
const AF_INET: u8 = 2;

/// A tracked flow: what it is, and its tuple as the kernel wrote it.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// The flow.
    pub flow: Flow,
    tuple: Vec<u8>,
}

/// Every tracked IPv4 flow of the socket's namespace.
pub fn list(socket: &mut Socket) -> io::Result<Vec<Tracked>> {
    let mut found = Vec::new();
    let request = Message { kind: GET, flags: DUMP, body: Attributes::header(&[AF_INET, 0, 0, 0]) };
    socket.ask(request, |body| found.extend(body.get(4..).and_then(tracked)))?;
    Ok(found)
}

/// Forgets flows; those that ended by themselves meanwhile are no error.
pub fn forget(socket: &mut Socket, flows: &[Tracked]) -> io::Result<()> {
    const ENOENT: i32 = 2;
    for tracked in flows {
        let body = Attributes::header(&[AF_INET, 0, 0, 0]).put(CTA_TUPLE_ORIG | 0x8000, &tracked.tuple);
        match socket.run(Message { kind: DELETE, flags: ACK, body }) {
            Err(error) if error.raw_os_error() != Some(ENOENT) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    attributes(bytes).find(|(kind, _)| *kind == wanted).map(|(_, data)| data)
}

fn tracked(bytes: &[u8]) -> Option<Tracked> {
    let tuple = find(bytes, CTA_TUPLE_ORIG)?;
    let addresses = find(tuple, 1)?;
    let address = |kind| Some(Ipv4Addr::from(*find(addresses, kind)?.first_chunk::<4>()?));
    let protocol = find(tuple, 2)?;
    let byte = |kind| find(protocol, kind)?.first().copied();
    let ip_protocol = byte(1)?;
    let number = if ip_protocol == 1 {
        u16::from_be_bytes([byte(5).unwrap_or(0), byte(6).unwrap_or(0)])
    } else {
        find(protocol, 3).and_then(|data| data.first_chunk()).map_or(0, |port| u16::from_be_bytes(*port))
    };
    let flow = Flow { source: address(1)?, destination: address(2)?, header: Header { protocol: ip_protocol, number } };
    Some(Tracked { flow, tuple: tuple.to_vec() })
}

//! Links, addresses, neighbours, routes and policy rules: the rtnetlink messages of the fabric.
//! Constants are those of `linux/if_link.h`, `linux/rtnetlink.h`, `linux/if_addr.h`, `linux/neighbour.h`, `linux/fib_rules.h`.
use super::{ACK, Attributes, CREATE, EXCLUSIVE, Message, REPLACE, Socket, attributes};
use ipnet::Ipv4Net;
use std::{
    io,
    net::Ipv4Addr,
    os::fd::{AsRawFd, BorrowedFd},
};

const AF_INET: u8 = 2;
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINKINFO: u16 = 18;
const IFLA_GROUP: u16 = 27;
const IFLA_NET_NS_FD: u16 = 28;
const IFF_UP: u32 = 1;
const IFF_NOARP: u32 = 0x80;

/// One end of a veth pair.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// Device name.
    pub name: &'a str,
    /// Its MAC address.
    pub mac: [u8; 6],
    /// Its MTU.
    pub mtu: u32,
    /// Its interface group, by which the rules know the subnet.
    pub group: u32,
    /// Its index; chosen by us so that nothing has to be asked back.
    pub index: u32,
    /// Without ARP: both ends carry the same MAC.
    pub no_arp: bool,
}

impl End<'_> {
    fn header(&self) -> [u8; 16] {
        let flags = if self.no_arp { IFF_NOARP } else { 0 };
        link_header(self.index, flags, IFF_NOARP)
    }
    fn attributes(&self, into: Attributes) -> Attributes {
        into.text(IFLA_IFNAME, self.name).put(IFLA_ADDRESS, &self.mac).u32(IFLA_MTU, self.mtu).u32(IFLA_GROUP, self.group)
    }
}

fn link_header(index: u32, flags: u32, change: u32) -> [u8; 16] {
    let mut header = [0u8; 16];
    put(&mut header, 4, &index.to_ne_bytes());
    put(&mut header, 8, &flags.to_ne_bytes());
    put(&mut header, 12, &change.to_ne_bytes());
    header
}

fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    for (slot, byte) in into.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}

/// A veth pair: one end here, the other in another namespace.
pub fn add_veth(here: &End<'_>, there: &End<'_>, namespace: BorrowedFd<'_>) -> Message {
    let fd = namespace.as_raw_fd().to_ne_bytes();
    let peer = there.attributes(Attributes::header(&there.header())).put(IFLA_NET_NS_FD, &fd);
    let info = Attributes::default().text(1, "veth").nest(2, &Attributes::default().nest(1, &peer));
    let body = here.attributes(Attributes::header(&here.header())).nest(IFLA_LINKINFO, &info);
    Message { kind: 16, flags: CREATE | EXCLUSIVE, body }
}

/// Removes a link by name.
pub fn delete_link(name: &str) -> Message {
    Message { kind: 17, flags: 0, body: Attributes::header(&link_header(0, 0, 0)).text(IFLA_IFNAME, name) }
}

/// The interface group of links that are to be deleted together.
pub const LEAVING: u32 = 1;

/// Marks a link for [`delete_leaving`].
pub fn leave(index: u32) -> Message {
    Message { kind: 19, flags: 0, body: Attributes::header(&link_header(index, 0, 0)).u32(IFLA_GROUP, LEAVING) }
}

/// Deletes the marked links. One by one each would cost a grace period of the kernel, some 30 ms.
pub fn delete_leaving() -> Message {
    Message { kind: 17, flags: 0, body: Attributes::header(&link_header(0, 0, 0)).u32(IFLA_GROUP, LEAVING) }
}

/// Sets a link up.
pub fn link_up(index: u32) -> Message {
    Message { kind: 16, flags: 0, body: Attributes::header(&link_header(index, IFF_UP, IFF_UP)) }
}

/// Whether a link sends packets. Setting both ends of a veth pair up is not enough: the first of them is switched on by the
/// kernel's link watch, a moment later, and until then it drops what it should send.
pub fn is_running(socket: &mut Socket, index: u32) -> io::Result<bool> {
    const GET_LINK: u16 = 18;
    const IFLA_OPERSTATE: u16 = 16;
    const UP: u8 = 6;
    let mut running = false;
    let question = Message { kind: GET_LINK, flags: ACK, body: Attributes::header(&link_header(index, 0, 0)) };
    socket.ask(question, |body| {
        let found = attributes(body.get(16..).unwrap_or_default());
        running |= found.into_iter().any(|(kind, data)| kind == IFLA_OPERSTATE && data.first() == Some(&UP));
    })?;
    Ok(running)
}

/// Adds an address to a link.
pub fn add_address(index: u32, address: Ipv4Addr, prefix: u8) -> Message {
    Message { kind: 20, flags: CREATE | REPLACE, body: address_body(index, address, prefix) }
}

/// Removes an address from a link.
pub fn delete_address(index: u32, address: Ipv4Addr, prefix: u8) -> Message {
    Message { kind: 21, flags: 0, body: address_body(index, address, prefix) }
}

fn address_body(index: u32, address: Ipv4Addr, prefix: u8) -> Attributes {
    let mut header = [AF_INET, prefix, 0, 0, 0, 0, 0, 0];
    put(&mut header, 4, &index.to_ne_bytes());
    Attributes::header(&header).put(1, &address.octets()).put(2, &address.octets())
}

/// A permanent neighbour entry: the router never asks for its interfaces' MAC addresses.
pub fn add_neighbour(index: u32, address: Ipv4Addr, mac: [u8; 6]) -> Message {
    const PERMANENT: u16 = 0x80;
    let mut header = [0u8; 12];
    put(&mut header, 0, &[AF_INET]);
    put(&mut header, 4, &index.to_ne_bytes());
    put(&mut header, 8, &PERMANENT.to_ne_bytes());
    Message { kind: 28, flags: CREATE | REPLACE, body: Attributes::header(&header).put(1, &address.octets()).put(2, &mac) }
}

/// What a route does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a device whose other side is on the link.
    Device {
        /// The device's index.
        index: u32,
        /// The source address of what the router itself sends this way.
        source: Option<Ipv4Addr>,
    },
    /// To a gateway on the link.
    Gateway(Ipv4Addr),
    /// To a gateway that is known to be on the link of this device.
    Via {
        /// The device's index.
        index: u32,
        /// The gateway.
        gateway: Ipv4Addr,
    },
    /// Dropped in silence.
    Blackhole,
    /// Not here: on with the next policy rule.
    Throw,
}

/// The main table's number.
pub const MAIN: u32 = 254;

/// Adds or replaces a route.
pub fn add_route(table: u32, to: Ipv4Net, way: Way) -> Message {
    let body = route_body(table, to, way);
    let body = match way {
        Way::Device { index, source } => body.u32(4, index).when(source, |body, source| body.put(7, &source.octets())),
        Way::Gateway(gateway) => body.put(5, &gateway.octets()),
        Way::Via { index, gateway } => body.u32(4, index).put(5, &gateway.octets()),
        Way::Blackhole | Way::Throw => body,
    };
    Message { kind: 24, flags: CREATE | REPLACE, body }
}

/// Removes the route to a destination, whatever it does.
pub fn delete_route(table: u32, to: Ipv4Net) -> Message {
    let mut message = Message { kind: 25, flags: 0, body: route_body(table, to, Way::Blackhole) };
    // Type 0 and scope "nowhere" match any route.
    let mut header = message.body.bytes().to_vec();
    put(&mut header, 5, &[0, 255, 0]);
    message.body = Attributes::header(&header);
    message
}

fn route_body(table: u32, to: Ipv4Net, way: Way) -> Attributes {
    const STATIC: u8 = 4;
    const ON_LINK: u32 = 4;
    let (scope, kind) = match way {
        Way::Device { .. } => (253, 1),
        Way::Gateway(_) | Way::Via { .. } => (0, 1),
        Way::Blackhole => (0, 6),
        Way::Throw => (0, 9),
    };
    let mut header = [0u8; 12];
    put(&mut header, 0, &[AF_INET, to.prefix_len(), 0, 0, 0, STATIC, scope, kind]);
    if matches!(way, Way::Via { .. }) {
        put(&mut header, 8, &ON_LINK.to_ne_bytes());
    }
    let body = Attributes::header(&header).u32(15, table);
    if to.prefix_len() == 0 { body } else { body.put(1, &to.network().octets()) }
}

/// `fwmark N lookup N`: the packets of a subnet use its route table.
pub fn add_rule(number: u32) -> Message {
    Message { kind: 32, flags: CREATE | EXCLUSIVE, body: rule_body(number) }
}

/// Removes that rule.
pub fn delete_rule(number: u32) -> Message {
    Message { kind: 33, flags: 0, body: rule_body(number) }
}

fn rule_body(number: u32) -> Attributes {
    const TO_TABLE: u8 = 1;
    const PRIORITY: u32 = 1000;
    let header = [AF_INET, 0, 0, 0, 0, 0, 0, TO_TABLE, 0, 0, 0, 0];
    Attributes::header(&header).u32(6, PRIORITY).u32(10, number).u32(15, number)
}

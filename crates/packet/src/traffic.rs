//! Traffic: the part of a rule that names protocol, ports, and ICMP types.
use std::net::Ipv4Addr;
use vpclab_cloud::{IpProtocol, PortRange};

/// Numbers from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first number.
    pub low: u16,
    /// The last number.
    pub high: u16,
}

impl Span {
    /// Every number.
    pub const ALL: Self = Self { low: 0, high: u16::MAX };
    /// Whether a number lies in it.
    #[must_use]
    pub fn contains(self, number: u16) -> bool {
        self.low <= number && number <= self.high
    }
}

/// The traffic a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Traffic {
    /// Every protocol (`-1`).
    All,
    /// TCP to these destination ports.
    Tcp(Span),
    /// UDP to these destination ports.
    Udp(Span),
    /// ICMP whose `type * 256 + code` lies in the span.
    Icmp(Span),
    /// Another protocol, whole.
    Protocol(u8),
}

/// The protocol part of a packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Header {
    /// The IP protocol number.
    pub protocol: u8,
    /// The destination port of TCP and UDP; `type * 256 + code` of ICMP; else 0.
    pub number: u16,
}

/// A flow as its first packet shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Who opened it.
    pub source: Ipv4Addr,
    /// To whom.
    pub destination: Ipv4Addr,
    /// Protocol and destination port.
    pub header: Header,
}

impl Traffic {
    /// The traffic of a rule's protocol and ports. A rule whose ports make no sense (from above to) matches nothing: `None`.
    #[must_use]
    pub fn of(protocol: IpProtocol, ports: Option<PortRange>) -> Option<Self> {
        let number = match protocol {
            IpProtocol::All => return Some(Self::All),
            IpProtocol::Number(number) => number,
        };
        match number {
            6 => Some(Self::Tcp(port_span(ports)?)),
            17 => Some(Self::Udp(port_span(ports)?)),
            1 => Some(Self::Icmp(icmp_span(ports)?)),
            other => Some(Self::Protocol(other)),
        }
    }

    /// Whether a packet with this header is meant.
    #[must_use]
    pub fn matches(self, header: Header) -> bool {
        match self {
            Self::All => true,
            Self::Tcp(span) => header.protocol == 6 && span.contains(header.number),
            Self::Udp(span) => header.protocol == 17 && span.contains(header.number),
            Self::Icmp(span) => header.protocol == 1 && span.contains(header.number),
            Self::Protocol(number) => header.protocol == number,
        }
    }
}

/// `-1` to `-1` stands for every port, as the API allows.
fn port_span(ports: Option<PortRange>) -> Option<Span> {
    match ports {
        None | Some(PortRange { from: -1, to: -1 }) => Some(Span::ALL),
        Some(PortRange { from, to }) => {
            let (low, high) = (u16::try_from(from).ok()?, u16::try_from(to).ok()?);
            (low <= high).then_some(Span { low, high })
        }
    }
}

/// Type -1 is every type, code -1 every code of the type.
fn icmp_span(ports: Option<PortRange>) -> Option<Span> {
    let Some(PortRange { from, to }) = ports else { return Some(Span::ALL) };
    if from < 0 {
        return Some(Span::ALL);
    }
    let kind = u8::try_from(from).ok()?;
    let (low, high) = if to < 0 {
        (0, u8::MAX)
    } else {
        let code = u8::try_from(to).ok()?;
        (code, code)
    };
    Some(Span { low: u16::from_be_bytes([kind, low]), high: u16::from_be_bytes([kind, high]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i32, to: i32) -> Option<PortRange> {
        Some(PortRange { from, to })
    }

    #[test]
    fn ports_are_inclusive() {
        let traffic = Traffic::of(IpProtocol::TCP, range(443, 445)).unwrap();
        for (port, wanted) in [(442, false), (443, true), (445, true), (446, false)] {
            assert_eq!(traffic.matches(Header { protocol: 6, number: port }), wanted, "{port}");
        }
        assert!(!traffic.matches(Header { protocol: 17, number: 443 }));
    }

    #[test]
    fn icmp_type_and_code() {
        let echo = Traffic::of(IpProtocol::ICMP, range(8, -1)).unwrap();
        assert_eq!(echo, Traffic::Icmp(Span { low: 0x0800, high: 0x08ff }));
        assert!(echo.matches(Header { protocol: 1, number: 0x0800 }));
        assert!(!echo.matches(Header { protocol: 1, number: 0 }));
        assert_eq!(Traffic::of(IpProtocol::ICMP, range(-1, -1)), Some(Traffic::Icmp(Span::ALL)));
    }

    #[test]
    fn senseless_ports_match_nothing() {
        assert_eq!(Traffic::of(IpProtocol::TCP, range(10, 5)), None);
        assert_eq!(Traffic::of(IpProtocol::TCP, range(0, 70000)), None);
    }
}

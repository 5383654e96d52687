//! Private host names and reverse names.
use std::net::Ipv4Addr;

/// The address in `ip-10-0-1-10`; only the form that AWS writes.
pub(crate) fn ip_form(label: &str) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = label.strip_prefix("ip-")?.split('-');
    for octet in &mut octets {
        *octet = decimal(parts.next()?)?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// A byte in decimal without leading zeros.
fn decimal(text: &str) -> Option<u8> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

/// A name under `in-addr.arpa`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reverse {
    /// All four octets.
    Address(Ipv4Addr),
    /// Fewer: all addresses from `first` on that share its first `bits` bits.
    Block {
        /// The lowest address.
        first: Ipv4Addr,
        /// 0, 8, 16 or 24.
        bits: u8,
    },
    /// No addresses: more labels than four, or labels that are no octets.
    Other,
}

/// Reads what stands before `in-addr.arpa`.
pub(crate) fn reverse(before: &str) -> Reverse {
    let mut octets = [0u8; 4];
    let mut slots = octets.iter_mut();
    let mut bits = 0u8;
    for label in before.rsplit('.').filter(|label| !label.is_empty()) {
        let (Some(slot), Some(octet)) = (slots.next(), decimal(label)) else {
            return Reverse::Other;
        };
        *slot = octet;
        bits = bits.saturating_add(8);
    }
    let first = Ipv4Addr::from(octets);
    if bits == 32 { Reverse::Address(first) } else { Reverse::Block { first, bits } }
}

/// The highest address that shares the first `bits` bits of `first`.
pub(crate) fn last_of(first: Ipv4Addr, bits: u8) -> Ipv4Addr {
    let rest = u32::MAX.checked_shr(u32::from(bits)).unwrap_or(0);
    Ipv4Addr::from(u32::from(first) | rest)
}

/// The reverse zone that the resolver serves of itself for an address, if it does.
/// Source: <https://www.rfc-editor.org/rfc/rfc6303> and the resolver's autodefined rules.
pub(crate) fn local_reverse_zone(address: Ipv4Addr) -> Option<String> {
    let [a, b, _, _] = address.octets();
    match (a, b) {
        (10, _) => Some("10.in-addr.arpa".to_owned()),
        (127, _) => Some("127.in-addr.arpa".to_owned()),
        (172, 16..=31) | (192, 168) | (169, 254) | (100, 64..=127) => Some(format!("{b}.{a}.in-addr.arpa")),
        (0, _) => Some("0.in-addr.arpa".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_a_private_name() {
        assert_eq!(ip_form("ip-10-0-1-10"), Some(Ipv4Addr::new(10, 0, 1, 10)));
        for other in ["ip-10-0-1", "ip-10-0-1-10-1", "ip-10-0-01-10", "ip-10-0-1-256", "ip-10-0-1-", "ip-+1-0-0-1", "10-0-0-1", "ip-"] {
            assert_eq!(ip_form(other), None, "{other}");
        }
    }

    #[test]
    fn reverse_names() {
        assert_eq!(reverse("10.1.0.10"), Reverse::Address(Ipv4Addr::new(10, 0, 1, 10)));
        assert_eq!(reverse("0.10"), Reverse::Block { first: Ipv4Addr::new(10, 0, 0, 0), bits: 16 });
        assert_eq!(reverse(""), Reverse::Block { first: Ipv4Addr::UNSPECIFIED, bits: 0 });
        assert_eq!(reverse("5.4.3.2.1"), Reverse::Other);
        assert_eq!(reverse("a.10"), Reverse::Other);
        assert_eq!(last_of(Ipv4Addr::new(10, 0, 0, 0), 16), Ipv4Addr::new(10, 0, 255, 255));
        assert_eq!(last_of(Ipv4Addr::UNSPECIFIED, 0), Ipv4Addr::BROADCAST);
    }
}

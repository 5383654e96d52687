//! Names of addresses: `in-addr.arpa`.
use super::LookUp;
use crate::{Absence, Answer, RecordData, Soa, Source, hostname};
use std::net::Ipv4Addr;
use vpclab_cloud::zone::private_dns_name;

impl LookUp<'_> {
    /// Reverse names of this VPC's interfaces; private reverse zones never leave the VPC.
    pub(super) fn reverse_name(&self) -> Option<Answer> {
        match hostname::reverse(self.name.within("in-addr.arpa")?) {
            hostname::Reverse::Address(address) => self.reverse_of(address),
            hostname::Reverse::Block { first, bits } => self.reverse_block(first, bits),
            // Names below an address, and names that are none: in a private zone they do not exist.
            hostname::Reverse::Other => {
                let zone = self.private_reverse_suffix()?;
                Some(self.missing(Soa::local(zone), Absence::LocalZone))
            }
        }
    }

    fn reverse_of(&self, address: Ipv4Addr) -> Option<Answer> {
        let zone = match hostname::local_reverse_zone(address) {
            Some(zone) => zone,
            None if self.vpc.contains(address) => {
                let [a, b, c, _] = address.octets();
                format!("{c}.{b}.{a}.in-addr.arpa")
            }
            None => return None,
        };
        let soa = Soa::local(zone);
        if address == Ipv4Addr::LOCALHOST {
            return Some(self.exists(soa, [RecordData::Ptr("localhost".into())], Source::Localhost));
        }
        if !self.vpc.private_dns_possible() {
            return Some(self.missing(soa, Absence::HostnamesOff));
        }
        Some(match self.view.reverse.get(&(self.vpc.id.clone(), address)) {
            Some(interface) => self.exists(
                soa,
                [RecordData::Ptr(private_dns_name(&self.vpc.scope.region, address))],
                Source::Reverse { interface: interface.clone() },
            ),
            None => self.missing(soa, Absence::NoInterface { address }),
        })
    }

    /// `0.10.in-addr.arpa` and the like: there is such a name while an address below it has one, and at the start of a zone.
    fn reverse_block(&self, first: Ipv4Addr, bits: u8) -> Option<Answer> {
        let zone = hostname::local_reverse_zone(first).filter(|zone| self.name.within(zone).is_some())?;
        let from = (self.vpc.id.clone(), first);
        let to = (self.vpc.id.clone(), hostname::last_of(first, bits));
        let at_start = self.name.as_str() == zone;
        let below = self.vpc.private_dns_possible() && self.view.reverse.range(from..=to).next().is_some();
        Some(if at_start || below {
            self.exists(Soa::local(zone), [], Source::Ancestor)
        } else {
            self.missing(Soa::local(zone), Absence::LocalZone)
        })
    }

    /// The private reverse zone that the name lies in, by its last octets alone.
    pub(super) fn private_reverse_suffix(&self) -> Option<String> {
        let mut octets = [0u8; 4];
        let labels = self.name.labels().rev().skip(2);
        for (octet, label) in octets.iter_mut().zip(labels) {
            let Ok(value) = label.parse() else { break };
            *octet = value;
        }
        hostname::local_reverse_zone(Ipv4Addr::from(octets)).filter(|zone| self.name.within(zone).is_some())
    }
}

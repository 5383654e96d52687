//! Which addresses of a subnet are free.
use crate::{Cloud, Refusal, Subnet};
use std::{collections::BTreeSet, net::Ipv4Addr};

/// The addresses of one subnet, while an operation takes some of them.
///
/// AWS picks a free address at random. Here it is the lowest free one, `.4` first, so that a topology built twice is the same twice.
pub(crate) struct Addresses<'a> {
    subnet: &'a Subnet,
    used: BTreeSet<Ipv4Addr>,
    /// Every unreserved address below is in use.
    lowest: u32,
}

impl<'a> Addresses<'a> {
    pub(crate) fn of(cloud: &Cloud, subnet: &'a Subnet) -> Self {
        let used = cloud.network_interfaces.values().filter(|interface| interface.subnet == subnet.id);
        Self { subnet, used: used.map(|interface| interface.private_ip).collect(), lowest: subnet.cidr.network().into() }
    }

    /// Takes the address asked for, or the lowest free one.
    pub(crate) fn take(&mut self, asked: Option<Ipv4Addr>) -> Result<Ipv4Addr, Refusal> {
        match asked {
            Some(ip) => self.take_this(ip),
            None => self.take_any().ok_or_else(|| Refusal::InsufficientFreeAddresses(self.subnet.id.clone())),
        }
    }

    fn take_this(&mut self, ip: Ipv4Addr) -> Result<Ipv4Addr, Refusal> {
        if !self.subnet.cidr.contains(&ip) {
            return Err(Refusal::InvalidParameterValue(format!("Address {ip} does not fall within the subnet's address range")));
        }
        if self.subnet.is_reserved(ip) {
            return Err(Refusal::InvalidParameterValue(format!("Address {ip} is in subnet's reserved address range")));
        }
        if !self.used.insert(ip) {
            return Err(Refusal::AddressInUse(ip));
        }
        Ok(ip)
    }

    /// How many addresses are free.
    pub(crate) fn free(&self) -> usize {
        let all = 1_usize << (32 - u32::from(self.subnet.cidr.prefix_len())).min(24);
        all.saturating_sub(5).saturating_sub(self.used.len())
    }

    fn take_any(&mut self) -> Option<Ipv4Addr> {
        let last = u32::from(self.subnet.cidr.broadcast());
        while self.lowest <= last {
            let ip = Ipv4Addr::from(self.lowest);
            self.lowest = self.lowest.checked_add(1)?;
            if !self.subnet.is_reserved(ip) && self.used.insert(ip) {
                return Some(ip);
            }
        }
        None
    }
}

//! A VPC's router: a namespace, its sockets, its packet filter.
use crate::{
    namespace::Namespace,
    netlink::{
        Socket,
        route::{self, MAIN, Way},
    },
    nft::{Table, batches, transaction},
    plan::{Target, interface_device, peering_device},
};
use ipnet::Ipv4Net;
use std::{collections::BTreeMap, fs, io, net::Ipv4Addr};

/// The index of `lo` in every namespace.
const LOOPBACK: u32 = 1;
const EEXIST: i32 = 17;
const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const ENODEV: i32 = 19;
const EADDRNOTAVAIL: i32 = 99;

/// The router of a VPC.
pub(super) struct RouterHost {
    pub(in crate::execute) namespace: Namespace,
    pub(super) route: Socket,
    pub(super) netfilter: Socket,
    /// Device indexes by name.
    pub(super) devices: BTreeMap<String, u32>,
    table: Option<Table>,
}

impl RouterHost {
    pub(super) fn new() -> io::Result<Self> {
        let namespace = Namespace::create()?;
        // Written before any device exists, so that each inherits them. rp_filter is off because the source check is the packet
        // filter's, and a strict one would hide a missing return route on the wrong side.
        disable_ipv6()?;
        for (name, value) in [
            ("ip_forward", "1"),
            ("conf/all/proxy_arp", "1"),
            ("conf/all/send_redirects", "0"),
            ("conf/default/send_redirects", "0"),
            ("conf/all/rp_filter", "0"),
            ("conf/default/rp_filter", "0"),
        ] {
            write_sysctl(&format!("ipv4/{name}"), value)?;
        }
        // Ended connections are soon forgotten, so that many short ones do not fill the machine's table; and a packet outside the
        // window that the kernel expects is the ends' business, not a reason to drop it.
        for (name, value) in [("tcp_timeout_time_wait", "10"), ("tcp_be_liberal", "1")] {
            optional_sysctl(&format!("netfilter/nf_conntrack_{name}"), value)?;
        }
        let mut host = Self { namespace, route: Socket::route()?, netfilter: Socket::netfilter()?, devices: BTreeMap::new(), table: None };
        host.route.run(route::link_up(LOOPBACK))?;
        // Without it the kernel would answer "network unreachable"; AWS answers nothing.
        host.route.run(route::add_route(MAIN, Ipv4Net::default(), Way::Blackhole))?;
        Ok(host)
    }

    /// Makes the packet filter this one. Connection tracking survives it.
    pub(super) fn filter(&mut self, wanted: Table) -> io::Result<()> {
        let messages = transaction(self.table.as_ref(), &wanted);
        if messages.is_empty() {
            return Ok(());
        }
        let capacity = self.netfilter.capacity()?;
        let mut batches = batches(messages, capacity).into_iter();
        let split = batches.len() > 1;
        let result = batches.try_for_each(|batch| {
            self.netfilter.run_all(&batch).map_err(|refused| {
                let what = batch.get(refused.index).map(|message| format!("{message:02x?}"));
                tracing::debug!(message = what, "refused by nf_tables");
                io::Error::new(refused.source.kind(), refused.to_string())
            })
        });
        match result {
            Ok(()) => {
                self.table = Some(wanted);
                Ok(())
            }
            // One transaction was refused whole: what was there, is. Of several some may be in: start over from an empty table.
            Err(error) if split => {
                self.table = None;
                let _ = self.netfilter.run_all(&crate::nft::remove_table());
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn add_address(&mut self, address: Ipv4Addr) -> io::Result<()> {
        self.route.run(route::add_address(LOOPBACK, address, 32))
    }

    pub(super) fn remove_address(&mut self, address: Ipv4Addr) -> io::Result<()> {
        unless(self.route.run(route::delete_address(LOOPBACK, address, 32)), &[EADDRNOTAVAIL])
    }

    /// A table needs no closing route: what it does not take goes on to the main table, which has the VPC's own interfaces
    /// (`local` is in every route table) and a closing black hole.
    pub(super) fn add_table(&mut self, table: u32) -> io::Result<()> {
        unless(self.route.run(route::add_rule(table)), &[EEXIST])
    }

    pub(super) fn remove_table(&mut self, table: u32) -> io::Result<()> {
        unless(self.route.run(route::delete_rule(table)), &[ENOENT])
    }

    pub(super) fn add_route(&mut self, table: u32, to: Ipv4Net, target: &Target) -> io::Result<()> {
        let way = match target {
            // AWS's `local` takes part in the longest prefix match, then the interfaces' own routes in the main table count.
            Target::Local => Way::Throw,
            Target::Blackhole => Way::Blackhole,
            Target::Peering(id) => match self.devices.get(&peering_device(id)) {
                Some(index) => Way::Device { index: *index, source: None },
                None => Way::Blackhole,
            },
            Target::Interface(id, address) => match self.devices.get(&interface_device(id)) {
                Some(index) => Way::Via { index: *index, gateway: *address },
                None => Way::Blackhole,
            },
        };
        self.route.run(route::add_route(table, to, way))
    }

    pub(super) fn remove_route(&mut self, table: u32, to: Ipv4Net) -> io::Result<()> {
        unless(self.route.run(route::delete_route(table, to)), &[ESRCH])
    }

    /// Takes a device out of service; it is deleted with [`Self::delete_leaving`].
    pub(super) fn leave(&mut self, name: &str) -> io::Result<()> {
        match self.devices.remove(name) {
            Some(index) => unless(self.route.run(route::leave(index)), &[ENODEV]),
            None => Ok(()),
        }
    }

    pub(super) fn delete_leaving(&mut self) -> io::Result<()> {
        unless(self.route.run(route::delete_leaving()), &[ENODEV])
    }

    pub(super) fn delete_device(&mut self, name: &str) -> io::Result<()> {
        self.devices.remove(name);
        unless(self.route.run(route::delete_link(name)), &[ENODEV])
    }
}

/// What is already as wanted is no error.
fn unless(result: io::Result<()>, fine: &[i32]) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error().is_some_and(|code| fine.contains(&code)) => Ok(()),
        other => other,
    }
}

/// Writes a network setting of the namespace that this thread is in: `/proc/sys/net` shows each thread its own.
pub(super) fn write_sysctl(name: &str, value: &str) -> io::Result<()> {
    fs::write(format!("/proc/sys/net/{name}"), value).map_err(|error| io::Error::new(error.kind(), format!("net/{name}: {error}")))
}

/// A setting that a kernel may lack.
fn optional_sysctl(name: &str, value: &str) -> io::Result<()> {
    match write_sysctl(name, value) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// No IPv6 packet exists in a lab; a kernel without IPv6 has nothing to switch off.
pub(super) fn disable_ipv6() -> io::Result<()> {
    ["all", "default"].iter().try_for_each(|which| optional_sysctl(&format!("ipv6/conf/{which}/disable_ipv6"), "1"))
}

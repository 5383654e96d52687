//! The links of the routers: to the interfaces, and to each other.
use super::{
    Kernel,
    router::{disable_ipv6, write_sysctl},
};
use crate::{
    namespace::Namespace,
    netlink::{
        Socket,
        route::{self, End, MAIN, Way},
    },
    plan::{Interface, Kind, NARROW_MTU, Peering, Subnet, VPC_MTU, interface_device, peering_device},
};
use ipnet::Ipv4Net;
use std::{io, os::fd::AsFd};
use vpclab_cloud::{NetworkInterfaceId, VpcPeeringConnectionId};

/// The interface's own end is always the second device, after `lo`.
const ETH0: u32 = 2;
const LOOPBACK: u32 = 1;

impl Kernel {
    pub(super) fn add_interface(&mut self, id: &NetworkInterfaceId, interface: &Interface, subnet: &Subnet) -> io::Result<()> {
        if self.interfaces.get(id).is_some_and(|(made, _)| made.is_same_device(interface)) {
            return Ok(());
        }
        let index = self.fresh_index();
        let name = interface_device(id);
        let host = self.router(&interface.vpc)?;
        host.delete_device(&name)?;
        // This thread is in the new namespace until it enters the router's below.
        let namespace = Namespace::create()?;
        disable_ipv6()?;
        let mut inside = Socket::route()?;
        // An endpoint takes no packet above 8500 bytes and sends no "fragmentation needed": the router's end is wider, so that
        // it forwards them, and the narrow end drops them.
        let mtu = match interface.kind {
            Kind::Instance => VPC_MTU,
            Kind::Endpoint => NARROW_MTU,
        };
        let router_end = End { name: &name, mac: router_mac(index), mtu: VPC_MTU, group: subnet.group, index, no_arp: false };
        let own_end = End { name: "eth0", mac: interface.mac, mtu, group: 0, index: ETH0, no_arp: false };
        host.route.run(route::add_veth(&router_end, &own_end, namespace.as_fd()))?;
        host.devices.insert(name.clone(), index);
        inside.run(route::link_up(LOOPBACK))?;
        inside.run(route::add_address(ETH0, interface.address, subnet.cidr.prefix_len()))?;
        inside.run(route::link_up(ETH0))?;
        inside.run(route::add_route(MAIN, Ipv4Net::default(), Way::Gateway(subnet.gateway())))?;
        host.namespace.enter()?;
        // Else the kernel waits up to 0.8 s before it answers an ARP request on a neighbour's behalf.
        write_sysctl(&format!("ipv4/neigh/{name}/proxy_delay"), "0")?;
        host.route.run(route::link_up(index))?;
        host.route.run(route::add_neighbour(index, interface.address, interface.mac))?;
        let way = Way::Device { index, source: Some(subnet.gateway()) };
        host.route.run(route::add_route(MAIN, Ipv4Net::from(interface.address), way))?;
        self.interfaces.insert(id.clone(), (interface.clone(), namespace));
        // The interface's own end was set up before the router's.
        self.starting.push((inside, ETH0));
        Ok(())
    }

    pub(super) fn remove_interface(&mut self, id: &NetworkInterfaceId, interface: &Interface) -> io::Result<()> {
        // A process may hold the namespace; without the link it reaches nobody.
        if let Some(host) = self.routers.get_mut(&interface.vpc) {
            host.leave(&interface_device(id))?;
            self.leaving.insert(interface.vpc.clone());
        }
        self.interfaces.remove(id);
        Ok(())
    }

    pub(super) fn add_peering(&mut self, id: &VpcPeeringConnectionId, peering: &Peering) -> io::Result<()> {
        let [one, two] = &peering.sides;
        let index = self.fresh_index();
        let name = peering_device(id);
        // Without ARP both ends need the same MAC, and a route to the device needs no gateway.
        let end = End { name: &name, mac: router_mac(index), mtu: peering.mtu, group: 0, index, no_arp: true };
        let there = self.router(&two.vpc)?.namespace.try_clone()?;
        let host = self.router(&one.vpc)?;
        host.delete_device(&name)?;
        host.route.run(route::add_veth(&end, &end, there.as_fd()))?;
        for side in &peering.sides {
            let host = self.router(&side.vpc)?;
            host.devices.insert(name.clone(), index);
            host.route.run(route::link_up(index))?;
        }
        let host = self.router(&one.vpc)?;
        host.namespace.enter()?;
        self.starting.push((Socket::route()?, index));
        Ok(())
    }

    pub(super) fn remove_peering(&mut self, id: &VpcPeeringConnectionId, peering: &Peering) -> io::Result<()> {
        let name = peering_device(id);
        for side in &peering.sides {
            if let Some(host) = self.routers.get_mut(&side.vpc) {
                host.delete_device(&name)?;
            }
        }
        Ok(())
    }
}

/// A locally administered MAC address.
fn router_mac(index: u32) -> [u8; 6] {
    let [a, b, c, d] = index.to_be_bytes();
    [0x02, 0xff, a, b, c, d]
}

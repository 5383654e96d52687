//! What the kernel holds, and the steps that change it.
mod flows;
mod link;
mod router;

use super::{FabricError, Place, RuleNames};
use crate::{
    namespace::Namespace,
    netlink::{Socket, route::is_running},
    plan::{Interface, Plan, Step, difference},
};
use router::RouterHost;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};
use vpclab_cloud::{NetworkInterfaceId, VpcId};

/// The state of the fabric's thread.
pub(super) struct Kernel {
    plan: Plan,
    routers: BTreeMap<VpcId, RouterHost>,
    interfaces: BTreeMap<NetworkInterfaceId, (Interface, Namespace)>,
    /// The next device index; unique in the whole fabric, so that none has to be asked back.
    next_index: u32,
    next_trace: u32,
    /// Links that were set up in this plan: a socket in their namespace, and their index.
    starting: Vec<(Socket, u32)>,
    /// Routers with links to be deleted together.
    leaving: BTreeSet<VpcId>,
    torn: bool,
}

impl Kernel {
    pub(super) fn new() -> io::Result<Self> {
        // Tells at once whether this machine allows it; also, from here on this thread is nowhere in the host's network.
        Namespace::create()?;
        // One descriptor per interface and three per router.
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "cannot raise the limit of open files");
        }
        Ok(Self {
            plan: Plan::default(),
            routers: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            next_index: 16,
            next_trace: 0,
            starting: Vec::new(),
            leaving: BTreeSet::new(),
            torn: false,
        })
    }

    pub(super) fn namespace(&self, place: &Place) -> Option<&Namespace> {
        match place {
            Place::Router(vpc) => self.routers.get(vpc).map(|host| &host.namespace),
            Place::Interface(id) => self.interfaces.get(id).map(|(_, namespace)| namespace),
        }
    }

    pub(super) fn apply(&mut self, wanted: Plan) -> Result<(), FabricError> {
        if self.torn {
            self.interfaces.clear();
            self.routers.clear();
            self.plan = Plan::default();
            self.torn = false;
        }
        let old = std::mem::take(&mut self.plan);
        if let Err((step, source)) = self.run_all(&old, &wanted) {
            self.starting.clear();
            // What the plans share was not touched; each step can be repeated, so the way back starts from anywhere.
            let back = self.run_all(&wanted, &old);
            self.plan = old;
            return Err(match back {
                Ok(()) => FabricError::Step { step, source },
                Err((back, back_source)) => {
                    self.torn = true;
                    FabricError::Torn { step, source, back, back_source }
                }
            });
        }
        self.plan = wanted;
        Ok(())
    }

    fn run_all(&mut self, old: &Plan, new: &Plan) -> Result<(), (String, io::Error)> {
        for step in difference(old, new) {
            tracing::trace!(%step);
            if !matches!(step, Step::RemoveInterface(..)) {
                self.delete_leaving().map_err(|error| ("delete links".to_owned(), error))?;
            }
            self.run(&step, old, new).map_err(|error| (step.to_string(), error))?;
        }
        self.delete_leaving().map_err(|error| ("delete links".to_owned(), error))?;
        self.await_links().map_err(|error| ("start links".to_owned(), error))
    }

    fn delete_leaving(&mut self) -> io::Result<()> {
        for vpc in std::mem::take(&mut self.leaving) {
            if let Some(host) = self.routers.get_mut(&vpc) {
                host.delete_leaving()?;
            }
        }
        Ok(())
    }

    /// Waits until every new link sends packets, so that the first one after the plan is not lost.
    #[expect(clippy::disallowed_methods, reason = "recent kernels answer at once; others switch the link on within milliseconds")]
    fn await_links(&mut self) -> io::Result<()> {
        const TRIES: u32 = 500;
        for (mut socket, index) in std::mem::take(&mut self.starting) {
            let mut tries = 0;
            while !is_running(&mut socket, index)? {
                tries += 1;
                if tries > TRIES {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "a link does not come up"));
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }

    fn run(&mut self, step: &Step, old: &Plan, new: &Plan) -> io::Result<()> {
        match step {
            Step::AddRouter(vpc) => {
                if !self.routers.contains_key(vpc) {
                    self.routers.insert(vpc.clone(), RouterHost::new()?);
                }
                Ok(())
            }
            Step::RemoveRouter(vpc) => {
                self.routers.remove(vpc);
                Ok(())
            }
            Step::Filter(vpc) => self.router(vpc)?.filter(crate::nft::compile(new, vpc)),
            Step::AddAddress { vpc, address } => self.router(vpc)?.add_address(*address),
            Step::RemoveAddress { vpc, address } => self.router(vpc)?.remove_address(*address),
            Step::AddTable { vpc, table } => self.router(vpc)?.add_table(*table),
            Step::RemoveTable { vpc, table } => self.router(vpc)?.remove_table(*table),
            Step::AddRoute { vpc, table, to, target } => self.router(vpc)?.add_route(*table, *to, target),
            Step::RemoveRoute { vpc, table, to } => self.router(vpc)?.remove_route(*table, *to),
            Step::AddInterface(id, interface, subnet) => self.add_interface(id, interface, subnet),
            Step::RemoveInterface(id, interface) => self.remove_interface(id, interface),
            Step::AddPeering(id, peering) => self.add_peering(id, peering),
            Step::RemovePeering(id, peering) => self.remove_peering(id, peering),
            Step::Cut(vpc) => match self.routers.get_mut(vpc) {
                Some(host) => flows::cut(host, vpc, old, new),
                None => Ok(()),
            },
        }
    }

    fn router(&mut self, vpc: &VpcId) -> io::Result<&mut RouterHost> {
        self.routers.get_mut(vpc).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such router"))
    }

    pub(super) fn rule_names(&mut self, vpc: VpcId) -> Result<RuleNames, FabricError> {
        let place = Place::Router(vpc.clone());
        let Some(host) = self.routers.get_mut(&vpc) else { return Err(FabricError::NoSuchPlace(place)) };
        let devices = host.devices.iter().map(|(name, index)| (*index, name.clone())).collect();
        let rules = crate::observe::comments(&mut host.netfilter).map_err(|source| FabricError::Observe { place, source })?;
        Ok(RuleNames { rules, devices })
    }

    /// The number of another trace.
    pub(super) fn fresh_trace(&mut self) -> u32 {
        self.next_trace = self.next_trace.wrapping_add(1);
        self.next_trace
    }

    fn fresh_index(&mut self) -> u32 {
        self.next_index += 1;
        self.next_index
    }
}

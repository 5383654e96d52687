//! One snapshot, indexed for look-up.
use crate::{
    DomainName, PeerZone, Source,
    public::{self, Published},
};
use imbl::{OrdMap, ordmap::DiffItem};
use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Cloud, HostedZoneId, NetworkInterfaceId, VpcEndpointId, VpcId};

/// The addresses of interfaces: what reverse names are made of.
type Reverse = OrdMap<(VpcId, Ipv4Addr), NetworkInterfaceId>;
/// The customers' zones of each VPC, by name.
type Zones = OrdMap<(VpcId, DomainName), HostedZoneId>;

/// What the resolvers of all VPCs answer in one snapshot. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub(crate) cloud: Cloud,
    pub(crate) reverse: Reverse,
    pub(crate) public: Arc<BTreeMap<String, Published>>,
    /// The private zones of each VPC that has any, one a service.
    pub(crate) private: Arc<BTreeMap<VpcId, Vec<PrivateZone>>>,
    pub(crate) zones: Zones,
}

/// The private zone that an endpoint attaches to its VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivateZone {
    pub(crate) endpoint: VpcEndpointId,
    pub(crate) name: String,
    /// Whether every name below leads to the endpoint too.
    pub(crate) wildcard: bool,
    pub(crate) addresses: Arc<[Ipv4Addr]>,
}

impl View {
    /// Indexes a snapshot.
    #[must_use]
    pub fn compile(cloud: &Cloud) -> Self {
        Self::default().next(cloud)
    }

    /// Indexes the snapshot that follows this one: only what differs is looked at again.
    #[must_use]
    pub fn next(&self, cloud: &Cloud) -> Self {
        let was = &self.cloud;
        let same_interfaces = was.network_interfaces.ptr_eq(&cloud.network_interfaces);
        let same_endpoints = same_interfaces && was.vpc_endpoints.ptr_eq(&cloud.vpc_endpoints);
        let same_apis =
            was.rest_apis.ptr_eq(&cloud.rest_apis) && was.stages.ptr_eq(&cloud.stages) && was.deployments.ptr_eq(&cloud.deployments);
        Self {
            reverse: if same_interfaces { self.reverse.clone() } else { next_reverse(&self.reverse, was, cloud) },
            public: if same_endpoints && same_apis { Arc::clone(&self.public) } else { Arc::new(public::publish(cloud)) },
            private: if same_endpoints && was.vpcs.ptr_eq(&cloud.vpcs) {
                Arc::clone(&self.private)
            } else {
                Arc::new(private_zones(cloud))
            },
            zones: if was.hosted_zones.ptr_eq(&cloud.hosted_zones) { self.zones.clone() } else { next_zones(&self.zones, was, cloud) },
            cloud: cloud.clone(),
        }
    }

    /// The interface that has an address in a VPC.
    #[must_use]
    pub fn interface_at(&self, vpc: &VpcId, address: Ipv4Addr) -> Option<&NetworkInterfaceId> {
        self.reverse.get(&(vpc.clone(), address))
    }

    /// What the public DNS has of a name of the lab's: an endpoint's name, or the alias of an API.
    #[must_use]
    pub fn published(&self, name: &DomainName) -> Option<(&[Ipv4Addr], &Source)> {
        self.public.get(name.as_str()).map(|published| (&*published.addresses, &published.source))
    }

    /// The private zone of a VPC that a name is in.
    pub(crate) fn private_zone(&self, vpc: &VpcId, name: &DomainName) -> Option<&PrivateZone> {
        self.private.get(vpc)?.iter().find(|zone| name.within(&zone.name).is_some())
    }

    /// Active peers of a VPC whose own private zone has a name.
    pub(crate) fn peers_with_zone(&self, vpc: &VpcId, zone: &str) -> Vec<PeerZone> {
        let mut found = Vec::new();
        for (connection, peering) in self.cloud.peerings.iter() {
            let Some((_, peer)) = peering.sides(vpc).filter(|_| peering.is_active()) else {
                continue;
            };
            if let Some(there) = self.private.get(&peer.vpc).and_then(|zones| zones.iter().find(|z| z.name == zone)) {
                found.push(PeerZone {
                    connection: connection.clone(),
                    vpc: peer.vpc.clone(),
                    endpoint: there.endpoint.clone(),
                    allows_dns_resolution: peer.allow_dns_resolution,
                });
            }
        }
        found
    }
}

/// The reverse index of the next snapshot, by the difference.
fn next_reverse(reverse: &Reverse, was: &Cloud, cloud: &Cloud) -> Reverse {
    let mut reverse = reverse.clone();
    let mut added = Vec::new();
    for item in was.network_interfaces.diff(&cloud.network_interfaces) {
        let (gone, new) = match item {
            DiffItem::Add(_, new) => (None, Some(new)),
            DiffItem::Update { old, new } => (Some(old.1), Some(new.1)),
            DiffItem::Remove(_, old) => (Some(old), None),
        };
        if let Some(old) = gone {
            reverse.remove(&(old.vpc.clone(), old.private_ip));
        }
        added.extend(new);
    }
    // After all removals: an address that moved to another interface is that one's now.
    for new in added {
        reverse.insert((new.vpc.clone(), new.private_ip), new.id.clone());
    }
    reverse
}

/// The customers' zones of the next snapshot, by the difference.
fn next_zones(zones: &Zones, was: &Cloud, cloud: &Cloud) -> Zones {
    let mut zones = zones.clone();
    let mut added = Vec::new();
    for item in was.hosted_zones.diff(&cloud.hosted_zones) {
        let (gone, new) = match item {
            DiffItem::Add(_, new) => (None, Some(new)),
            DiffItem::Update { old, new } => (Some(old.1), Some(new.1)),
            DiffItem::Remove(_, old) => (Some(old), None),
        };
        for at in gone.iter().flat_map(|zone| &zone.vpcs) {
            gone.map(|zone| zones.remove(&(at.vpc.clone(), zone.name.clone())));
        }
        added.extend(new);
    }
    // After all removals: a name that another zone has now is that one's.
    for zone in added {
        zones.extend(zone.vpcs.iter().map(|at| ((at.vpc.clone(), zone.name.clone()), zone.id.clone())));
    }
    zones
}

/// The private zones attached to VPCs: by an endpoint with private DNS on, where both attributes of the VPC are on.
fn private_zones(cloud: &Cloud) -> BTreeMap<VpcId, Vec<PrivateZone>> {
    let mut zones: BTreeMap<VpcId, Vec<PrivateZone>> = BTreeMap::new();
    for (id, endpoint) in cloud.vpc_endpoints.iter() {
        let possible = cloud.vpcs.get(&endpoint.vpc).is_some_and(|vpc| vpc.private_dns_possible());
        if !endpoint.private_dns_enabled || !possible {
            continue;
        }
        let name = endpoint.private_apex();
        let of_vpc = zones.entry(endpoint.vpc.clone()).or_default();
        // A second one of a service is refused when it is made; the first keeps the zone.
        if of_vpc.iter().all(|zone| zone.name != name) {
            of_vpc.push(PrivateZone {
                endpoint: id.clone(),
                name,
                wildcard: endpoint.private_names().len() > 1,
                addresses: public::addresses(cloud, endpoint).map(|(address, _)| address).collect(),
            });
        }
    }
    // Of nested names the longest comes first.
    for of_vpc in zones.values_mut() {
        of_vpc.sort_by(|a, b| b.name.len().cmp(&a.name.len()).then_with(|| a.name.cmp(&b.name)));
    }
    zones
}

//! What there is to see: a tree of boxes, and lines between some of them.
use std::collections::BTreeMap;
use vpclab_cloud::{
    Cloud, Function, InstanceState, InterfaceKind, NetworkInterface, NetworkInterfaceId, Region, RestApi, RouteTarget, Subnet, SubnetId,
    Tags, Timestamp, Vpc, VpcId, vpc_endpoint::DEFAULT_POLICY,
};

/// Everything that is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The outermost boxes: regions.
    pub roots: Vec<Node>,
    /// Lines between boxes.
    pub lines: Vec<Line>,
}

/// A box, with what is inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it stands for.
    pub kind: Kind,
    /// The resource's id; a region's or a zone's name.
    pub id: String,
    /// The upper line: a name, or the id.
    pub title: String,
    /// The lower line: a CIDR block or an address.
    pub subtitle: String,
    /// Small remarks.
    pub badges: Vec<Badge>,
    /// What is inside.
    pub children: Vec<Node>,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A region.
    Region,
    /// The REST APIs, or the functions without a VPC, of a region.
    Shelf,
    /// A VPC.
    Vpc,
    /// An availability zone of a VPC.
    Zone,
    /// A subnet.
    Subnet,
    /// An instance.
    Instance,
    /// A function.
    Function,
    /// An endpoint's interface in a subnet.
    Endpoint,
    /// Another network interface.
    Interface,
    /// A REST API.
    Api,
}

/// A small remark on a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The remark.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a remark is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// So it is.
    Plain,
    /// This often keeps calls from getting through.
    Warning,
}

/// A line between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it stands for.
    pub kind: LineKind,
    /// The resource's id.
    pub id: String,
    /// The box it begins at.
    pub from: String,
    /// The box it ends at.
    pub to: String,
    /// What is written on it.
    pub label: String,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A peering over which packets pass.
    Peering,
    /// A peering that is not active.
    PendingPeering,
    /// An API's endpoint.
    Association,
}

impl Kind {
    /// Its name in `class` and `data-kind`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Shelf => "shelf",
            Self::Vpc => "vpc",
            Self::Zone => "zone",
            Self::Subnet => "subnet",
            Self::Instance => "instance",
            Self::Function => "function",
            Self::Endpoint => "endpoint",
            Self::Interface => "interface",
            Self::Api => "api",
        }
    }
}

/// The scene of a cloud, in order of region, account and id.
#[must_use]
pub fn scene(cloud: &Cloud, now: Timestamp) -> Scene {
    let mut tiles = tiles(cloud);
    let mut subnets: BTreeMap<&VpcId, BTreeMap<&str, Vec<&Subnet>>> = BTreeMap::new();
    for subnet in cloud.subnets.values() {
        subnets.entry(&subnet.vpc).or_default().entry(&subnet.availability_zone).or_default().push(subnet);
    }
    let mut regions: BTreeMap<&Region, Vec<Node>> = BTreeMap::new();
    for vpc in cloud.vpcs.values() {
        let zones = subnets.remove(&vpc.id).unwrap_or_default();
        regions.entry(&vpc.scope.region).or_default().push(vpc_node(cloud, vpc, zones, &mut tiles));
    }
    let mut shelves: BTreeMap<(&Region, &str), Vec<Node>> = BTreeMap::new();
    for api in cloud.rest_apis.values() {
        shelves.entry((&api.scope.region, "REST APIs")).or_default().push(api_node(cloud, api));
    }
    for function in cloud.functions.values().filter(|function| function.latest.vpc.is_none()) {
        shelves.entry((&function.scope.region, "Functions without a VPC")).or_default().push(function_node(function, String::new()));
    }
    for ((region, title), children) in shelves {
        let id = format!("{region} {title}");
        regions.entry(region).or_default().push(Node { title: title.to_owned(), ..plain(Kind::Shelf, id, children) });
    }
    let roots = regions.into_iter().map(|(region, children)| plain(Kind::Region, region.as_str().to_owned(), children)).collect();
    Scene { roots, lines: lines(cloud, now) }
}

fn plain(kind: Kind, id: String, children: Vec<Node>) -> Node {
    Node { kind, title: id.clone(), id, subtitle: String::new(), badges: Vec::new(), children }
}

fn vpc_node(cloud: &Cloud, vpc: &Vpc, zones: BTreeMap<&str, Vec<&Subnet>>, tiles: &mut Tiles) -> Node {
    let mut badges = Vec::new();
    for (on, what) in [(vpc.enable_dns_support, "no DNS resolution"), (vpc.enable_dns_hostnames, "no DNS hostnames")] {
        if !on {
            badges.push(Badge { text: what.to_owned(), tone: Tone::Warning });
        }
    }
    let zones = zones.into_iter().map(|(zone, subnets)| {
        let children = subnets.into_iter().map(|subnet| subnet_node(cloud, subnet, tiles)).collect();
        Node { title: zone.to_owned(), ..plain(Kind::Zone, format!("{} {zone}", vpc.id), children) }
    });
    Node {
        title: named(&vpc.tags, vpc.id.as_str()),
        subtitle: vpc.cidrs.iter().map(|block| block.cidr.to_string()).collect::<Vec<_>>().join(", "),
        badges,
        ..plain(Kind::Vpc, vpc.id.to_string(), zones.collect())
    }
}

fn subnet_node(cloud: &Cloud, subnet: &Subnet, tiles: &mut Tiles) -> Node {
    let beyond = cloud
        .route_table_of(subnet)
        .map_or(0, |table| table.routes.iter().filter(|route| !matches!(route.target, RouteTarget::Local)).count());
    let mut badges = Vec::new();
    if beyond > 0 {
        badges.push(Badge { text: format!("{beyond} route{}", if beyond == 1 { "" } else { "s" }), tone: Tone::Plain });
    }
    if cloud.network_acls.get(&subnet.network_acl).is_some_and(|acl| !acl.is_default) {
        badges.push(Badge { text: "own ACL".to_owned(), tone: Tone::Plain });
    }
    Node {
        title: named(&subnet.tags, subnet.id.as_str()),
        subtitle: subnet.cidr.to_string(),
        badges,
        ..plain(Kind::Subnet, subnet.id.to_string(), tiles.remove(&subnet.id).unwrap_or_default())
    }
}

fn api_node(cloud: &Cloud, api: &RestApi) -> Node {
    let mut badges = vec![Badge { text: api.settings.endpoint_type.as_str().to_lowercase(), tone: Tone::Plain }];
    if api.settings.policy.is_some() {
        badges.push(Badge { text: "policy".to_owned(), tone: Tone::Plain });
    }
    let stages: Vec<&str> = cloud.stages_of(&api.id).map(|stage| stage.name.as_str()).collect();
    if stages.is_empty() {
        badges.push(Badge { text: "not deployed".to_owned(), tone: Tone::Warning });
    }
    let subtitle = if stages.is_empty() { api.id.to_string() } else { format!("{} /{}", api.id, stages.join(" /")) };
    Node { title: api.name.clone(), subtitle, badges, ..plain(Kind::Api, api.id.to_string(), Vec::new()) }
}

fn function_node(function: &Function, address: String) -> Node {
    let subtitle = if address.is_empty() { function.latest.runtime.clone() } else { address };
    Node { title: function.name.clone(), subtitle, ..plain(Kind::Function, function.name.clone(), Vec::new()) }
}

/// What stands in each subnet.
type Tiles = BTreeMap<SubnetId, Vec<Node>>;

fn tiles(cloud: &Cloud) -> Tiles {
    let mut tiles = Tiles::new();
    let mut functions: BTreeMap<&NetworkInterfaceId, Vec<&Function>> = BTreeMap::new();
    for function in cloud.functions.values() {
        for interface in function.latest.vpc.iter().flat_map(|vpc| &vpc.interfaces) {
            functions.entry(interface).or_default().push(function);
        }
    }
    for interface in cloud.network_interfaces.values() {
        let own = functions.get(&interface.id).map(Vec::as_slice).unwrap_or_default();
        tiles.entry(interface.subnet.clone()).or_default().extend(interface_nodes(cloud, interface, own));
    }
    // A stopped instance keeps its interface; a terminated one is gone.
    for nodes in tiles.values_mut() {
        nodes.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    }
    tiles
}

fn interface_nodes(cloud: &Cloud, interface: &NetworkInterface, functions: &[&Function]) -> Vec<Node> {
    let address = interface.private_ip.to_string();
    match &interface.kind {
        InterfaceKind::VpcEndpoint(id) => {
            let endpoint = cloud.vpc_endpoints.get(id);
            let mut badges = Vec::new();
            if endpoint.is_some_and(|endpoint| endpoint.private_dns_enabled) {
                badges.push(Badge { text: "private DNS".to_owned(), tone: Tone::Plain });
            }
            if endpoint.and_then(|endpoint| endpoint.policy.as_deref()).is_some_and(|policy| policy != DEFAULT_POLICY) {
                badges.push(Badge { text: "policy".to_owned(), tone: Tone::Plain });
            }
            let title = endpoint.map_or_else(|| id.to_string(), |endpoint| named(&endpoint.tags, id.as_str()));
            vec![Node { title, subtitle: address, badges, ..plain(Kind::Endpoint, id.to_string(), Vec::new()) }]
        }
        InterfaceKind::Lambda => functions.iter().map(|function| function_node(function, address.clone())).collect(),
        InterfaceKind::NatGateway(id) => vec![Node { subtitle: address, ..plain(Kind::Interface, id.to_string(), Vec::new()) }],
        InterfaceKind::Customer => {
            let instance = interface.attachment.as_ref().and_then(|attachment| cloud.instances.get(&attachment.instance));
            vec![match instance {
                Some(instance) => {
                    let stopped = instance.state != InstanceState::Running;
                    let badges =
                        stopped.then(|| Badge { text: instance.state.name().to_owned(), tone: Tone::Warning }).into_iter().collect();
                    let id = instance.id.to_string();
                    Node { title: named(&instance.tags, &id), subtitle: address, badges, ..plain(Kind::Instance, id, Vec::new()) }
                }
                None => Node { subtitle: address, ..plain(Kind::Interface, interface.id.to_string(), Vec::new()) },
            }]
        }
    }
}

fn lines(cloud: &Cloud, now: Timestamp) -> Vec<Line> {
    let both = |a: &VpcId, b: &VpcId| cloud.vpcs.contains_key(a) && cloud.vpcs.contains_key(b);
    let peerings = cloud.peerings.values().filter(|one| !one.status_at(now).is_over() && both(&one.requester.vpc, &one.accepter.vpc));
    let peerings = peerings.map(|one| Line {
        kind: if one.is_active_at(now) { LineKind::Peering } else { LineKind::PendingPeering },
        id: one.id.to_string(),
        from: one.requester.vpc.to_string(),
        to: one.accepter.vpc.to_string(),
        label: if one.is_active_at(now) { String::new() } else { one.status_at(now).code().to_owned() },
    });
    let associations = cloud.rest_apis.values().flat_map(|api| {
        let known = api.settings.vpc_endpoint_ids.iter().filter(|id| cloud.vpc_endpoints.contains_key(*id));
        known.map(|id| Line {
            kind: LineKind::Association,
            id: format!("{} {id}", api.id),
            from: api.id.to_string(),
            to: id.to_string(),
            label: String::new(),
        })
    });
    peerings.chain(associations).collect()
}

fn named(tags: &Tags, id: &str) -> String {
    tags.get("Name").filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| id.to_owned())
}

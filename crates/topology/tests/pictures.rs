//! The pictures of small labs, kept as files: `UPDATE_FIXTURES=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use std::{collections::BTreeMap, path::Path};
use vpclab_cloud::{
    Cloud, Context, IdSource, Scope, SubnetId, Tags, Timestamp, VpcId,
    instance::{LaunchInterface, RunInstances},
    peering::CreateVpcPeeringConnection,
    subnet::{CreateSubnet, ZoneChoice},
    vpc::{CreateVpc, VpcAttribute},
    vpc_endpoint::CreateVpcEndpoint,
};
use vpclab_topology::{Look, Picture, draw, layout, scene};

const NOW: Timestamp = Timestamp(1_000);

struct Lab {
    cloud: Cloud,
    cx: Context,
}

impl Lab {
    fn new() -> Self {
        let cx = Context { scope: scope("ap-northeast-2"), now: NOW, ids: IdSource::new(7) };
        Self { cloud: Cloud::default(), cx }
    }
    fn vpc(&mut self, region: &str, cidr: &str, name: &str) -> VpcId {
        self.cx.scope = scope(region);
        self.cloud.create_vpc(&mut self.cx, CreateVpc { cidr: cidr.parse().unwrap(), tags: tags(name) }).unwrap()
    }
    fn subnet(&mut self, vpc: &VpcId, cidr: &str, zone: char) -> SubnetId {
        let zone = Some(ZoneChoice::Name(format!("{}{zone}", self.cx.scope.region)));
        let input = CreateSubnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone, tags: Tags::new() };
        self.cloud.create_subnet(&mut self.cx, input).unwrap()
    }
    fn instances(&mut self, subnet: &SubnetId, count: u32, name: &str) {
        let interface = LaunchInterface::New {
            subnet: subnet.clone(),
            security_groups: Vec::new(),
            private_ip: None,
            description: String::new(),
            delete_on_termination: true,
            public_address: None,
        };
        let input = RunInstances {
            image: "ami-0123456789abcdef0".parse().unwrap(),
            instance_type: "t3.micro".into(),
            min_count: count,
            max_count: count,
            interface,
            availability_zone: None,
            key_name: None,
            profile: None,
            user_data: None,
            client_token: None,
            tags: tags(name),
            interface_tags: Tags::new(),
        };
        self.cloud.run_instances(&mut self.cx, input).unwrap();
    }
    fn endpoint(&mut self, vpc: &VpcId, subnets: &[&SubnetId]) {
        self.cloud.modify_vpc_attribute(&mut self.cx, vpc, VpcAttribute::DnsHostnames(true)).unwrap();
        let input = CreateVpcEndpoint {
            vpc: vpc.clone(),
            service_name: format!("com.amazonaws.{}.execute-api", self.cx.scope.region),
            subnets: subnets.iter().map(|id| ((*id).clone(), None)).collect::<BTreeMap<_, _>>(),
            security_groups: Vec::new(),
            policy: None,
            private_dns: true,
            client_token: None,
            tags: Tags::new(),
        };
        self.cloud.create_vpc_endpoint(&mut self.cx, input).unwrap();
    }
    fn peer(&mut self, from: (&str, &VpcId), to: (&str, &VpcId), accept: bool) {
        self.cx.scope = scope(from.0);
        let input = CreateVpcPeeringConnection {
            vpc: from.1.clone(),
            peer_vpc: to.1.clone(),
            peer_account: None,
            peer_region: Some(to.0.parse().unwrap()),
            tags: Tags::new(),
        };
        let id = self.cloud.create_vpc_peering_connection(&mut self.cx, input).unwrap();
        if accept {
            self.cx.scope = scope(to.0);
            self.cloud.accept_vpc_peering_connection(&mut self.cx, &id).unwrap();
        }
    }
}

fn scope(region: &str) -> Scope {
    Scope { account: "111122223333".parse().unwrap(), region: region.parse().unwrap() }
}

fn tags(name: &str) -> Tags {
    if name.is_empty() { Tags::new() } else { Tags::from([("Name".to_owned(), name.to_owned())]) }
}

/// Compares with `tests/pictures/NAME.svg`.
fn check(name: &str, lab: &Lab) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name).with_extension("svg");
    let drawn = draw(&lab.cloud, NOW, Look::Standalone);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "{name} is drawn otherwise than {}: look at it, then UPDATE_FIXTURES=1", path.display());
    no_overlap(&layout(&scene(&lab.cloud, NOW)));
}

/// No box crosses another: each is inside or beside it.
fn no_overlap(picture: &Picture) {
    let inside = |a: vpclab_topology::Rect, b: vpclab_topology::Rect| {
        a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height
    };
    for (at, one) in picture.boxes.iter().enumerate() {
        let (a, whole) = (one.rect, vpclab_topology::Rect { x: 0, y: 0, width: picture.width, height: picture.height });
        assert!(inside(a, whole), "{} is outside of the picture", one.node.id);
        for other in &picture.boxes[at + 1..] {
            let b = other.rect;
            let apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
            assert!(apart || inside(b, a), "{} crosses {}", other.node.id, one.node.id);
        }
    }
}

fn story() -> Lab {
    let mut lab = Lab::new();
    let seoul = lab.vpc("ap-northeast-2", "10.0.0.0/16", "seoul");
    let (client, endpoint) = (lab.subnet(&seoul, "10.0.1.0/24", 'a'), lab.subnet(&seoul, "10.0.2.0/24", 'c'));
    lab.instances(&client, 1, "client");
    lab.endpoint(&seoul, &[&client, &endpoint]);
    let oregon = lab.vpc("us-west-2", "10.1.0.0/16", "");
    let subnet = lab.subnet(&oregon, "10.1.1.0/24", 'b');
    lab.instances(&subnet, 2, "");
    lab.peer(("ap-northeast-2", &seoul), ("us-west-2", &oregon), true);
    lab
}

#[test]
fn an_empty_lab() {
    check("empty", &Lab::new());
}

#[test]
fn two_regions() {
    check("story", &story());
}

#[test]
fn a_request_that_nobody_accepted() {
    let mut lab = Lab::new();
    let (a, b) = (lab.vpc("eu-west-1", "10.0.0.0/16", "a"), lab.vpc("eu-west-1", "10.1.0.0/16", "b"));
    lab.peer(("eu-west-1", &a), ("eu-west-1", &b), false);
    check("pending", &lab);
}

#[test]
fn text_of_people_stays_text() {
    let mut lab = Lab::new();
    lab.vpc("eu-west-1", "10.0.0.0/16", "<script>alert(\"1\")</script>&\u{7}");
    let drawn = draw(&lab.cloud, NOW, Look::Embedded);
    assert!(drawn.contains("&lt;script&gt;") && !drawn.contains("<script") && !drawn.contains('\u{7}'), "{drawn}");
    assert!(!drawn.contains("<style"), "an embedded picture has no styles of its own");
}

#[test]
fn the_same_cloud_gives_the_same_picture() {
    let lab = story();
    assert_eq!(draw(&lab.cloud, NOW, Look::Embedded), draw(&lab.cloud.clone(), NOW, Look::Embedded));
}

#[test]
fn a_thousand_interfaces_have_room() {
    let mut lab = Lab::new();
    for vpc in 0..5 {
        let vpc = lab.vpc("us-east-1", &format!("10.{vpc}.0.0/16"), "");
        let cidr = lab.cloud.vpcs[&vpc].primary_cidr().to_string();
        let prefix = cidr.split(".0.0/").next().unwrap().to_owned();
        for (at, zone) in ['a', 'b', 'c', 'd'].into_iter().enumerate() {
            let subnet = lab.subnet(&vpc, &format!("{prefix}.{at}.0/24"), zone);
            lab.instances(&subnet, 50, "");
        }
    }
    let picture = layout(&scene(&lab.cloud, NOW));
    assert_eq!(picture.boxes.iter().filter(|one| one.node.kind == vpclab_topology::Kind::Instance).count(), 1_000);
    no_overlap(&picture);
    assert!(picture.width < 4 * picture.height && picture.height < 4 * picture.width, "{} by {}", picture.width, picture.height);
}

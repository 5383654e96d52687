use super::*;
use vpclab_cloud::{
    Context, IdSource, IpProtocol, Scope, SubnetId, Tags, Timestamp, VpcPeeringConnectionId,
    instance::{LaunchInterface, RunInstances},
    peering::CreateVpcPeeringConnection,
    security_group::{GroupReference, NewPeer, NewRule},
    subnet::CreateSubnet,
    vpc::CreateVpc,
    vpc_endpoint::CreateVpcEndpoint,
};

struct Story {
    cloud: Cloud,
    seoul: Context,
    oregon: Context,
}

fn context(region: &str, seed: u64) -> Context {
    let scope = Scope { account: "111111111111".parse().unwrap(), region: region.parse().unwrap() };
    Context { scope, now: Timestamp(0), ids: IdSource::new(seed) }
}

impl Story {
    fn new() -> Self {
        Self { cloud: Cloud::default(), seoul: context("ap-northeast-2", 1), oregon: context("us-west-2", 2) }
    }
    fn vpc(&mut self, in_oregon: bool, cidr: &str, block: &str) -> (VpcId, SubnetId) {
        let cx = if in_oregon { &mut self.oregon } else { &mut self.seoul };
        let vpc = self.cloud.create_vpc(cx, CreateVpc { cidr: cidr.parse().unwrap(), tags: Tags::new() }).unwrap();
        let input = CreateSubnet { vpc: vpc.clone(), cidr: block.parse().unwrap(), zone: None, tags: Tags::new() };
        let subnet = self.cloud.create_subnet(cx, input).unwrap();
        (vpc, subnet)
    }
    fn launch(&mut self, in_oregon: bool, subnet: &SubnetId) -> vpclab_cloud::InstanceId {
        let cx = if in_oregon { &mut self.oregon } else { &mut self.seoul };
        let input = RunInstances {
            image: "ami-0123456789abcdef0".parse().unwrap(),
            instance_type: "t3.micro".into(),
            min_count: 1,
            max_count: 1,
            interface: LaunchInterface::New {
                subnet: subnet.clone(),
                security_groups: Vec::new(),
                private_ip: None,
                description: String::new(),
                delete_on_termination: true,
                public_address: None,
            },
            availability_zone: None,
            key_name: None,
            profile: None,
            user_data: None,
            client_token: None,
            tags: Tags::new(),
            interface_tags: Tags::new(),
        };
        self.cloud.run_instances(cx, input).unwrap().remove(0)
    }
    fn peer(&mut self, from: &VpcId, to: &VpcId, to_oregon: bool) -> VpcPeeringConnectionId {
        let region = to_oregon.then(|| self.oregon.scope.region.clone());
        let input = CreateVpcPeeringConnection {
            vpc: from.clone(),
            peer_vpc: to.clone(),
            peer_account: None,
            peer_region: region,
            tags: Tags::new(),
        };
        self.cloud.create_vpc_peering_connection(&mut self.seoul, input).unwrap()
    }
}

fn target(plan: &Plan, vpc: &VpcId, to: &str) -> Option<Target> {
    plan.routers[vpc].route_tables.values().next().unwrap().routes.get(&to.parse().unwrap()).cloned()
}

#[test]
fn interfaces_of_running_instances_and_of_endpoints() {
    let mut story = Story::new();
    let (vpc, subnet) = story.vpc(false, "10.0.0.0/16", "10.0.1.0/24");
    let instance = story.launch(false, &subnet);
    let endpoint = CreateVpcEndpoint {
        vpc: vpc.clone(),
        service_name: "com.amazonaws.ap-northeast-2.execute-api".into(),
        subnets: [(subnet, None)].into(),
        security_groups: Vec::new(),
        policy: None,
        private_dns: false,
        client_token: None,
        tags: Tags::new(),
    };
    story.cloud.create_vpc_endpoint(&mut story.seoul, endpoint).unwrap();
    let kinds = |story: &Story| {
        let mut kinds: Vec<String> = plan(&story.cloud).interfaces.values().map(|interface| format!("{:?}", interface.kind)).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&story), ["Endpoint", "Instance"]);
    story.cloud.stop_instances(&mut story.seoul, std::slice::from_ref(&instance), "stopped").unwrap();
    assert_eq!(kinds(&story), ["Endpoint"]);
    story.cloud.start_instances(&mut story.seoul, &[instance]).unwrap();
    assert_eq!(kinds(&story), ["Endpoint", "Instance"]);
    let router = &plan(&story.cloud).routers[&vpc];
    assert_eq!(router.platform, [Ipv4Addr::new(10, 0, 0, 2), RESOLVER].into());
}

#[test]
fn peering_counts_while_it_is_active() {
    let mut story = Story::new();
    let (a, _) = story.vpc(false, "10.0.0.0/16", "10.0.1.0/24");
    let (b, _) = story.vpc(true, "10.1.0.0/16", "10.1.1.0/24");
    let pcx = story.peer(&a, &b, true);
    let table = story.cloud.vpcs[&a].main_route_table.clone();
    let to = "10.1.0.0/16".parse().unwrap();
    story.cloud.create_route(&mut story.seoul, &table, to, RouteTarget::Peering(pcx.clone())).unwrap();
    let before = plan(&story.cloud);
    assert!(before.peerings.is_empty());
    assert_eq!(target(&before, &a, "10.1.0.0/16"), Some(Target::Blackhole));
    assert_eq!(target(&before, &a, "10.0.0.0/16"), Some(Target::Local));
    story.cloud.accept_vpc_peering_connection(&mut story.oregon, &pcx).unwrap();
    let active = plan(&story.cloud);
    assert_eq!(active.peerings[&pcx].mtu, NARROW_MTU);
    assert_eq!(active.peerings[&pcx].other(&a).unwrap().cidrs, [to].into());
    assert_eq!(target(&active, &a, "10.1.0.0/16"), Some(Target::Peering(pcx.clone())));
    story.cloud.delete_vpc_peering_connection(&mut story.seoul, &pcx).unwrap();
    assert_eq!(plan(&story.cloud), before);
}

#[test]
fn group_references_over_peering_in_one_region_only() {
    let mut story = Story::new();
    let (a, _) = story.vpc(false, "10.0.0.0/16", "10.0.1.0/24");
    let (b, b1) = story.vpc(false, "10.1.0.0/16", "10.1.1.0/24");
    story.launch(false, &b1);
    let pcx = story.peer(&a, &b, false);
    story.cloud.accept_vpc_peering_connection(&mut story.seoul, &pcx).unwrap();
    let (mine, theirs) = (story.cloud.vpcs[&a].default_security_group.clone(), story.cloud.vpcs[&b].default_security_group.clone());
    let reference = GroupReference { group: theirs.clone(), account: None, vpc: None, peering: None };
    let rule = NewRule::new("tcp", (Some(443), Some(443)), NewPeer::Group(reference), None).unwrap();
    story.cloud.authorize_security_group(&mut story.seoul, &mine, Direction::Ingress, vec![rule], &Tags::new()).unwrap();
    let members = |story: &Story| plan(&story.cloud).routers[&a].members.get(&theirs).cloned().unwrap();
    assert_eq!(members(&story).len(), 1);
    let https = Traffic::of(IpProtocol::TCP, Some(vpclab_cloud::PortRange { from: 443, to: 443 })).unwrap();
    assert!(plan(&story.cloud).routers[&a].security_groups[&mine].ingress.iter().any(|rule| rule.traffic == https));
    story.cloud.delete_vpc_peering_connection(&mut story.seoul, &pcx).unwrap();
    assert!(members(&story).is_empty(), "a stale rule matches nothing");
}

#[test]
fn numbers_and_names_come_from_ids() {
    let mut story = Story::new();
    let (a, a1) = story.vpc(false, "10.0.0.0/16", "10.0.1.0/24");
    let before = plan(&story.cloud).routers[&a].subnets[&a1].clone();
    story.vpc(false, "10.9.0.0/16", "10.9.1.0/24");
    assert_eq!(plan(&story.cloud).routers[&a].subnets[&a1], before);
    let name = crate::plan::interface_device(&"eni-0123456789abcdef0".parse().unwrap());
    assert_eq!(name, "e3456789abcdef0");
    assert!(name.len() == 15);
}

use super::*;
use crate::fixture::Lab;
use crate::vpc::VpcAttribute;
use crate::{NetworkInterface, Refusal};
use std::net::Ipv4Addr;

struct Net {
    lab: Lab,
    vpc: VpcId,
    a: SubnetId,
    b: SubnetId,
}

fn net() -> Net {
    let mut lab = Lab::new();
    let vpc = lab.vpc_with_names("10.0.0.0/16");
    let a = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    let b = lab.subnet(&vpc, "10.0.2.0/24", 'b');
    Net { lab, vpc, a, b }
}

impl Net {
    fn input(&self, subnets: &[&SubnetId]) -> CreateVpcEndpoint {
        CreateVpcEndpoint {
            vpc: self.vpc.clone(),
            service_name: "com.amazonaws.ap-northeast-2.execute-api".into(),
            subnets: subnets.iter().map(|id| ((*id).clone(), None)).collect(),
            security_groups: vec![],
            policy: None,
            private_dns: true,
            client_token: None,
            tags: Tags::new(),
        }
    }
    fn create(&mut self, input: CreateVpcEndpoint) -> Result<VpcEndpointId, Refusal> {
        self.lab.run(|cloud, cx| cloud.create_vpc_endpoint(cx, input))
    }
    fn modify(&mut self, id: &VpcEndpointId, change: ModifyVpcEndpoint) -> Result<(), Refusal> {
        self.lab.run(|cloud, cx| cloud.modify_vpc_endpoint(cx, id, change))
    }
    fn endpoint(&self, id: &VpcEndpointId) -> &VpcEndpoint {
        &self.lab.cloud.vpc_endpoints[id]
    }
    fn interfaces(&self, id: &VpcEndpointId) -> Vec<&NetworkInterface> {
        self.endpoint(id).interfaces.values().map(|eni| self.lab.cloud.network_interfaces[eni].as_ref()).collect()
    }
}

#[test]
fn an_endpoint_has_an_interface_in_each_subnet() {
    let mut net = net();
    let (a, b) = (net.a.clone(), net.b.clone());
    let mut input = net.input(&[&a, &b]);
    input.subnets.insert(b.clone(), Some(Ipv4Addr::new(10, 0, 2, 77)));
    let id = net.create(input).unwrap();
    let default: BTreeSet<_> = [net.lab.cloud.vpcs[&net.vpc].default_security_group.clone()].into();
    assert_eq!(net.endpoint(&id).security_groups, default, "the default group, which lets only its members in");
    let interfaces = net.interfaces(&id);
    let mut ips: Vec<_> = interfaces.iter().map(|eni| eni.private_ip.to_string()).collect();
    ips.sort();
    assert_eq!(ips, ["10.0.1.4", "10.0.2.77"]);
    for eni in interfaces {
        assert!(eni.is_requester_managed() && eni.is_in_use());
        assert_eq!(eni.security_groups, default);
        assert_eq!(eni.description, format!("VPC Endpoint Interface {id}"));
    }
    let eni = net.endpoint(&id).interfaces[&a].clone();
    let refused = net.lab.run(|cloud, cx| cloud.delete_network_interface(cx, &eni));
    assert_eq!(refused, Err(Refusal::NetworkInterfaceInUse(eni.clone())));
    let change = crate::network_interface::ModifyNetworkInterface::SourceDestCheck(false);
    let refused = net.lab.run(|cloud, cx| cloud.modify_network_interface(cx, &eni, change));
    assert!(matches!(refused, Err(Refusal::OperationNotPermitted(_))));
    net.lab.run(|cloud, cx| cloud.delete_vpc_endpoint(cx, &id)).unwrap();
    assert!(net.lab.cloud.network_interfaces.is_empty() && net.lab.cloud.vpc_endpoints.is_empty());
}

#[test]
fn only_the_service_of_the_region_is_there() {
    let mut net = net();
    let with = |name: &str| CreateVpcEndpoint { service_name: name.into(), ..net.input(&[]) };
    let names =
        ["com.amazonaws.us-west-2.execute-api", "com.amazonaws.ap-northeast-2.ssm", "execute-api", "com.amazonaws.ap-northeast-2.x"];
    let inputs = names.map(with);
    let found = |refusal| Err(refusal);
    let [other, ssm, short, unknown] = inputs.map(|input| net.create(input));
    assert_eq!(other, found(Refusal::ServiceNotFound(names[0].into())));
    assert_eq!(net.endpoint(&ssm.unwrap()).private_names(), ["ssm.ap-northeast-2.amazonaws.com"]);
    assert_eq!(short, found(Refusal::ServiceNotFound(names[2].into())));
    assert_eq!(unknown, found(Refusal::ServiceNotFound(names[3].into())));
}

#[test]
fn subnets_and_groups_are_of_the_vpc_and_zones_of_one_subnet() {
    let mut net = net();
    let twin = net.lab.subnet(&net.vpc.clone(), "10.0.3.0/24", 'a');
    let (a, other) = (net.a.clone(), net.lab.vpc("10.9.0.0/16"));
    let refused = net.create(net.input(&[&a, &twin]));
    assert!(matches!(refused, Err(Refusal::DuplicateSubnetsInSameZone(id)) if id == a || id == twin));
    let elsewhere = net.lab.subnet(&other, "10.9.0.0/24", 'c');
    assert!(matches!(net.create(net.input(&[&elsewhere])), Err(Refusal::InvalidParameter(_))));
    let group = net.lab.group(&other, "foreign");
    let foreign = CreateVpcEndpoint { security_groups: vec![group], ..net.input(&[&a]) };
    assert!(matches!(net.create(foreign), Err(Refusal::InvalidParameter(_))));
    assert!(net.lab.cloud.network_interfaces.is_empty(), "a refused call leaves nothing");
}

#[test]
fn private_names_need_both_attributes_and_are_given_once() {
    let mut net = net();
    let vpc = net.vpc.clone();
    for attribute in [VpcAttribute::DnsHostnames, VpcAttribute::DnsSupport] {
        net.lab.attribute(&vpc, attribute(false));
        assert_eq!(net.create(net.input(&[])), Err(Refusal::PrivateDnsNeedsAttributes(vpc.clone())));
        net.lab.attribute(&vpc, attribute(true));
    }
    let first = net.create(net.input(&[])).unwrap();
    let domain = "*.execute-api.ap-northeast-2.amazonaws.com".to_owned();
    let conflict = Err(Refusal::PrivateDnsConflict { domain, vpc });
    assert_eq!(net.create(net.input(&[])), conflict);
    let second = net.create(CreateVpcEndpoint { private_dns: false, ..net.input(&[]) }).unwrap();
    let names = |on| ModifyVpcEndpoint { private_dns: Some(on), ..Default::default() };
    assert_eq!(net.modify(&second, names(true)), conflict.map(|_| ()));
    assert_eq!(net.modify(&first, names(true)), Ok(()), "its own name is no conflict");
    net.modify(&first, names(false)).unwrap();
    assert_eq!(net.modify(&second, names(true)), Ok(()));
}

#[test]
fn an_endpoint_changes_its_subnets_and_groups() {
    let mut net = net();
    let (a, b) = (net.a.clone(), net.b.clone());
    let twin = net.lab.subnet(&net.vpc.clone(), "10.0.3.0/24", 'a');
    let id = net.create(net.input(&[&a])).unwrap();
    let add = |subnet: &SubnetId| ModifyVpcEndpoint { add_subnets: vec![subnet.clone()], ..Default::default() };
    assert_eq!(net.modify(&id, add(&twin)), Err(Refusal::DuplicateSubnetsInSameZone(twin.clone())));
    net.modify(&id, add(&b)).unwrap();
    net.modify(&id, ModifyVpcEndpoint { remove_subnets: vec![a.clone()], ..add(&twin) }).unwrap();
    let subnets: BTreeSet<_> = net.endpoint(&id).interfaces.keys().cloned().collect();
    assert_eq!(subnets, [b, twin].into(), "what is removed goes first");
    assert_eq!(net.lab.cloud.network_interfaces.len(), 2);
    assert!(net.modify(&id, ModifyVpcEndpoint { remove_subnets: vec![a], ..Default::default() }).is_err());

    let group = net.lab.group(&net.vpc.clone(), "https");
    let default = net.lab.cloud.vpcs[&net.vpc].default_security_group.clone();
    let swap = ModifyVpcEndpoint { add_groups: vec![group.clone()], remove_groups: vec![default.clone()], ..Default::default() };
    net.modify(&id, swap).unwrap();
    assert!(net.interfaces(&id).iter().all(|eni| eni.security_groups == [group.clone()].into()));
    assert!(net.modify(&id, ModifyVpcEndpoint { remove_groups: vec![group], ..Default::default() }).is_err(), "one has to stay");
    assert!(net.modify(&id, ModifyVpcEndpoint { remove_groups: vec![default], ..Default::default() }).is_err());
}

#[test]
fn a_policy_is_set_and_reset() {
    let mut net = net();
    let id = net.create(net.input(&[])).unwrap();
    let change = |policy| ModifyVpcEndpoint { policy, ..Default::default() };
    net.modify(&id, change(PolicyChange::Set("{}".into()))).unwrap();
    net.modify(&id, change(PolicyChange::Keep)).unwrap();
    assert_eq!(net.endpoint(&id).policy.as_deref(), Some("{}"));
    net.modify(&id, change(PolicyChange::Reset)).unwrap();
    assert_eq!(net.endpoint(&id).policy, None);
}

#[test]
fn services_are_named_as_their_own_hosts() {
    let mut net = net();
    let mut made = |service: &str| {
        let service_name = format!("com.amazonaws.ap-northeast-2.{service}");
        let id = net.create(CreateVpcEndpoint { service_name, ..net.input(&[]) })?;
        Ok::<_, Refusal>(net.endpoint(&id).clone())
    };
    let api = made("ecr.api").unwrap();
    assert_eq!(api.regional_name(), format!("{}-{}.api.ecr.ap-northeast-2.vpce.amazonaws.com", api.id, api.dns_suffix));
    assert_eq!(api.private_names(), ["api.ecr.ap-northeast-2.amazonaws.com"]);
    let images = ["dkr.ecr.ap-northeast-2.amazonaws.com", "*.dkr.ecr.ap-northeast-2.amazonaws.com"];
    assert_eq!(made("ecr.dkr").unwrap().private_names(), images);
    assert_eq!(made("kinesis-streams").unwrap().private_names(), ["kinesis.ap-northeast-2.amazonaws.com"]);
    // One of each service, and S3's only beside a gateway endpoint.
    assert!(matches!(made("ecr.api"), Err(Refusal::PrivateDnsConflict { domain, .. }) if domain == "api.ecr.ap-northeast-2.amazonaws.com"));
    assert!(matches!(made("s3"), Err(Refusal::InvalidParameter(why)) if why.contains("must have a Gateway endpoint")));
}

#[test]
fn names_and_zones_are_fixed() {
    let mut net = net();
    let id = net.create(net.input(&[])).unwrap();
    let endpoint = net.endpoint(&id);
    assert_eq!(endpoint.dns_suffix.len(), 8);
    let suffix = &endpoint.dns_suffix;
    assert_eq!(endpoint.regional_name(), format!("{id}-{suffix}.execute-api.ap-northeast-2.vpce.amazonaws.com"));
    let zonal = format!("{id}-{suffix}-ap-northeast-2a.execute-api.ap-northeast-2.vpce.amazonaws.com");
    assert_eq!(endpoint.zonal_name("ap-northeast-2a"), zonal);
    let apex = "execute-api.ap-northeast-2.amazonaws.com";
    assert_eq!(endpoint.private_names(), [apex.to_owned(), format!("*.{apex}")]);
    let other = VpcEndpoint { vpc: "vpc-0123456789abcdef0".parse().unwrap(), ..endpoint.clone() };
    assert_eq!(endpoint.public_zone(), other.public_zone(), "one a region");
    assert_ne!(endpoint.private_zone(), other.private_zone(), "one a VPC");
    assert!(endpoint.public_zone().starts_with('Z') && endpoint.public_zone().len() == 21);
}

#[test]
fn endpoints_of_other_accounts_are_out_of_reach_and_a_vpc_has_fifty() {
    let mut net = net();
    let plain = CreateVpcEndpoint { private_dns: false, ..net.input(&[]) };
    let ids: Vec<_> = (0..50).map(|_| net.create(plain.clone()).unwrap()).collect();
    assert_eq!(net.create(plain), Err(Refusal::EndpointLimit(net.vpc.clone())));
    net.lab.go("2/ap-northeast-2");
    let refused = net.lab.run(|cloud, cx| cloud.delete_vpc_endpoint(cx, &ids[0]));
    assert_eq!(refused, Err(Refusal::VpcEndpointNotFound(ids[0].clone())));
}

#[test]
fn a_token_makes_one_endpoint() {
    let mut net = net();
    let token = |arguments: u8| Some(ClientToken::new("once", &arguments).unwrap());
    let input = CreateVpcEndpoint { client_token: token(1), ..net.input(&[]) };
    let first = net.create(input.clone()).unwrap();
    assert_eq!(net.create(input.clone()), Ok(first), "not refused for its own private names");
    assert_eq!(net.create(CreateVpcEndpoint { client_token: token(2), ..input }), Err(Refusal::IdempotentParameterMismatch));
}

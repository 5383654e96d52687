//! The notation: one resource or one change a line, names in place of ids.
//!
//! ```text
//! vpc NAME REGION CIDR                     with both DNS attributes on
//! attribute VPC support|hostnames on|off
//! subnet NAME of VPC CIDR [ZONE]           its zone by a letter
//! group NAME of VPC                        everything out, nothing in
//! in|out GROUP PROTOCOL PORT CIDR|@GROUP   one rule
//! close GROUP in|out                       no rules
//! instance NAME in SUBNET with GROUP
//! stop INSTANCE
//! function NAME in SUBNET… with GROUP
//! endpoint NAME in SUBNET… with GROUP      with private DNS
//! private-dns ENDPOINT on|off
//! peering NAME VPC VPC                     as the request leaves it
//! accept|reject|unpeer PEERING
//! table NAME of SUBNET                     a route table of its own
//! route VPC|TABLE CIDR PEERING|INSTANCE
//! unroute VPC|TABLE CIDR
//! acl NAME of SUBNET                       without entries
//! allow|deny ACL in|out NUMBER PORTS CIDR
//! api NAME at ENDPOINT…                    private, in the endpoint's region, with GET /pets, deployed as `dev`
//! ```
use crate::{Call, Explanation, Judge, Source};
use std::collections::BTreeMap;
use vpclab_cloud::{
    Cloud, Context, Direction, IdSource, IpProtocol, NetworkAclEntry, PortRange, Refusal, RouteTarget, Scope, SecurityGroupId, Tags,
    Timestamp,
    deployment::CreateDeployment,
    function::{CreateFunction, FunctionChange, FunctionCode, VpcChoice},
    instance::{LaunchInterface, RunInstances},
    integration::{Integration, IntegrationResponse, IntegrationType, Passthrough},
    method::{Method, MethodResponse},
    network_acl::CreateNetworkAcl,
    peering::CreateVpcPeeringConnection,
    rest_api::{CreateRestApi, EndpointType},
    route_table::CreateRouteTable,
    security_group::{CreateSecurityGroup, GroupReference, NewPeer, NewRule},
    subnet::{CreateSubnet, ZoneChoice},
    vpc::{CreateVpc, VpcAttribute},
    vpc_endpoint::{CreateVpcEndpoint, ModifyVpcEndpoint},
};

pub(crate) struct Network {
    pub(crate) cloud: Cloud,
    cx: Context,
    ids: BTreeMap<String, String>,
    scopes: BTreeMap<String, Scope>,
}

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not valid here"))
}

impl Network {
    pub(crate) fn of(text: &str) -> Self {
        let scope = Scope { account: parsed("111122223333"), region: parsed("us-east-1") };
        let cx = Context { scope, now: Timestamp(1_000_000), ids: IdSource::new(7) };
        let mut network = Self { cloud: Cloud::default(), cx, ids: BTreeMap::new(), scopes: BTreeMap::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            network.line(&words).unwrap_or_else(|why| panic!("{line}: {why:?}"));
        }
        network
    }

    pub(crate) fn explain(&self, from: &str, url: &str) -> Explanation {
        Judge::new(&self.cloud, None).explain(&self.call(from, url))
    }

    pub(crate) fn call(&self, from: &str, url: &str) -> Call {
        let url = self.ids.iter().fold(url.to_owned(), |url, (name, id)| url.replace(&format!("{{{name}}}"), id));
        Call::get(Source::Instance(self.id(from)), parsed(&url), self.cx.now)
    }

    pub(crate) fn id<T: std::str::FromStr>(&self, name: &str) -> T {
        parsed(self.ids.get(name).unwrap_or_else(|| panic!("nothing is called `{name}`")))
    }

    fn named(&mut self, name: &str, id: impl ToString) {
        self.ids.insert(name.to_owned(), id.to_string());
        self.scopes.insert(name.to_owned(), self.cx.scope.clone());
    }

    /// Who asks: the account and region of a thing.
    fn go(&mut self, name: &str) {
        self.cx.scope = self.scopes.get(name).unwrap_or_else(|| panic!("nothing is called `{name}`")).clone();
    }

    fn line(&mut self, words: &[&str]) -> Result<(), Refusal> {
        match words {
            ["vpc", name, region, cidr] => {
                self.cx.scope.region = parsed(region);
                let vpc = self.cloud.create_vpc(&mut self.cx, CreateVpc { cidr: parsed(cidr), tags: Tags::new() })?;
                self.named(name, &vpc);
                self.cloud.modify_vpc_attribute(&mut self.cx, &vpc, VpcAttribute::DnsHostnames(true))
            }
            ["attribute", vpc, which, on] => {
                self.go(vpc);
                let on = *on == "on";
                let attribute = if *which == "support" { VpcAttribute::DnsSupport(on) } else { VpcAttribute::DnsHostnames(on) };
                self.cloud.modify_vpc_attribute(&mut self.cx, &self.ids[*vpc].parse().unwrap(), attribute)
            }
            ["subnet", name, "of", vpc, cidr, zone @ ..] => {
                self.go(vpc);
                let zone = zone.first().map(|letter| ZoneChoice::Name(format!("{}{letter}", self.cx.scope.region)));
                let input = CreateSubnet { vpc: self.id(vpc), cidr: parsed(cidr), zone, tags: Tags::new() };
                let subnet = self.cloud.create_subnet(&mut self.cx, input)?;
                self.named(name, subnet);
                Ok(())
            }
            ["instance", name, "in", subnet, "with", group] => self.instance(name, subnet, group),
            ["stop", name] => {
                self.go(name);
                let id = self.id(name);
                self.cloud.stop_instances(&mut self.cx, &[id], "for the test").map(|_| ())
            }
            ["endpoint", name, "in", rest @ ..] => self.endpoint(name, rest),
            ["function", name, "in", rest @ ..] => self.function(name, rest),
            ["private-dns", name, on] => {
                self.go(name);
                let change = ModifyVpcEndpoint { private_dns: Some(*on == "on"), ..ModifyVpcEndpoint::default() };
                let id = self.id(name);
                self.cloud.modify_vpc_endpoint(&mut self.cx, &id, change)
            }
            ["group" | "in" | "out" | "close", ..] => self.group_line(words),
            ["peering" | "accept" | "reject" | "unpeer", ..] => self.peering_line(words),
            ["table" | "route" | "unroute", ..] => self.route_line(words),
            ["acl" | "allow" | "deny", ..] => self.acl_line(words),
            ["api", name, "at", endpoints @ ..] => self.api(name, endpoints),
            _ => panic!("what is {words:?}?"),
        }
    }

    fn instance(&mut self, name: &str, subnet: &str, group: &str) -> Result<(), Refusal> {
        self.go(subnet);
        let input = RunInstances {
            image: parsed("ami-0123456789abcdef0"),
            instance_type: "t3.micro".into(),
            min_count: 1,
            max_count: 1,
            interface: LaunchInterface::New {
                subnet: self.id(subnet),
                security_groups: vec![self.id(group)],
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
        let made = self.cloud.run_instances(&mut self.cx, input)?;
        self.named(name, &made[0]);
        Ok(())
    }

    fn endpoint(&mut self, name: &str, rest: &[&str]) -> Result<(), Refusal> {
        let (subnets, group) = rest.split_at(rest.len() - 2);
        self.go(subnets[0]);
        let subnets: Vec<vpclab_cloud::SubnetId> = subnets.iter().map(|subnet| self.id(subnet)).collect();
        let input = CreateVpcEndpoint {
            vpc: self.cloud.subnets[&subnets[0]].vpc.clone(),
            service_name: vpclab_cloud::vpc_endpoint::execute_api(&self.cx.scope.region),
            subnets: subnets.into_iter().map(|subnet| (subnet, None)).collect(),
            security_groups: vec![self.id(group[1])],
            policy: None,
            private_dns: true,
            client_token: None,
            tags: Tags::new(),
        };
        let made = self.cloud.create_vpc_endpoint(&mut self.cx, input)?;
        self.named(name, made);
        Ok(())
    }

    fn function(&mut self, name: &str, rest: &[&str]) -> Result<(), Refusal> {
        let (subnets, group) = rest.split_at(rest.len() - 2);
        self.go(subnets[0]);
        let vpc = VpcChoice { subnets: subnets.iter().map(|subnet| self.id(subnet)).collect(), security_groups: vec![self.id(group[1])] };
        let change = FunctionChange {
            runtime: Some("python3.12".into()),
            role: Some("arn:aws:iam::111122223333:role/r".into()),
            handler: Some("app.handler".into()),
            vpc: Some(vpc),
            ..FunctionChange::default()
        };
        let code = FunctionCode { sha256: vpclab_cloud::Sha256::from_bytes([1; 32]), size: 10 };
        let input = CreateFunction { name: name.to_owned(), change, code, architecture: None, tags: Tags::new() };
        self.cloud.create_function(&mut self.cx, input)?;
        self.named(name, name);
        Ok(())
    }

    /// A call that a function makes.
    pub(crate) fn call_of_function(&self, name: &str, url: &str) -> Call {
        Call { from: Source::Function(self.scopes[name].clone(), name.to_owned()), ..self.call("here", url) }
    }

    fn group_line(&mut self, words: &[&str]) -> Result<(), Refusal> {
        match words {
            ["group", name, "of", vpc] => {
                self.go(vpc);
                let input =
                    CreateSecurityGroup { vpc: self.id(vpc), name: (*name).to_owned(), description: (*name).to_owned(), tags: Tags::new() };
                let made = self.cloud.create_security_group(&mut self.cx, input)?;
                self.named(name, made);
                Ok(())
            }
            ["close", group, way] => {
                let id: SecurityGroupId = self.id(group);
                let mut changed = vpclab_cloud::SecurityGroup::clone(&self.cloud.security_groups[&id]);
                let closed = if *way == "in" { Direction::Ingress } else { Direction::Egress };
                changed.rules.retain(|rule| rule.direction != closed);
                self.cloud.security_groups.insert(id, changed.into());
                Ok(())
            }
            [way, group, protocol, port, peer] => {
                self.go(group);
                let peer = match peer.strip_prefix('@') {
                    Some(name) => NewPeer::Group(GroupReference { group: self.id(name), account: None, vpc: None, peering: None }),
                    None => NewPeer::Ipv4(parsed(peer)),
                };
                let port = port.parse().ok();
                let rule = NewRule::new(protocol, (port, port), peer, None)?;
                let direction = if *way == "in" { Direction::Ingress } else { Direction::Egress };
                let group = self.id(group);
                self.cloud.authorize_security_group(&mut self.cx, &group, direction, vec![rule], &Tags::new()).map(|_| ())
            }
            _ => panic!("what is {words:?}?"),
        }
    }

    fn peering_line(&mut self, words: &[&str]) -> Result<(), Refusal> {
        match words {
            ["peering", name, one, two] => {
                let region = self.scopes[*two].region.clone();
                self.go(one);
                let input = CreateVpcPeeringConnection {
                    vpc: self.id(one),
                    peer_vpc: self.id(two),
                    peer_account: None,
                    peer_region: Some(region),
                    tags: Tags::new(),
                };
                let made = self.cloud.create_vpc_peering_connection(&mut self.cx, input)?;
                self.named(name, made);
                // Its accepter answers.
                self.scopes.insert((*name).to_owned(), self.scopes[*two].clone());
                Ok(())
            }
            [verb, name] => {
                self.go(name);
                let id = self.id(name);
                match *verb {
                    "accept" => self.cloud.accept_vpc_peering_connection(&mut self.cx, &id),
                    "reject" => self.cloud.reject_vpc_peering_connection(&mut self.cx, &id),
                    _ => self.cloud.delete_vpc_peering_connection(&mut self.cx, &id),
                }
            }
            _ => panic!("what is {words:?}?"),
        }
    }

    /// The table of a VPC is its main one.
    fn table(&self, name: &str) -> vpclab_cloud::RouteTableId {
        let id = &self.ids[name];
        id.parse().unwrap_or_else(|_| self.cloud.vpcs[&parsed::<vpclab_cloud::VpcId>(id)].main_route_table.clone())
    }

    fn route_line(&mut self, words: &[&str]) -> Result<(), Refusal> {
        match words {
            ["table", name, "of", subnet] => {
                self.go(subnet);
                let subnet = self.id(subnet);
                let vpc = self.cloud.subnets[&subnet].vpc.clone();
                let made = self.cloud.create_route_table(&mut self.cx, CreateRouteTable { vpc, client_token: None, tags: Tags::new() })?;
                self.cloud.associate_route_table(&mut self.cx, &made, &subnet)?;
                self.named(name, made);
                Ok(())
            }
            ["route", table, cidr, target] => {
                self.go(table);
                let to = match self.ids[*target].parse() {
                    Ok(peering) => RouteTarget::Peering(peering),
                    Err(_) => RouteTarget::Interface(
                        self.cloud.instances[&self.id::<vpclab_cloud::InstanceId>(target)].interface.clone().unwrap(),
                    ),
                };
                let table = self.table(table);
                self.cloud.create_route(&mut self.cx, &table, parsed(cidr), to)
            }
            ["unroute", table, cidr] => {
                self.go(table);
                let table = self.table(table);
                self.cloud.delete_route(&mut self.cx, &table, parsed(cidr))
            }
            _ => panic!("what is {words:?}?"),
        }
    }

    fn acl_line(&mut self, words: &[&str]) -> Result<(), Refusal> {
        match words {
            ["acl", name, "of", subnet] => {
                self.go(subnet);
                let subnet = self.cloud.subnets[&self.id::<vpclab_cloud::SubnetId>(subnet)].clone();
                let input = CreateNetworkAcl { vpc: subnet.vpc.clone(), client_token: None, tags: Tags::new() };
                let made = self.cloud.create_network_acl(&mut self.cx, input)?;
                self.cloud.replace_network_acl_association(&mut self.cx, &subnet.network_acl_association, &made)?;
                self.named(name, made);
                Ok(())
            }
            [verb, acl, way, number, ports, cidr] => {
                self.go(acl);
                let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
                let entry = NetworkAclEntry {
                    number: parsed(number),
                    egress: *way == "out",
                    allow: *verb == "allow",
                    protocol: IpProtocol::TCP,
                    cidr: parsed(cidr),
                    ports: Some(PortRange { from: parsed(from), to: parsed(to) }),
                };
                let acl = self.id(acl);
                self.cloud.create_network_acl_entry(&mut self.cx, &acl, entry)
            }
            _ => panic!("what is {words:?}?"),
        }
    }

    fn api(&mut self, name: &str, endpoints: &[&str]) -> Result<(), Refusal> {
        self.go(endpoints[0]);
        let input = CreateRestApi {
            name: name.to_owned(),
            description: None,
            version: None,
            endpoint_type: EndpointType::Private,
            vpc_endpoint_ids: endpoints.iter().map(|endpoint| self.id(endpoint)).collect(),
            disable_execute_api_endpoint: false,
            binary_media_types: Vec::new(),
            tags: Tags::new(),
        };
        let api = self.cloud.create_rest_api(&mut self.cx, input)?;
        let everyone =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;
        let mut changed = vpclab_cloud::RestApi::clone(&self.cloud.rest_apis[&api]);
        changed.settings.policy = Some(everyone.to_owned());
        self.cloud.rest_apis.insert(api.clone(), changed.into());
        let definition = [("/pets".to_owned(), [("GET".to_owned(), mock())].into())].into();
        self.cloud.put_definition(&mut self.cx, &api, definition, vpclab_cloud::rest_api::PutMode::Merge)?;
        let deploy = CreateDeployment { stage: Some("dev".to_owned()), ..CreateDeployment::default() };
        self.cloud.create_deployment(&mut self.cx, &api, deploy)?;
        self.named(name, api);
        Ok(())
    }
}

/// A method that answers 200.
fn mock() -> Method {
    let integration = Integration {
        kind: IntegrationType::Mock,
        http_method: None,
        uri: None,
        passthrough: Passthrough::WhenNoMatch,
        content_handling: None,
        timeout_millis: 29_000,
        cache_namespace: None,
        cache_key_parameters: Vec::new(),
        request_parameters: BTreeMap::new(),
        request_templates: [("application/json".to_owned(), r#"{"statusCode": 200}"#.to_owned())].into(),
        responses: [("200".to_owned(), IntegrationResponse::default())].into(),
    };
    let responses = [("200".to_owned(), MethodResponse::default())].into();
    Method { integration: Some(integration), responses, ..Method::open() }
}

impl Network {
    /// A line with names in angle brackets in the place of ids.
    pub(crate) fn named_in(&self, line: &str) -> String {
        self.ids.iter().fold(line.to_owned(), |line, (name, id)| line.replace(id, &format!("<{name}>")))
    }

    /// The id of a VPC's main route table.
    pub(crate) fn main_table(&self, vpc: &str) -> String {
        self.table(vpc).to_string()
    }
}

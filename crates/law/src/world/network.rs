//! Networks, names and what lives in them.
use super::{Done, Passed, Thing, World, read};
use crate::case::{PeeringEnd, Step};
use std::sync::Arc;
use vpclab_cloud::{
    Direction, IpProtocol, NetworkAclEntry, PortRange, RouteTarget, Scope, SubnetId, Tags, VpcId,
    function::{CreateFunction, FunctionChange, FunctionCode, VpcChoice},
    hosted_zone::{AliasTarget, ChangeAction, Content, CreateHostedZone, RecordChange, RecordKind, RecordValue, ZoneVpc},
    instance::{LaunchInterface, RunInstances},
    network_acl::CreateNetworkAcl,
    peering::CreateVpcPeeringConnection,
    route_table::CreateRouteTable,
    security_group::{CreateSecurityGroup, GroupReference, NewPeer, NewRule},
    subnet::{CreateSubnet, ZoneChoice},
    vpc::{CreateVpc, VpcAttribute},
    vpc_endpoint::CreateVpcEndpoint,
};

impl World {
    pub(super) fn apply_network(&mut self, step: &Step) -> Done {
        match step {
            Step::Vpc { is, region, account, cidr } => {
                self.go(&Scope { account: read(account)?, region: read(region)? });
                let id = self.cloud.create_vpc(&mut self.cx, CreateVpc { cidr: read(cidr)?, tags: Tags::new() })?;
                self.named(is, Thing::Vpc(id));
            }
            Step::Dns { vpc, support, hostnames } => {
                let vpc = self.vpc_here(vpc)?;
                let hostnames = VpcAttribute::DnsHostnames(*hostnames);
                self.cloud.modify_vpc_attribute(&mut self.cx, &vpc, hostnames)?;
                self.cloud.modify_vpc_attribute(&mut self.cx, &vpc, VpcAttribute::DnsSupport(*support))?;
            }
            Step::Block { vpc, cidr } => {
                let vpc = self.vpc_here(vpc)?;
                self.cloud.associate_vpc_cidr_block(&mut self.cx, &vpc, read(cidr)?)?;
            }
            Step::Servers { vpc, servers } => {
                let vpc = self.vpc_here(vpc)?;
                let options = [("domain-name-servers".to_owned(), servers.clone())].into();
                let id = self.cloud.create_dhcp_options(&mut self.cx, options, Tags::new())?;
                self.cloud.associate_dhcp_options(&mut self.cx, &vpc, Some(&id))?;
            }
            Step::Subnet { is, vpc, cidr, zone } => {
                let vpc = self.vpc_here(vpc)?;
                let zone = Some(ZoneChoice::Name(format!("{}{zone}", self.cx.scope.region)));
                let id = self.cloud.create_subnet(&mut self.cx, CreateSubnet { vpc, cidr: read(cidr)?, zone, tags: Tags::new() })?;
                self.named(is, Thing::Subnet(id));
            }
            Step::Group { .. } | Step::NoEgress { .. } | Step::Rule { .. } => self.apply_group(step)?,
            Step::Acl { .. } | Step::Entry { .. } => self.apply_acl(step)?,
            Step::Table { .. } | Step::Peering { .. } | Step::EndPeering { .. } | Step::Route { .. } => self.apply_route(step)?,
            Step::Zone { .. } | Step::ZoneVpc { .. } | Step::Record { .. } => self.apply_zone(step)?,
            _ => self.apply_member(step)?,
        }
        Ok(())
    }

    /// A VPC, whose owner asks from now on.
    fn vpc_here(&mut self, label: &str) -> Result<VpcId, Passed> {
        let id = self.vpc(label)?;
        let scope = self.cloud.vpcs.get(&id).map(|vpc| vpc.scope.clone()).ok_or_else(|| Passed::Label(label.to_owned()))?;
        self.go(&scope);
        Ok(id)
    }

    /// A subnet, whose owner asks from now on.
    fn subnet_here(&mut self, label: &str) -> Result<SubnetId, Passed> {
        let id = self.subnet(label)?;
        let scope = self.cloud.subnets.get(&id).map(|subnet| subnet.scope.clone()).ok_or_else(|| Passed::Label(label.to_owned()))?;
        self.go(&scope);
        Ok(id)
    }

    fn apply_group(&mut self, step: &Step) -> Done {
        match step {
            Step::Group { is, vpc } => {
                let vpc = self.vpc_here(vpc)?;
                let input = CreateSecurityGroup { vpc, name: is.clone(), description: is.clone(), tags: Tags::new() };
                let id = self.cloud.create_security_group(&mut self.cx, input)?;
                self.named(is, Thing::Group(id));
            }
            Step::NoEgress { group } => {
                let id = self.group_here(group)?;
                let everything = NewRule::new("-1", (None, None), NewPeer::Ipv4(read("0.0.0.0/0")?), None)?;
                self.cloud.revoke_security_group(&mut self.cx, &id, Direction::Egress, &[everything])?;
            }
            Step::Rule { group, egress, protocol, ports, peer } => {
                let id = self.group_here(group)?;
                let peer = match self.group(peer) {
                    Ok(other) => {
                        let account = self.cloud.security_groups.get(&other).map(|group| group.scope.account.clone());
                        NewPeer::Group(GroupReference { group: other, account, vpc: None, peering: None })
                    }
                    Err(_) => NewPeer::Ipv4(read(&self.fill(peer))?),
                };
                let direction = if *egress { Direction::Egress } else { Direction::Ingress };
                let rule = NewRule::new(protocol, (ports.map(|p| p.0), ports.map(|p| p.1)), peer, None)?;
                self.cloud.authorize_security_group(&mut self.cx, &id, direction, vec![rule], &Tags::new())?;
            }
            _ => {}
        }
        Ok(())
    }

    fn group_here(&mut self, label: &str) -> Result<vpclab_cloud::SecurityGroupId, Passed> {
        let id = self.group(label)?;
        let scope = self.cloud.security_groups.get(&id).map(|group| group.scope.clone()).ok_or_else(|| Passed::Label(label.to_owned()))?;
        self.go(&scope);
        Ok(id)
    }

    fn apply_acl(&mut self, step: &Step) -> Done {
        match step {
            Step::Acl { is, subnet } => {
                let subnet = self.subnet_here(subnet)?;
                let Some(found) = self.cloud.subnets.get(&subnet).cloned() else { return Err(Passed::Label(is.clone())) };
                let input = CreateNetworkAcl { vpc: found.vpc.clone(), client_token: None, tags: Tags::new() };
                let id = self.cloud.create_network_acl(&mut self.cx, input)?;
                self.cloud.replace_network_acl_association(&mut self.cx, &found.network_acl_association, &id)?;
                self.named(is, Thing::Acl(id));
            }
            Step::Entry { acl, number, egress, allow, protocol, ports, cidr } => {
                let id = self.acl(acl)?;
                let Some(scope) = self.cloud.network_acls.get(&id).map(|acl| acl.scope.clone()) else {
                    return Err(Passed::Label(acl.clone()));
                };
                self.go(&scope);
                let entry = NetworkAclEntry {
                    number: *number,
                    egress: *egress,
                    allow: *allow,
                    protocol: IpProtocol::parse(protocol)?,
                    cidr: read(&self.fill(cidr))?,
                    ports: ports.map(|(from, to)| PortRange { from, to }),
                };
                self.cloud.create_network_acl_entry(&mut self.cx, &id, entry)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_route(&mut self, step: &Step) -> Done {
        match step {
            Step::Table { is, subnet } => {
                let subnet = self.subnet_here(subnet)?;
                let vpc = self.cloud.subnets.get(&subnet).map(|found| found.vpc.clone()).ok_or_else(|| Passed::Label(is.clone()))?;
                let input = CreateRouteTable { vpc, client_token: None, tags: Tags::new() };
                let id = self.cloud.create_route_table(&mut self.cx, input)?;
                self.cloud.associate_route_table(&mut self.cx, &id, &subnet)?;
                self.named(is, Thing::Table(id));
            }
            Step::Peering { is, from, to, end } => {
                let other = self.vpc(to)?;
                let theirs = self.cloud.vpcs.get(&other).map(|vpc| vpc.scope.clone()).ok_or_else(|| Passed::Label(to.clone()))?;
                let input = CreateVpcPeeringConnection {
                    vpc: self.vpc_here(from)?,
                    peer_vpc: other,
                    peer_account: Some(theirs.account.clone()),
                    peer_region: Some(theirs.region.clone()),
                    tags: Tags::new(),
                };
                let id = self.cloud.create_vpc_peering_connection(&mut self.cx, input)?;
                self.named(is, Thing::Peering(id.clone()));
                self.go(&theirs);
                let before = self.cloud.clone();
                let done = match end {
                    PeeringEnd::Accepted => self.cloud.accept_vpc_peering_connection(&mut self.cx, &id),
                    PeeringEnd::Rejected => self.cloud.reject_vpc_peering_connection(&mut self.cx, &id),
                    PeeringEnd::Pending => Ok(()),
                };
                // One that failed by its blocks stays so.
                if done.is_err() {
                    self.cloud = before;
                }
            }
            Step::EndPeering { peering } => {
                let id = self.peering(peering)?;
                let scope = self.cloud.peerings.get(&id).map(|peering| peering.requester.scope.clone());
                self.go(&scope.ok_or_else(|| Passed::Label(peering.clone()))?);
                self.cloud.delete_vpc_peering_connection(&mut self.cx, &id)?;
            }
            Step::Route { table, cidr, peering } => {
                let id = match self.table(table) {
                    Ok(id) => id,
                    Err(_) => {
                        let vpc = self.vpc_here(table)?;
                        self.cloud.vpcs.get(&vpc).map(|vpc| vpc.main_route_table.clone()).ok_or_else(|| Passed::Label(table.clone()))?
                    }
                };
                let Some(found) = self.cloud.route_tables.get(&id).cloned() else { return Err(Passed::Label(table.clone())) };
                self.go(&found.scope);
                let target = match peering {
                    Some(label) => RouteTarget::Peering(self.peering(label)?),
                    None => RouteTarget::InternetGateway(self.internet(&found.vpc)?),
                };
                self.cloud.create_route(&mut self.cx, &id, read(cidr)?, target)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The VPC's internet gateway, made at its first use.
    fn internet(&mut self, vpc: &VpcId) -> Result<vpclab_cloud::InternetGatewayId, Passed> {
        if let Some(found) = self.cloud.internet_gateways.values().find(|gateway| gateway.vpc.as_ref() == Some(vpc)) {
            return Ok(found.id.clone());
        }
        let id = self.cloud.create_internet_gateway(&mut self.cx, Tags::new())?;
        self.cloud.attach_internet_gateway(&mut self.cx, &id, vpc)?;
        Ok(id)
    }

    fn apply_member(&mut self, step: &Step) -> Done {
        let groups = |world: &Self, labels: &[String]| labels.iter().filter_map(|label| world.group(label).ok()).collect::<Vec<_>>();
        match step {
            Step::Instance { is, subnet, groups: labels } => {
                let subnet = self.subnet_here(subnet)?;
                let input = RunInstances {
                    image: read("ami-0123456789abcdef0")?,
                    instance_type: "t3.micro".into(),
                    min_count: 1,
                    max_count: 1,
                    interface: LaunchInterface::New {
                        subnet,
                        security_groups: groups(self, labels),
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
                for id in self.cloud.run_instances(&mut self.cx, input)? {
                    self.named(is, Thing::Instance(id));
                }
            }
            Step::Function { is, subnet, groups: labels } => {
                let subnet = self.subnet_here(subnet)?;
                let vpc = VpcChoice { subnets: vec![subnet], security_groups: groups(self, labels) };
                self.make_function(is, Some(vpc))?;
            }
            Step::Endpoint { is, vpc, subnets, groups: labels, private_dns, policy } => {
                let vpc = self.vpc_here(vpc)?;
                let policy = match policy {
                    Some(value) => {
                        let text = self.fill(&value.to_string());
                        vpclab_policy::validate_endpoint_policy(&text).map_err(|_| Passed::Value(text.clone()))?;
                        Some(text)
                    }
                    None => None,
                };
                let input = CreateVpcEndpoint {
                    vpc,
                    service_name: format!("com.amazonaws.{}.execute-api", self.cx.scope.region),
                    subnets: subnets.iter().filter_map(|label| Some((self.subnet(label).ok()?, None))).collect(),
                    security_groups: groups(self, labels),
                    policy,
                    private_dns: *private_dns,
                    client_token: None,
                    tags: Tags::new(),
                };
                let id = self.cloud.create_vpc_endpoint(&mut self.cx, input)?;
                self.named(is, Thing::Endpoint(id));
            }
            Step::EndEndpoint { endpoint } => {
                let id = self.endpoint(endpoint)?;
                let scope = self.cloud.vpc_endpoints.get(&id).map(|found| found.scope.clone());
                self.go(&scope.ok_or_else(|| Passed::Label(endpoint.clone()))?);
                self.cloud.delete_vpc_endpoint(&mut self.cx, &id)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A function, in a VPC or not.
    pub(super) fn make_function(&mut self, is: &str, vpc: Option<VpcChoice>) -> Done {
        let role = format!("arn:aws:iam::{}:role/law", self.cx.scope.account);
        let code = FunctionCode { sha256: vpclab_cloud::Sha256::from_bytes([7; 32]), size: 3 };
        let change = FunctionChange {
            runtime: Some("python3.12".into()),
            role: Some(role),
            handler: Some("app.handler".into()),
            vpc,
            ..FunctionChange::default()
        };
        let input = CreateFunction { name: is.to_owned(), change, code, architecture: None, tags: Tags::new() };
        self.cloud.create_function(&mut self.cx, input)?;
        self.named(is, Thing::Function(self.cx.scope.clone(), is.to_owned()));
        Ok(())
    }

    fn apply_zone(&mut self, step: &Step) -> Done {
        match step {
            Step::Zone { is, vpc, name } => {
                let vpc = self.vpc_here(vpc)?;
                let input = CreateHostedZone {
                    name: domain(&self.fill(name))?,
                    caller_reference: is.clone(),
                    comment: None,
                    vpc: Some(ZoneVpc { vpc, region: self.cx.scope.region.clone() }),
                    tags: Tags::new(),
                };
                let id = self.cloud.create_hosted_zone(&mut self.cx, input)?;
                self.named(is, Thing::Zone(id));
            }
            Step::ZoneVpc { zone, vpc } => {
                let id = self.zone(zone)?;
                let vpc = self.vpc_here(vpc)?;
                let at = ZoneVpc { vpc, region: self.cx.scope.region.clone() };
                let theirs = self.cx.scope.clone();
                if let Some(owner) = self.cloud.hosted_zones.get(&id).map(|zone| zone.account.clone()) {
                    self.go(&Scope { account: owner, region: theirs.region.clone() });
                    self.cloud.authorize_vpc_association(&mut self.cx, &id, at.clone())?;
                }
                self.go(&theirs);
                self.cloud.associate_vpc_with_hosted_zone(&mut self.cx, &id, at)?;
            }
            Step::Record { zone, name, kind, value } => self.record(zone, name, kind, value)?,
            _ => {}
        }
        Ok(())
    }

    fn record(&mut self, zone: &str, name: &str, kind: &str, value: &str) -> Done {
        let id = self.zone(zone)?;
        let found = self.cloud.hosted_zones.get(&id).map(Arc::clone).ok_or_else(|| Passed::Label(zone.to_owned()))?;
        let region = self.cx.scope.region.clone();
        self.go(&Scope { account: found.account.clone(), region });
        let value = self.fill(value);
        let values = |kind: RecordKind| -> Result<Content, Passed> {
            let value = RecordValue::parse(kind, &value).map_err(|_| Passed::Value(value.clone()))?;
            Ok(Content::Values { ttl: 60, values: vec![value] })
        };
        let (kind, content) = match kind {
            "cname" => (RecordKind::Cname, values(RecordKind::Cname)?),
            "alias" => {
                let target = domain(&value)?;
                let zone = match self.cloud.endpoint_of_name(&target) {
                    Some(endpoint) => vpclab_cloud::vpc_endpoint::public_zone_id(&endpoint.scope.region),
                    None => found.id.to_string(),
                };
                (RecordKind::A, Content::Alias(AliasTarget { zone, name: target, evaluate_target_health: false }))
            }
            _ => (RecordKind::A, values(RecordKind::A)?),
        };
        let change = RecordChange { action: ChangeAction::Create, name: domain(&self.fill(name))?, kind, content };
        self.cloud.change_record_sets(&mut self.cx, &id, vec![change])?;
        Ok(())
    }
}

fn domain(text: &str) -> Result<vpclab_cloud::DomainName, Passed> {
    vpclab_cloud::DomainName::parse(text).map_err(|_| Passed::Value(text.to_owned()))
}

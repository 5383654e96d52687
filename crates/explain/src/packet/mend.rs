//! What mends a hop: the narrowest change first, and never more open than the call needs.
use super::{Fact, Hop, Ruling, Trace, gate::may_refer, route::between};
use crate::client::{At, Client};
use crate::{Cause, Fix, StepKind, fix::quoted, tls, walk::Walk};
use ipnet::Ipv4Net;
use serde_json::json;
use std::net::Ipv4Addr;
use vpclab_cloud::{
    Cloud, Direction, InterfaceKind, NetworkAclId, NetworkInterface, PeeringStatus, Route, RouteTable, RouteTableId, RouteTarget,
    SecurityGroup, SubnetId, VpcId, VpcPeeringConnectionId,
};
use vpclab_packet::{AclDecision, Span};

mod peering;

/// The two ends of a way.
struct Ends<'a> {
    walk: &'a Walk<'a>,
    client: &'a Client,
    destination: Option<&'a NetworkInterface>,
    port: u16,
}

/// What mends a hop that blocks.
pub(super) fn fixes(walk: &Walk<'_>, client: &Client, _to: Ipv4Addr, trace: &Trace, hop: &Hop) -> Vec<Fix> {
    let ends = Ends { walk, client, destination: trace.destination.as_deref(), port: trace.port() };
    match &hop.fact {
        Fact::Groups { interface, direction, remote, .. } => ends.groups(interface, *direction, *remote),
        Fact::Acl { acl, egress, remote, ports, entries, .. } => ends.acl(acl, *egress, *remote, *ports, entries),
        Fact::Route { table, subnet, to, chosen, .. } => ends.route(hop, table, subnet, *to, chosen.as_ref()),
        Fact::Peering { peering, status, vpcs, .. } => match (&hop.ruling, status) {
            (Ruling::Block(Cause::BadState), PeeringStatus::PendingAcceptance) => vec![peering::accept(peering)],
            (Ruling::Block(Cause::PcxRequiresAddressInVpcCidr), _) => ends.new_peering(&vpcs.0).into_iter().collect(),
            _ => Vec::new(),
        },
        Fact::Interface { interface, .. } => match (&hop.ruling, interface.as_ref().map(|one| &one.kind)) {
            (Ruling::Block(Cause::EndpointPortNotServed), Some(InterfaceKind::VpcEndpoint(id))) => {
                walk.judge.cloud().vpc_endpoints.get(id).map(|endpoint| tls::with_https(walk, endpoint)).into_iter().collect()
            }
            _ => Vec::new(),
        },
    }
}

/// Who the other side of a rule is, from the narrowest to the widest.
enum Who<'a> {
    Group(&'a SecurityGroup),
    Block(Ipv4Net, &'static str),
}

impl<'a> Ends<'a> {
    fn cloud(&self) -> &'a Cloud {
        self.walk.judge.cloud()
    }

    /// The interface at the other end.
    fn other(&self, direction: Direction) -> Option<&'a NetworkInterface> {
        match direction {
            Direction::Egress => self.destination,
            Direction::Ingress => self.client.interface().map(AsRef::as_ref),
        }
    }

    /// One more rule in a group of the interface: for the other side's group where that can be named, for its address, for its subnet.
    fn groups(&self, interface: &NetworkInterface, direction: Direction, remote: Ipv4Addr) -> Vec<Fix> {
        let Some(group) = main_group(self.cloud(), interface) else { return Vec::new() };
        let other = self.other(direction);
        let by_group = other.filter(|other| may_refer(self.walk.judge, &group.vpc, &other.vpc));
        let by_group = by_group.and_then(|other| main_group(self.cloud(), other)).map(Who::Group);
        let subnet = other.and_then(|other| self.cloud().subnets.get(&other.subnet)).map(|subnet| Who::Block(subnet.cidr, "its subnet"));
        let address = Some(Who::Block(Ipv4Net::from(remote), "its address"));
        [by_group, address, subnet].into_iter().flatten().map(|who| self.rule(group, direction, &who)).collect()
    }

    fn rule(&self, group: &SecurityGroup, direction: Direction, who: &Who<'_>) -> Fix {
        let port = self.port;
        let region = &group.scope.region;
        let (verb, property, side, way) = match direction {
            Direction::Egress => ("authorize-security-group-egress", "SecurityGroupEgress", "Destination", "out to"),
            Direction::Ingress => ("authorize-security-group-ingress", "SecurityGroupIngress", "Source", "in from"),
        };
        let (peer, words, mut value) = match who {
            Who::Group(other) => {
                let owner =
                    if other.scope.account == group.scope.account { String::new() } else { format!(",UserId={}", other.scope.account) };
                (
                    format!("UserIdGroupPairs=[{{GroupId={}{owner}}}]", other.id),
                    format!("members of {} ({})", other.id, other.name),
                    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, format!("{side}SecurityGroupId"): other.id.as_str()}),
                )
            }
            Who::Block(block, what) => (
                format!("IpRanges=[{{CidrIp={block}}}]"),
                format!("{what}, {block}"),
                json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": block.to_string()}),
            ),
        };
        if let (Who::Group(other), Some(members)) = (who, value.as_object_mut())
            && other.scope.account != group.scope.account
            && direction == Direction::Ingress
        {
            members.insert("SourceSecurityGroupOwnerId".to_owned(), json!(other.scope.account.as_str()));
        }
        let permissions = format!("IpProtocol=tcp,FromPort={port},ToPort={port},{peer}");
        Fix::new(&group.scope.account, format!("let TCP {port} {way} {words}, in {} ({})", group.id, group.name))
            .command(format!("aws ec2 {verb} --group-id {} --ip-permissions {} --region {region}", group.id, quoted(&permissions)))
            .property("AWS::EC2::SecurityGroup", &group.id, property, value)
    }

    /// One more entry before the one that denies: for the other side's address, then for its subnet.
    fn acl(&self, id: &NetworkAclId, egress: bool, remote: Ipv4Addr, ports: Span, entries: &[(Span, AclDecision)]) -> Vec<Fix> {
        let Some(acl) = self.cloud().network_acls.get(id) else { return Vec::new() };
        let denying = entries.iter().filter(|(_, decision)| !decision.allow).map(|(_, decision)| decision.number).min();
        let denying = denying.unwrap_or(32_767);
        let taken = |number: u16| acl.entries.iter().any(|entry| entry.egress == egress && entry.number == number);
        let highest = acl.entries.iter().filter(|entry| entry.egress == egress).map(|entry| entry.number).max().unwrap_or(0);
        // Behind all others where only the closing `*` denies, in tens as people number them; else right before the one that denies.
        let tens = (highest / 10).saturating_add(1).saturating_mul(10).max(100);
        let free = if denying == 32_767 && tens < denying { Some(tens) } else { (1..denying).rev().find(|number| !taken(*number)) };
        let Some(number) = free else { return Vec::new() };
        let subnet = self.cloud().subnets.values().find(|subnet| subnet.cidr.contains(&remote) && self.is_end(&subnet.id));
        let blocks = [Some((Ipv4Net::from(remote), "its address")), subnet.map(|subnet| (subnet.cidr, "its subnet"))];
        let way = if egress { "egress" } else { "ingress" };
        let to = if egress { "to" } else { "from" };
        let fix = |(block, what): (Ipv4Net, &str)| {
            let (low, high) = (ports.low, ports.high);
            Fix::new(&acl.scope.account, format!("allow TCP {low}-{high} {to} {what}, {block}, as entry {number} of {id}"))
                .command(format!(
                    "aws ec2 create-network-acl-entry --network-acl-id {id} --{way} --rule-number {number} --protocol tcp \
                     --port-range From={low},To={high} --cidr-block {block} --rule-action allow --region {}",
                    acl.scope.region
                ))
                .property(
                    "AWS::EC2::NetworkAclEntry",
                    format!("{id} {way} {number}"),
                    "",
                    json!({"NetworkAclId": id.as_str(), "Egress": egress, "RuleNumber": number, "Protocol": 6, "RuleAction": "allow",
                           "CidrBlock": block.to_string(), "PortRange": {"From": low, "To": high}}),
                )
        };
        blocks.into_iter().flatten().map(fix).collect()
    }

    /// Whether a subnet is one of the two ends'.
    fn is_end(&self, subnet: &SubnetId) -> bool {
        let ends = [self.client.interface().map(AsRef::as_ref), self.destination];
        ends.into_iter().flatten().any(|end| &end.subnet == subnet)
    }

    fn route(&self, hop: &Hop, table: &RouteTableId, subnet: &SubnetId, to: Ipv4Addr, chosen: Option<&Route>) -> Vec<Fix> {
        let cloud = self.cloud();
        let (Some(table), Some(from)) = (cloud.route_tables.get(table), cloud.subnets.get(subnet)) else { return Vec::new() };
        let region = &table.scope.region;
        if let (Ruling::Block(Cause::EniSourceDestCheckRestriction), Some(Route { target: RouteTarget::Interface(id), .. })) =
            (&hop.ruling, chosen)
        {
            return vec![
                Fix::new(&table.scope.account, format!("let {id} take packets for other addresses"))
                    .command(format!(
                        "aws ec2 modify-network-interface-attribute --network-interface-id {id} --no-source-dest-check --region {region}"
                    ))
                    .property("AWS::EC2::NetworkInterface", id, "SourceDestCheck", json!(false)),
            ];
        }
        let is_home = cloud.vpcs.get(&from.vpc).is_some_and(|vpc| vpc.contains(to));
        if let (true, Some(route)) = (is_home, chosen) {
            let block = route.destination;
            return vec![
                Fix::new(&table.scope.account, format!("delete the route {block} of {}: `local` takes the packets then", table.id))
                    .command(format!(
                        "aws ec2 delete-route --route-table-id {} --destination-cidr-block {block} --region {region}",
                        table.id
                    )),
            ];
        }
        let peering = match (&self.client.at, hop.kind) {
            (At::Outside(id), StepKind::ReturnRoute) => Some(id.clone()),
            _ => self
                .peer_of(&from.vpc)
                .and_then(|peer| between(self.walk.judge, &from.vpc, peer, self.walk.call.now))
                .map(|found| found.id.clone()),
        };
        match peering {
            Some(peering) => {
                let far = self.far_block(hop.kind, to);
                vec![route_fix(table, far, &peering, "the other side's subnet")]
            }
            None => self.new_peering(&from.vpc).into_iter().collect(),
        }
    }

    /// The VPC at the other end, seen from one.
    fn peer_of(&self, vpc: &VpcId) -> Option<&'a VpcId> {
        let ends = [self.client.vpc(), self.destination.map(|end| &end.vpc)];
        ends.into_iter().flatten().find(|end| *end != vpc)
    }

    /// The block that a route to the other side needs: the subnet of what is there.
    fn far_block(&self, kind: StepKind, to: Ipv4Addr) -> Ipv4Net {
        let end = match kind {
            StepKind::ReturnRoute => self.client.interface().map(AsRef::as_ref),
            _ => self.destination,
        };
        let subnet = end.and_then(|end| self.cloud().subnets.get(&end.subnet));
        subnet.map_or(Ipv4Net::from(to), |subnet| subnet.cidr)
    }
}

/// A route by a peering connection, in the place of one with the same destination.
fn route_fix(table: &RouteTable, block: Ipv4Net, peering: &VpcPeeringConnectionId, what: &str) -> Fix {
    Fix::new(&table.scope.account, format!("route {what}, {block}, by {peering} in {}", table.id))
        .command(route_command(table, block, peering.as_str()))
        .property(
            "AWS::EC2::Route",
            format!("{} {block}", table.id),
            "",
            json!({"RouteTableId": table.id.as_str(), "DestinationCidrBlock": block.to_string(), "VpcPeeringConnectionId": peering.as_str()}),
        )
}

fn route_command(table: &RouteTable, block: Ipv4Net, peering: &str) -> String {
    let verb = if table.routes.iter().any(|route| route.destination == block) { "replace-route" } else { "create-route" };
    format!(
        "aws ec2 {verb} --route-table-id {} --destination-cidr-block {block} --vpc-peering-connection-id {peering} --region {}",
        table.id, table.scope.region
    )
}

/// The group of an interface that a rule is added to or names: its own rather than the VPC's default one, which others share.
fn main_group<'a>(cloud: &'a Cloud, interface: &NetworkInterface) -> Option<&'a SecurityGroup> {
    let groups = interface.security_groups.iter().filter_map(|id| cloud.security_groups.get(id));
    groups.min_by_key(|group| group.name == "default").map(AsRef::as_ref)
}

//! Records become lines.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
use crate::{Flow, Record, Recorded};
use std::net::Ipv4Addr;
use vpclab_cloud::{
    Cloud, Direction, InstanceId, NetworkInterface, RouteTarget, Scope, SubnetId, VpcId,
    flow_log::{Field, LogFormat},
    zone,
};

/// What a record says of an interface beside its flow. It outlives the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its instance.
    pub instance: Option<InstanceId>,
    /// Its address.
    pub address: Ipv4Addr,
    /// The id of its availability zone.
    pub zone: String,
}

impl Facts {
    /// Of an interface.
    #[must_use]
    pub fn of(interface: &NetworkInterface) -> Self {
        Self {
            scope: interface.scope.clone(),
            vpc: interface.vpc.clone(),
            subnet: interface.subnet.clone(),
            instance: interface.attachment.as_ref().map(|attachment| attachment.instance.clone()),
            address: interface.private_ip,
            zone: zone_id(interface),
        }
    }
}

/// A record as a flow log's line; `cloud` says by which way outgoing flows leave.
#[must_use]
pub fn line(format: &LogFormat, record: &Record, facts: &Facts, cloud: &Cloud) -> String {
    let words: Vec<String> = format.fields().iter().map(|field| word(*field, format, record, facts, cloud)).collect();
    words.join(" ")
}

fn none() -> String {
    "-".to_owned()
}

fn word(field: Field, format: &LogFormat, record: &Record, facts: &Facts, cloud: &Cloud) -> String {
    match field {
        Field::Version => format.version().to_string(),
        Field::AccountId => facts.scope.account.to_string(),
        Field::InterfaceId => record.interface.to_string(),
        Field::Start => record.start.0.div_euclid(1000).to_string(),
        Field::End => record.end.0.div_euclid(1000).to_string(),
        Field::LogStatus => match record.recorded {
            Recorded::Flow { .. } => "OK",
            Recorded::NoData => "NODATA",
            Recorded::SkipData => "SKIPDATA",
        }
        .to_owned(),
        Field::VpcId => facts.vpc.to_string(),
        Field::SubnetId => facts.subnet.to_string(),
        Field::InstanceId => facts.instance.as_ref().map_or_else(none, ToString::to_string),
        Field::Region => facts.scope.region.to_string(),
        Field::AzId => facts.zone.clone(),
        Field::SrcAddr
        | Field::DstAddr
        | Field::SrcPort
        | Field::DstPort
        | Field::Protocol
        | Field::Packets
        | Field::Bytes
        | Field::Action
        | Field::TcpFlags
        | Field::Type
        | Field::PktSrcAddr
        | Field::PktDstAddr
        | Field::FlowDirection
        | Field::TrafficPath => match record.recorded {
            Recorded::Flow { flow, packets, bytes, tcp_flags } => of_flow(field, &flow, facts, cloud).unwrap_or_else(|| match field {
                Field::Packets => packets.to_string(),
                Field::Bytes => bytes.to_string(),
                Field::TcpFlags => tcp_flags.to_string(),
                _ => none(),
            }),
            Recorded::NoData | Recorded::SkipData => none(),
        },
        // A lab has no local zones, no public addresses of services, no ECS, no block of public access.
        Field::SublocationType
        | Field::SublocationId
        | Field::PktSrcAwsService
        | Field::PktDstAwsService
        | Field::EcsClusterArn
        | Field::EcsClusterName
        | Field::EcsContainerInstanceArn
        | Field::EcsContainerInstanceId
        | Field::EcsContainerId
        | Field::EcsSecondContainerId
        | Field::EcsServiceName
        | Field::EcsTaskDefinitionArn
        | Field::EcsTaskArn
        | Field::EcsTaskId
        | Field::RejectReason => none(),
    }
}

/// What a flow itself says; `None` for fields that are not its own.
fn of_flow(field: Field, flow: &Flow, facts: &Facts, cloud: &Cloud) -> Option<String> {
    let egress = flow.direction == Direction::Egress;
    Some(match field {
        // Of the interface's own side, its own address, even when it passes on what others sent.
        Field::SrcAddr => if egress { facts.address } else { flow.source }.to_string(),
        Field::DstAddr => if egress { flow.destination } else { facts.address }.to_string(),
        Field::PktSrcAddr => flow.source.to_string(),
        Field::PktDstAddr => flow.destination.to_string(),
        Field::SrcPort => flow.source_port.to_string(),
        Field::DstPort => flow.destination_port.to_string(),
        Field::Protocol => flow.protocol.to_string(),
        Field::Action => flow.action.to_string(),
        Field::Type => "IPv4".to_owned(),
        Field::FlowDirection => if egress { "egress" } else { "ingress" }.to_owned(),
        Field::TrafficPath if egress => path(flow.destination, facts, cloud)?.to_string(),
        _ => return None,
    })
}

/// By which way a flow leaves: 1 to another resource of the VPC, 4 and 5 over a peering in a region and between two, 8 to an internet gateway.
fn path(destination: Ipv4Addr, facts: &Facts, cloud: &Cloud) -> Option<u8> {
    let vpc = cloud.vpcs.get(&facts.vpc)?;
    if vpc.cidrs.iter().any(|block| block.cidr.contains(&destination)) {
        return Some(1);
    }
    let tables = || cloud.route_tables.values().filter(|table| table.vpc == facts.vpc);
    let own = tables().find(|table| table.associations.iter().any(|association| association.subnet.as_ref() == Some(&facts.subnet)));
    let table = own.or_else(|| tables().find(|table| table.id == vpc.main_route_table))?;
    let route =
        table.routes.iter().filter(|route| route.destination.contains(&destination)).max_by_key(|route| route.destination.prefix_len())?;
    match &route.target {
        RouteTarget::Peering(id) => cloud.peerings.get(id).map(|peering| if peering.is_inter_region() { 5 } else { 4 }),
        RouteTarget::Local | RouteTarget::Interface(_) | RouteTarget::NatGateway(_) => Some(1),
        RouteTarget::InternetGateway(_) => Some(8),
    }
}

fn zone_id(interface: &NetworkInterface) -> String {
    let zones = zone::zones(&interface.scope.region);
    zones.into_iter().find(|zone| zone.name == interface.availability_zone).map_or_else(none, |zone| zone.id)
}

#[cfg(test)]
mod tests;

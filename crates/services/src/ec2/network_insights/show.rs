//! Paths and analyses as answers show them.
use crate::ec2::tag;
use vpclab_cloud::network_insights::{AclRule, Component, Explanation, GroupRule, PacketHeader, PathComponent, Ports, RouteTableRoute};
use vpclab_cloud::{NetworkInsightsAnalysis, NetworkInsightsPath};
use vpclab_wire::{Timestamp, ec2};

/// `tcp` or `udp`.
pub(super) fn protocol(number: u8) -> &'static str {
    if number == 17 { "udp" } else { "tcp" }
}

/// A path.
pub(crate) fn path(path: &NetworkInsightsPath) -> ec2::NetworkInsightsPath {
    let arn = |id: &str| {
        let kind = match id.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
            "i" => "instance",
            "eni" => "network-interface",
            "vpce" => "vpc-endpoint",
            _ => "vpc-peering-connection",
        };
        format!("arn:aws:ec2:{}:{}:{kind}/{id}", path.scope.region, path.scope.account)
    };
    let asked = &path.asked;
    ec2::NetworkInsightsPath {
        network_insights_path_id: Some(path.id.to_string()),
        network_insights_path_arn: Some(path.arn()),
        created_date: Some(Timestamp::from_millis(path.created.0)),
        source: Some(asked.source.clone()),
        destination: asked.destination.clone(),
        source_arn: Some(arn(&asked.source)),
        destination_arn: asked.destination.as_deref().map(arn),
        source_ip: asked.source_ip.map(|ip| ip.to_string()),
        destination_ip: asked.destination_ip.map(|ip| ip.to_string()),
        protocol: Some(protocol(asked.protocol).into()),
        destination_port: asked.destination_port.map(i32::from),
        tags: tag::set(&path.tags),
    }
}

/// `succeeded`, or `failed` when the path could not be looked at.
pub(super) fn status(analysis: &NetworkInsightsAnalysis) -> &'static str {
    if analysis.result.is_ok() { "succeeded" } else { "failed" }
}

/// An analysis as the call that starts it answers it.
pub(super) fn started(analysis: &NetworkInsightsAnalysis) -> ec2::NetworkInsightsAnalysis {
    ec2::NetworkInsightsAnalysis {
        status: Some("running".into()),
        status_message: None,
        warning_message: None,
        network_path_found: None,
        forward_path_components: Vec::new(),
        return_path_components: Vec::new(),
        explanations: Vec::new(),
        ..self::analysis(analysis)
    }
}

/// An analysis.
pub(crate) fn analysis(analysis: &NetworkInsightsAnalysis) -> ec2::NetworkInsightsAnalysis {
    let findings = analysis.result.as_ref().ok();
    let numbered = |list: &[PathComponent]| (1..).zip(list).map(|(number, one)| path_component(number, one)).collect();
    ec2::NetworkInsightsAnalysis {
        network_insights_analysis_id: Some(analysis.id.to_string()),
        network_insights_analysis_arn: Some(analysis.arn()),
        network_insights_path_id: Some(analysis.path.to_string()),
        start_date: Some(Timestamp::from_millis(analysis.started.0)),
        status: Some(status(analysis).into()),
        status_message: analysis.result.as_ref().err().cloned(),
        warning_message: findings.and_then(|findings| findings.warning.clone()),
        network_path_found: findings.map(|findings| findings.found),
        forward_path_components: findings.map(|findings| numbered(&findings.forward)).unwrap_or_default(),
        return_path_components: findings.map(|findings| numbered(&findings.back)).unwrap_or_default(),
        explanations: findings.map(|findings| findings.explanations.iter().map(explanation).collect()).unwrap_or_default(),
        tags: tag::set(&analysis.tags),
    }
}

fn component(one: &Component) -> ec2::AnalysisComponent {
    ec2::AnalysisComponent { id: Some(one.id.clone()), arn: Some(one.arn.clone()), name: one.name.clone() }
}

fn path_component(number: i32, one: &PathComponent) -> ec2::PathComponent {
    ec2::PathComponent {
        sequence_number: Some(number),
        acl_rule: one.acl_rule.as_ref().map(acl_rule),
        attached_to: one.attached_to.as_ref().map(component),
        component: Some(component(&one.component)),
        destination_vpc: one.vpcs.as_ref().map(|(_, to)| component(to)),
        outbound_header: one.outbound.as_ref().map(header),
        inbound_header: one.inbound.as_ref().map(header),
        route_table_route: one.route.as_ref().map(route),
        security_group_rule: one.group_rule.as_ref().map(group_rule),
        source_vpc: one.vpcs.as_ref().map(|(from, _)| component(from)),
        subnet: one.subnet.as_ref().map(component),
        vpc: one.vpc.as_ref().map(component),
    }
}

fn ports(ports: Ports) -> ec2::PortRange {
    ec2::PortRange { from: Some(i32::from(ports.from)), to: Some(i32::from(ports.to)) }
}

fn acl_rule(rule: &AclRule) -> ec2::AnalysisAclRule {
    ec2::AnalysisAclRule {
        cidr: Some(rule.cidr.clone()),
        egress: Some(rule.egress),
        port_range: rule.ports.map(ports),
        protocol: Some(rule.protocol.clone()),
        rule_action: Some(if rule.allow { "allow" } else { "deny" }.into()),
        rule_number: Some(i32::from(rule.number)),
    }
}

fn group_rule(rule: &GroupRule) -> ec2::AnalysisSecurityGroupRule {
    ec2::AnalysisSecurityGroupRule {
        cidr: rule.cidr.clone(),
        direction: Some(if rule.egress { "egress" } else { "ingress" }.into()),
        security_group_id: rule.group.clone(),
        port_range: rule.ports.map(ports),
        protocol: Some(rule.protocol.clone()),
    }
}

fn route(route: &RouteTableRoute) -> ec2::AnalysisRouteTableRoute {
    ec2::AnalysisRouteTableRoute {
        destination_cidr: Some(route.destination.clone()),
        gateway_id: route.gateway.clone(),
        nat_gateway_id: route.nat_gateway.clone(),
        network_interface_id: route.interface.clone(),
        origin: Some(route.origin.clone()),
        vpc_peering_connection_id: route.peering.clone(),
        state: Some(route.state.clone()),
    }
}

fn header(header: &PacketHeader) -> ec2::AnalysisPacketHeader {
    ec2::AnalysisPacketHeader {
        destination_addresses: vec![header.destination.clone()],
        destination_port_ranges: vec![ports(header.destination_ports)],
        protocol: Some(header.protocol.clone()),
        source_addresses: vec![header.source.clone()],
        source_port_ranges: vec![ports(header.source_ports)],
    }
}

fn explanation(one: &Explanation) -> ec2::Explanation {
    ec2::Explanation {
        acl: one.acl.as_ref().map(component),
        acl_rule: one.acl_rule.as_ref().map(acl_rule),
        address: one.address.clone(),
        cidrs: one.cidrs.clone(),
        component: one.component.as_ref().map(component),
        destination: one.destination.as_ref().map(component),
        direction: one.direction.clone(),
        explanation_code: Some(one.code.clone()),
        network_interface: one.interface.as_ref().map(component),
        vpc_peering_connection: one.peering.as_ref().map(component),
        port: one.port.map(i32::from),
        port_ranges: one.ports.iter().copied().map(ports).collect(),
        protocols: one.protocols.clone(),
        route_table_route: one.route.as_ref().map(route),
        route_table: one.route_table.as_ref().map(component),
        security_groups: one.security_groups.iter().map(component).collect(),
        state: one.state.clone(),
        subnet: one.subnet.as_ref().map(component),
        vpc: one.vpc.as_ref().map(component),
    }
}

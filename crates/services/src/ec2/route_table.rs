//! Route tables, routes and associations.
use super::errors::{self, invalid_value, parse_id, parse_ids};
use super::filters::{Filters, chosen, page};
use super::tag;
use crate::engine::clock;
use crate::request::RequestContext;
use ipnet::Ipv4Net;
use vpclab_cloud::route_table::{CreateRouteTable, RouteState};
use vpclab_cloud::{ClientToken, Cloud, Refusal, Route, RouteTable, RouteTableAssociation, RouteTableId, Timestamp};
use vpclab_wire::{WireError, ec2};

pub(crate) mod target;

use target::{Asked, Named};

/// What a describe call can be filtered by.
const FILTERS: &[&str] = &[
    "association.gateway-id",
    "association.main",
    "association.route-table-association-id",
    "association.route-table-id",
    "association.subnet-id",
    "owner-id",
    "route-table-id",
    "route.destination-cidr-block",
    "route.destination-ipv6-cidr-block",
    "route.destination-prefix-list-id",
    "route.gateway-id",
    "route.instance-id",
    "route.nat-gateway-id",
    "route.origin",
    "route.state",
    "route.transit-gateway-id",
    "route.vpc-peering-connection-id",
    "tag:",
    "tag-key",
    "vpc-id",
];

/// `CreateRouteTable`.
pub async fn create_route_table(cx: &RequestContext, req: ec2::CreateRouteTableRequest) -> Result<ec2::CreateRouteTableResult, WireError> {
    let client_token = token(req.client_token.as_deref(), &(&req.vpc_id, &req.tag_specifications))?;
    let input = CreateRouteTable {
        vpc: parse_id(&req.vpc_id)?,
        client_token,
        tags: tag::of_specifications(&req.tag_specifications, "route-table")?,
    };
    let route_table = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_route_table(c, input)?;
            Ok(cloud.route_tables.get(&id).map(|table| shown(cloud, table, c.now)))
        })
        .await?;
    Ok(ec2::CreateRouteTableResult { route_table, client_token: req.client_token })
}

/// `DeleteRouteTable`.
pub async fn delete_route_table(cx: &RequestContext, req: ec2::DeleteRouteTableRequest) -> Result<(), WireError> {
    let id = parse_id(&req.route_table_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_route_table(c, &id)).await
}

/// `DescribeRouteTables`.
pub async fn describe_route_tables(
    cx: &RequestContext,
    req: ec2::DescribeRouteTablesRequest,
) -> Result<ec2::DescribeRouteTablesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.route_table_ids)?;
    let (cloud, now) = (cx.snapshot(), clock());
    let seen = cloud.route_tables.values().filter(|found| found.scope == cx.scope);
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::RouteTableNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(&cloud, found, now, name)));
    let page = page(found, |table| table.id.to_string(), req.max_results, req.next_token.as_deref(), 5..=100)?;
    let route_tables = page.items.into_iter().map(|table| shown(&cloud, table, now)).collect();
    Ok(ec2::DescribeRouteTablesResult { route_tables, next_token: page.next_token })
}

/// `CreateRoute`.
pub async fn create_route(cx: &RequestContext, req: ec2::CreateRouteRequest) -> Result<ec2::CreateRouteResult, WireError> {
    let (table, destination, target) = new_route(&req)?;
    cx.change(errors::word, |cloud, c| {
        let target = target.of(cloud, c)?;
        cloud.create_route(c, &table, destination, target)
    })
    .await?;
    Ok(ec2::CreateRouteResult { return_: Some(true) })
}

/// The table, the destination and the target of a new route.
pub(crate) fn new_route(req: &ec2::CreateRouteRequest) -> Result<(RouteTableId, Ipv4Net, Named), WireError> {
    let table = parse_id(&req.route_table_id)?;
    let destination = destination(req.destination_cidr_block.as_deref())?;
    let target = Asked {
        gateway: req.gateway_id.as_deref(),
        instance: req.instance_id.as_deref(),
        interface: req.network_interface_id.as_deref(),
        nat: req.nat_gateway_id.as_deref(),
        peering: req.vpc_peering_connection_id.as_deref(),
        local: false,
    };
    Ok((table, destination, target.read()?))
}

/// `ReplaceRoute`.
pub async fn replace_route(cx: &RequestContext, req: ec2::ReplaceRouteRequest) -> Result<(), WireError> {
    let table = parse_id(&req.route_table_id)?;
    let destination = destination(req.destination_cidr_block.as_deref())?;
    let target = Asked {
        gateway: req.gateway_id.as_deref(),
        instance: req.instance_id.as_deref(),
        interface: req.network_interface_id.as_deref(),
        nat: req.nat_gateway_id.as_deref(),
        peering: req.vpc_peering_connection_id.as_deref(),
        local: req.local_target == Some(true),
    };
    let target = target.read()?;
    cx.change(errors::word, |cloud, c| {
        let target = target.of(cloud, c)?;
        cloud.replace_route(c, &table, destination, target)
    })
    .await
}

/// `DeleteRoute`.
pub async fn delete_route(cx: &RequestContext, req: ec2::DeleteRouteRequest) -> Result<(), WireError> {
    let table = parse_id(&req.route_table_id)?;
    let destination = destination(req.destination_cidr_block.as_deref())?;
    cx.change(errors::word, |cloud, c| cloud.delete_route(c, &table, destination)).await
}

/// `AssociateRouteTable`.
pub async fn associate_route_table(
    cx: &RequestContext,
    req: ec2::AssociateRouteTableRequest,
) -> Result<ec2::AssociateRouteTableResult, WireError> {
    let table = parse_id(&req.route_table_id)?;
    let subnet = parse_id(req.subnet_id.as_deref().ok_or_else(|| errors::missing("subnetId"))?)?;
    let id = cx.change(errors::word, |cloud, c| cloud.associate_route_table(c, &table, &subnet)).await?;
    Ok(ec2::AssociateRouteTableResult { association_id: Some(id.to_string()), association_state: associated() })
}

/// `DisassociateRouteTable`.
pub async fn disassociate_route_table(cx: &RequestContext, req: ec2::DisassociateRouteTableRequest) -> Result<(), WireError> {
    let id = parse_id(&req.association_id)?;
    cx.change(errors::word, |cloud, c| cloud.disassociate_route_table(c, &id)).await
}

/// `ReplaceRouteTableAssociation`.
pub async fn replace_route_table_association(
    cx: &RequestContext,
    req: ec2::ReplaceRouteTableAssociationRequest,
) -> Result<ec2::ReplaceRouteTableAssociationResult, WireError> {
    let id = parse_id(&req.association_id)?;
    let table = parse_id(&req.route_table_id)?;
    let new = cx.change(errors::word, |cloud, c| cloud.replace_route_table_association(c, &id, &table)).await?;
    Ok(ec2::ReplaceRouteTableAssociationResult { new_association_id: Some(new.to_string()), association_state: associated() })
}

/// The token of a call, with a digest of its other parameters.
///
/// # Errors
/// A token that is too long or not ASCII.
pub fn token(token: Option<&str>, arguments: &impl std::fmt::Debug) -> Result<Option<ClientToken>, WireError> {
    token.map(|token| ClientToken::new(token, arguments)).transpose().map_err(|refusal| errors::word(&refusal))
}

/// The destination; AWS takes a block with host bits and clears them.
fn destination(text: Option<&str>) -> Result<Ipv4Net, WireError> {
    let text = text.ok_or_else(|| errors::missing("destinationCidrBlock"))?;
    let cidr: Result<Ipv4Net, _> = text.parse();
    cidr.map_err(|_| {
        invalid_value(format!("Value ({text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."))
    })
}

fn associated() -> Option<ec2::RouteTableAssociationState> {
    Some(ec2::RouteTableAssociationState { state: Some("associated".into()), ..Default::default() })
}

/// A table as answers show it.
fn shown(cloud: &Cloud, table: &RouteTable, now: Timestamp) -> ec2::RouteTable {
    let association = |association: &RouteTableAssociation| ec2::RouteTableAssociation {
        main: Some(association.subnet.is_none()),
        route_table_association_id: Some(association.id.to_string()),
        route_table_id: Some(table.id.to_string()),
        subnet_id: association.subnet.as_ref().map(ToString::to_string),
        association_state: associated(),
        ..Default::default()
    };
    let route = |route: &Route| ec2::Route {
        destination_cidr_block: Some(route.destination.to_string()),
        origin: Some(origin(route).into()),
        state: Some(state(cloud, table, route, now).into()),
        ..target::shown(cloud, &route.target)
    };
    ec2::RouteTable {
        associations: table.associations.iter().map(association).collect(),
        route_table_id: Some(table.id.to_string()),
        routes: table.routes.iter().map(route).collect(),
        tags: tag::set(&table.tags),
        vpc_id: Some(table.vpc.to_string()),
        owner_id: Some(table.scope.account.to_string()),
        ..Default::default()
    }
}

/// What a table has for a filter.
fn values(cloud: &Cloud, table: &RouteTable, now: Timestamp, filter: &str) -> Vec<String> {
    let routes = || table.routes.iter();
    let targets = |of: fn(ec2::Route) -> Option<String>| routes().filter_map(|route| of(target::shown(cloud, &route.target))).collect();
    let associations = || table.associations.iter();
    match filter {
        "association.main" => associations().map(|found| found.subnet.is_none().to_string()).collect(),
        "association.route-table-association-id" => associations().map(|found| found.id.to_string()).collect(),
        "association.route-table-id" => associations().map(|_| table.id.to_string()).collect(),
        "association.subnet-id" => associations().filter_map(|found| found.subnet.as_ref().map(ToString::to_string)).collect(),
        "owner-id" => vec![table.scope.account.to_string()],
        "route-table-id" => vec![table.id.to_string()],
        "route.destination-cidr-block" => routes().map(|route| route.destination.to_string()).collect(),
        "route.origin" => routes().map(|route| origin(route).into()).collect(),
        "route.state" => routes().map(|route| state(cloud, table, route, now).into()).collect(),
        "route.gateway-id" => targets(|route| route.gateway_id),
        "route.instance-id" => targets(|route| route.instance_id),
        "route.nat-gateway-id" => targets(|route| route.nat_gateway_id),
        "route.vpc-peering-connection-id" => targets(|route| route.vpc_peering_connection_id),
        "vpc-id" => vec![table.vpc.to_string()],
        // Targets that no route of a lab has.
        _ => Vec::new(),
    }
}

fn origin(route: &Route) -> &'static str {
    if route.from_table { "CreateRouteTable" } else { "CreateRoute" }
}

fn state(cloud: &Cloud, table: &RouteTable, route: &Route, now: Timestamp) -> &'static str {
    match cloud.route_state(table, route, now) {
        RouteState::Active => "active",
        RouteState::Blackhole => "blackhole",
    }
}

#[cfg(test)]
mod tests;

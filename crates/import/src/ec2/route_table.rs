//! Route tables.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use ipnet::Ipv4Net;
use std::sync::Arc;
use vpclab_cloud::{Route, RouteTable, RouteTableAssociation, RouteTableId, RouteTarget, VpcId};

/// Members that name targets a lab does not have.
const OTHER_TARGETS: [&str; 5] =
    ["TransitGatewayId", "EgressOnlyInternetGatewayId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn"];

/// A `RouteTables` member.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: RouteTableId = item.read("RouteTableId")?;
    let vpc: VpcId = item.read("VpcId")?;
    let mut routes = Vec::new();
    for route in item.list("Routes") {
        routes.extend(read_route(import, &id, route)?);
    }
    let mut associations = Vec::new();
    for association in item.list("Associations") {
        let state = association.item("AssociationState").and_then(|state| state.text("State")).unwrap_or("associated");
        if state != "associated" {
            continue;
        }
        if let Some(gateway) = association.text("GatewayId") {
            import.note(id.as_str(), format!("vpclab knows no edge associations: the one with {gateway} is left out"), []);
            continue;
        }
        let own = RouteTableAssociation { id: association.read("RouteTableAssociationId")?, subnet: association.maybe("SubnetId")? };
        if association.flag("Main")
            && let Some(vpc) = import.cloud.vpcs.get_mut(&vpc).map(Arc::make_mut)
        {
            vpc.main_route_table = id.clone();
        }
        associations.push(own);
    }
    let table =
        RouteTable { id: id.clone(), scope: source.scope_of(item)?, vpc, routes, associations, client_token: None, tags: item.tags() };
    import.cloud.route_tables.insert(id, Arc::new(table));
    Ok(())
}

/// A route; `None`, and a note, when it cannot be taken into account.
fn read_route(import: &mut Import, table: &RouteTableId, route: Item<'_>) -> Result<Option<Route>, Unreadable> {
    if route.has("DestinationIpv6CidrBlock") {
        // No call of IPv4 goes by it.
        return Ok(None);
    }
    let to = target(route)?;
    if let Some(list) = route.text("DestinationPrefixListId") {
        // A gateway endpoint's route leads to the public addresses of S3 and DynamoDB, where no API is.
        let is_gateway_endpoint = route.text("GatewayId").is_some_and(|id| id.starts_with("vpce-"));
        let affects = (!is_gateway_endpoint).then(|| Affected::Route { table: table.clone(), destination: None });
        import.note(table.as_str(), format!("vpclab knows no prefix lists: the route to {list} is left out"), affects);
        return Ok(None);
    }
    let destination: Ipv4Net = route.read("DestinationCidrBlock")?;
    match to {
        Some(target) => Ok(Some(Route { destination, target, from_table: route.text("Origin") == Some("CreateRouteTable") })),
        None => {
            let named = OTHER_TARGETS.into_iter().chain(["GatewayId"]).find_map(|member| route.text(member));
            let what = format!("vpclab does not know where the route to {destination} by {} leads", named.unwrap_or("an unknown target"));
            import.note(table.as_str(), what, [Affected::Route { table: table.clone(), destination: Some(destination) }]);
            Ok(None)
        }
    }
}

fn target(route: Item<'_>) -> Result<Option<RouteTarget>, Unreadable> {
    if let Some(id) = route.maybe("VpcPeeringConnectionId")? {
        return Ok(Some(RouteTarget::Peering(id)));
    }
    if let Some(id) = route.maybe("NatGatewayId")? {
        return Ok(Some(RouteTarget::NatGateway(id)));
    }
    if let Some(id) = route.maybe("NetworkInterfaceId")? {
        return Ok(Some(RouteTarget::Interface(id)));
    }
    Ok(match route.text("GatewayId") {
        Some("local") => Some(RouteTarget::Local),
        Some(id) if id.starts_with("igw-") => Some(RouteTarget::InternetGateway(route.read("GatewayId")?)),
        Some(_) | None => None,
    })
}

//! Route tables.
use super::{Asked, Items, item};
use serde_json::{Value, json};
use vpclab_cloud::{RouteTarget, route_table::RouteState};

pub(super) fn list<'a>(asked: &'a Asked<'a>) -> Items<'a> {
    Box::new(asked.cloud.route_tables.values().map(|table| {
        let routes: Vec<Value> = table
            .routes
            .iter()
            .map(|route| {
                let state = match asked.cloud.route_state(table, route, asked.now) {
                    RouteState::Active => "active",
                    RouteState::Blackhole => "blackhole",
                };
                json!({"DestinationCidrBlock": route.destination.to_string(), "Target": target(&route.target), "State": state})
            })
            .collect();
        let subnets: Vec<&str> = table.associations.iter().filter_map(|a| a.subnet.as_ref().map(|id| id.as_str())).collect();
        item(
            &table.scope,
            &table.tags,
            json!({
                "RouteTableId": table.id.as_str(),
                "VpcId": table.vpc.as_str(),
                "Main": table.associations.iter().any(|a| a.subnet.is_none()),
                "SubnetIds": subnets,
                "Routes": routes,
            }),
        )
    }))
}

fn target(target: &RouteTarget) -> &str {
    match target {
        RouteTarget::Local => "local",
        RouteTarget::Peering(id) => id.as_str(),
        RouteTarget::InternetGateway(id) => id.as_str(),
        RouteTarget::NatGateway(id) => id.as_str(),
        RouteTarget::Interface(id) => id.as_str(),
    }
}

//! `topology`: the networks of the lab as text, JSON or a picture.
use crate::{client, lab::Lab, report::Failure};
use anstream::println;
use serde_json::{Value, json};
use std::process::ExitCode;
use vpclab_cloud::{Cloud, InstanceState, RouteTarget, Tags, Vpc};

/// Prints what the running lab holds.
pub fn run(lab: &Lab, as_json: bool, as_picture: bool) -> Result<ExitCode, Failure> {
    if as_picture {
        anstream::print!("{}", client::get_text(&lab.running()?, "/_vpclab/topology.svg")?);
        return Ok(ExitCode::SUCCESS);
    }
    let value = client::get(&lab.running()?, "/_vpclab/topology")?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&value).map_err(Failure::new)?);
    } else {
        let text = render(&value);
        if text.is_empty() {
            anstream::eprintln!("the lab is empty");
        }
        anstream::print!("{text}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The topology as data: `{"vpcs": [...], "peerings": [...], "apis": [...]}`, ordered by region, account and id.
pub fn describe(cloud: &Cloud) -> Value {
    let mut vpcs: Vec<&Vpc> = cloud.vpcs.values().map(AsRef::as_ref).collect();
    vpcs.sort_by(|a, b| (&a.scope.region, &a.scope.account, &a.id).cmp(&(&b.scope.region, &b.scope.account, &b.id)));
    let peerings: Vec<Value> = cloud
        .peerings
        .values()
        .map(|p| {
            json!({"id": p.id.as_str(), "status": format!("{:?}", p.status), "requester": p.requester.vpc.as_str(), "accepter": p.accepter.vpc.as_str(),
                   "requesterRegion": p.requester.scope.region.as_str(), "accepterRegion": p.accepter.scope.region.as_str()})
        })
        .collect();
    let apis: Vec<Value> = cloud
        .rest_apis
        .values()
        .map(|api| {
            let stages: Vec<&str> = cloud.stages.values().filter(|s| s.api == api.id).map(|s| s.name.as_str()).collect();
            json!({"id": api.id.as_str(), "name": api.name, "region": api.scope.region.as_str(), "account": api.scope.account.as_str(),
                   "endpointType": format!("{:?}", api.settings.endpoint_type).to_uppercase(), "stages": stages})
        })
        .collect();
    json!({"vpcs": vpcs.into_iter().map(|vpc| describe_vpc(cloud, vpc)).collect::<Vec<_>>(), "peerings": peerings, "apis": apis})
}

fn describe_vpc(cloud: &Cloud, vpc: &Vpc) -> Value {
    let subnets: Vec<Value> = cloud
        .subnets
        .values()
        .filter(|subnet| subnet.vpc == vpc.id)
        .map(|subnet| {
            let table = cloud
                .route_tables
                .values()
                .find(|table| table.associations.iter().any(|a| a.subnet.as_ref() == Some(&subnet.id)))
                .or_else(|| cloud.route_tables.get(&vpc.main_route_table));
            let routes: Vec<String> = table.map_or_else(Vec::new, |table| {
                table
                    .routes
                    .iter()
                    .map(|route| match &route.target {
                        RouteTarget::Local => format!("{} local", route.destination),
                        RouteTarget::Peering(id) => format!("{} {id}", route.destination),
                        RouteTarget::InternetGateway(id) => format!("{} {id}", route.destination),
                        RouteTarget::NatGateway(id) => format!("{} {id}", route.destination),
                        RouteTarget::Interface(id) => format!("{} {id}", route.destination),
                    })
                    .collect()
            });
            let instances: Vec<Value> = cloud
                .instances
                .values()
                .filter(|i| i.subnet == subnet.id && i.state != InstanceState::Terminated)
                .map(|i| {
                    let eni = i.interface.as_ref().and_then(|id| cloud.network_interfaces.get(id));
                    json!({"id": i.id.as_str(), "name": name(&i.tags), "state": format!("{:?}", i.state).to_lowercase(),
                           "ip": eni.map(|e| e.private_ip.to_string()),
                           "groups": eni.map(|e| e.security_groups.iter().map(|g| g.as_str()).collect::<Vec<_>>())})
                })
                .collect();
            let endpoints: Vec<Value> = cloud
                .vpc_endpoints
                .values()
                .filter_map(|e| e.interfaces.get(&subnet.id).map(|eni| (e, cloud.network_interfaces.get(eni))))
                .map(|(e, eni)| {
                    json!({"id": e.id.as_str(), "service": e.service_name, "privateDns": e.private_dns_enabled,
                           "ip": eni.map(|e| e.private_ip.to_string()), "groups": e.security_groups.iter().map(|g| g.as_str()).collect::<Vec<_>>()})
                })
                .collect();
            json!({"id": subnet.id.as_str(), "name": name(&subnet.tags), "cidr": subnet.cidr.to_string(), "zone": subnet.availability_zone,
                   "routes": routes, "instances": instances, "endpoints": endpoints})
        })
        .collect();
    json!({"id": vpc.id.as_str(), "name": name(&vpc.tags), "region": vpc.scope.region.as_str(), "account": vpc.scope.account.as_str(),
           "cidrs": vpc.cidrs.iter().map(|c| c.cidr.to_string()).collect::<Vec<_>>(),
           "dnsSupport": vpc.enable_dns_support, "dnsHostnames": vpc.enable_dns_hostnames, "subnets": subnets})
}

fn name(tags: &Tags) -> Option<&str> {
    tags.get("Name").map(String::as_str)
}

/// The same as an indented tree.
fn render(value: &Value) -> String {
    let mut out = String::new();
    let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |v: &Value, key: &str| v.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let words = |v: &Value, key: &str| list(v, key).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let label = |v: &Value| match v.get("name").and_then(Value::as_str) {
        Some(name) => format!("{} ({name})", text(v, "id")),
        None => text(v, "id"),
    };
    for vpc in list(value, "vpcs") {
        let on = |key: &str| if vpc.get(key).and_then(Value::as_bool) == Some(true) { "on" } else { "off" };
        out += &format!(
            "{} {} {}  account {}  dns support {}, hostnames {}\n",
            text(&vpc, "region"),
            label(&vpc),
            words(&vpc, "cidrs"),
            text(&vpc, "account"),
            on("dnsSupport"),
            on("dnsHostnames")
        );
        for subnet in list(&vpc, "subnets") {
            out += &format!("  {} {} {}\n", label(&subnet), text(&subnet, "cidr"), text(&subnet, "zone"));
            for route in list(&subnet, "routes") {
                out += &format!("    route {}\n", route.as_str().unwrap_or_default());
            }
            for instance in list(&subnet, "instances") {
                out += &format!(
                    "    {} {} {}  {}\n",
                    label(&instance),
                    text(&instance, "ip"),
                    text(&instance, "state"),
                    words(&instance, "groups")
                );
            }
            for endpoint in list(&subnet, "endpoints") {
                let dns = if endpoint.get("privateDns").and_then(Value::as_bool) == Some(true) { "private dns" } else { "no private dns" };
                out += &format!(
                    "    {} {} {} ({dns})  {}\n",
                    text(&endpoint, "id"),
                    text(&endpoint, "ip"),
                    text(&endpoint, "service"),
                    words(&endpoint, "groups")
                );
            }
        }
    }
    for peering in list(value, "peerings") {
        out += &format!(
            "{} {}: {} ({}) -> {} ({})\n",
            text(&peering, "id"),
            text(&peering, "status").to_lowercase(),
            text(&peering, "requester"),
            text(&peering, "requesterRegion"),
            text(&peering, "accepter"),
            text(&peering, "accepterRegion")
        );
    }
    for api in list(value, "apis") {
        out += &format!(
            "api {} {} {} {}  stages: {}\n",
            text(&api, "id"),
            text(&api, "name"),
            text(&api, "region"),
            text(&api, "endpointType"),
            words(&api, "stages")
        );
    }
    out
}

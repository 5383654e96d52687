//! VPC endpoints.
use crate::Affected;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use std::sync::Arc;
use vpclab_cloud::vpc_endpoint::check_service;
use vpclab_cloud::{EndpointState, SecurityGroupId, VpcEndpoint, VpcEndpointId};

/// A `VpcEndpoints` member. Only interface endpoints of services that a lab knows are a lab's; the others are listed.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let id: VpcEndpointId = item.read("VpcEndpointId")?;
    let scope = source.scope_of(item)?;
    let service = item.text("ServiceName").ok_or(Unreadable::Missing("ServiceName"))?;
    let kind = item.text("VpcEndpointType").unwrap_or("Gateway");
    if kind != "Interface" || check_service(&scope.region, service).is_err() {
        // Its interfaces, if it has some, are listed by themselves.
        import.note(id.as_str(), format!("vpclab runs no `{kind}` endpoints for {service}: it is left out"), []);
        return Ok(());
    }
    let state = match item.text("State").map(str::to_ascii_lowercase).as_deref() {
        Some("available") => EndpointState::Available,
        Some("pending" | "pendingacceptance") => EndpointState::Pending,
        // What is deleted, rejected or failed has no interfaces.
        _ => return Ok(()),
    };
    for interface in item.all("NetworkInterfaceIds")? {
        import.endpoint_interfaces.insert(interface, id.clone());
    }
    let policy = item.owned("PolicyDocument").filter(|text| !is_default(text));
    if item.text("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        import.note(id.as_str(), "vpclab knows no IPv6: only its IPv4 addresses are taken", [Affected::Endpoint(id.clone())]);
    }
    let groups: Result<_, Unreadable> = item.list("Groups").map(|group| group.read::<SecurityGroupId>("GroupId")).collect();
    let endpoint = VpcEndpoint {
        vpc: item.read("VpcId")?,
        service_name: service.to_owned(),
        // Told by the interfaces.
        interfaces: Default::default(),
        security_groups: groups?,
        policy,
        private_dns_enabled: item.flag("PrivateDnsEnabled"),
        dns_suffix: dns_suffix(&id, item),
        state,
        created: item.time("CreationTimestamp"),
        client_token: None,
        tags: item.tags(),
        scope,
        id: id.clone(),
    };
    if endpoint.policy.is_some() && !endpoint.is_execute_api() {
        let text = format!("vpclab does not enforce the policy of an endpoint of {service}: it lets everything through");
        import.note(id.as_str(), text, [Affected::Endpoint(id.clone())]);
    }
    import.cloud.vpc_endpoints.insert(id, Arc::new(endpoint));
    Ok(())
}

/// Whether a policy is the one that an endpoint without one shows: everything is let through.
fn is_default(text: &str) -> bool {
    let default = serde_json::json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let parsed = serde_json::from_str::<serde_json::Value>(text).ok();
    parsed.is_some_and(|mut policy| {
        policy.as_object_mut().map(|policy| policy.remove("Version"));
        policy == default
    })
}

/// The eight characters after the id in the endpoint's public names: `vpce-…-abcdefgh.execute-api.…`.
fn dns_suffix(id: &VpcEndpointId, item: Item<'_>) -> String {
    let names = item.list("DnsEntries").filter_map(|entry| entry.text("DnsName"));
    let suffixes = names.filter_map(|name| {
        let first = name.split('.').next()?;
        let suffix = first.strip_prefix(id.as_str())?.strip_prefix('-')?;
        (!suffix.is_empty() && !suffix.contains('-')).then(|| suffix.to_owned())
    });
    suffixes.min_by_key(String::len).unwrap_or_default()
}

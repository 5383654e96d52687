//! What the records name and do not hold: a judgement that comes by it has to know.
use crate::read::Import;
use crate::{Affected, NotUnderstood, lambda};
use vpclab_api::lambda_proxy;
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::{Direction, InterfaceKind, RulePeer};

/// Looks for what is missing, once all is read.
pub(crate) fn check(import: &mut Import) {
    lambda::find_interfaces(import);
    let mut noted = Vec::new();
    networks(import, &mut noted);
    interfaces(import, &mut noted);
    groups(import, &mut noted);
    peerings(import, &mut noted);
    apis(import, &mut noted);
    called(import, &mut noted);
    validation(import, &mut noted);
    zones(import, &mut noted);
    import.noted.append(&mut noted);
}

fn note(noted: &mut Vec<NotUnderstood>, resource: &str, what: impl Into<String>, affected: Affected) {
    noted.push(NotUnderstood { resource: resource.to_owned(), what: what.into(), affects: vec![affected] });
}

fn networks(import: &Import, noted: &mut Vec<NotUnderstood>) {
    let cloud = &import.cloud;
    for vpc in cloud.vpcs.values() {
        let affected = || Affected::Vpc(vpc.id.clone());
        for (member, told) in [("enableDnsSupport", true), ("enableDnsHostnames", false)] {
            if !import.attributes.contains(&(vpc.id.clone(), told)) {
                note(noted, vpc.id.as_str(), format!("no answer holds its attribute {member}"), affected());
            }
        }
        if !cloud.route_tables.contains_key(&vpc.main_route_table) {
            note(noted, vpc.id.as_str(), "no answer holds its main route table", affected());
        }
        if let Some(options) = &vpc.dhcp_options
            && !cloud.dhcp_options.contains_key(options)
        {
            note(noted, vpc.id.as_str(), format!("no answer holds its DHCP options {options}"), affected());
        }
    }
    for subnet in cloud.subnets.values() {
        if !cloud.vpcs.contains_key(&subnet.vpc) {
            note(noted, subnet.id.as_str(), format!("no answer holds its VPC {}", subnet.vpc), Affected::Vpc(subnet.vpc.clone()));
        }
        if !cloud.network_acls.contains_key(&subnet.network_acl) {
            note(noted, subnet.id.as_str(), "no answer holds its network ACL", Affected::Vpc(subnet.vpc.clone()));
        }
    }
}

fn interfaces(import: &Import, noted: &mut Vec<NotUnderstood>) {
    let cloud = &import.cloud;
    for interface in cloud.network_interfaces.values() {
        let affected = || Affected::Interface(interface.id.clone());
        if !cloud.subnets.contains_key(&interface.subnet) {
            note(noted, interface.id.as_str(), format!("no answer holds its subnet {}", interface.subnet), affected());
        }
        for group in interface.security_groups.iter().filter(|group| !cloud.security_groups.contains_key(*group)) {
            note(noted, interface.id.as_str(), format!("no answer holds its security group {group}"), affected());
        }
        if matches!(interface.kind, InterfaceKind::Customer) && interface.attachment.is_none() {
            continue;
        }
    }
    for instance in cloud.instances.values().filter(|instance| instance.interface.is_none()) {
        note(noted, instance.id.as_str(), "no answer holds its network interface", Affected::Vpc(instance.vpc.clone()));
    }
    for endpoint in cloud.vpc_endpoints.values() {
        let told = import.endpoint_interfaces.iter().filter(|(_, of)| *of == &endpoint.id);
        if told.count() != endpoint.interfaces.len() {
            let what = "no answer holds all of its network interfaces";
            note(noted, endpoint.id.as_str(), what, Affected::Endpoint(endpoint.id.clone()));
        }
    }
}

fn groups(import: &Import, noted: &mut Vec<NotUnderstood>) {
    for group in import.cloud.security_groups.values() {
        for rule in &group.rules {
            let RulePeer::Group { group: other, .. } = &rule.peer else { continue };
            if !import.cloud.security_groups.contains_key(other) {
                let direction: Direction = rule.direction;
                let affected = Affected::Rules { group: group.id.clone(), direction };
                note(noted, group.id.as_str(), format!("no answer holds the security group {other} that a rule names"), affected);
            }
        }
    }
}

fn peerings(import: &Import, noted: &mut Vec<NotUnderstood>) {
    for peering in import.cloud.peerings.values().filter(|peering| peering.is_active()) {
        for side in [&peering.requester, &peering.accepter] {
            if !import.cloud.vpcs.contains_key(&side.vpc) {
                let what = format!("no answer holds the VPC {} of {} in {}", side.vpc, side.scope.account, side.scope.region);
                note(noted, peering.id.as_str(), what, Affected::Peering(peering.id.clone()));
            }
        }
    }
}

fn apis(import: &Import, noted: &mut Vec<NotUnderstood>) {
    for api in import.cloud.rest_apis.values() {
        if !import.cloud.resources.contains_key(&(api.id.clone(), api.root.clone())) {
            note(noted, api.id.as_str(), "no answer holds its resources", Affected::Api(api.id.clone()));
        }
    }
}

/// The functions, versions and aliases that stages call: whether the answers held what there is to know of them.
fn called(import: &Import, noted: &mut Vec<NotUnderstood>) {
    let cloud = &import.cloud;
    for stage in cloud.stages.values() {
        let Some(deployment) = cloud.deployments.get(&(stage.api.clone(), stage.deployment.clone())) else { continue };
        let integrations = deployment.snapshot.resources.iter().flat_map(|resource| resource.methods.values());
        let integrations = integrations.filter_map(|method| method.integration.as_ref());
        let uris = integrations.filter(|one| one.kind == IntegrationType::AwsProxy).filter_map(|one| one.uri.as_deref());
        for arn in uris.filter_map(|uri| lambda_proxy::function_of(uri, &stage.variables)) {
            let Some((scope, name, qualifier)) = lambda::function_of(&arn) else { continue };
            let affected = Affected::Function { scope: scope.clone(), name: name.clone() };
            if !import.functions_of.contains(&scope) {
                let what = format!("no answer holds the functions of {} in {}, and a stage calls this one", scope.account, scope.region);
                note(noted, &name, what, affected);
                continue;
            }
            let key = (scope.clone(), name.clone());
            // Where versions were told, policies were asked for too, and one that is not there is none.
            let is_told = qualifier.is_empty() || import.versions_of.contains(&key);
            let has_policy = cloud.functions.get(&key).is_some_and(|one| one.policies.contains_key(&qualifier));
            let is_there = || cloud.resolve_function(&scope, &name, Some(&qualifier), 0).is_ok();
            if !(is_told || has_policy && is_there()) {
                let what = format!("no answer holds `{qualifier}`, which a stage calls, and its policy");
                note(noted, &name, what, affected);
            }
        }
    }
}

/// Request validators and models that methods name.
fn validation(import: &Import, noted: &mut Vec<NotUnderstood>) {
    for deployment in import.cloud.deployments.values() {
        let told = &deployment.snapshot.settings.validation;
        for resource in &deployment.snapshot.resources {
            for (name, method) in &resource.methods {
                let Some(id) = &method.request_validator else { continue };
                if !told.validators.contains_key(id) {
                    let affected = Affected::Method { api: deployment.api.clone(), path: resource.path.clone(), method: name.clone() };
                    let what = format!("{name} {}: no answer holds the request validator {id} of the method", resource.path);
                    note(noted, deployment.api.as_str(), what, affected);
                }
            }
        }
    }
}

fn zones(import: &Import, noted: &mut Vec<NotUnderstood>) {
    for zone in import.cloud.hosted_zones.values().filter(|zone| zone.private) {
        let affected = || Affected::Name { zone: zone.id.clone(), name: None };
        if zone.vpcs.is_empty() {
            note(noted, zone.id.as_str(), "no answer holds the VPCs of the private zone", affected());
        }
        if !import.cloud.record_sets.keys().any(|(of, _, _)| of == &zone.id) {
            note(noted, zone.id.as_str(), "no answer holds its records", affected());
        }
    }
}

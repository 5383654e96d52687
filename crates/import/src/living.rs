//! Which records of a snapshot a lab can run: the kernel needs networks that are whole.
use std::collections::BTreeSet;
use vpclab_cloud::method::Method;
use vpclab_cloud::{Cloud, InstanceState, InterfaceKind, integration::IntegrationType};

/// What a lab is brought up with, and in words what of the snapshot cannot live in it.
#[must_use]
pub fn living(mut cloud: Cloud) -> (Cloud, Vec<String>) {
    let mut left_out = Vec::new();
    let lost: Vec<_> =
        cloud.subnets.values().filter(|subnet| !cloud.vpcs.contains_key(&subnet.vpc)).map(|subnet| subnet.id.clone()).collect();
    for id in lost {
        left_out.push(format!("{id}: the snapshot does not hold its VPC"));
        cloud.subnets.remove(&id);
    }
    interfaces(&mut cloud, &mut left_out);
    instances(&mut cloud, &mut left_out);
    for peering in cloud.peerings.values().filter(|peering| peering.is_active()) {
        for side in [&peering.requester, &peering.accepter].into_iter().filter(|side| !cloud.vpcs.contains_key(&side.vpc)) {
            left_out.push(format!("{}: the snapshot does not hold the VPC {}: packets to it are lost", peering.id, side.vpc));
        }
    }
    for deployment in cloud.deployments.values() {
        for resource in &deployment.snapshot.resources {
            let of = |name: &str| format!("{} {name} {}", deployment.api, resource.path);
            left_out.extend(resource.methods.iter().filter_map(|(name, method)| Some(format!("{}: {}", of(name), unserved(method)?))));
        }
    }
    for function in cloud.functions.values() {
        left_out.push(format!("{}: the function has no code here and answers an error until it is given some", function.name));
    }
    left_out.sort();
    left_out.dedup();
    (cloud, left_out)
}

/// Interfaces whose subnet is there and has their address, each address once.
fn interfaces(cloud: &mut Cloud, left_out: &mut Vec<String>) {
    let mut taken = BTreeSet::new();
    let mut gone = Vec::new();
    for interface in cloud.network_interfaces.values() {
        let subnet = cloud.subnets.get(&interface.subnet);
        let why = match subnet {
            None => "the snapshot does not hold its subnet",
            Some(subnet) if !subnet.cidr.contains(&interface.private_ip) => "its address is not of its subnet",
            Some(_) if !taken.insert((interface.vpc.clone(), interface.private_ip)) => "another interface has its address",
            Some(_) => continue,
        };
        gone.push((interface.id.clone(), why));
    }
    for (id, why) in gone {
        left_out.push(format!("{id}: {why}"));
        cloud.network_interfaces.remove(&id);
    }
    let ids: Vec<_> = cloud.vpc_endpoints.keys().cloned().collect();
    for id in ids {
        let Some(endpoint) = cloud.vpc_endpoints.get_mut(&id).map(std::sync::Arc::make_mut) else { continue };
        endpoint.interfaces.retain(|_, interface| cloud.network_interfaces.contains_key(interface));
    }
}

/// Instances with an interface; the others cannot start.
fn instances(cloud: &mut Cloud, left_out: &mut Vec<String>) {
    let has = |id: &Option<vpclab_cloud::NetworkInterfaceId>| id.as_ref().is_some_and(|id| cloud.network_interfaces.contains_key(id));
    let gone: Vec<_> = cloud.instances.values().filter(|instance| !has(&instance.interface)).map(|instance| instance.id.clone()).collect();
    for id in gone {
        left_out.push(format!("{id}: the instance has no network interface that can live"));
        cloud.instances.remove(&id);
    }
    let running = cloud.instances.values().filter(|instance| instance.state == InstanceState::Running);
    for instance in running {
        let more = cloud.network_interfaces.values().filter(|interface| {
            let attached = interface.attachment.as_ref().is_some_and(|at| at.instance == instance.id);
            attached && Some(&interface.id) != instance.interface.as_ref() && interface.kind == InterfaceKind::Customer
        });
        left_out.extend(more.map(|interface| format!("{}: an instance of a lab has its first interface only", interface.id)));
    }
}

/// Why a method cannot answer as it does on AWS.
fn unserved(method: &Method) -> Option<String> {
    match method.authorization_type.as_str() {
        "NONE" | "AWS_IAM" => {}
        other => return Some(format!("authorization `{other}` is not served")),
    }
    if method.api_key_required {
        return Some("API keys are not served".to_owned());
    }
    match &method.integration {
        None => Some("the snapshot does not hold its integration".to_owned()),
        Some(integration) => match integration.kind {
            IntegrationType::Mock | IntegrationType::AwsProxy => None,
            kind @ (IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Aws) => {
                Some(format!("integrations of type `{}` are not served", kind.as_str()))
            }
        },
    }
}

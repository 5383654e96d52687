//! A launch with a launch template: what the request does not say, the template does.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instances-from-launch-template.html>
use super::name;
use crate::ec2::{errors, tag};
use vpclab_cloud::launch_template::{LaunchTemplateInterface, VersionName};
use vpclab_cloud::{Cloud, Scope, Tags};
use vpclab_wire::{WireError, ec2};

/// Fills a launch from the template that it names, if any. Answers the tags that say so.
///
/// # Errors
/// A template or a version that is not there.
pub(crate) fn fill(cloud: &Cloud, scope: &Scope, req: &mut ec2::RunInstancesRequest) -> Result<Tags, WireError> {
    let Some(asked) = req.launch_template.take() else { return Ok(Tags::new()) };
    let refused = |refusal| errors::word(&refusal);
    let name = name(asked.launch_template_id.as_deref(), asked.launch_template_name)?;
    let template = cloud.launch_template(scope, &name).map_err(refused)?;
    let version = VersionName::parse(asked.version.as_deref().unwrap_or("$Default")).map_err(refused)?;
    let version = cloud.launch_template_version(template, version).map_err(refused)?;
    let data = version.data.clone();
    // A request that says where the instance goes overrides the template's interfaces as a whole.
    let placed = req.subnet_id.is_some() || !req.network_interfaces.is_empty();
    if req.network_interfaces.is_empty() && !(placed && data.network_interfaces.iter().all(|one| one.subnet_id.is_none())) {
        req.network_interfaces = data.network_interfaces.into_iter().map(interface).collect();
    }
    if req.security_group_ids.is_empty() && req.network_interfaces.is_empty() {
        req.security_group_ids = data.security_group_ids;
    }
    fill_option(&mut req.image_id, data.image_id);
    fill_option(&mut req.instance_type, data.instance_type);
    fill_option(&mut req.key_name, data.key_name);
    fill_option(&mut req.user_data, data.user_data);
    if req.iam_instance_profile.is_none() {
        req.iam_instance_profile = data.profile.map(|profile| match profile.starts_with("arn:") {
            true => ec2::IamInstanceProfileSpecification { arn: Some(profile), name: None },
            false => ec2::IamInstanceProfileSpecification { arn: None, name: Some(profile) },
        });
    }
    if req.placement.is_none() {
        req.placement = data.availability_zone.map(|zone| ec2::Placement { availability_zone: Some(zone), ..Default::default() });
    }
    for (kind, tags) in data.tags {
        let mut tags = tag::set(&tags);
        let given = req.tag_specifications.iter().filter(|given| given.resource_type.as_deref() == Some(kind.as_str()));
        let own: Vec<Option<String>> = given.flat_map(|given| given.tags.iter().map(|tag| tag.key.clone())).collect();
        tags.retain(|tag| !own.contains(&tag.key));
        if !tags.is_empty() {
            req.tag_specifications.push(ec2::TagSpecification { resource_type: Some(kind), tags });
        }
    }
    Ok([
        ("aws:ec2launchtemplate:id".to_owned(), template.id.to_string()),
        ("aws:ec2launchtemplate:version".to_owned(), version.number.to_string()),
    ]
    .into())
}

fn fill_option(own: &mut Option<String>, template: Option<String>) {
    if own.is_none() {
        *own = template;
    }
}

fn interface(one: LaunchTemplateInterface) -> ec2::InstanceNetworkInterfaceSpecification {
    ec2::InstanceNetworkInterfaceSpecification {
        associate_public_ip_address: one.public_address,
        delete_on_termination: one.delete_on_termination,
        description: one.description,
        device_index: one.device_index,
        groups: one.groups,
        network_interface_id: one.interface_id,
        private_ip_address: one.private_ip,
        subnet_id: one.subnet_id,
    }
}

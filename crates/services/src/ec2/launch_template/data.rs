//! The data of a launch template, as requests give and answers show it.
use crate::ec2::errors::{self, invalid_value};
use crate::ec2::{network_interface, tag};
use std::collections::BTreeMap;
use vpclab_cloud::launch_template::{LaunchTemplateData, LaunchTemplateInterface};
use vpclab_cloud::tag::user_tags;
use vpclab_wire::{WireError, ec2};

/// What can be tagged by a launch. A lab's instances have no volumes, and are not bought on the spot market.
const TAGGED: &[&str] = &["instance", "network-interface", "volume", "spot-instances-request", "elastic-gpu"];

/// A launch template's data from a request.
///
/// # Errors
/// Tags or a description that cannot be.
pub(crate) fn read(data: ec2::RequestLaunchTemplateData) -> Result<LaunchTemplateData, WireError> {
    let mut tags = BTreeMap::new();
    for given in data.tag_specifications {
        let kind = given.resource_type.unwrap_or_default();
        if !TAGGED.contains(&kind.as_str()) {
            return Err(invalid_value(format!("'{kind}' is not a valid taggable resource type for this operation.")));
        }
        let pairs = given.tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
        tags.insert(kind, user_tags(pairs).map_err(|refusal| errors::word(&refusal))?);
    }
    Ok(LaunchTemplateData {
        image_id: data.image_id,
        instance_type: data.instance_type,
        key_name: data.key_name,
        user_data: data.user_data,
        profile: data.iam_instance_profile.and_then(|profile| profile.arn.or(profile.name)),
        security_group_ids: data.security_group_ids,
        availability_zone: data.placement.and_then(|placement| placement.availability_zone),
        network_interfaces: data.network_interfaces.into_iter().map(interface).collect::<Result<_, _>>()?,
        tags,
    })
}

fn interface(given: ec2::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest) -> Result<LaunchTemplateInterface, WireError> {
    Ok(LaunchTemplateInterface {
        device_index: given.device_index,
        interface_id: given.network_interface_id,
        subnet_id: given.subnet_id,
        groups: given.groups,
        private_ip: given.private_ip_address,
        description: given.description.map(network_interface::description).transpose()?,
        delete_on_termination: given.delete_on_termination,
        public_address: given.associate_public_ip_address,
    })
}

pub(super) fn show(data: &LaunchTemplateData) -> ec2::ResponseLaunchTemplateData {
    let interface = |one: &LaunchTemplateInterface| ec2::LaunchTemplateInstanceNetworkInterfaceSpecification {
        associate_public_ip_address: one.public_address,
        delete_on_termination: one.delete_on_termination,
        description: one.description.clone(),
        device_index: one.device_index,
        groups: one.groups.clone(),
        network_interface_id: one.interface_id.clone(),
        private_ip_address: one.private_ip.clone(),
        subnet_id: one.subnet_id.clone(),
    };
    ec2::ResponseLaunchTemplateData {
        network_interfaces: data.network_interfaces.iter().map(interface).collect(),
        iam_instance_profile: data.profile.clone().map(|profile| match profile.starts_with("arn:") {
            true => ec2::LaunchTemplateIamInstanceProfileSpecification { arn: Some(profile), name: None },
            false => ec2::LaunchTemplateIamInstanceProfileSpecification { arn: None, name: Some(profile) },
        }),
        image_id: data.image_id.clone(),
        instance_type: data.instance_type.clone(),
        key_name: data.key_name.clone(),
        placement: data.availability_zone.clone().map(|zone| ec2::LaunchTemplatePlacement { availability_zone: Some(zone) }),
        user_data: data.user_data.clone(),
        tag_specifications: data
            .tags
            .iter()
            .map(|(kind, tags)| ec2::LaunchTemplateTagSpecification { resource_type: Some(kind.clone()), tags: tag::set(tags) })
            .collect(),
        security_group_ids: data.security_group_ids.clone(),
    }
}

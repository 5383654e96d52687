//! Instances as answers show them, and what they have for filters.
use crate::ec2::network_interface::{groups, mac, private_name, zone_id};
use crate::ec2::{address, image, tag};
use vpclab_cloud::{Cloud, Instance, InstanceState, NetworkInterface, zone};
use vpclab_wire::{Timestamp, ec2};

/// What a describe call can be filtered by.
pub(super) const FILTERS: &[&str] = &[
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "client-token",
    "dns-name",
    "hypervisor",
    "iam-instance-profile.arn",
    "iam-instance-profile.id",
    "image-id",
    "instance-id",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "key-name",
    "launch-index",
    "launch-time",
    "monitoring-state",
    "network-interface.addresses.association.public-ip",
    "network-interface.addresses.primary",
    "network-interface.addresses.private-ip-address",
    "network-interface.association.allocation-id",
    "network-interface.association.association-id",
    "network-interface.association.ip-owner-id",
    "network-interface.association.public-ip",
    "network-interface.attachment.attachment-id",
    "network-interface.attachment.delete-on-termination",
    "network-interface.attachment.device-index",
    "network-interface.attachment.instance-id",
    "network-interface.attachment.status",
    "network-interface.availability-zone",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.mac-address",
    "network-interface.network-interface-id",
    "network-interface.owner-id",
    "network-interface.private-dns-name",
    "network-interface.private-ip-address",
    "network-interface.requester-managed",
    "network-interface.source-dest-check",
    "network-interface.status",
    "network-interface.subnet-id",
    "network-interface.vpc-id",
    "owner-id",
    "platform-details",
    "private-dns-name",
    "private-ip-address",
    "reason",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tag:",
    "tag-key",
    "tenancy",
    "virtualization-type",
    "vpc-id",
];

const ROOT_DEVICE: &str = "/dev/xvda";

pub(super) fn state(state: InstanceState) -> ec2::InstanceState {
    state_of(state.code(), state.name())
}

pub(super) fn state_of(code: i32, name: &str) -> ec2::InstanceState {
    ec2::InstanceState { code: Some(code), name: Some(name.into()) }
}

pub(super) fn reservation(of: &Instance, instances: Vec<ec2::Instance>) -> ec2::Reservation {
    ec2::Reservation {
        reservation_id: Some(of.reservation.to_string()),
        owner_id: Some(of.scope.account.to_string()),
        instances,
        ..Default::default()
    }
}

fn primary<'a>(cloud: &'a Cloud, instance: &Instance) -> Option<&'a NetworkInterface> {
    instance.interface.as_ref().and_then(|id| cloud.network_interfaces.get(id)).map(AsRef::as_ref)
}

/// An instance that is terminated has left its network; what remains is shown.
pub(super) fn instance(cloud: &Cloud, instance: &Instance) -> ec2::Instance {
    let interface = primary(cloud, instance);
    let public = interface.and_then(|found| Some((found, cloud.public_address_of(&found.id)?.ip)));
    let network = ec2::Instance {
        network_interfaces: interface.map(|found| network_interface(cloud, found)).into_iter().collect(),
        security_groups: interface.map_or_else(Vec::new, |found| groups(cloud, &found.security_groups)),
        source_dest_check: interface.map(|found| found.source_dest_check),
        private_dns_name: Some(interface.map(private_dns_name).unwrap_or_default()),
        public_dns_name: Some(public.map(|(found, ip)| address::public_name(cloud, found, ip)).unwrap_or_default()),
        public_ip_address: public.map(|(_, ip)| ip.to_string()),
        subnet_id: interface.map(|found| found.subnet.to_string()),
        vpc_id: interface.map(|found| found.vpc.to_string()),
        private_ip_address: interface.map(|found| found.private_ip.to_string()),
        ..Default::default()
    };
    ec2::Instance {
        architecture: Some(image::architecture().into()),
        client_token: Some(instance.client_token.as_ref().map_or_else(String::new, |token| token.token.clone())),
        ebs_optimized: Some(false),
        ena_support: Some(true),
        hypervisor: Some("xen".into()),
        iam_instance_profile: instance
            .profile
            .as_ref()
            .map(|profile| ec2::IamInstanceProfile { arn: Some(profile.arn.clone()), id: Some(profile.id.clone()) }),
        root_device_name: Some(ROOT_DEVICE.into()),
        root_device_type: Some("ebs".into()),
        state_reason: state_reason(instance),
        tags: tag::set(&instance.tags),
        virtualization_type: Some("hvm".into()),
        platform_details: Some("Linux/UNIX".into()),
        usage_operation: Some("RunInstances".into()),
        private_dns_name_options: Some(ec2::PrivateDnsNameOptionsResponse {
            hostname_type: Some("ip-name".into()),
            enable_resource_name_dns_a_record: Some(false),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        instance_id: Some(instance.id.to_string()),
        image_id: Some(instance.image.to_string()),
        state: Some(state(instance.state)),
        state_transition_reason: Some(instance.state_reason.clone().unwrap_or_default()),
        key_name: instance.key_name.clone(),
        ami_launch_index: i32::try_from(instance.launch_index).ok(),
        instance_type: Some(instance.instance_type.clone()),
        launch_time: Some(Timestamp::from_millis(instance.launched.0)),
        placement: Some(placement(cloud, instance)),
        monitoring: Some(ec2::Monitoring { state: Some("disabled".into()), ..Default::default() }),
        ..network
    }
}

fn private_dns_name(interface: &NetworkInterface) -> String {
    zone::private_dns_name(&interface.scope.region, interface.private_ip)
}

pub(super) fn zone_of(cloud: &Cloud, instance: &Instance) -> Option<String> {
    cloud.subnets.get(&instance.subnet).map(|subnet| subnet.availability_zone.clone())
}

fn placement(cloud: &Cloud, instance: &Instance) -> ec2::Placement {
    let zone = zone_of(cloud, instance);
    ec2::Placement {
        availability_zone_id: zone.as_deref().and_then(|zone| zone_id(&instance.scope.region, zone)),
        availability_zone: zone,
        group_name: Some(String::new()),
        tenancy: Some("default".into()),
    }
}

fn state_reason(instance: &Instance) -> Option<ec2::StateReason> {
    // An instance that ended by itself keeps code and message; a caller's call keeps only its time.
    let reason = instance.state_reason.as_deref()?;
    let message = if reason.starts_with("Client.") { reason } else { "Client.UserInitiatedShutdown: User initiated shutdown" };
    let code = message.split(':').next().unwrap_or_default();
    Some(ec2::StateReason { code: Some(code.to_owned()), message: Some(message.to_owned()) })
}

fn network_interface(cloud: &Cloud, interface: &NetworkInterface) -> ec2::InstanceNetworkInterface {
    let private_dns_name = private_name(cloud, interface);
    let association = cloud.public_address_of(&interface.id).map(|found| ec2::InstanceNetworkInterfaceAssociation {
        ip_owner_id: Some(address::owner(found)),
        public_dns_name: Some(address::public_name(cloud, interface, found.ip)),
        public_ip: Some(found.ip.to_string()),
    });
    let address = ec2::InstancePrivateIpAddress {
        association: association.clone(),
        primary: Some(true),
        private_dns_name: private_dns_name.clone(),
        private_ip_address: Some(interface.private_ip.to_string()),
    };
    ec2::InstanceNetworkInterface {
        association,
        attachment: interface.attachment.as_ref().map(|attachment| ec2::InstanceNetworkInterfaceAttachment {
            attach_time: Some(Timestamp::from_millis(attachment.since.0)),
            attachment_id: Some(attachment.id.to_string()),
            delete_on_termination: Some(attachment.delete_on_termination),
            device_index: Some(i32::from(attachment.device_index)),
            status: Some("attached".into()),
            network_card_index: Some(0),
        }),
        description: Some(interface.description.clone()),
        groups: groups(cloud, &interface.security_groups),
        mac_address: Some(mac(interface)),
        network_interface_id: Some(interface.id.to_string()),
        owner_id: Some(interface.scope.account.to_string()),
        private_dns_name,
        private_ip_address: Some(interface.private_ip.to_string()),
        private_ip_addresses: vec![address],
        source_dest_check: Some(interface.source_dest_check),
        status: Some("in-use".into()),
        subnet_id: Some(interface.subnet.to_string()),
        vpc_id: Some(interface.vpc.to_string()),
        interface_type: Some("interface".into()),
        ..Default::default()
    }
}

/// What an instance has for a filter.
pub(super) fn values(cloud: &Cloud, instance: &Instance, filter: &str) -> Vec<String> {
    let interface = primary(cloud, instance);
    if let Some(field) = filter.strip_prefix("network-interface.") {
        return interface.map_or_else(Vec::new, |interface| crate::ec2::network_interface::values(cloud, interface, field));
    }
    let of_interface = |value: fn(&NetworkInterface) -> String| interface.map(value).into_iter().collect();
    let group = || interface.map_or_else(Vec::new, |found| groups(cloud, &found.security_groups)).into_iter();
    let reason = || state_reason(instance);
    let value = match filter {
        "architecture" => image::architecture().into(),
        "availability-zone" => return zone_of(cloud, instance).into_iter().collect(),
        "availability-zone-id" => return placement(cloud, instance).availability_zone_id.into_iter().collect(),
        "client-token" => return instance.client_token.iter().map(|token| token.token.clone()).collect(),
        "hypervisor" => "xen".into(),
        "iam-instance-profile.arn" => return instance.profile.iter().map(|profile| profile.arn.clone()).collect(),
        "iam-instance-profile.id" => return instance.profile.iter().map(|profile| profile.id.clone()).collect(),
        "image-id" => instance.image.to_string(),
        "instance-id" => instance.id.to_string(),
        "instance-state-code" => instance.state.code().to_string(),
        "instance-state-name" => instance.state.name().into(),
        "instance-type" => instance.instance_type.clone(),
        "instance.group-id" => return group().filter_map(|group| group.group_id).collect(),
        "instance.group-name" => return group().filter_map(|group| group.group_name).collect(),
        "key-name" => return instance.key_name.clone().into_iter().collect(),
        "launch-index" => instance.launch_index.to_string(),
        "launch-time" => Timestamp::from_millis(instance.launched.0).to_string(),
        "monitoring-state" => "disabled".into(),
        "owner-id" => instance.scope.account.to_string(),
        "platform-details" => "Linux/UNIX".into(),
        "private-dns-name" => return of_interface(private_dns_name),
        "private-ip-address" => return of_interface(|found| found.private_ip.to_string()),
        "reason" => return instance.state_reason.clone().into_iter().collect(),
        "reservation-id" => instance.reservation.to_string(),
        "root-device-name" => ROOT_DEVICE.into(),
        "root-device-type" => "ebs".into(),
        "source-dest-check" => return of_interface(|found| found.source_dest_check.to_string()),
        "state-reason-code" => return reason().and_then(|reason| reason.code).into_iter().collect(),
        "state-reason-message" => return reason().and_then(|reason| reason.message).into_iter().collect(),
        "subnet-id" => return of_interface(|found| found.subnet.to_string()),
        "tenancy" => "default".into(),
        "virtualization-type" => "hvm".into(),
        "vpc-id" => return of_interface(|found| found.vpc.to_string()),
        "dns-name" => return self::instance(cloud, instance).public_dns_name.into_iter().filter(|name| !name.is_empty()).collect(),
        "ip-address" => {
            return interface.and_then(|found| cloud.public_address_of(&found.id)).map(|found| found.ip.to_string()).into_iter().collect();
        }
        _ => return Vec::new(),
    };
    vec![value]
}

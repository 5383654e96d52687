//! `AWS::EC2::Instance`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html>
use super::{attributes, physical};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::errors::parse_ids;
use crate::ec2::instance::{by_user, launch};
use crate::ec2::launch_template;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use vpclab_cloud::instance::{ModifyInstance, RunInstances};
use vpclab_cloud::{Cloud, Context, InstanceId, InstanceState, zone};
use vpclab_wire::ec2;

/// The type.
pub struct Instance;

impl ResourceType for Instance {
    fn served(&self) -> &'static [&'static str] {
        &[
            "AvailabilityZone",
            "IamInstanceProfile",
            "ImageId",
            "InstanceType",
            "KeyName",
            "LaunchTemplate",
            "MetadataOptions",
            "MetadataOptions.HttpEndpoint",
            "MetadataOptions.HttpProtocolIpv6",
            "MetadataOptions.HttpPutResponseHopLimit",
            "MetadataOptions.HttpTokens",
            "MetadataOptions.InstanceMetadataTags",
            "NetworkInterfaces",
            "NetworkInterfaces.AssociatePublicIpAddress",
            "NetworkInterfaces.DeleteOnTermination",
            "NetworkInterfaces.Description",
            "NetworkInterfaces.DeviceIndex",
            "NetworkInterfaces.GroupSet",
            "NetworkInterfaces.NetworkInterfaceId",
            "NetworkInterfaces.PrivateIpAddress",
            "NetworkInterfaces.SubnetId",
            "PrivateIpAddress",
            "SecurityGroupIds",
            "SourceDestCheck",
            "SubnetId",
            "Tags",
            "UserData",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let mut request = read(&want.properties)?;
        let mut tags = launch_template::fill(cloud, &c.scope, &mut request).map_err(wire_by_ec2)?;
        let launch = launch::read(&c.scope, request).map_err(wire_by_ec2)?;
        tags.extend(launch.tags.clone());
        tags.extend(want.tags()?);
        let made = cloud.run_instances(c, RunInstances { tags, ..launch }).map_err(by_ec2)?;
        let id = made.first().ok_or_else(|| Failure::new("InternalFailure", "no instance was made"))?.clone();
        if want.properties.truth("SourceDestCheck")? == Some(false) {
            cloud.modify_instance(c, &id, ModifyInstance::SourceDestCheck(false)).map_err(by_ec2)?;
        }
        Ok(Made::new(id))
    }

    /// Another type or other user data take effect at the next start, as after a stop and a start on AWS; cloud-init does not run
    /// user data a second time.
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id: InstanceId = physical(is.physical)?;
        let properties = &want.properties;
        if properties.texts("SecurityGroupIds")? != is.properties.texts("SecurityGroupIds")? {
            let groups = parse_ids(&properties.texts("SecurityGroupIds")?).map_err(wire_by_ec2)?;
            cloud.modify_instance(c, &id, ModifyInstance::SecurityGroups(groups)).map_err(by_ec2)?;
        }
        let check = |properties: &Properties<'_>| Ok::<_, Failure>(properties.truth("SourceDestCheck")?.unwrap_or(true));
        if check(properties)? != check(&is.properties)? {
            cloud.modify_instance(c, &id, ModifyInstance::SourceDestCheck(check(properties)?)).map_err(by_ec2)?;
        }
        let changed = |name: &str| is.properties.get(name) != properties.get(name);
        if ["IamInstanceProfile", "InstanceType", "UserData"].iter().any(|name| changed(name)) {
            // What the properties do not say, the launch template does.
            let mut request = read(properties)?;
            launch_template::fill(cloud, &c.scope, &mut request).map_err(wire_by_ec2)?;
            let input = launch::read(&c.scope, request).map_err(wire_by_ec2)?;
            let profile = cloud.launched_profile(&c.scope, input.profile.as_deref()).map_err(by_ec2)?;
            if let Some(instance) = cloud.instances.get_mut(&id).map(Arc::make_mut) {
                instance.profile = profile;
                instance.instance_type = input.instance_type;
                instance.user_data = input.user_data;
            }
        }
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let reason = by_user(c.now);
        cloud.terminate_instances(c, &[physical(is.physical)?], &reason).map(drop).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<InstanceId>().ok().and_then(|id| cloud.instances.get(&id));
        let Some(instance) = found.filter(|instance| instance.state != InstanceState::Terminated) else { return Map::new() };
        let interface = instance.interface.as_ref().and_then(|id| cloud.network_interfaces.get(id));
        attributes(json!({
            "InstanceId": instance.id,
            "VpcId": instance.vpc,
            "AvailabilityZone": interface.map(|interface| interface.availability_zone.clone()),
            "PrivateIp": interface.map(|interface| interface.private_ip.to_string()),
            "PrivateDnsName": interface.map(|interface| zone::private_dns_name(&instance.scope.region, interface.private_ip)),
            "PublicIp": "",
            "PublicDnsName": "",
        }))
    }
}

fn read(properties: &Properties<'_>) -> Result<ec2::RunInstancesRequest, Failure> {
    let interface = |one: &Properties<'_>| -> Result<_, Failure> {
        Ok(ec2::InstanceNetworkInterfaceSpecification {
            associate_public_ip_address: one.truth("AssociatePublicIpAddress")?,
            device_index: one.number("DeviceIndex")?,
            delete_on_termination: one.truth("DeleteOnTermination")?,
            description: one.text("Description")?,
            groups: one.texts("GroupSet")?,
            network_interface_id: one.text("NetworkInterfaceId")?,
            private_ip_address: one.text("PrivateIpAddress")?,
            subnet_id: one.text("SubnetId")?,
        })
    };
    super::check_metadata_options(properties)?;
    let zone = properties.text("AvailabilityZone")?;
    let profile = properties.text("IamInstanceProfile")?;
    #[allow(clippy::needless_update, reason = "requests have more parameters as more are served")]
    let request = ec2::RunInstancesRequest {
        launch_template: properties.object("LaunchTemplate")?.as_ref().map(template).transpose()?,
        key_name: properties.text("KeyName")?,
        image_id: properties.text("ImageId")?,
        instance_type: properties.text("InstanceType")?,
        iam_instance_profile: profile.map(|name| ec2::IamInstanceProfileSpecification { arn: None, name: Some(name) }),
        min_count: 1,
        max_count: 1,
        subnet_id: properties.text("SubnetId")?,
        security_group_ids: properties.texts("SecurityGroupIds")?,
        private_ip_address: properties.text("PrivateIpAddress")?,
        user_data: properties.text("UserData")?,
        placement: zone.map(|zone| ec2::Placement { availability_zone: Some(zone), ..Default::default() }),
        network_interfaces: properties.objects("NetworkInterfaces")?.iter().map(interface).collect::<Result<_, _>>()?,
        ..Default::default()
    };
    Ok(request)
}

fn template(given: &Properties<'_>) -> Result<ec2::LaunchTemplateSpecification, Failure> {
    Ok(ec2::LaunchTemplateSpecification {
        launch_template_id: given.text("LaunchTemplateId")?,
        launch_template_name: given.text("LaunchTemplateName")?,
        version: Some(given.required("Version")?),
    })
}

//! `AWS::EC2::LaunchTemplate`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-launchtemplate.html>
use super::{attributes, physical};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::launch_template::data;
use serde_json::{Map, Value, json};
use vpclab_cloud::launch_template::{CreateLaunchTemplate, LaunchTemplateData, NewVersion, TemplateName};
use vpclab_cloud::{Cloud, Context, Tags};
use vpclab_wire::ec2;

/// The type. Its physical id is the template's.
pub struct LaunchTemplate;

impl ResourceType for LaunchTemplate {
    fn served(&self) -> &'static [&'static str] {
        &[
            "LaunchTemplateData",
            "LaunchTemplateData.IamInstanceProfile",
            "LaunchTemplateData.IamInstanceProfile.Arn",
            "LaunchTemplateData.IamInstanceProfile.Name",
            "LaunchTemplateData.ImageId",
            "LaunchTemplateData.InstanceType",
            "LaunchTemplateData.KeyName",
            "LaunchTemplateData.MetadataOptions",
            "LaunchTemplateData.MetadataOptions.HttpEndpoint",
            "LaunchTemplateData.MetadataOptions.HttpProtocolIpv6",
            "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit",
            "LaunchTemplateData.MetadataOptions.HttpTokens",
            "LaunchTemplateData.MetadataOptions.InstanceMetadataTags",
            "LaunchTemplateData.NetworkInterfaces",
            "LaunchTemplateData.NetworkInterfaces.AssociatePublicIpAddress",
            "LaunchTemplateData.NetworkInterfaces.DeleteOnTermination",
            "LaunchTemplateData.NetworkInterfaces.Description",
            "LaunchTemplateData.NetworkInterfaces.DeviceIndex",
            "LaunchTemplateData.NetworkInterfaces.Groups",
            "LaunchTemplateData.NetworkInterfaces.NetworkInterfaceId",
            "LaunchTemplateData.NetworkInterfaces.PrivateIpAddress",
            "LaunchTemplateData.NetworkInterfaces.SubnetId",
            "LaunchTemplateData.Placement",
            "LaunchTemplateData.Placement.AvailabilityZone",
            "LaunchTemplateData.SecurityGroupIds",
            "LaunchTemplateData.TagSpecifications",
            "LaunchTemplateData.TagSpecifications.ResourceType",
            "LaunchTemplateData.TagSpecifications.Tags",
            "LaunchTemplateData.TagSpecifications.Tags.Key",
            "LaunchTemplateData.TagSpecifications.Tags.Value",
            "LaunchTemplateData.UserData",
            "LaunchTemplateName",
            "TagSpecifications",
            "VersionDescription",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = match want.properties.text("LaunchTemplateName")? {
            Some(name) => name,
            None => want.physical_name(c, 128),
        };
        let input = CreateLaunchTemplate {
            name,
            description: want.properties.text("VersionDescription")?,
            data: read(&want.properties)?,
            client_token: None,
            tags: tags(want)?,
        };
        cloud.create_launch_template(c, input).map(Made::new).map_err(by_ec2)
    }

    /// Other data or another description make another version; the default version stays.
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = physical(is.physical)?;
        cloud.set_tags(c, is.physical, tags(want)?).map_err(by_ec2)?;
        let changed = |name: &str| is.properties.get(name) != want.properties.get(name);
        if changed("LaunchTemplateData") || changed("VersionDescription") {
            let description = want.properties.text("VersionDescription")?;
            let new = NewVersion { source: None, description, data: read(&want.properties)?, client_token: None };
            cloud.create_launch_template_version(c, &TemplateName::Id(id), new).map_err(by_ec2)?;
        }
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_launch_template(c, &TemplateName::Id(physical(is.physical)?)).map(drop).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse().ok().and_then(|id| cloud.launch_template(is.scope, &TemplateName::Id(id)).ok());
        let Some(template) = found else { return Map::new() };
        attributes(json!({
            "LaunchTemplateId": template.id,
            "DefaultVersionNumber": template.default_version.to_string(),
            "LatestVersionNumber": template.latest_version.to_string(),
        }))
    }
}

/// The tags of the template itself.
fn tags(want: &Wanted<'_>) -> Result<Tags, Failure> {
    let mut own = Vec::new();
    for given in want.properties.objects("TagSpecifications")? {
        given.only("ResourceType", &["launch-template"])?;
        own.extend(given.tags("Tags")?);
    }
    want.tags_with(own)
}

fn read(properties: &Properties<'_>) -> Result<LaunchTemplateData, Failure> {
    let Some(given) = properties.object("LaunchTemplateData")? else { return Ok(LaunchTemplateData::default()) };
    super::check_metadata_options(&given)?;
    let profile = given.object("IamInstanceProfile")?;
    let profile = profile.map(|one| {
        let (arn, name) = (one.text("Arn")?, one.text("Name")?);
        Ok::<_, Failure>(ec2::LaunchTemplateIamInstanceProfileSpecificationRequest { arn, name })
    });
    let zone = given.object("Placement")?.map(|placement| placement.text("AvailabilityZone")).transpose()?.flatten();
    #[allow(clippy::needless_update, reason = "requests have more parameters as more are served")]
    let data = ec2::RequestLaunchTemplateData {
        iam_instance_profile: profile.transpose()?,
        network_interfaces: given.objects("NetworkInterfaces")?.iter().map(interface).collect::<Result<_, _>>()?,
        image_id: given.text("ImageId")?,
        instance_type: given.text("InstanceType")?,
        key_name: given.text("KeyName")?,
        placement: zone.map(|zone| ec2::LaunchTemplatePlacementRequest { availability_zone: Some(zone), ..Default::default() }),
        user_data: given.text("UserData")?,
        tag_specifications: given.objects("TagSpecifications")?.iter().map(specification).collect::<Result<_, _>>()?,
        security_group_ids: given.texts("SecurityGroupIds")?,
        ..Default::default()
    };
    data::read(data).map_err(wire_by_ec2)
}

fn specification(given: &Properties<'_>) -> Result<ec2::LaunchTemplateTagSpecificationRequest, Failure> {
    let tags = given.tags("Tags")?.into_iter().map(|(key, value)| ec2::Tag { key: Some(key), value: Some(value) }).collect();
    Ok(ec2::LaunchTemplateTagSpecificationRequest { resource_type: given.text("ResourceType")?, tags })
}

#[allow(clippy::needless_update, reason = "requests have more parameters as more are served")]
fn interface(given: &Properties<'_>) -> Result<ec2::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, Failure> {
    Ok(ec2::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest {
        associate_public_ip_address: given.truth("AssociatePublicIpAddress")?,
        delete_on_termination: given.truth("DeleteOnTermination")?,
        description: given.text("Description")?,
        device_index: given.number("DeviceIndex")?,
        groups: given.texts("Groups")?,
        network_interface_id: given.text("NetworkInterfaceId")?,
        private_ip_address: given.text("PrivateIpAddress")?,
        subnet_id: given.text("SubnetId")?,
        ..Default::default()
    })
}

//! `AWS::EC2::NetworkInterface`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkinterface.html>
use super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::errors::parse_ids;
use crate::ec2::network_interface::{description, parse_address};
use serde_json::{Map, Value, json};
use vpclab_cloud::network_interface::{CreateNetworkInterface, ModifyNetworkInterface};
use vpclab_cloud::{Cloud, Context, NetworkInterfaceId};

/// The type.
pub struct NetworkInterface;

impl ResourceType for NetworkInterface {
    fn served(&self) -> &'static [&'static str] {
        &["Description", "GroupSet", "InterfaceType", "PrivateIpAddress", "SourceDestCheck", "SubnetId", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        properties.only("InterfaceType", &["interface"])?;
        let private_ip = properties.text("PrivateIpAddress")?;
        let input = CreateNetworkInterface {
            subnet: id(properties, "SubnetId")?,
            private_ip: private_ip.map(|text| parse_address(&text, "privateIpAddress")).transpose().map_err(wire_by_ec2)?,
            security_groups: parse_ids(&properties.texts("GroupSet")?).map_err(wire_by_ec2)?,
            description: description(properties.text("Description")?.unwrap_or_default()).map_err(wire_by_ec2)?,
            client_token: None,
            tags: want.tags()?,
        };
        let id = cloud.create_network_interface(c, input).map_err(by_ec2)?;
        if properties.truth("SourceDestCheck")? == Some(false) {
            cloud.modify_network_interface(c, &id, ModifyNetworkInterface::SourceDestCheck(false)).map_err(by_ec2)?;
        }
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id: NetworkInterfaceId = physical(is.physical)?;
        let (old, new) = (&is.properties, &want.properties);
        if old.text("Description")? != new.text("Description")? {
            let text = description(new.text("Description")?.unwrap_or_default()).map_err(wire_by_ec2)?;
            cloud.modify_network_interface(c, &id, ModifyNetworkInterface::Description(text)).map_err(by_ec2)?;
        }
        if old.texts("GroupSet")? != new.texts("GroupSet")? {
            let mut groups = parse_ids(&new.texts("GroupSet")?).map_err(wire_by_ec2)?;
            if groups.is_empty() {
                let vpc = cloud.network_interfaces.get(&id).map(|found| &found.vpc);
                groups.extend(vpc.and_then(|vpc| cloud.vpcs.get(vpc)).map(|vpc| vpc.default_security_group.clone()));
            }
            cloud.modify_network_interface(c, &id, ModifyNetworkInterface::SecurityGroups(groups)).map_err(by_ec2)?;
        }
        let check = new.truth("SourceDestCheck")?.unwrap_or(true);
        if old.truth("SourceDestCheck")?.unwrap_or(true) != check {
            cloud.modify_network_interface(c, &id, ModifyNetworkInterface::SourceDestCheck(check)).map_err(by_ec2)?;
        }
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_network_interface(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<NetworkInterfaceId>().ok().and_then(|id| cloud.network_interfaces.get(&id));
        let Some(interface) = found else { return Map::new() };
        attributes(json!({
            "Id": interface.id,
            "PrimaryPrivateIpAddress": interface.private_ip.to_string(),
            "SecondaryPrivateIpAddresses": [],
            "VpcId": interface.vpc,
        }))
    }
}

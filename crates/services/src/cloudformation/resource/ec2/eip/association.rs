//! `AWS::EC2::EIPAssociation`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eipassociation.html>
use crate::cloudformation::resource::ec2::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::public_address::{AddressTarget, AssociateAddress};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the association's.
pub struct Association;

impl ResourceType for Association {
    fn served(&self) -> &'static [&'static str] {
        &["AllocationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let target = match (properties.has("InstanceId"), properties.has("NetworkInterfaceId")) {
            (true, false) => AddressTarget::Instance(id(properties, "InstanceId")?),
            (false, true) => AddressTarget::Interface(id(properties, "NetworkInterfaceId")?),
            _ => return Err(Failure::invalid("Exactly one of InstanceId and NetworkInterfaceId is needed")),
        };
        let private_ip = match properties.text("PrivateIpAddress")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| Failure::invalid(format!("Invalid IPv4 address: {text}")))?),
        };
        let allocation = id(properties, "AllocationId")?;
        let input = AssociateAddress { allocation, target, private_ip, allow_reassociation: None };
        cloud.associate_address(c, input).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, _: &mut Cloud, _: &mut Context, is: &Existing<'_>, _: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.disassociate_address(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

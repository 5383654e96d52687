//! `AWS::EC2::VPCCidrBlock`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html>
use super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::vpc::parse_cidr;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the association's.
pub struct VpcCidrBlock;

impl ResourceType for VpcCidrBlock {
    fn served(&self) -> &'static [&'static str] {
        &["CidrBlock", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let cidr = parse_cidr(&want.properties.required("CidrBlock")?).map_err(wire_by_ec2)?;
        let made = cloud.associate_vpc_cidr_block(c, &id(&want.properties, "VpcId")?, cidr).map_err(by_ec2)?;
        Ok(Made::new(made.association))
    }

    fn update(&self, _: &mut Cloud, _: &mut Context, is: &Existing<'_>, _: &Wanted<'_>) -> Result<Made, Failure> {
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.disassociate_vpc_cidr_block(c, &physical(is.physical)?).map(drop).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

//! `AWS::EC2::VPCGatewayAttachment`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcgatewayattachment.html>
use crate::cloudformation::resource::ec2::{attributes, id};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, InternetGatewayId, VpcId};

/// The type. Its physical id is `IGW|{VPC}`.
pub struct Attachment;

impl ResourceType for Attachment {
    fn served(&self) -> &'static [&'static str] {
        &["InternetGatewayId", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let vpc: VpcId = id(&want.properties, "VpcId")?;
        let gateway: InternetGatewayId = id(&want.properties, "InternetGatewayId")?;
        cloud.attach_internet_gateway(c, &gateway, &vpc).map_err(by_ec2)?;
        Ok(Made::new(format!("IGW|{vpc}")))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        self.delete(cloud, c, is)?;
        self.create(cloud, c, want)
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let vpc: VpcId = id(&is.properties, "VpcId")?;
        let gateway: InternetGatewayId = id(&is.properties, "InternetGatewayId")?;
        cloud.detach_internet_gateway(c, &gateway, &vpc).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, _: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "AttachmentType": "IGW" }))
    }
}

//! `AWS::EC2::RouteTable`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-routetable.html>
use super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::route_table::CreateRouteTable;
use vpclab_cloud::{Cloud, Context};

/// The type.
pub struct RouteTable;

impl ResourceType for RouteTable {
    fn served(&self) -> &'static [&'static str] {
        &["Tags", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let input = CreateRouteTable { vpc: id(&want.properties, "VpcId")?, client_token: None, tags: want.tags()? };
        cloud.create_route_table(c, input).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_route_table(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "RouteTableId": is.physical }))
    }
}

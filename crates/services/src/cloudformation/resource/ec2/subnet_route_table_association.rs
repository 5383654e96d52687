//! `AWS::EC2::SubnetRouteTableAssociation`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetroutetableassociation.html>
use super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context};

/// The type. Its id changes with the route table.
pub struct Association;

impl ResourceType for Association {
    fn served(&self) -> &'static [&'static str] {
        &["RouteTableId", "SubnetId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (table, subnet) = (id(&want.properties, "RouteTableId")?, id(&want.properties, "SubnetId")?);
        cloud.associate_route_table(c, &table, &subnet).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let table = id(&want.properties, "RouteTableId")?;
        let new = cloud.replace_route_table_association(c, &physical(is.physical)?, &table).map_err(by_ec2)?;
        Ok(Made { renamed: true, ..Made::new(new) })
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.disassociate_route_table(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

//! `AWS::EC2::Route`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-route.html>
use super::attributes;
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::route_table::{new_route, target::Named};
use ipnet::Ipv4Net;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, RouteTableId};
use vpclab_wire::ec2;

/// The type. Its physical id is `{table}|{destination}`.
pub struct Route;

impl ResourceType for Route {
    fn served(&self) -> &'static [&'static str] {
        &["DestinationCidrBlock", "GatewayId", "InstanceId", "NatGatewayId", "NetworkInterfaceId", "RouteTableId", "VpcPeeringConnectionId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (table, destination, target) = read(&want.properties)?;
        let target = target.of(cloud, c).map_err(by_ec2)?;
        cloud.create_route(c, &table, destination, target).map_err(by_ec2)?;
        Ok(Made::new(format!("{table}|{}", destination.trunc())))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (table, destination, target) = read(&want.properties)?;
        let target = target.of(cloud, c).map_err(by_ec2)?;
        cloud.replace_route(c, &table, destination, target).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (table, destination, _) = read(&is.properties)?;
        cloud.delete_route(c, &table, destination).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let cidr = is.physical.split_once('|').map_or("", |(_, cidr)| cidr);
        attributes(json!({ "CidrBlock": cidr }))
    }
}

fn read(properties: &Properties<'_>) -> Result<(RouteTableId, Ipv4Net, Named), Failure> {
    let request = ec2::CreateRouteRequest {
        route_table_id: properties.required("RouteTableId")?,
        destination_cidr_block: properties.text("DestinationCidrBlock")?,
        gateway_id: properties.text("GatewayId")?,
        instance_id: properties.text("InstanceId")?,
        nat_gateway_id: properties.text("NatGatewayId")?,
        network_interface_id: properties.text("NetworkInterfaceId")?,
        vpc_peering_connection_id: properties.text("VpcPeeringConnectionId")?,
    };
    new_route(&request).map_err(wire_by_ec2)
}

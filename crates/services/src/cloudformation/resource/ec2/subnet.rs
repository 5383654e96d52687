//! `AWS::EC2::Subnet`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnet.html>
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::{errors::parse_id, subnet::zone_id, vpc::parse_cidr};
use serde_json::{Map, Value, json};
use vpclab_cloud::subnet::{CreateSubnet, ZoneChoice};
use vpclab_cloud::{Cloud, Context, SubnetId};

/// The type.
pub struct Subnet;

impl ResourceType for Subnet {
    fn served(&self) -> &'static [&'static str] {
        &["AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "MapPublicIpOnLaunch", "Tags", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let zone = match (properties.text("AvailabilityZone")?, properties.text("AvailabilityZoneId")?) {
            (Some(name), None) => Some(ZoneChoice::Name(name)),
            (None, Some(id)) => Some(ZoneChoice::Id(id)),
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(Failure::invalid("The parameters availabilityZone and availabilityZoneId may not be used together."));
            }
        };
        let input = CreateSubnet {
            vpc: parse_id(&properties.required("VpcId")?).map_err(wire_by_ec2)?,
            cidr: parse_cidr(&properties.required("CidrBlock")?).map_err(wire_by_ec2)?,
            zone,
            tags: want.tags()?,
        };
        let id = cloud.create_subnet(c, input).map_err(by_ec2)?;
        let public = properties.truth("MapPublicIpOnLaunch")?.unwrap_or(false);
        cloud.modify_subnet_map_public_ip(c, &id, public).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = parse_id(is.physical).map_err(wire_by_ec2)?;
        let public = want.properties.truth("MapPublicIpOnLaunch")?.unwrap_or(false);
        cloud.modify_subnet_map_public_ip(c, &id, public).map_err(by_ec2)?;
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let id = parse_id(is.physical).map_err(wire_by_ec2)?;
        cloud.delete_subnet(c, &id).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<SubnetId>().ok().and_then(|id| cloud.subnets.get(&id));
        let Some(subnet) = found else { return Map::new() };
        let values = json!({
            "SubnetId": subnet.id,
            "VpcId": subnet.vpc,
            "CidrBlock": subnet.cidr.to_string(),
            "AvailabilityZone": subnet.availability_zone,
            "AvailabilityZoneId": zone_id(&subnet.scope, &subnet.availability_zone),
            "NetworkAclAssociationId": subnet.network_acl_association,
            "Ipv6CidrBlocks": [],
        });
        values.as_object().cloned().unwrap_or_default()
    }
}

//! `AWS::EC2::VPC`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpc.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::{errors::parse_id, vpc::parse_cidr};
use serde_json::{Map, Value, json};
use vpclab_cloud::vpc::{CreateVpc, VpcAttribute};
use vpclab_cloud::{Cloud, Context, VpcId};

/// The type.
pub struct Vpc;

impl ResourceType for Vpc {
    fn served(&self) -> &'static [&'static str] {
        &["CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        want.properties.only("InstanceTenancy", &["default"])?;
        let cidr = parse_cidr(&want.properties.required("CidrBlock")?).map_err(wire_by_ec2)?;
        let id = cloud.create_vpc(c, CreateVpc { cidr, tags: want.tags()? }).map_err(by_ec2)?;
        attributes(cloud, c, &id, &want.properties)?;
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        want.properties.only("InstanceTenancy", &["default"])?;
        let id = parse_id(is.physical).map_err(wire_by_ec2)?;
        attributes(cloud, c, &id, &want.properties)?;
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let id = parse_id(is.physical).map_err(wire_by_ec2)?;
        cloud.delete_vpc(c, &id).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<VpcId>().ok().and_then(|id| cloud.vpcs.get(&id));
        let Some(vpc) = found else { return Map::new() };
        let values = json!({
            "VpcId": vpc.id,
            "CidrBlock": vpc.primary_cidr().to_string(),
            "CidrBlockAssociations": vpc.cidrs.iter().map(|block| block.association.to_string()).collect::<Vec<_>>(),
            "DefaultNetworkAcl": vpc.default_network_acl,
            "DefaultSecurityGroup": vpc.default_security_group,
            "Ipv6CidrBlocks": [],
        });
        values.as_object().cloned().unwrap_or_default()
    }
}

/// Support goes on before hostnames and off after them, for hostnames need it.
fn attributes(cloud: &mut Cloud, c: &mut Context, id: &VpcId, properties: &Properties<'_>) -> Result<(), Failure> {
    let support = VpcAttribute::DnsSupport(properties.truth("EnableDnsSupport")?.unwrap_or(true));
    let hostnames = VpcAttribute::DnsHostnames(properties.truth("EnableDnsHostnames")?.unwrap_or(false));
    let order = if support == VpcAttribute::DnsSupport(true) { [support, hostnames] } else { [hostnames, support] };
    order.into_iter().try_for_each(|attribute| cloud.modify_vpc_attribute(c, id, attribute)).map_err(by_ec2)
}

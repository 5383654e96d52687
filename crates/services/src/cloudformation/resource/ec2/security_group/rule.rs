//! `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`, and the rules inside of groups.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::ec2::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::security_group::permission;
use serde_json::{Map, Value, json};
use vpclab_cloud::security_group::{NewRule, RuleUpdate};
use vpclab_cloud::{Cloud, Context, Direction, SecurityGroupId, SecurityGroupRuleId, Tags};
use vpclab_wire::ec2;

/// `AWS::EC2::SecurityGroupIngress`
pub struct Ingress;
/// `AWS::EC2::SecurityGroupEgress`
pub struct Egress;

impl ResourceType for Ingress {
    fn served(&self) -> &'static [&'static str] {
        &[
            "CidrIp",
            "CidrIpv6",
            "Description",
            "FromPort",
            "GroupId",
            "IpProtocol",
            "SourceSecurityGroupId",
            "SourceSecurityGroupOwnerId",
            "ToPort",
        ]
    }
    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        create(cloud, c, &want.properties, Direction::Ingress)
    }
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        update(cloud, c, is, &want.properties, Direction::Ingress)
    }
    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        delete(cloud, c, is, Direction::Ingress)
    }
    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

impl ResourceType for Egress {
    fn served(&self) -> &'static [&'static str] {
        &["CidrIp", "CidrIpv6", "Description", "DestinationSecurityGroupId", "FromPort", "GroupId", "IpProtocol", "ToPort"]
    }
    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        create(cloud, c, &want.properties, Direction::Egress)
    }
    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        update(cloud, c, is, &want.properties, Direction::Egress)
    }
    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        delete(cloud, c, is, Direction::Egress)
    }
    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

fn create(cloud: &mut Cloud, c: &mut Context, properties: &Properties<'_>, direction: Direction) -> Result<Made, Failure> {
    let group: SecurityGroupId = id(properties, "GroupId")?;
    let made = cloud.authorize_security_group(c, &group, direction, read(properties, direction)?, &Tags::new()).map_err(by_ec2)?;
    made.first().map(Made::new).ok_or_else(|| Failure::invalid("The rule names no source or destination"))
}

/// Only the description can change in place.
fn update(
    cloud: &mut Cloud,
    c: &mut Context,
    is: &Existing<'_>,
    properties: &Properties<'_>,
    direction: Direction,
) -> Result<Made, Failure> {
    let group: SecurityGroupId = id(properties, "GroupId")?;
    let rule_id: SecurityGroupRuleId = physical(is.physical)?;
    let updates = read(properties, direction)?.into_iter().take(1).map(|rule| RuleUpdate { id: rule_id.clone(), rule }).collect();
    cloud.modify_security_group_rules(c, &group, updates).map_err(by_ec2)?;
    Ok(Made::new(is.physical))
}

fn delete(cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, direction: Direction) -> Result<(), Failure> {
    let group: SecurityGroupId = id(&is.properties, "GroupId")?;
    cloud.revoke_security_group_rules(c, &group, direction, &[physical(is.physical)?]).map(drop).map_err(by_ec2)
}

/// The rules of one object: one for each of its sources or destinations.
pub(super) fn read(properties: &Properties<'_>, direction: Direction) -> Result<Vec<NewRule>, Failure> {
    let (group, owner) = match direction {
        Direction::Ingress => ("SourceSecurityGroupId", "SourceSecurityGroupOwnerId"),
        Direction::Egress => ("DestinationSecurityGroupId", "DestinationSecurityGroupOwnerId"),
    };
    for unserved in ["SourcePrefixListId", "DestinationPrefixListId", "SourceSecurityGroupName", "GroupName"] {
        if properties.has(unserved) {
            return Err(Failure::invalid(format!("vpclab does not serve the property {unserved} of security group rules yet")));
        }
    }
    let description = properties.text("Description")?;
    let mut permission = ec2::IpPermission {
        ip_protocol: Some(properties.required("IpProtocol")?),
        from_port: properties.number("FromPort")?,
        to_port: properties.number("ToPort")?,
        ..Default::default()
    };
    if let Some(cidr) = properties.text("CidrIp")? {
        permission.ip_ranges.push(ec2::IpRange { cidr_ip: Some(cidr), description: description.clone() });
    }
    if let Some(cidr) = properties.text("CidrIpv6")? {
        permission.ipv6_ranges.push(ec2::Ipv6Range { cidr_ipv6: Some(cidr), description: description.clone() });
    }
    if let Some(group) = properties.text(group)? {
        let user_id = properties.text(owner)?;
        permission.user_id_group_pairs.push(ec2::UserIdGroupPair { group_id: Some(group), user_id, description, ..Default::default() });
    }
    permission::rules(&[permission]).map_err(wire_by_ec2)
}

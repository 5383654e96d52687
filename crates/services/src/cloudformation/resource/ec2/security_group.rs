//! `AWS::EC2::SecurityGroup`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html>
use super::{attributes, physical};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::security_group::{CreateSecurityGroup, NewRule};
use vpclab_cloud::{Cloud, Context, Direction, SecurityGroupId, Tags};
use vpclab_wire::WireError;

pub mod rule;

/// The type.
pub struct SecurityGroup;

impl ResourceType for SecurityGroup {
    fn served(&self) -> &'static [&'static str] {
        &["GroupDescription", "GroupName", "SecurityGroupEgress", "SecurityGroupIngress", "Tags", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        if !properties.has("VpcId") {
            return Err(wire_by_ec2(WireError::new(400, "VPCIdNotSpecified", "No default VPC for this user")));
        }
        let name = match properties.text("GroupName")? {
            Some(name) => name,
            None => want.physical_name(c, 255),
        };
        let input = CreateSecurityGroup {
            vpc: super::id(properties, "VpcId")?,
            name,
            description: properties.required("GroupDescription")?,
            tags: want.tags()?,
        };
        let id = cloud.create_security_group(c, input).map_err(by_ec2)?;
        for direction in [Direction::Ingress, Direction::Egress] {
            change(cloud, c, &id, direction, &rules(&Properties::new(&Map::new()), direction)?, &rules(properties, direction)?)?;
        }
        Ok(Made::new(id))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = physical(is.physical)?;
        for direction in [Direction::Ingress, Direction::Egress] {
            change(cloud, c, &id, direction, &rules(&is.properties, direction)?, &rules(&want.properties, direction)?)?;
        }
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_security_group(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<SecurityGroupId>().ok().and_then(|id| cloud.security_groups.get(&id));
        found.map_or_else(Map::new, |group| attributes(json!({ "GroupId": group.id, "Id": group.id, "VpcId": group.vpc })))
    }
}

/// The rules that a group's properties ask for; without any of egress that is the one to everywhere.
fn rules(properties: &Properties<'_>, direction: Direction) -> Result<Vec<NewRule>, Failure> {
    let name = match direction {
        Direction::Ingress => "SecurityGroupIngress",
        Direction::Egress => "SecurityGroupEgress",
    };
    let given = properties.objects(name)?;
    let mut rules = Vec::new();
    for one in &given {
        for new in rule::read(one, direction)? {
            if !rules.contains(&new) {
                rules.push(new);
            }
        }
    }
    if given.is_empty() && direction == Direction::Egress {
        let everywhere = json!({ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" });
        rules = rule::read(&Properties::new(&attributes(everywhere)), direction)?;
    }
    Ok(rules)
}

/// Takes away the rules that are no longer wanted, and adds the new ones. Rules that others added stay.
fn change(
    cloud: &mut Cloud,
    c: &mut Context,
    id: &SecurityGroupId,
    direction: Direction,
    old: &[NewRule],
    new: &[NewRule],
) -> Result<(), Failure> {
    for gone in old.iter().filter(|rule| !new.contains(rule)) {
        // Someone may have revoked it by hand.
        let mut trial = cloud.clone();
        if trial.revoke_security_group(c, id, direction, std::slice::from_ref(gone)).is_ok() {
            *cloud = trial;
        }
    }
    let added: Vec<_> = new.iter().filter(|rule| !old.contains(rule)).cloned().collect();
    if !added.is_empty() {
        cloud.authorize_security_group(c, id, direction, added, &Tags::new()).map_err(by_ec2)?;
    }
    Ok(())
}

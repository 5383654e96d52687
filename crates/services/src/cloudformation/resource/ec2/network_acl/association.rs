//! `AWS::EC2::SubnetNetworkAclAssociation`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetnetworkaclassociation.html>
use crate::cloudformation::resource::ec2::{attributes, id};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, NetworkAclAssociationId, NetworkAclId, SubnetId};

/// The type. Its id changes with the ACL. Without it the subnet has the VPC's default ACL.
pub struct Association;

impl ResourceType for Association {
    fn served(&self) -> &'static [&'static str] {
        &["NetworkAclId", "SubnetId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let subnet = id(&want.properties, "SubnetId")?;
        put(cloud, c, &subnet, &id(&want.properties, "NetworkAclId")?).map(Made::new)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, _: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let subnet = id(&want.properties, "SubnetId")?;
        let made = put(cloud, c, &subnet, &id(&want.properties, "NetworkAclId")?)?;
        Ok(Made { renamed: true, ..Made::new(made) })
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let subnet: SubnetId = id(&is.properties, "SubnetId")?;
        let vpc = cloud.subnets.get(&subnet).filter(|subnet| subnet.network_acl_association.to_string() == is.physical);
        // A subnet that is gone, or was given another ACL since, has nothing to be taken back.
        let Some(acl) = vpc.and_then(|subnet| cloud.vpcs.get(&subnet.vpc)).map(|vpc| vpc.default_network_acl.clone()) else {
            return Ok(());
        };
        put(cloud, c, &subnet, &acl).map(drop)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "AssociationId": is.physical }))
    }
}

fn put(cloud: &mut Cloud, c: &mut Context, subnet: &SubnetId, acl: &NetworkAclId) -> Result<NetworkAclAssociationId, Failure> {
    let found = cloud.subnets.get(subnet).filter(|found| found.scope == c.scope);
    let now = found.map(|subnet| subnet.network_acl_association.clone());
    let now = now.ok_or_else(|| by_ec2(vpclab_cloud::Refusal::SubnetNotFound(subnet.clone())))?;
    cloud.replace_network_acl_association(c, &now, acl).map_err(by_ec2)
}

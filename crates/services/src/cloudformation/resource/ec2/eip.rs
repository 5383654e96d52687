//! `AWS::EC2::EIP`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eip.html>
use super::attributes;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::errors::parse_id;
use serde_json::{Map, Value, json};
use std::net::Ipv4Addr;
use std::sync::Arc;
use vpclab_cloud::public_address::{AddressTarget, AssociateAddress};
use vpclab_cloud::{AllocationId, Cloud, Context, PublicAddress};

pub mod association;

/// The type. Its physical id is the address.
pub struct Eip;

impl ResourceType for Eip {
    fn served(&self) -> &'static [&'static str] {
        &["Domain", "InstanceId", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        want.properties.only("Domain", &["vpc"])?;
        let allocation = cloud.allocate_address(c, want.tags()?).map_err(by_ec2)?;
        if let Some(instance) = want.properties.text("InstanceId")? {
            let target = AddressTarget::Instance(parse_id(&instance).map_err(wire_by_ec2)?);
            let input = AssociateAddress { allocation: allocation.clone(), target, private_ip: None, allow_reassociation: None };
            cloud.associate_address(c, input).map_err(by_ec2)?;
        }
        Ok(Made::new(cloud.elastic_address(&c.scope, &allocation).map_err(by_ec2)?.ip))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (found, allocation) = found(cloud, is)?;
        cloud.set_tags(c, allocation.as_ref(), want.tags()?).map_err(by_ec2)?;
        if is.properties.text("InstanceId")? != want.properties.text("InstanceId")? {
            if let Some(association) = &found.association {
                cloud.disassociate_address(c, &association.id).map_err(by_ec2)?;
            }
            if let Some(instance) = want.properties.text("InstanceId")? {
                let target = AddressTarget::Instance(parse_id(&instance).map_err(wire_by_ec2)?);
                let input = AssociateAddress { allocation, target, private_ip: None, allow_reassociation: None };
                cloud.associate_address(c, input).map_err(by_ec2)?;
            }
        }
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let (found, allocation) = found(cloud, is)?;
        if let (Some(association), true) = (&found.association, is.properties.has("InstanceId")) {
            cloud.disassociate_address(c, &association.id).map_err(by_ec2)?;
        }
        cloud.release_address(c, &allocation).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        match found(cloud, is) {
            Ok((address, allocation)) => attributes(json!({ "AllocationId": allocation, "PublicIp": address.ip.to_string() })),
            Err(_) => Map::new(),
        }
    }
}

fn found(cloud: &Cloud, is: &Existing<'_>) -> Result<(Arc<PublicAddress>, AllocationId), Failure> {
    let address = is.physical.parse::<Ipv4Addr>().ok().and_then(|ip| cloud.public_addresses.get(&ip));
    let own = address.filter(|address| &address.scope == is.scope);
    own.and_then(|address| Some((Arc::clone(address), address.allocation.clone()?)))
        .ok_or_else(|| Failure::not_found(format!("Address '{}' not found.", is.physical)))
}

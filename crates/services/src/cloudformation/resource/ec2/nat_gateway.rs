//! `AWS::EC2::NatGateway`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-natgateway.html>
use super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Stability, Wanted, by_ec2};
use serde_json::{Map, Value, json};
use vpclab_cloud::nat_gateway::{CreateNatGateway, NatGatewayState};
use vpclab_cloud::{Cloud, Context, NatGatewayId, Timestamp};

/// The type.
pub struct NatGateway;

impl ResourceType for NatGateway {
    fn served(&self) -> &'static [&'static str] {
        &["AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        properties.only("ConnectivityType", &["public", "private"])?;
        let private = properties.text("ConnectivityType")?.as_deref() == Some("private");
        let allocation = match (private, properties.has("AllocationId")) {
            (false, true) => Some(id(properties, "AllocationId")?),
            (true, false) => None,
            (false, false) => return Err(Failure::invalid("Property AllocationId cannot be empty.")),
            (true, true) => return Err(Failure::invalid("A private NAT gateway has no AllocationId")),
        };
        let private_ip = match properties.text("PrivateIpAddress")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| Failure::invalid(format!("Invalid IPv4 address: {text}")))?),
        };
        let subnet = id(properties, "SubnetId")?;
        let input = CreateNatGateway { subnet, allocation, private_ip, client_token: None, tags: want.tags()? };
        cloud.create_nat_gateway(c, input).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_nat_gateway(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "NatGatewayId": is.physical }))
    }

    fn stable(&self, cloud: &Cloud, now: Timestamp, is: &Existing<'_>) -> Stability {
        let Ok(id) = physical::<NatGatewayId>(is.physical) else { return Stability::Failed("no such id".to_owned()) };
        match cloud.nat_gateway(is.scope, now, &id).map(|gateway| &gateway.state) {
            Ok(NatGatewayState::Available) => Stability::Ready,
            Ok(_) => Stability::Failed(format!("NatGateway {id} is in state failed and hence failed to stabilize.")),
            Err(why) => Stability::Failed(why.to_string()),
        }
    }
}

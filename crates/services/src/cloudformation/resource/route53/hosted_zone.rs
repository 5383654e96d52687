//! `AWS::Route53::HostedZone`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-hostedzone.html>
use super::{by_route53, wire_by_route53};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use vpclab_cloud::hosted_zone::{CreateHostedZone, ZoneVpc};
use vpclab_cloud::{Cloud, Context};
use vpclab_wire::route53 as wire;

/// The type.
pub struct HostedZone;

fn vpcs(properties: &Properties<'_>) -> Result<BTreeSet<ZoneVpc>, Failure> {
    let vpc = |vpc: Properties<'_>| {
        let named = wire::VPC { vpc_region: Some(vpc.required("VPCRegion")?), vpc_id: Some(vpc.required("VPCId")?) };
        crate::route53::zone_vpc(&named).map_err(wire_by_route53)
    };
    properties.objects("VPCs")?.into_iter().map(vpc).collect()
}

fn comment(properties: &Properties<'_>) -> Result<Option<String>, Failure> {
    properties.object("HostedZoneConfig")?.map_or(Ok(None), |config| config.text("Comment"))
}

impl ResourceType for HostedZone {
    fn served(&self) -> &'static [&'static str] {
        &["HostedZoneConfig", "HostedZoneConfig.Comment", "HostedZoneTags", "Name", "VPCs"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let mut vpcs = vpcs(&want.properties)?.into_iter();
        let input = CreateHostedZone {
            name: crate::route53::domain_name(&want.properties.required("Name")?).map_err(wire_by_route53)?,
            caller_reference: format!("{}-{}-{}", want.stack.name, want.logical, c.ids.alphanumeric(12)),
            comment: comment(&want.properties)?,
            vpc: vpcs.next(),
            tags: want.tags_with(want.properties.tags("HostedZoneTags")?)?,
        };
        let id = cloud.create_hosted_zone(c, input).map_err(by_route53)?;
        for vpc in vpcs {
            cloud.associate_vpc_with_hosted_zone(c, &id, vpc).map_err(by_route53)?;
        }
        Ok(Made::new(id.as_str()))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id = crate::route53::zone_id(is.physical).map_err(wire_by_route53)?;
        let zone = cloud.hosted_zone(&c.scope.account, &id).map_err(by_route53)?.clone();
        let wanted = vpcs(&want.properties)?;
        // New ones first, for a private zone cannot be without a VPC.
        for vpc in wanted.difference(&zone.vpcs) {
            cloud.associate_vpc_with_hosted_zone(c, &id, vpc.clone()).map_err(by_route53)?;
        }
        for vpc in zone.vpcs.difference(&wanted) {
            cloud.disassociate_vpc_from_hosted_zone(c, &id, vpc).map_err(by_route53)?;
        }
        cloud.update_hosted_zone_comment(c, &id, comment(&want.properties)?).map_err(by_route53)?;
        let tags = want.tags_with(want.properties.tags("HostedZoneTags")?)?;
        let removed: Vec<String> = zone.tags.keys().filter(|key| !tags.contains_key(*key)).cloned().collect();
        cloud.tag_hosted_zone(c, &id, tags, &removed).map_err(by_route53)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let id = crate::route53::zone_id(is.physical).map_err(wire_by_route53)?;
        cloud.delete_hosted_zone(c, &id).map_err(by_route53)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok(id) = crate::route53::zone_id(is.physical) else { return Map::new() };
        let Ok(zone) = cloud.hosted_zone(&is.scope.account, &id) else { return Map::new() };
        let mut found = Map::from_iter([("Id".to_owned(), json!(is.physical))]);
        if !zone.private {
            found.insert("NameServers".to_owned(), json!(zone.name_servers));
        }
        found
    }
}

//! `AWS::EC2::NetworkInsightsPath`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkinsightspath.html>
use super::super::{attributes, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::network_insights::{path_asked, show};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, NetworkInsightsPathId};
use vpclab_wire::ec2;

/// The type.
pub struct Path;

impl ResourceType for Path {
    fn served(&self) -> &'static [&'static str] {
        &["Destination", "DestinationIp", "DestinationPort", "Protocol", "Source", "SourceIp", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let properties = &want.properties;
        let request = ec2::CreateNetworkInsightsPathRequest {
            source: properties.required("Source")?,
            destination: properties.text("Destination")?,
            source_ip: properties.text("SourceIp")?,
            destination_ip: properties.text("DestinationIp")?,
            protocol: properties.required("Protocol")?,
            destination_port: properties.number("DestinationPort")?,
            ..Default::default()
        };
        let asked = path_asked(cloud, &c.scope, &request).map_err(wire_by_ec2)?;
        cloud.create_network_insights_path(c, asked, None, want.tags()?).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_network_insights_path(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = physical::<NetworkInsightsPathId>(is.physical).ok().and_then(|id| cloud.network_insights_paths.get(&id));
        let Some(shown) = found.map(|path| show::path(path)) else { return Map::new() };
        attributes(json!({
            "CreatedDate": shown.created_date.map(|at| at.to_string()),
            "DestinationArn": shown.destination_arn,
            "NetworkInsightsPathArn": shown.network_insights_path_arn,
            "NetworkInsightsPathId": is.physical,
            "SourceArn": shown.source_arn,
        }))
    }
}

//! `AWS::EC2::FlowLog`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html>
use super::{attributes, physical};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::flow_log;
use serde_json::{Map, Value, json};
use vpclab_cloud::flow_log::CreateFlowLogs;
use vpclab_cloud::{Cloud, Context};
use vpclab_wire::ec2;

/// The type.
pub struct FlowLog;

impl ResourceType for FlowLog {
    fn served(&self) -> &'static [&'static str] {
        &[
            "DeliverLogsPermissionArn",
            "LogDestination",
            "LogDestinationType",
            "LogFormat",
            "LogGroupName",
            "MaxAggregationInterval",
            "ResourceId",
            "ResourceType",
            "Tags",
            "TrafficType",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let asked = flow_log::input(&c.scope, &request(&want.properties)?).map_err(wire_by_ec2)?;
        let asked = CreateFlowLogs { tags: want.tags()?, client_token: None, ..asked };
        let made = cloud.create_flow_logs(c, asked).map_err(by_ec2)?;
        if let Some((_, refusal)) = made.refused.into_iter().next() {
            return Err(by_ec2(refusal));
        }
        made.made.first().map(Made::new).ok_or_else(|| Failure::invalid("Property ResourceId cannot be empty."))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_flow_logs(c, &[physical(is.physical)?]).map_err(by_ec2)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        attributes(json!({ "Id": is.physical }))
    }
}

fn request(properties: &Properties<'_>) -> Result<ec2::CreateFlowLogsRequest, Failure> {
    Ok(ec2::CreateFlowLogsRequest {
        deliver_logs_permission_arn: properties.text("DeliverLogsPermissionArn")?,
        log_destination: properties.text("LogDestination")?,
        log_destination_type: properties.text("LogDestinationType")?,
        log_format: properties.text("LogFormat")?,
        log_group_name: properties.text("LogGroupName")?,
        max_aggregation_interval: properties.number("MaxAggregationInterval")?,
        resource_ids: vec![properties.required("ResourceId")?],
        resource_type: properties.required("ResourceType")?,
        traffic_type: properties.text("TrafficType")?,
        ..Default::default()
    })
}

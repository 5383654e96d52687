//! VPC flow logs.
use super::errors::{self, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, page};
use super::{route_table, tag};
use crate::request::RequestContext;
use crate::trust::trusts;
use vpclab_cloud::flow_log::{CreateFlowLogs, FlowLogResource, LogFormat, MAX_RESOURCES, TrafficType};
use vpclab_cloud::{Cloud, FlowLog, FlowLogId, Scope};
use vpclab_wire::{Timestamp, WireError, ec2};

const FILTERS: &[&str] =
    &["deliver-log-status", "log-destination-type", "flow-log-id", "log-group-name", "resource-id", "traffic-type", "tag-key", "tag:"];
/// Who delivers the records.
const SERVICE: &str = "vpc-flow-logs.amazonaws.com";
const CLOUD_WATCH: &str = "cloud-watch-logs";

/// Whether a flow log's records can be delivered: its role is there and trusts the service.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>
#[must_use]
pub fn delivers(cloud: &Cloud, log: &FlowLog) -> bool {
    trusts(cloud, &log.role, SERVICE)
}

/// `CreateFlowLogs`.
pub async fn create_flow_logs(cx: &RequestContext, req: ec2::CreateFlowLogsRequest) -> Result<ec2::CreateFlowLogsResult, WireError> {
    let input = input(&cx.scope, &req)?;
    let made = cx.change(errors::word, |cloud, c| cloud.create_flow_logs(c, input)).await?;
    let unsuccessful = made.refused.iter().map(|(resource, refusal)| {
        let why = errors::word(refusal);
        let error = ec2::UnsuccessfulItemError { code: Some(why.code.to_string()), message: Some(why.message) };
        ec2::UnsuccessfulItem { error: Some(error), resource_id: Some(resource.id().to_owned()) }
    });
    Ok(ec2::CreateFlowLogsResult {
        client_token: req.client_token,
        flow_log_ids: made.made.iter().map(ToString::to_string).collect(),
        unsuccessful: unsuccessful.collect(),
    })
}

/// `DeleteFlowLogs`.
pub async fn delete_flow_logs(cx: &RequestContext, req: ec2::DeleteFlowLogsRequest) -> Result<ec2::DeleteFlowLogsResult, WireError> {
    if req.flow_log_ids.is_empty() {
        return Err(missing("FlowLogId"));
    }
    let ids: Vec<FlowLogId> = parse_ids(&req.flow_log_ids)?;
    cx.change(errors::word, |cloud, c| cloud.delete_flow_logs(c, &ids)).await?;
    Ok(ec2::DeleteFlowLogsResult { unsuccessful: Vec::new() })
}

/// `DescribeFlowLogs`. Ids that are not there are passed over.
pub async fn describe_flow_logs(cx: &RequestContext, req: ec2::DescribeFlowLogsRequest) -> Result<ec2::DescribeFlowLogsResult, WireError> {
    let filters = Filters::new(&req.filter, FILTERS)?;
    let ids: Vec<FlowLogId> = parse_ids(&req.flow_log_ids)?;
    let cloud = cx.snapshot();
    let chosen = cloud.flow_logs_of(&cx.scope).filter(|log| ids.is_empty() || ids.contains(&log.id));
    let found: Vec<_> = chosen.filter(|log| filters.pass(&log.tags, |name| values(&cloud, log, name))).collect();
    let page = page(found, |log| log.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let flow_logs = page.items.into_iter().map(|log| show(&cloud, log)).collect();
    Ok(ec2::DescribeFlowLogsResult { flow_logs, next_token: page.next_token })
}

fn invalid(message: impl Into<String>) -> WireError {
    WireError::new(400, "InvalidParameter", message)
}

/// What a request asks for.
///
/// # Errors
/// What is no flow log, or is not served.
pub(crate) fn input(scope: &Scope, req: &ec2::CreateFlowLogsRequest) -> Result<CreateFlowLogs, WireError> {
    if req.resource_ids.is_empty() {
        return Err(missing("ResourceId"));
    }
    if req.resource_ids.len() > MAX_RESOURCES {
        return Err(invalid_value(format!("The number of ResourceIds exceeds the limit of {MAX_RESOURCES}.")));
    }
    let resources = req.resource_ids.iter().map(|id| resource(&req.resource_type, id)).collect::<Result<_, _>>()?;
    let traffic = match req.traffic_type.as_deref() {
        None => return Err(missing("TrafficType")),
        Some("ACCEPT") => TrafficType::Accept,
        Some("REJECT") => TrafficType::Reject,
        Some("ALL") => TrafficType::All,
        Some(other) => return Err(invalid_value(format!("Value ({other}) for parameter trafficType is invalid."))),
    };
    match req.log_destination_type.as_deref() {
        None | Some(CLOUD_WATCH) => {}
        Some(other @ ("s3" | "kinesis-data-firehose")) => {
            return Err(invalid_value(format!("vpclab delivers flow logs to {CLOUD_WATCH}; the destination type '{other}' is not built.")));
        }
        Some(other) => return Err(invalid_value(format!("Value ({other}) for parameter logDestinationType is invalid."))),
    }
    let role = req.deliver_logs_permission_arn.clone().filter(|role| !role.is_empty());
    let role = role.ok_or_else(|| invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."))?;
    if !role.starts_with("arn:aws:iam::") || !role.contains(":role/") {
        return Err(invalid_value(format!("Value ({role}) for parameter deliverLogsPermissionArn is invalid. Invalid ARN.")));
    }
    let (group, by_arn) = group(scope, req)?;
    let max_interval = match req.max_aggregation_interval {
        None => 600,
        Some(60) => 60,
        Some(600) => 600,
        Some(_) => return Err(invalid("Invalid Flow Log Max Aggregation Interval")),
    };
    let format = match req.log_format.as_deref() {
        None => LogFormat::default(),
        Some(text) => LogFormat::parse(text)
            .ok_or_else(|| invalid_value(format!("1 validation error detected: Value '{text}' at 'logFormat' has an invalid format")))?,
    };
    let client_token =
        route_table::token(req.client_token.as_deref(), &(&req.resource_ids, traffic, &group, &role, &format, max_interval))?;
    let tags = tag::of_specifications(&req.tag_specifications, "vpc-flow-log")?;
    Ok(CreateFlowLogs { resources, traffic, group, by_arn, role, format, max_interval, client_token, tags })
}

fn resource(kind: &str, id: &str) -> Result<FlowLogResource, WireError> {
    match kind {
        "VPC" => Ok(FlowLogResource::Vpc(parse_id(id)?)),
        "Subnet" => Ok(FlowLogResource::Subnet(parse_id(id)?)),
        "NetworkInterface" => Ok(FlowLogResource::NetworkInterface(parse_id(id)?)),
        "TransitGateway" | "TransitGatewayAttachment" | "RegionalNatGateway" => {
            Err(invalid_value(format!("vpclab has no flow logs of the resource type '{kind}'.")))
        }
        other => Err(invalid_value(format!("Value ({other}) for parameter resourceType is invalid."))),
    }
}

/// The log group's name, and whether it was given by its ARN.
fn group(scope: &Scope, req: &ec2::CreateFlowLogsRequest) -> Result<(String, bool), WireError> {
    match (req.log_group_name.as_deref(), req.log_destination.as_deref()) {
        (Some(_), Some(_)) => Err(invalid("Please only provide LogGroupName or only provide LogDestination.")),
        (None, None) => Err(invalid("LogDestination can't be empty if LogGroupName is not provided.")),
        (Some(name), None) => Ok((name.to_owned(), false)),
        (None, Some(arn)) => {
            let own = format!("arn:aws:logs:{}:{}:log-group:", scope.region, scope.account);
            let name = arn.strip_prefix(&own).map(|name| name.strip_suffix(":*").unwrap_or(name)).filter(|name| !name.contains(':'));
            let name = name.ok_or_else(|| {
                invalid_value(format!(
                    "Value ({arn}) for parameter logDestination is invalid. It must be a log group of this account and region."
                ))
            })?;
            Ok((name.to_owned(), true))
        }
    }
}

fn status(cloud: &Cloud, log: &FlowLog) -> &'static str {
    if delivers(cloud, log) { "SUCCESS" } else { "FAILED" }
}

fn show(cloud: &Cloud, log: &FlowLog) -> ec2::FlowLog {
    let works = delivers(cloud, log);
    ec2::FlowLog {
        creation_time: Some(Timestamp::from_millis(log.created.0)),
        deliver_logs_error_message: (!works).then(|| "Access error".into()),
        deliver_logs_permission_arn: Some(log.role.clone()),
        deliver_logs_status: Some(status(cloud, log).into()),
        flow_log_id: Some(log.id.to_string()),
        flow_log_status: Some("ACTIVE".into()),
        log_group_name: Some(log.group.clone()),
        resource_id: Some(log.resource.id().to_owned()),
        traffic_type: Some(log.traffic.name().into()),
        log_destination_type: Some(CLOUD_WATCH.into()),
        log_destination: log.by_arn.then(|| log.destination()),
        log_format: Some(log.format.to_string()),
        tags: tag::set(&log.tags),
        max_aggregation_interval: i32::try_from(log.max_interval).ok(),
    }
}

fn values(cloud: &Cloud, log: &FlowLog, name: &str) -> Vec<String> {
    match name {
        "deliver-log-status" => vec![status(cloud, log).into()],
        "log-destination-type" => vec![CLOUD_WATCH.into()],
        "flow-log-id" => vec![log.id.to_string()],
        "log-group-name" => vec![log.group.clone()],
        "resource-id" => vec![log.resource.id().to_owned()],
        "traffic-type" => vec![log.traffic.name().into()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

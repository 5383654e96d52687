use crate::ec2::lab::Lab;

const ROLE: &str = "arn:aws:iam::111111111111:role/flows";

fn form<'a>(vpc: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [("ResourceId.1", vpc), ("ResourceType", "VPC"), ("TrafficType", "ALL"), ("LogGroupName", "flows")];
    let base = base.into_iter().chain([("DeliverLogsPermissionArn", ROLE)]);
    // What is given replaces what stands there; an empty text takes it away.
    let kept = base.filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

#[tokio::test]
async fn a_flow_log_is_made_shown_and_deleted() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let more = [
        ("LogFormat", "${version} ${vpc-id}"),
        ("MaxAggregationInterval", "60"),
        ("TagSpecification.1.ResourceType", "vpc-flow-log"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "all"),
    ];
    let id = lab.ask("CreateFlowLogs", &form(&vpc, &more)).await.one("item");
    let shown = lab.ask("DescribeFlowLogs", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "all")]).await;
    assert_eq!(shown.one("flowLogId"), id);
    assert_eq!((shown.one("logFormat"), shown.one("maxAggregationInterval")), ("${version} ${vpc-id}".into(), "60".into()));
    assert_eq!((shown.one("deliverLogsStatus"), shown.one("deliverLogsErrorMessage")), ("FAILED".into(), "Access error".into()));
    assert!(!shown.has("logDestination>"));
    assert_eq!(lab.refused("CreateFlowLogs", &form(&vpc, &[])).await.0, "FlowLogAlreadyExists");
    lab.ask("DeleteFlowLogs", &[("FlowLogId.1", &id)]).await;
    assert!(!lab.ask("DescribeFlowLogs", &[("FlowLogId.1", &id)]).await.has("flowLogId"));
    let (code, text) = lab.refused("DeleteFlowLogs", &[("FlowLogId.1", &id)]).await;
    let wanted = format!("These flow log ids in the input list are not found: [TotalCount: 1] {id}");
    assert_eq!((code.as_str(), text), ("InvalidFlowLogId.NotFound", wanted));
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    for (more, code, word) in [
        (("LogDestinationType", "s3"), "InvalidParameterValue", "'s3' is not built"),
        (("LogDestinationType", "kinesis-data-firehose"), "InvalidParameterValue", "not built"),
        (("ResourceType", "TransitGateway"), "InvalidParameterValue", "TransitGateway"),
        (("ResourceType", "Subnet"), "InvalidSubnetId.Malformed", "subnet-"),
        (("ResourceId.1", "vpc-0123456789abcdef0"), "InvalidVpcID.NotFound", "vpc-0123456789abcdef0"),
        (("TrafficType", "SOME"), "InvalidParameterValue", "SOME"),
        (("TrafficType", ""), "MissingParameter", "TrafficType"),
        (("LogGroupName", ""), "InvalidParameter", "LogDestination can't be empty"),
        (("LogDestination", "arn:aws:logs:us-east-1:111111111111:log-group:flows"), "InvalidParameter", "only provide"),
        (("DeliverLogsPermissionArn", ""), "InvalidParameter", "DeliverLogsPermissionArn can't be empty"),
        (("DeliverLogsPermissionArn", "flows"), "InvalidParameterValue", "ARN"),
        (("LogFormat", "${version} ${colour}"), "InvalidParameterValue", "at 'logFormat' has an invalid format"),
        (("MaxAggregationInterval", "61"), "InvalidParameter", "Max Aggregation Interval"),
        (("DeliverCrossAccountRole", ROLE), "UnsupportedParameter", "DeliverCrossAccountRole"),
    ] {
        let (found, text) = lab.refused("CreateFlowLogs", &form(&vpc, &[more])).await;
        assert!(text.contains(word), "{more:?}: {found} {text}");
        assert!(found == code || code == "UnsupportedParameter", "{more:?}: {found} {text}");
    }
}

//! CloudWatch Logs: operation -> handler.

use http::request::Parts;
use vpclab_wire::logs::{Operation, PROTOCOL, TARGET, UNSERVED};
use vpclab_wire::{WireError, json};

use super::{Handler, by_target, table};
use crate::logs;

table!(logs, json::Request, {
    CreateLogGroup => logs::create_log_group,
    CreateLogStream => logs::create_log_stream,
    DeleteLogGroup => logs::delete_log_group,
    DeleteLogStream => logs::delete_log_stream,
    DeleteRetentionPolicy => logs::delete_retention_policy,
    DescribeLogGroups => logs::describe_log_groups,
    DescribeLogStreams => logs::describe_log_streams,
    FilterLogEvents => logs::filter_log_events,
    GetLogEvents => logs::get_log_events,
    ListTagsForResource => logs::list_tags_for_resource,
    ListTagsLogGroup => logs::list_tags_log_group,
    PutLogEvents => logs::put_log_events,
    PutRetentionPolicy => logs::put_retention_policy,
    TagLogGroup => logs::tag_log_group,
    TagResource => logs::tag_resource,
    UntagLogGroup => logs::untag_log_group,
    UntagResource => logs::untag_resource,
});

/// The handler of the request's target.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<json::Request>, json::Request), WireError> {
    by_target("logs", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, TARGET), (parts, body))
}

//! Systems Manager: operation -> handler.

use http::request::Parts;
use vpclab_wire::ssm::{Operation, PROTOCOL, TARGET, UNSERVED};
use vpclab_wire::{WireError, json};

use super::{Handler, by_target, table};
use crate::ssm;

table!(ssm, json::Request, {
    AddTagsToResource => ssm::add_tags_to_resource,
    DeleteParameter => ssm::delete_parameter,
    DeleteParameters => ssm::delete_parameters,
    DescribeParameters => ssm::describe_parameters,
    GetParameter => ssm::get_parameter,
    GetParameterHistory => ssm::get_parameter_history,
    GetParameters => ssm::get_parameters,
    GetParametersByPath => ssm::get_parameters_by_path,
    ListTagsForResource => ssm::list_tags_for_resource,
    PutParameter => ssm::put_parameter,
    RemoveTagsFromResource => ssm::remove_tags_from_resource,
});

/// The handler of the request's target.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<json::Request>, json::Request), WireError> {
    by_target("ssm", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, TARGET), (parts, body))
}

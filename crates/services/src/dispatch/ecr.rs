//! ECR: operation -> handler.

use http::request::Parts;
use vpclab_wire::ecr::{Operation, PROTOCOL, TARGET, UNSERVED};
use vpclab_wire::{WireError, json};

use super::{Handler, by_target, table};
use crate::ecr;

table!(ecr, json::Request, {
    CreateRepository => ecr::create_repository,
    DeleteLifecyclePolicy => ecr::delete_lifecycle_policy,
    DeleteRepository => ecr::delete_repository,
    DeleteRepositoryPolicy => ecr::delete_repository_policy,
    DescribeRepositories => ecr::describe_repositories,
    GetLifecyclePolicy => ecr::get_lifecycle_policy,
    GetRepositoryPolicy => ecr::get_repository_policy,
    ListTagsForResource => ecr::list_tags_for_resource,
    PutImageScanningConfiguration => ecr::put_image_scanning_configuration,
    PutImageTagMutability => ecr::put_image_tag_mutability,
    PutLifecyclePolicy => ecr::put_lifecycle_policy,
    SetRepositoryPolicy => ecr::set_repository_policy,
    TagResource => ecr::tag_resource,
    UntagResource => ecr::untag_resource,
});

/// The handler of the request's target.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<json::Request>, json::Request), WireError> {
    by_target("ecr", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, TARGET), (parts, body))
}

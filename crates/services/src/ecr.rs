//! Amazon Elastic Container Registry: repositories as records, so that templates and tools which expect them go on. There are no images.
//! Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/>
mod policy;
mod repository;
mod tag;
#[cfg(test)]
mod tests;

pub use policy::{
    check_lifecycle_policy, check_repository_policy, delete_lifecycle_policy, delete_repository_policy, get_lifecycle_policy,
    get_repository_policy, put_lifecycle_policy, set_repository_policy,
};
pub use repository::{
    create_repository, delete_repository, describe_repositories, put_image_scanning_configuration, put_image_tag_mutability,
};
pub use tag::{list_tags_for_resource, tag_resource, untag_resource};

use crate::request::RequestContext;
use vpclab_cloud::{Refusal, RepositoryRefusal as R};
use vpclab_wire::WireError;

/// The code, the status and the text of a refusal.
#[must_use]
pub fn word(refusal: &Refusal) -> WireError {
    let code = match refusal {
        Refusal::Repository(R::NotFound { .. }) => "RepositoryNotFoundException",
        Refusal::Repository(R::Exists { .. }) => "RepositoryAlreadyExistsException",
        Refusal::Repository(R::Limit) => "LimitExceededException",
        Refusal::Repository(R::TooManyTags) => "TooManyTagsException",
        _ => "InvalidParameterException",
    };
    WireError::new(400, code, refusal.to_string())
}

fn invalid(member: &str, why: &str) -> WireError {
    WireError::new(400, "InvalidParameterException", format!("Invalid parameter at '{member}' failed to satisfy constraint: '{why}'"))
}

/// The registry of a request is the caller's own account; another's has nothing to show to it.
fn check_registry(cx: &RequestContext, registry: Option<&str>, name: &str) -> Result<(), WireError> {
    match registry {
        Some(other) if other != cx.scope.account.as_str() => {
            Err(word(&R::NotFound { name: name.to_owned(), registry: other.to_owned() }.into()))
        }
        _ => Ok(()),
    }
}

//! ECR: operation -> handler.

use http::request::Parts;
use vpclab_wire::ecr::{Operation, PROTOCOL, TARGET, UNSERVED};
use vpclab_wire::{WireError, json};

use super::{Handler, by_target, table};

table!(ecr, json::Request, {});

/// The handler of the request's target.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<json::Request>, json::Request), WireError> {
    by_target("ecr", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, TARGET), (parts, body))
}

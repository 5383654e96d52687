//! IAM: operation -> handler.

use http::request::Parts;
use vpclab_wire::WireError;
use vpclab_wire::iam::{Operation, PROTOCOL, UNSERVED, VERSION};
use vpclab_wire::query::Params;

use super::{Handler, by_action, table};

table!(iam, Params, {});

/// The handler of the request's action.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<Params>, Params), WireError> {
    by_action("iam", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, VERSION), (parts, body))
}

//! STS: operation -> handler.

use vpclab_wire::WireError;
use vpclab_wire::query::Params;
use vpclab_wire::sts::{Operation, UNSERVED, VERSION};

use super::{Handler, by_action, table};
use crate::sts;

table!(sts, Params, {
    GetCallerIdentity => sts::get_caller_identity,
});

/// The handler of the request's action.
pub(super) fn choose(params: Params) -> Result<(Handler<Params>, Params), WireError> {
    let operation = Operation::from_name(params.action());
    by_action("sts", TABLE, operation, UNSERVED, VERSION, params)
}

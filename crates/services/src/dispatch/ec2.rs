//! EC2: operation -> handler.

use vpclab_wire::WireError;
use vpclab_wire::ec2::{Operation, UNSERVED, VERSION};
use vpclab_wire::query::Params;

use super::{Handler, by_action, table};

table!(ec2, Params, {
});

/// The handler of the request's action.
pub(super) fn choose(params: Params) -> Result<(Handler<Params>, Params), WireError> {
    let operation = Operation::from_name(params.action());
    by_action("ec2", TABLE, operation, UNSERVED, VERSION, params)
}

//! STS: operation -> handler.

use http::request::Parts;
use vpclab_wire::WireError;
use vpclab_wire::query::Params;
use vpclab_wire::sts::{Operation, PROTOCOL, UNSERVED, VERSION};

use super::{Handler, by_action, table};
use crate::sts;

table!(sts, Params, {
    AssumeRole => sts::assume_role,
    GetAccessKeyInfo => sts::get_access_key_info,
    GetCallerIdentity => sts::get_caller_identity,
    GetSessionToken => sts::get_session_token,
});

/// The handler of the request's action.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<Params>, Params), WireError> {
    by_action("sts", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, VERSION), (parts, body))
}

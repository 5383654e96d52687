//! Cloud Control API: operation -> handler.

use http::request::Parts;
use vpclab_wire::cloudcontrol::{Operation, PROTOCOL, TARGET, UNSERVED};
use vpclab_wire::{WireError, json};

use super::{Handler, by_target, table};
use crate::cloudcontrol;

table!(cloudcontrol, json::Request, {
    GetResource => cloudcontrol::get_resource,
});

/// The handler of the request's target.
pub(super) fn choose(parts: &Parts, body: &[u8]) -> Result<(Handler<json::Request>, json::Request), WireError> {
    by_target("cloudcontrolapi", TABLE, Operation::from_name, UNSERVED, (PROTOCOL, TARGET), (parts, body))
}

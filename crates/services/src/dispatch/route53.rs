//! Route 53: operation -> handler.

use bytes::Bytes;
use http::request::Parts;
use vpclab_wire::route53::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};

table!(route53, rest::Request, {});

/// The handler of the request's method and path.
pub(super) fn choose(parts: &Parts, body: Bytes) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    by_route("route53", TABLE, Operation::from_name, (PROTOCOL, ROUTES), (parts, body))
}

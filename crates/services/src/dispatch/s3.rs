//! S3: operation -> handler.

use bytes::Bytes;
use http::request::Parts;
use vpclab_wire::s3::{Operation, PROTOCOL, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};

table!(s3, rest::Request, {});

/// The handler of the request's method and path.
pub(super) fn choose(parts: &Parts, body: Bytes) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    by_route("s3", TABLE, Operation::from_name, (PROTOCOL, ROUTES), (parts, body))
}

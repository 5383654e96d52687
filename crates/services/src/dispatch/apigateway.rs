//! API Gateway: operation -> handler.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use vpclab_wire::apigateway::{Operation, ROUTES};
use vpclab_wire::{WireError, rest};

use super::{Handler, by_route, table};

table!(apigateway, rest::Request, {
});

/// The handler of the request's method and path.
pub(super) fn choose(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(Handler<rest::Request>, rest::Request), WireError> {
    let request = (method, uri, headers, body);
    by_route("apigateway", TABLE, Operation::from_name, ROUTES, request)
}

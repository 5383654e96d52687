//! What the generated code gives for each operation.

use bytes::Bytes;
use http::Response;

use crate::WireError;

/// The input of an operation. Implemented by every generated `…Request` that an operation
/// takes; a dispatcher decodes, calls the handler and encodes without knowing the protocol.
pub trait Call: Sized {
    /// The untyped request: [`crate::query::Params`] or [`crate::rest::Request`].
    type Input;
    /// What the handler returns; `()` for operations that answer nothing.
    type Output;
    /// The operation's name.
    const OPERATION: &'static str;

    /// Reads the typed input, refusing by name what is not served.
    fn read(input: &Self::Input) -> Result<Decoded<Self>, WireError>;

    /// The same, refusing also values outside the limits that the service checks by itself.
    fn decode(input: &Self::Input) -> Result<Decoded<Self>, WireError> {
        Self::read(input)
    }

    /// The HTTP answer for the handler's result.
    fn encode(output: &Self::Output, request_id: &str) -> Response<Bytes>;
}

/// A typed input, and whether the caller only asks whether it would succeed.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<R> {
    /// The input.
    pub request: R,
    /// EC2's `DryRun`.
    pub dry_run: bool,
}

/// What an operation takes, for the list of what is served.
#[derive(Debug, Clone, Copy)]
pub struct OperationInfo {
    /// The operation's name.
    pub name: &'static str,
    /// The parameters served, members of structures dotted (`IpPermissions.FromPort`).
    pub served: &'static [&'static str],
    /// Parameters accepted with these values alone.
    pub only: &'static [(&'static str, &'static [&'static str])],
    /// Parameters that AWS has and vpclab refuses by name.
    pub refused: &'static [&'static str],
}

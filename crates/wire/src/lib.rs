//! AWS's protocols: typed requests in, typed answers out.
//!
//! The types and their codecs are generated at build time from `interface/<service>.json`
//! (see `tools/trim_interface.py` and `interface/<service>.select.json`, where the served
//! operations and parameters are chosen). Runtime code here reads forms, JSON and paths and
//! writes XML, JSON and error envelopes.
//!
//! # For handlers
//! One module per service ([`ec2`], [`sts`], [`apigateway`]) with AWS's shape names; fields are
//! the member names in snake case (`type` is `type_`). In requests, required members are plain
//! values, others `Option`; lists are `Vec` and maps `BTreeMap`, empty when absent. Enums are
//! `String`s, times are [`Timestamp`]s, `DryRun` is not a field (see [`Decoded`]).
//! In results every member is an `Option`, a `Vec` or a map; what is not set is not written:
//!
//! ```
//! use vpclab_wire::{Call, WireError, ec2, query::Params};
//!
//! fn create_vpc(request: ec2::CreateVpcRequest) -> Result<ec2::CreateVpcResult, WireError> {
//!     let cidr_block = request.cidr_block.ok_or_else(|| {
//!         WireError::new(400, "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
//!     })?;
//!     Ok(ec2::CreateVpcResult {
//!         vpc: Some(ec2::Vpc {
//!             vpc_id: Some("vpc-0123456789abcdef0".into()),
//!             cidr_block: Some(cidr_block),
//!             ..Default::default()
//!         }),
//!     })
//! }
//!
//! let params = Params::parse(b"Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16")?;
//! let decoded = ec2::CreateVpcRequest::decode(&params)?;
//! let answer = ec2::CreateVpcRequest::encode(&create_vpc(decoded.request)?, "request-1");
//! assert!(std::str::from_utf8(answer.body()).unwrap().contains("<cidrBlock>10.0.0.0/16</cidrBlock>"));
//! # Ok::<(), WireError>(())
//! ```
//! Operations without a result answer `()`.
//!
//! # Invariants
//! - Nothing in a request is ignored: what AWS does not know, and what vpclab does not serve,
//!   is refused by an error that names it.
//! - Lists, depth and the number of parameters are bounded; decoders never panic.
//! - The crate knows no resource, no handler and no socket, and reads no clock.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod call;
mod error;
pub mod form;
pub mod json;
pub mod limits;
mod protocol;
pub mod query;
mod response;
pub mod rest;
mod scalar;
pub mod sigv4;
#[cfg(test)]
mod tests;
mod timestamp;
pub mod xml;

pub use call::{Call, Decoded, OperationInfo};
pub use error::WireError;
pub use protocol::{At, Protocol};
pub use scalar::{Blob, FromText};
pub use timestamp::Timestamp;

/// A module for each service, from `OUT_DIR`.
macro_rules! services {
    ($($(#[$doc:meta])* $service:ident,)*) => {$(
        $(#[$doc])*
        #[allow(missing_docs, unused_mut, unused_variables, clippy::wildcard_imports, reason = "generated; AWS documents the members")]
        pub mod $service {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($service), ".rs"));
        }
    )*};
}
services! {
    /// Amazon API Gateway, REST APIs.
    apigateway,
    /// Cloud Control API.
    cloudcontrol,
    /// AWS CloudFormation.
    cloudformation,
    /// Amazon EC2, the part that makes networks and instances.
    ec2,
    /// Amazon ECR: repositories as records.
    ecr,
    /// AWS Identity and Access Management.
    iam,
    /// AWS Lambda.
    lambda,
    /// Amazon CloudWatch Logs.
    logs,
    /// Amazon Route 53: hosted zones.
    route53,
    /// Amazon S3.
    s3,
    /// AWS Systems Manager: parameters.
    ssm,
    /// AWS Security Token Service.
    sts,
}

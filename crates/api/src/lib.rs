//! The judges of API Gateway: which API, resource and method a request leads to, and what an OpenAPI document declares.
//!
//! * [`host`]: header and `Host` -> API;
//! * [`route`]: method and path -> resource, method and path parameters of a deployment;
//! * [`identity`]: users and roles with their policies, and whom credentials stand for;
//! * [`function_policy`]: whether a function's resource policy lets a caller invoke it;
//! * [`judge`]: a request through all gates, to the first that refuses or through every one;
//! * [`lambda_proxy`]: the event of a Lambda proxy integration, and its answer;
//! * [`mock`]: the status with which a mock answers;
//! * [`template`]: mapping templates;
//! * [`model`]: a body and the schema of its model -> what is wrong with it;
//! * [`openapi`]: an OpenAPI document -> what it declares.
//!
//! Invariants: no input, however hostile, makes a judge panic, recurse without bound or take more than linear time in the size
//! of the declared API.
//!
//! What this crate does not know: TLS, HTTP, sockets, which endpoints and stages exist, and AWS's error envelopes.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod function_policy;
pub mod host;
pub mod identity;
pub mod judge;
pub mod lambda_proxy;
pub mod mock;
pub mod model;
pub mod openapi;
pub mod route;
pub mod template;
pub mod token;

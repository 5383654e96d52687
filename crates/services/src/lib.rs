//! The AWS services of a lab: decoded operations applied to the cloud, one module a service, one file a resource.
//!
//! Knows protocols and error codes; knows no kernel.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod apigateway;
pub mod caller;
pub mod cloudcontrol;
pub mod cloudformation;
pub mod coverage;
pub mod dispatch;
pub mod ec2;
pub mod ecr;
pub mod engine;
pub mod http;
pub mod iam;
pub mod lambda;
pub mod logs;
pub mod request;
pub mod route53;
pub mod s3;
pub mod ssm;
pub mod sts;
mod trust;

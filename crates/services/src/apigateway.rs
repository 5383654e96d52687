//! API Gateway, REST APIs: one file a resource. Handlers have the names of their operations.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>
pub mod account;
pub mod authorizer;
pub mod deployment;
pub mod errors;
pub mod gateway_response;
pub mod import;
pub mod integration;
pub mod method;
pub mod model;
mod page;
mod patch;
pub(crate) mod policy;
pub mod request_validator;
pub mod resource;
pub mod rest_api;
pub mod stage;
pub mod tag;

pub use errors::word;

#[cfg(test)]
mod tests;

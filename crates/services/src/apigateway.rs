//! API Gateway, REST APIs: one file a resource. Handlers have the names of their operations.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>
pub mod deployment;
pub mod errors;
pub mod import;
pub mod integration;
pub mod method;
mod page;
mod patch;
mod policy;
pub mod resource;
pub mod rest_api;
pub mod stage;
pub mod tag;

#[cfg(test)]
mod tests;

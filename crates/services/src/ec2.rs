//! Amazon EC2: the networks of a lab and what is in them, one module a resource.

pub mod errors;
pub mod filters;
pub mod image;
#[cfg(test)]
mod lab;
pub mod instance;
pub mod network_interface;
pub mod vpc_endpoint;
pub mod peering;
pub mod route_table;
pub mod network_acl;
pub mod security_group;
pub mod subnet;
pub mod tag;
pub mod vpc;
pub mod zone;

pub use errors::word;

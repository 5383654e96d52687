//! Amazon EC2: the networks of a lab and what is in them, one module a resource.

pub mod address;
pub mod dhcp_options;
pub mod errors;
pub mod filters;
pub mod flow_log;
pub mod image;
pub mod instance;
pub mod internet_gateway;
pub mod key_pair;
#[cfg(test)]
pub(crate) mod lab;
pub mod launch_template;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_insights;
pub mod network_interface;
pub mod peering;
pub mod route_table;
pub mod security_group;
pub mod subnet;
pub mod tag;
pub mod vpc;
pub mod vpc_endpoint;
pub mod zone;

pub use errors::word;

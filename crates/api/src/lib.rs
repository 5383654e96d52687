//! vpclab-api
pub mod host;

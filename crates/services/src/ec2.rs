//! Amazon EC2: the networks of a lab and what is in them, one module a resource.

pub mod errors;
pub mod filters;
pub mod tag;

pub use errors::word;

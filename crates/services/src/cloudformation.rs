//! AWS CloudFormation: stacks made of templates.
pub mod properties;
pub mod resource;

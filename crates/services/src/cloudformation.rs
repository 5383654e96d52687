//! AWS CloudFormation: stacks made of templates.
//!
//! A request is judged ([`draft`]), begun ([`start`]) and answered; a task ([`run`]) brings the stack's resources to what its
//! template asks ([`plan`]), each by its type ([`resource`]).
pub mod change_set;
pub mod changes;
pub mod creation_policy;
pub mod draft;
pub mod dynamic;
pub mod errors;
pub mod event;
pub mod export;
pub mod plan;
pub mod policy;
pub mod properties;
pub mod request;
pub mod resource;
pub mod run;
pub mod signal;
pub mod stack;
pub mod stack_resource;
pub mod start;
pub mod template;
pub mod transform;

#[cfg(test)]
mod tests;

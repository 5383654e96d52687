//! CloudFormation templates: text -> tree -> sections -> values.
//!
//! * [`parse`]: YAML or JSON -> a [`Node`], which remembers where it was written;
//! * [`Template::read`]: its sections, and that every reference leads somewhere;
//! * [`Template::bind`]: with the parameters' values -> [`Bound`]: conditions, active resources, their order;
//! * [`include`] and [`extend`]: the macros `AWS::Include` and `AWS::LanguageExtensions`;
//! * [`Bound::resolve`]: expressions -> values;
//! * [`schema`]: what AWS says about the types of resources.
//!
//! Invariants: no template, however hostile, makes a function panic, recurse without bound or take more than its budget. Every
//! error says where in the text it arose, if it arose in the text.
//!
//! What this crate does not know: stacks, resources that exist, AWS's protocols.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod bind;
mod error;
mod evaluate;
mod graph;
mod include;
mod language;
mod map;
mod node;
mod read;
mod reference;
pub mod schema;
mod sub;
mod summary;
mod template;

pub use bind::{Bound, BoundParameter, Given, OutputValue, Pseudo};
pub use error::TemplateError;
pub use evaluate::{Attributes, Facts, ParameterValue, UNKNOWN};
pub use include::include;
pub use language::extend;
pub use map::Map;
pub use node::{Node, Span, Value};
pub use read::{TEXT_MAX, parse};
pub use summary::{Capability, ResourcesOfType, Summary};
pub use template::{
    Assertion, BODY_MAX, Constraints, DeletionPolicy, MAPPINGS_MAX, OUTPUTS_MAX, Output, PARAMETERS_MAX, Parameter, ParameterType,
    RESOURCES_MAX, Resource, Rule, Template, Transform,
};

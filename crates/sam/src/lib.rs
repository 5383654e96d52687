//! The transform `AWS::Serverless-2016-10-31`: a template of AWS SAM -> one of CloudFormation.
//!
//! Built: `AWS::Serverless::Api`, `Application` (with a template of its own), `Function` (events of the type `Api`) and `LayerVersion`,
//! the implicit API, `Globals`, policy templates. Anything else of AWS SAM is refused by name.
//!
//! Invariants:
//! * What comes out is what AWS's transform makes: the same logical ids, so that a changed definition makes a new deployment where it
//!   does on AWS and nowhere else. Those ids are digests of Python's texts, so values behave as Python's here ([`value`], [`keys`]).
//! * Every generated part points to the place of the resource from which it came.
//! * No recursion goes deeper than the template that was parsed.
//!
//! What this crate does not know: stacks, which types can be deployed, where code lies.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod api;
mod application;
mod compatible;
mod context;
mod digest;
mod editor;
mod expect;
mod fault;
mod function;
mod globals;
mod implicit;
mod include;
mod intrinsic;
mod keys;
mod layer;
mod location;
mod made;
mod managed_policy;
mod node;
mod policy;
mod policy_template;
mod print;
mod resolve;
mod source;
mod text;
mod transform;
mod value;

pub use fault::{Cause, Failure};
pub use include::{Include, include, includes};

use std::collections::BTreeMap;
use vpclab_template::Node;

/// The name by which a template asks for this transform.
pub const NAME: &str = "AWS::Serverless-2016-10-31";

/// What the transform knows besides the template.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Values of the template's parameters; the others have their defaults.
    pub parameters: &'a BTreeMap<String, String>,
    /// The region, from which the partition follows.
    pub region: &'a str,
    /// ARNs by the names of managed policies, besides AWS's own, which the transform knows.
    pub managed_policies: &'a BTreeMap<String, String>,
    /// Seconds since 1970, for `AlwaysDeploy`.
    pub now: i64,
}

/// Transforms a template.
///
/// # Errors
/// [`Failure`]: the mistakes that AWS SAM finds, in its words, and what is not built. Written after
/// `Transform AWS::Serverless-2016-10-31 failed with: `.
pub fn transform(template: &Node, input: &Input) -> Result<Node, Failure> {
    transform::transform(template.into(), input).map(|template| (&template).into())
}

//! The sections of a template.
//!
//! Source: AWS CloudFormation User Guide, template-anatomy.html and the pages of the sections; the texts are the service's.
use crate::{Map, Node, Span, TemplateError, Value, reference};

mod nulls;
mod output;
mod parameter;
mod resource;
mod rule;
mod section;
#[cfg(test)]
mod tests;

pub use output::Output;
pub use parameter::{Constraints, Parameter, ParameterType};
pub use resource::{DeletionPolicy, Resource};
pub use rule::{Assertion, Rule};

/// The longest template in bytes that comes in the request itself (AWS's quota); one from S3 may have [`crate::TEXT_MAX`].
pub const BODY_MAX: usize = 51_200;
/// The most resources of a template (AWS's quota).
pub const RESOURCES_MAX: usize = 500;
/// The most parameters of a template (AWS's quota).
pub const PARAMETERS_MAX: usize = 200;
/// The most outputs of a template (AWS's quota).
pub const OUTPUTS_MAX: usize = 200;
/// The most characters of the description (AWS's quota).
const DESCRIPTION_MAX: usize = 1024;
/// The most mappings, and the most attributes of a mapping's key (AWS's quotas).
pub const MAPPINGS_MAX: usize = 200;

/// A macro that the template asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    /// `AWS::Serverless-2016-10-31`, …
    pub name: String,
    /// What it is given.
    pub parameters: Option<Node>,
    /// Where.
    pub at: Span,
}

/// A template whose sections are well formed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// `2010-09-09`, if the template says it.
    pub version: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The section `Metadata`.
    pub metadata: Option<Node>,
    /// The macros that are still to run, in their order.
    pub transforms: Vec<Transform>,
    /// The parameters in their order.
    pub parameters: Vec<Parameter>,
    /// Map -> key -> attribute -> text or list.
    pub mappings: Map,
    /// Condition -> its expression.
    pub conditions: Map,
    /// The rules in their order.
    pub rules: Vec<Rule>,
    /// The resources in their order.
    pub resources: Vec<Resource>,
    /// The outputs in their order.
    pub outputs: Vec<Output>,
}

impl Template {
    /// Reads the sections. Where macros are still to run (`Transform`), their own words (`Globals`, `Fn::ForEach::…`) pass and
    /// references are not followed; without any, every reference must lead somewhere.
    ///
    /// # Errors
    /// AWS's: unknown sections and attributes, missing members, names that are not alphanumeric, quotas, `null`s, references to
    /// nothing.
    pub fn read(node: &Node) -> Result<Template, TemplateError> {
        let map = node.as_map().ok_or_else(|| TemplateError::format("unsupported structure.", node.at))?;
        section::known(map)?;
        let mut template = Template { transforms: section::transforms(map)?, ..Template::default() };
        // A part of the template that is included is a macro, too, whether the template names the macro or not.
        if !template.transforms.iter().any(|transform| transform.name == crate::include::INCLUDE)
            && let Some(at) = crate::include::first(node)
        {
            template.transforms.push(Transform { name: crate::include::INCLUDE.to_owned(), parameters: None, at });
        }
        // What a macro will have removed may hold anything.
        if template.transforms.is_empty() {
            nulls::refuse(node)?;
        }
        let unfinished = !template.transforms.is_empty();
        template.version = section::version(map)?;
        template.description = section::text(map, "Description")?;
        if template.description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
            let why = format!("'Description' length is greater than {DESCRIPTION_MAX}.");
            return Err(TemplateError::format(why, map.key_at("Description")));
        }
        template.metadata = map.get("Metadata").cloned();
        template.parameters = section::members(map, "Parameters", unfinished, PARAMETERS_MAX, Parameter::read)?;
        template.mappings = section::mappings(map, unfinished)?;
        template.conditions = section::conditions(map, unfinished)?;
        template.rules = section::members(map, "Rules", unfinished, usize::MAX, Rule::read)?;
        if map.get("Resources").is_none_or(|section| section.as_map().is_some_and(Map::is_empty) || section.is_null()) {
            return Err(TemplateError::format("At least one Resources member must be defined.", map.key_at("Resources")));
        }
        template.resources = section::members(map, "Resources", unfinished, RESOURCES_MAX, |logical, at, node| {
            Resource::read(logical, at, node, unfinished)
        })?;
        template.outputs = section::members(map, "Outputs", unfinished, OUTPUTS_MAX, Output::read)?;
        if !unfinished {
            reference::check(&template)?;
        }
        Ok(template)
    }

    /// A parameter by its name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// A resource by its logical id, active or not.
    #[must_use]
    pub fn resource(&self, logical: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.logical == logical)
    }
}

/// The text of a member that must be one.
fn text(node: &Node, what: &str) -> Result<String, TemplateError> {
    node.scalar_text().ok_or_else(|| TemplateError::format(format_args!("Every {what} member must be a string."), node.at))
}

/// Whether a name has letters and digits only.
fn alphanumeric(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The keys of a member that nobody knows.
fn unknown<'a>(map: &'a Map, known: &[&str]) -> Vec<&'a str> {
    map.keys().filter(|key| !known.contains(key)).collect()
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

//! Macros of templates.
use std::collections::BTreeMap;
use vpclab_cloud::Scope;
use vpclab_template::{Given, Node, Template, TemplateError};

/// Whether a caller has to acknowledge the template's macros.
#[must_use]
pub fn needs_auto_expand(template: &Template) -> bool {
    template.transforms.iter().any(|transform| transform.name != "AWS::LanguageExtensions")
}

/// The template without its macros.
///
/// # Errors
/// A macro that is not served, or the macro's own.
pub fn run(_node: &Node, template: &Template, _scope: &Scope, _given: &BTreeMap<String, Given>) -> Result<Node, TemplateError> {
    match template.transforms.first() {
        Some(transform) => Err(TemplateError::new(format!("vpclab does not run the transform {} yet", transform.name), transform.at)),
        None => Err(TemplateError::nowhere("the template names no transform")),
    }
}

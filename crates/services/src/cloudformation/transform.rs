//! Macros of templates.
use super::draft::{Asked, looked_up};
use vpclab_cloud::Cloud;
use vpclab_template::{Node, Pseudo, Template, TemplateError, extend};

/// Whether a caller has to acknowledge the template's macros.
#[must_use]
pub fn needs_auto_expand(template: &Template) -> bool {
    template.summary().capabilities.contains(&vpclab_template::Capability::AutoExpand)
}

/// The template without its macros.
///
/// # Errors
/// A macro that is not served, or the macro's own.
pub fn run(cloud: &Cloud, node: &Node, template: &Template, pseudo: &Pseudo, asked: &Asked) -> Result<Node, TemplateError> {
    let served = |name: &str| name == "AWS::LanguageExtensions";
    if let Some(other) = template.transforms.iter().find(|transform| !served(&transform.name)) {
        return Err(TemplateError::new(format!("vpclab does not run the transform {} yet", other.name), other.at));
    }
    let scope = vpclab_cloud::Scope {
        account: pseudo.account_id.parse().map_err(|_| TemplateError::nowhere("the account is none"))?,
        region: pseudo.region.parse().map_err(|_| TemplateError::nowhere("the region is none"))?,
    };
    let looked_up = looked_up(cloud, &scope, template, &asked.parameters)?;
    extend(node, &asked.parameters, pseudo, &looked_up)
}

//! Macros of templates.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html>
use super::draft::{Asked, looked_up};
use std::collections::BTreeMap;
use vpclab_cloud::{Cloud, Scope};
use vpclab_template::{Given, Node, Pseudo, Template, TemplateError, extend};

const EXTENSIONS: &str = "AWS::LanguageExtensions";

/// Whether a caller has to acknowledge the template's macros.
#[must_use]
pub fn needs_auto_expand(template: &Template) -> bool {
    template.summary().capabilities.contains(&vpclab_template::Capability::AutoExpand)
}

/// The template without its macros. The language extensions come first, wherever they stand: AWS SAM does not read their words.
///
/// # Errors
/// A macro that is not served, or the macro's own.
pub fn run(cloud: &Cloud, node: &Node, template: &Template, scope: &Scope, pseudo: &Pseudo, asked: &Asked) -> Result<Node, TemplateError> {
    let served = |name: &str| [EXTENSIONS, vpclab_sam::NAME].contains(&name);
    if let Some(other) = template.transforms.iter().find(|transform| !served(&transform.name)) {
        return Err(TemplateError::new(format!("vpclab does not run the transform {} yet", other.name), other.at));
    }
    let looked_up = looked_up(cloud, scope, template, &asked.parameters)?;
    let names = |name: &str| template.transforms.iter().find(|transform| transform.name == name);
    let extended = match names(EXTENSIONS) {
        Some(_) => extend(node, &asked.parameters, pseudo, &looked_up)?,
        None => node.clone(),
    };
    let Some(transform) = names(vpclab_sam::NAME) else { return Ok(extended) };
    let input = vpclab_sam::Input {
        parameters: &parameters(asked, template, &looked_up),
        region: &pseudo.region,
        managed_policies: &BTreeMap::new(),
        now: asked.now.0.div_euclid(1000),
    };
    vpclab_sam::transform(&extended, &input)
        .map_err(|why| TemplateError::new(format!("Transform {} failed with: {why}", vpclab_sam::NAME), transform.at))
}

/// The values of the parameters that have other ones than their defaults.
fn parameters(asked: &Asked, template: &Template, looked_up: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let value = |name: &String, given: &Given| match given {
        Given::Value(value) => Some((name.clone(), value.clone())),
        Given::Previous(value) => Some((name.clone(), value.clone()?)),
    };
    let mut values: BTreeMap<_, _> = asked.parameters.iter().filter_map(|(name, given)| value(name, given)).collect();
    for parameter in template.parameters.iter().filter(|parameter| parameter.kind.to_string().starts_with("AWS::SSM::Parameter::Value<")) {
        let name = values.get(&parameter.name).or(parameter.default.as_ref());
        if let Some(found) = name.and_then(|name| looked_up.get(name)) {
            values.insert(parameter.name.clone(), found.clone());
        }
    }
    values
}

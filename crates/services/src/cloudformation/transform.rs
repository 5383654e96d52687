//! Macros of templates: includes, the language extensions and AWS SAM. The extensions come before AWS SAM, wherever they stand: it does
//! not read their words.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html>
use super::draft::{Asked, looked_up};
use std::collections::BTreeMap;
use vpclab_cloud::{Cloud, Scope};
use vpclab_template::{Given, Node, Pseudo, Template, TemplateError, extend, include, parse};

/// Whether a caller has to acknowledge the template's macros.
#[must_use]
pub fn needs_auto_expand(template: &Template) -> bool {
    template.summary().capabilities.contains(&vpclab_template::Capability::AutoExpand)
}

/// The template without its macros.
///
/// # Errors
/// A macro that is not served, or the macro's own.
pub fn run(
    cloud: &Cloud,
    node: &Node,
    template: &Template,
    (scope, pseudo): (&Scope, &Pseudo),
    asked: &Asked,
) -> Result<Node, TemplateError> {
    let served = ["AWS::Include", "AWS::LanguageExtensions", vpclab_sam::NAME];
    if let Some(other) = template.transforms.iter().find(|transform| !served.contains(&transform.name.as_str())) {
        return Err(TemplateError::new(format!("vpclab does not run the transform {} yet", other.name), other.at));
    }
    let asks = |name: &str| template.transforms.iter().any(|transform| transform.name == name);
    let mut node = include(node, &mut |location, at| {
        let text = location.as_str().and_then(|url| asked.files.get(url));
        let missing = || TemplateError::new("Transform AWS::Include failed with: The location parameter is not a valid S3 uri.", at);
        parse(text.ok_or_else(missing)?)
    })?;
    if asks("AWS::LanguageExtensions") {
        let looked_up = looked_up(cloud, scope, template, &asked.parameters)?;
        node = extend(&node, &asked.parameters, pseudo, &looked_up)?;
    }
    if asks(vpclab_sam::NAME) {
        let looked_up = looked_up(cloud, scope, template, &asked.parameters)?;
        node = serverless(cloud, &node, &parameters(asked, template, &looked_up), scope, asked)?;
    }
    Ok(node)
}

fn serverless(
    cloud: &Cloud,
    node: &Node,
    parameters: &BTreeMap<String, String>,
    scope: &Scope,
    asked: &Asked,
) -> Result<Node, TemplateError> {
    let own = cloud.managed_policies.values().filter(|policy| policy.account == scope.account);
    let input = vpclab_sam::Input {
        parameters,
        region: scope.region.as_str(),
        managed_policies: &own.map(|policy| (policy.name.clone(), policy.arn())).collect(),
        now: asked.now.0.div_euclid(1000),
    };
    vpclab_sam::transform(node, &input).map_err(|failure| {
        let at = match &failure {
            vpclab_sam::Failure::Invalid(causes) => causes.first().map(|cause| cause.at).unwrap_or_default(),
            vpclab_sam::Failure::Internal => vpclab_template::Span::NONE,
        };
        TemplateError::new(format!("Transform {} failed with: {failure}", vpclab_sam::NAME), at)
    })
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

/// The places that a template's includes name, as far as they are written out.
#[must_use]
pub fn locations(node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    // An include that is an expression finds no file, and says so.
    let collected = include(node, &mut |location, _| {
        found.extend(location.as_str().map(str::to_owned));
        Ok(Node::from(vpclab_template::Map::new()))
    });
    drop(collected);
    found
}

//! Templates: those of stacks, and what can be said of any.
use super::errors::{invalid, template as wrong};
use super::request;
use super::stack::find;
use crate::request::RequestContext;
use std::collections::BTreeSet;
use std::sync::Arc;
use vpclab_cloud::StackTemplate;
use vpclab_cloud::stack::StackStatus;
use vpclab_template::{Parameter, Template, parse};
use vpclab_wire::{WireError, cloudformation as wire};

/// `GetTemplate`
pub async fn get_template(cx: &RequestContext, req: wire::GetTemplateInput) -> Result<wire::GetTemplateOutput, WireError> {
    let cloud = cx.snapshot();
    let template: Arc<StackTemplate> = match &req.change_set_name {
        Some(name) => Arc::clone(&super::change_set::find(&cloud, &cx.scope, name, req.stack_name.as_deref())?.template),
        None => {
            let name = req.stack_name.as_deref().ok_or_else(|| invalid("Either stackName or changeSetName must be specified"))?;
            let stack = find(&cloud, &cx.scope, name)?;
            // A stack in review has no template yet, which clients take for an empty one.
            cloud.stack_template(stack).map(Arc::clone).unwrap_or_default()
        }
    };
    let text = match req.template_stage.as_deref() {
        None | Some("Original") => &template.original,
        Some("Processed") => template.effective(),
        Some(other) => {
            return Err(super::errors::constraint(other, "templateStage", "Member must satisfy enum value set: [Original, Processed]"));
        }
    };
    Ok(wire::GetTemplateOutput {
        template_body: Some(text.to_owned()),
        stages_available: vec!["Original".to_owned(), "Processed".to_owned()],
    })
}

/// `ValidateTemplate`
pub async fn validate_template(cx: &RequestContext, req: wire::ValidateTemplateInput) -> Result<wire::ValidateTemplateOutput, WireError> {
    let text = request::template(cx, req.template_body, req.template_url, None).await?;
    let template = read(&text)?;
    let parameter = |parameter: &Parameter| wire::TemplateParameter {
        parameter_key: Some(parameter.name.clone()),
        default_value: parameter.default.clone(),
        no_echo: Some(parameter.no_echo),
        description: parameter.description.clone(),
    };
    let (capabilities, capabilities_reason) = needs(&template);
    Ok(wire::ValidateTemplateOutput {
        parameters: template.parameters.iter().map(parameter).collect(),
        description: template.description.clone(),
        capabilities,
        capabilities_reason,
        declared_transforms: transforms(&template),
    })
}

/// `GetTemplateSummary`
pub async fn get_template_summary(
    cx: &RequestContext,
    req: wire::GetTemplateSummaryInput,
) -> Result<wire::GetTemplateSummaryOutput, WireError> {
    let text = match &req.stack_name {
        Some(name) if req.template_body.is_none() && req.template_url.is_none() => {
            let cloud = cx.snapshot();
            let stack = find(&cloud, &cx.scope, name)?;
            if stack.status == StackStatus::ReviewInProgress {
                return Err(invalid("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."));
            }
            super::stack::original(&cloud, stack)
        }
        Some(_) => return Err(invalid("Specify exactly one of 'stackName', 'templateBody', 'templateUrl'.")),
        None => request::template(cx, req.template_body, req.template_url, None).await?,
    };
    let template = read(&text)?;
    let parameter = |parameter: &Parameter| wire::ParameterDeclaration {
        parameter_key: Some(parameter.name.clone()),
        default_value: parameter.default.clone(),
        parameter_type: Some(parameter.kind.to_string()),
        no_echo: Some(parameter.no_echo),
        description: parameter.description.clone(),
        parameter_constraints: Some(wire::ParameterConstraints { allowed_values: parameter.constraints.allowed_values.clone() }),
    };
    let kinds: BTreeSet<String> = template.resources.iter().map(|one| one.kind.clone()).collect();
    let (capabilities, capabilities_reason) = needs(&template);
    Ok(wire::GetTemplateSummaryOutput {
        parameters: template.parameters.iter().map(parameter).collect(),
        description: template.description.clone(),
        capabilities,
        capabilities_reason,
        resource_types: kinds.into_iter().collect(),
        version: template.version.clone(),
        metadata: template.metadata.as_ref().map(|node| node.to_json().to_string()),
        declared_transforms: transforms(&template),
        warnings: None,
    })
}

fn read(text: &str) -> Result<Template, WireError> {
    parse(text).and_then(|node| Template::read(&node)).map_err(|why| wrong(&why))
}

fn transforms(template: &Template) -> Vec<String> {
    template.transforms.iter().map(|transform| transform.name.clone()).collect()
}

fn needs(template: &Template) -> (Vec<String>, Option<String>) {
    let summary = template.summary();
    (summary.capabilities.into_iter().map(|one| one.name().to_owned()).collect(), summary.capabilities_reason)
}

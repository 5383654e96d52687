//! Launch templates.
use super::errors::{self, invalid_combination, missing, parse_id, parse_ids};
use super::filters::{Filters, page};
use super::{route_table, tag};
use crate::request::RequestContext;
use vpclab_cloud::launch_template::{CreateLaunchTemplate, TemplateName, VersionName};
use vpclab_cloud::{LaunchTemplate, LaunchTemplateId, Refusal, Scope};
use vpclab_wire::{Timestamp, WireError, ec2};

pub(crate) mod data;
mod launch;
pub mod version;

pub(crate) use launch::fill;

const FILTERS: &[&str] = &["create-time", "launch-template-name", "tag-key", "tag:"];

/// `CreateLaunchTemplate`.
pub async fn create_launch_template(
    cx: &RequestContext,
    req: ec2::CreateLaunchTemplateRequest,
) -> Result<ec2::CreateLaunchTemplateResult, WireError> {
    let arguments = ec2::CreateLaunchTemplateRequest { client_token: None, ..req.clone() };
    let input = CreateLaunchTemplate {
        client_token: route_table::token(req.client_token.as_deref(), &arguments)?,
        name: req.launch_template_name,
        description: req.version_description,
        data: data::read(req.launch_template_data)?,
        tags: tag::of_specifications(&req.tag_specifications, "launch-template")?,
    };
    let launch_template = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_launch_template(c, input)?;
            Ok(cloud.launch_templates.get(&id).map(|template| show(template)))
        })
        .await?;
    Ok(ec2::CreateLaunchTemplateResult { launch_template })
}

/// `DeleteLaunchTemplate`.
pub async fn delete_launch_template(
    cx: &RequestContext,
    req: ec2::DeleteLaunchTemplateRequest,
) -> Result<ec2::DeleteLaunchTemplateResult, WireError> {
    let name = name(req.launch_template_id.as_deref(), req.launch_template_name)?;
    let gone = cx.change(errors::word, |cloud, c| cloud.delete_launch_template(c, &name)).await?;
    Ok(ec2::DeleteLaunchTemplateResult { launch_template: Some(show(&gone)) })
}

/// `ModifyLaunchTemplate`: another default version. Repeating it changes nothing, so its token is not needed.
pub async fn modify_launch_template(
    cx: &RequestContext,
    req: ec2::ModifyLaunchTemplateRequest,
) -> Result<ec2::ModifyLaunchTemplateResult, WireError> {
    let name = name(req.launch_template_id.as_deref(), req.launch_template_name)?;
    let text = req.default_version.ok_or_else(|| missing("SetDefaultVersion"))?;
    let version = VersionName::parse(&text).map_err(|refusal| errors::word(&refusal))?;
    let launch_template = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.modify_launch_template(c, &name, version)?;
            Ok(cloud.launch_templates.get(&id).map(|template| show(template)))
        })
        .await?;
    Ok(ec2::ModifyLaunchTemplateResult { launch_template })
}

/// `DescribeLaunchTemplates`.
pub async fn describe_launch_templates(
    cx: &RequestContext,
    req: ec2::DescribeLaunchTemplatesRequest,
) -> Result<ec2::DescribeLaunchTemplatesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let cloud = cx.snapshot();
    let ids: Vec<LaunchTemplateId> = parse_ids(&req.launch_template_ids)?;
    let asked = ids.into_iter().map(TemplateName::Id).chain(req.launch_template_names.into_iter().map(TemplateName::Name));
    let asked: Vec<_> = asked
        .map(|name| cloud.launch_template(&cx.scope, &name).map(|found| found.id.clone()))
        .collect::<Result<_, Refusal>>()
        .map_err(|refusal| errors::word(&refusal))?;
    let own = cloud.launch_templates.values().filter(|found| found.scope == cx.scope);
    let found: Vec<_> = own
        .filter(|found| asked.is_empty() || asked.contains(&found.id))
        .filter(|found| filters.pass(&found.tags, |name| values(found, name)))
        .collect();
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), 1..=200)?;
    let launch_templates = page.items.into_iter().map(|template| show(template)).collect();
    Ok(ec2::DescribeLaunchTemplatesResult { launch_templates, next_token: page.next_token })
}

/// The template that a request names by id or by name.
fn name(id: Option<&str>, name: Option<String>) -> Result<TemplateName, WireError> {
    match (id, name) {
        (Some(id), None) => Ok(TemplateName::Id(parse_id(id)?)),
        (None, Some(name)) => Ok(TemplateName::Name(name)),
        (None, None) => Err(missing("LaunchTemplateId or LaunchTemplateName")),
        (Some(_), Some(_)) => Err(invalid_combination("LaunchTemplateId and LaunchTemplateName may not be specified together")),
    }
}

/// Who made a template: the account's root, as a lab has no other callers.
fn creator(scope: &Scope) -> String {
    format!("arn:aws:iam::{}:root", scope.account)
}

fn number(version: u64) -> Option<i64> {
    i64::try_from(version).ok()
}

fn show(template: &LaunchTemplate) -> ec2::LaunchTemplate {
    ec2::LaunchTemplate {
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        create_time: Some(Timestamp::from_millis(template.created.0)),
        created_by: Some(creator(&template.scope)),
        default_version_number: number(template.default_version),
        latest_version_number: number(template.latest_version),
        tags: tag::set(&template.tags),
    }
}

fn values(template: &LaunchTemplate, name: &str) -> Vec<String> {
    match name {
        "create-time" => vec![Timestamp::from_millis(template.created.0).to_string()],
        "launch-template-name" => vec![template.name.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

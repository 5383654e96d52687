//! The versions of launch templates.
use super::{creator, data, name, number};
use crate::ec2::errors::{self, invalid_combination, invalid_value, missing};
use crate::ec2::filters::{Filters, page};
use crate::ec2::route_table;
use crate::request::RequestContext;
use std::sync::Arc;
use vpclab_cloud::launch_template::{NewVersion, VersionDeletion, VersionName};
use vpclab_cloud::{Cloud, LaunchTemplate, LaunchTemplateVersion, Refusal, Scope, Tags};
use vpclab_wire::{Timestamp, WireError, ec2};

const FILTERS: &[&str] = &["create-time", "image-id", "instance-type", "is-default-version", "network-interface.subnet-id"];

/// `CreateLaunchTemplateVersion`.
pub async fn create_launch_template_version(
    cx: &RequestContext,
    req: ec2::CreateLaunchTemplateVersionRequest,
) -> Result<ec2::CreateLaunchTemplateVersionResult, WireError> {
    let arguments = ec2::CreateLaunchTemplateVersionRequest { client_token: None, ..req.clone() };
    let client_token = route_table::token(req.client_token.as_deref(), &arguments)?;
    let name = name(req.launch_template_id.as_deref(), req.launch_template_name)?;
    let new = NewVersion {
        source: req.source_version.as_deref().map(version).transpose()?,
        description: req.version_description,
        data: data::read(req.launch_template_data)?,
        client_token,
    };
    let launch_template_version = cx
        .change(errors::word, |cloud, c| {
            let made = cloud.create_launch_template_version(c, &name, new)?;
            let template = cloud.launch_template(&c.scope, &name)?;
            cloud.launch_template_version(template, VersionName::Number(made)).map(|version| show(template, version))
        })
        .await?;
    Ok(ec2::CreateLaunchTemplateVersionResult { launch_template_version: Some(launch_template_version) })
}

/// `DeleteLaunchTemplateVersions`: each on its own; the default version stays.
pub async fn delete_launch_template_versions(
    cx: &RequestContext,
    req: ec2::DeleteLaunchTemplateVersionsRequest,
) -> Result<ec2::DeleteLaunchTemplateVersionsResult, WireError> {
    let name = name(req.launch_template_id.as_deref(), req.launch_template_name)?;
    let read = |text: &String| text.parse().map_err(|_| invalid_value(format!("Value ({text}) for parameter version is invalid.")));
    let numbers = req.versions.iter().map(read).collect::<Result<Vec<u64>, _>>()?;
    if numbers.is_empty() {
        return Err(missing("LaunchTemplateVersion"));
    }
    let (template, done) = cx
        .change(errors::word, |cloud, c| {
            let template = Arc::clone(cloud.launch_template(&c.scope, &name)?);
            Ok((template, cloud.delete_launch_template_versions(c, &name, &numbers)?))
        })
        .await?;
    let mut result = ec2::DeleteLaunchTemplateVersionsResult::default();
    let (id, name) = (Some(template.id.to_string()), Some(template.name.clone()));
    for (version, outcome) in done {
        let error = match outcome {
            VersionDeletion::Deleted => {
                let gone = ec2::DeleteLaunchTemplateVersionsResponseSuccessItem {
                    launch_template_id: id.clone(),
                    launch_template_name: name.clone(),
                    version_number: number(version),
                };
                result.successfully_deleted_launch_template_versions.push(gone);
                continue;
            }
            VersionDeletion::Missing => ("launchTemplateVersionDoesNotExist", format!("Launch template version {version} does not exist.")),
            VersionDeletion::Default => ("unexpectedError", "You cannot delete the default version of a launch template.".to_owned()),
        };
        result.unsuccessfully_deleted_launch_template_versions.push(ec2::DeleteLaunchTemplateVersionsResponseErrorItem {
            launch_template_id: id.clone(),
            launch_template_name: name.clone(),
            version_number: number(version),
            response_error: Some(ec2::ResponseError { code: Some(error.0.into()), message: Some(error.1) }),
        });
    }
    Ok(result)
}

/// `DescribeLaunchTemplateVersions`: of one template, or with `$Default` and `$Latest` alone of all.
pub async fn describe_launch_template_versions(
    cx: &RequestContext,
    req: ec2::DescribeLaunchTemplateVersionsRequest,
) -> Result<ec2::DescribeLaunchTemplateVersionsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let cloud = cx.snapshot();
    let bound = |text: &Option<String>| text.as_deref().map(version).transpose();
    let (least, most) = (bound(&req.min_version)?, bound(&req.max_version)?);
    if !req.versions.is_empty() && (least.is_some() || most.is_some()) {
        return Err(invalid_combination("Versions may not be specified together with MinVersion or MaxVersion"));
    }
    let versions = req.versions.iter().map(|text| version(text)).collect::<Result<Vec<_>, _>>()?;
    let is_one = req.launch_template_id.is_some() || req.launch_template_name.is_some();
    if !is_one && (versions.is_empty() || versions.iter().any(|version| matches!(version, VersionName::Number(_)))) {
        return Err(missing("LaunchTemplateId or LaunchTemplateName"));
    }
    let found = if is_one {
        let name = name(req.launch_template_id.as_deref(), req.launch_template_name)?;
        chosen(&cloud, &cx.scope, &name, &versions, (least, most)).map_err(|refusal| errors::word(&refusal))?
    } else {
        let own = cloud.launch_templates.values().filter(|found| found.scope == cx.scope);
        own.flat_map(|template| versions.iter().filter_map(|version| cloud.launch_template_version(template, *version).ok())).collect()
    };
    let template_of = |version: &LaunchTemplateVersion| cloud.launch_templates.get(&version.template);
    let shown: Vec<_> = found.into_iter().filter_map(|version| Some(show(template_of(version)?, version))).collect();
    let passing: Vec<_> = shown.into_iter().filter(|version| filters.pass(&Tags::new(), |name| values(version, name))).collect();
    // The newest first, as EC2 lists them.
    let key = |version: &ec2::LaunchTemplateVersion| {
        let number = u64::try_from(version.version_number.unwrap_or_default()).unwrap_or_default();
        format!("{} {:020}", version.launch_template_id.as_deref().unwrap_or_default(), u64::MAX - number)
    };
    let page = page(passing, key, req.max_results, req.next_token.as_deref(), 1..=200)?;
    Ok(ec2::DescribeLaunchTemplateVersionsResult { launch_template_versions: page.items, next_token: page.next_token })
}

fn chosen<'a>(
    cloud: &'a Cloud,
    scope: &Scope,
    name: &vpclab_cloud::launch_template::TemplateName,
    versions: &[VersionName],
    (least, most): (Option<VersionName>, Option<VersionName>),
) -> Result<Vec<&'a Arc<LaunchTemplateVersion>>, Refusal> {
    let template = cloud.launch_template(scope, name)?;
    if !versions.is_empty() {
        let mut found = versions.iter().map(|version| cloud.launch_template_version(template, *version)).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|version| version.number);
        found.dedup_by_key(|version| version.number);
        return Ok(found);
    }
    let bound = |asked: Option<VersionName>, open: u64| match asked {
        None => Ok(open),
        Some(VersionName::Number(number)) => Ok(number),
        Some(name) => cloud.launch_template_version(template, name).map(|version| version.number),
    };
    let range = bound(least, 0)?..=bound(most, u64::MAX)?;
    Ok(cloud.launch_template_versions_of(&template.id).filter(|version| range.contains(&version.number)).collect())
}

fn version(text: &str) -> Result<VersionName, WireError> {
    VersionName::parse(text).map_err(|refusal| errors::word(&refusal))
}

fn show(template: &LaunchTemplate, version: &LaunchTemplateVersion) -> ec2::LaunchTemplateVersion {
    ec2::LaunchTemplateVersion {
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: Some(template.name.clone()),
        version_number: number(version.number),
        version_description: version.description.clone(),
        create_time: Some(Timestamp::from_millis(version.created.0)),
        created_by: Some(creator(&template.scope)),
        default_version: Some(version.number == template.default_version),
        launch_template_data: Some(data::show(&version.data)),
    }
}

fn values(version: &ec2::LaunchTemplateVersion, name: &str) -> Vec<String> {
    let data = version.launch_template_data.as_ref();
    let value = match name {
        "create-time" => version.create_time.map(|time| time.to_string()),
        "image-id" => data.and_then(|data| data.image_id.clone()),
        "instance-type" => data.and_then(|data| data.instance_type.clone()),
        "is-default-version" => version.default_version.map(|is| is.to_string()),
        "network-interface.subnet-id" => {
            let interfaces = data.map_or(&[][..], |data| data.network_interfaces.as_slice());
            return interfaces.iter().filter_map(|one| one.subnet_id.clone()).collect();
        }
        _ => None,
    };
    value.into_iter().collect()
}

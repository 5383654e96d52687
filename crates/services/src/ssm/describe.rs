//! What is known of parameters beside their values, and their histories.
use super::filter::{Filters, Seen};
use super::get::shown_value;
use super::{invalid, page, word};
use crate::request::RequestContext;
use vpclab_cloud::parameter::{DEFAULT_KEY, Parameter, ParameterKind, ParameterVersion};
use vpclab_wire::{WireError, ssm as wire};

/// `DescribeParameters`
pub async fn describe_parameters(
    cx: &RequestContext,
    req: wire::DescribeParametersRequest,
) -> Result<wire::DescribeParametersResult, WireError> {
    if !req.filters.is_empty() && !req.parameter_filters.is_empty() {
        return Err(invalid("You can use either Filters or ParameterFilters in a single request."));
    }
    let keys = ["Path", "Name", "Type", "KeyId", "Tier", "DataType", "tag:"];
    let filters = if req.filters.is_empty() { Filters::new(req.parameter_filters, &keys)? } else { Filters::old(req.filters)? };
    let cloud = cx.snapshot();
    let mut found = Vec::new();
    for parameter in cloud.parameters_below(&cx.scope, "") {
        let Ok((_, number, version)) = cloud.parameter_version(&cx.scope, &parameter.name, None) else { continue };
        if filters.pass(&Seen { name: &parameter.name, tags: &parameter.tags, version }) {
            found.push(metadata(parameter, number, version));
        }
    }
    let key = |shown: &wire::ParameterMetadata| shown.name.clone().unwrap_or_default();
    let (parameters, next_token) = page(found, key, req.next_token.as_deref(), req.max_results, 1..=50)?;
    Ok(wire::DescribeParametersResult { parameters, next_token })
}

/// `GetParameterHistory`: the oldest first.
pub async fn get_parameter_history(
    cx: &RequestContext,
    req: wire::GetParameterHistoryRequest,
) -> Result<wire::GetParameterHistoryResult, WireError> {
    let cloud = cx.snapshot();
    let parameter = cloud.parameter(&cx.scope, &req.name).map_err(|refusal| word(&refusal))?;
    let versions = cloud.versions_of_parameter(&cx.scope, &parameter.name);
    let key = |(number, _): &(u64, _)| format!("{number:020}");
    let (versions, next_token) = page(versions, key, req.next_token.as_deref(), req.max_results, 1..=50)?;
    let decrypt = req.with_decryption.unwrap_or(false);
    let show = |(number, version): (u64, &std::sync::Arc<ParameterVersion>)| {
        let shown = metadata(parameter, number, version);
        wire::ParameterHistory {
            name: shown.name,
            type_: shown.type_,
            key_id: shown.key_id,
            last_modified_date: shown.last_modified_date,
            last_modified_user: shown.last_modified_user,
            description: shown.description,
            value: Some(shown_value(&parameter.arn(), number, version.kind, &version.value, decrypt)),
            allowed_pattern: shown.allowed_pattern,
            version: shown.version,
            labels: Vec::new(),
            tier: shown.tier,
            data_type: shown.data_type,
        }
    };
    Ok(wire::GetParameterHistoryResult { parameters: versions.into_iter().map(show).collect(), next_token })
}

fn metadata(parameter: &Parameter, number: u64, version: &ParameterVersion) -> wire::ParameterMetadata {
    wire::ParameterMetadata {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn()),
        type_: Some(version.kind.as_str().to_owned()),
        key_id: (version.kind == ParameterKind::SecureString).then(|| DEFAULT_KEY.to_owned()),
        last_modified_date: Some(vpclab_wire::Timestamp::from_millis(version.modified.0)),
        last_modified_user: Some(version.user.clone()),
        description: version.description.clone(),
        allowed_pattern: version.allowed_pattern.clone(),
        version: i64::try_from(number).ok(),
        tier: Some(version.tier.as_str().to_owned()),
        data_type: Some(version.data_type.as_str().to_owned()),
    }
}

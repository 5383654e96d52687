//! Putting and deleting parameters.
use super::{invalid, not_in_enum, tag, word};
use crate::ec2::image;
use crate::request::RequestContext;
use vpclab_cloud::ParameterRefusal;
use vpclab_cloud::parameter::{DataType, ParameterKind, PutParameter, Tier, TierChoice};
use vpclab_wire::{WireError, ssm as wire};

/// `PutParameter`
pub async fn put_parameter(cx: &RequestContext, req: wire::PutParameterRequest) -> Result<wire::PutParameterResult, WireError> {
    let input = PutParameter {
        kind: req.type_.as_deref().map(kind).transpose()?,
        tier: tier(req.tier.as_deref())?,
        data_type: req.data_type.as_deref().map(data_type).transpose()?,
        name: req.name,
        value: req.value,
        description: req.description,
        allowed_pattern: req.allowed_pattern.filter(|pattern| !pattern.is_empty()),
        key: req.key_id,
        overwrite: req.overwrite.unwrap_or(false),
        tags: tag::read(req.tags)?,
        user: cx.caller.identity(&cx.scope.account, &cx.snapshot()).arn,
    };
    if input.data_type == Some(DataType::Image) && input.value != image::id_of(&cx.scope.region).as_str() {
        return Err(invalid(format!("The following parameter value is not valid for the data type aws:ec2:image: {}", input.value)));
    }
    let (version, tier) = cx.change(word, |cloud, c| cloud.put_parameter(c, input)).await?;
    Ok(wire::PutParameterResult { version: i64::try_from(version).ok(), tier: Some(tier.as_str().to_owned()) })
}

/// `DeleteParameter`
pub async fn delete_parameter(cx: &RequestContext, req: wire::DeleteParameterRequest) -> Result<wire::DeleteParameterResult, WireError> {
    cx.change(word, |cloud, c| cloud.delete_parameter(c, &req.name)).await?;
    Ok(wire::DeleteParameterResult {})
}

/// `DeleteParameters`: what is not there is listed as such.
pub async fn delete_parameters(cx: &RequestContext, req: wire::DeleteParametersRequest) -> Result<wire::DeleteParametersResult, WireError> {
    if !(1..=10).contains(&req.names.len()) {
        let text =
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10";
        return Err(invalid(text));
    }
    cx.change(word, |cloud, c| {
        let mut answer = wire::DeleteParametersResult::default();
        for name in req.names {
            match cloud.delete_parameter(c, &name) {
                Ok(()) => answer.deleted_parameters.push(name),
                Err(vpclab_cloud::Refusal::Parameter(ParameterRefusal::NotFound(_))) => answer.invalid_parameters.push(name),
                Err(other) => return Err(other),
            }
        }
        Ok(answer)
    })
    .await
}

pub(super) fn kind(text: &str) -> Result<ParameterKind, WireError> {
    let found = ParameterKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    found.ok_or_else(|| not_in_enum(text, "type", "[SecureString, StringList, String]"))
}

fn tier(text: Option<&str>) -> Result<TierChoice, WireError> {
    Ok(match text {
        None => TierChoice::AsIs,
        Some("Standard") => TierChoice::Only(Tier::Standard),
        Some("Advanced") => TierChoice::Only(Tier::Advanced),
        Some("Intelligent-Tiering") => TierChoice::Intelligent,
        Some(other) => return Err(not_in_enum(other, "tier", "[Standard, Advanced, Intelligent-Tiering]")),
    })
}

fn data_type(text: &str) -> Result<DataType, WireError> {
    match text {
        "" | "text" => Ok(DataType::Text),
        "aws:ec2:image" => Ok(DataType::Image),
        other => Err(invalid(format!("The following data type is not supported: {other} (Data type names are all lowercase.)"))),
    }
}

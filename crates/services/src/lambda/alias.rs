//! Aliases of functions.
use super::errors::{invalid, word};
use super::function::unqualified;
use super::page::page;
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::function::{Alias, AliasChange};
use vpclab_wire::{WireError, lambda as wire};

fn shown(alias: &Alias) -> wire::AliasConfiguration {
    let weights: BTreeMap<String, f64> =
        alias.weights.iter().map(|(version, weight)| (version.clone(), f64::from(*weight) / 1000.0)).collect();
    wire::AliasConfiguration {
        alias_arn: Some(alias.arn()),
        name: Some(alias.name.clone()),
        function_version: Some(alias.version.clone()),
        description: Some(alias.description.clone()),
        routing_config: (!weights.is_empty()).then_some(wire::AliasRoutingConfiguration { additional_version_weights: weights }),
        revision_id: Some(alias.revision.clone()),
    }
}

/// Weights in thousandths.
fn weights(config: Option<wire::AliasRoutingConfiguration>) -> Result<Option<BTreeMap<String, u32>>, WireError> {
    let Some(config) = config else { return Ok(None) };
    let weight = |(version, weight): (String, f64)| {
        if !(0.0..=1.0).contains(&weight) {
            return Err(invalid("Weights of AdditionalVersionWeights must be from 0.0 to 1.0"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
        Ok((version, (weight * 1000.0).round() as u32))
    };
    config.additional_version_weights.into_iter().map(weight).collect::<Result<_, _>>().map(Some)
}

/// `CreateAlias`.
pub async fn create_alias(cx: &RequestContext, req: wire::CreateAliasRequest) -> Result<wire::AliasConfiguration, WireError> {
    let function = unqualified(cx, &req.function_name, "CreateAlias")?;
    let change = AliasChange { version: Some(req.function_version), description: req.description, weights: weights(req.routing_config)? };
    cx.change(word, |cloud, c| {
        cloud.create_alias(c, &function, &req.name, change)?;
        Ok(shown(cloud.alias(&c.scope, &function, &req.name)?))
    })
    .await
}

/// `UpdateAlias`.
pub async fn update_alias(cx: &RequestContext, req: wire::UpdateAliasRequest) -> Result<wire::AliasConfiguration, WireError> {
    let function = unqualified(cx, &req.function_name, "UpdateAlias")?;
    let change = AliasChange { version: req.function_version, description: req.description, weights: weights(req.routing_config)? };
    cx.change(word, |cloud, c| {
        cloud.update_alias(c, &function, &req.name, req.revision_id.as_deref(), change)?;
        Ok(shown(cloud.alias(&c.scope, &function, &req.name)?))
    })
    .await
}

/// `GetAlias`.
pub async fn get_alias(cx: &RequestContext, req: wire::GetAliasRequest) -> Result<wire::AliasConfiguration, WireError> {
    let function = unqualified(cx, &req.function_name, "GetAlias")?;
    cx.snapshot().alias(&cx.scope, &function, &req.name).map(|alias| shown(alias)).map_err(|why| word(&why))
}

/// `DeleteAlias`.
pub async fn delete_alias(cx: &RequestContext, req: wire::DeleteAliasRequest) -> Result<(), WireError> {
    let function = unqualified(cx, &req.function_name, "DeleteAlias")?;
    cx.change(word, |cloud, c| cloud.delete_alias(c, &function, &req.name)).await
}

/// `ListAliases`.
pub async fn list_aliases(cx: &RequestContext, req: wire::ListAliasesRequest) -> Result<wire::ListAliasesResponse, WireError> {
    let function = unqualified(cx, &req.function_name, "ListAliases")?;
    let cloud = cx.snapshot();
    cloud.function(&cx.scope, &function).map_err(|why| word(&why))?;
    let wanted = |alias: &Alias| req.function_version.as_ref().is_none_or(|version| *version == alias.version);
    let found = cloud.aliases_of(&cx.scope, &function).filter(|alias| wanted(alias)).map(|alias| (alias.name.clone(), shown(alias)));
    let (aliases, next_marker) = page(found, req.max_items, req.marker.as_deref())?;
    Ok(wire::ListAliasesResponse { next_marker, aliases })
}

//! `GetParametersByPath`.
use super::filter::{Filters, Seen, is_below};
use super::get::Resolved;
use super::{invalid, page, public};
use crate::request::RequestContext;
use vpclab_wire::{WireError, ssm as wire};

/// `GetParametersByPath`
pub async fn get_parameters_by_path(
    cx: &RequestContext,
    req: wire::GetParametersByPathRequest,
) -> Result<wire::GetParametersByPathResult, WireError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if !req.path.starts_with('/') || !req.path.chars().all(legal) {
        return Err(invalid(format!(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be \
             prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - \
             (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \
             \"/\". Valid example: /get/parameters2-/by1./path0_. (asked: {})",
            req.path
        )));
    }
    let filtered = !req.parameter_filters.is_empty();
    let filters = Filters::new(req.parameter_filters, &["Type", "KeyId", "Label", "DataType"])?;
    let recursive = req.recursive.unwrap_or(false);
    let cloud = cx.snapshot();
    let mut found: Vec<Resolved> = Vec::new();
    for parameter in cloud.parameters_below(&cx.scope, "").filter(|parameter| is_below(&parameter.name, &req.path, recursive)) {
        let Ok((_, number, version)) = cloud.parameter_version(&cx.scope, &parameter.name, None) else { continue };
        if filters.pass(&Seen { name: &parameter.name, tags: &parameter.tags, version }) {
            found.push(Resolved::of(parameter, number, version));
        }
    }
    // Public parameters are found by their own paths only.
    if req.path.starts_with("/aws/service") && !filtered {
        let names = public::NAMES.iter().filter(|name| is_below(name, &req.path, recursive));
        found.extend(names.filter_map(|name| Resolved::of_public(&cx.scope, name)));
    }
    let (found, next_token) = page(found, |found| found.name.clone(), req.next_token.as_deref(), req.max_results, 1..=10)?;
    let decrypt = req.with_decryption.unwrap_or(false);
    Ok(wire::GetParametersByPathResult { parameters: found.into_iter().map(|found| found.show(decrypt)).collect(), next_token })
}

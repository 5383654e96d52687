//! DHCP options.
use super::errors::{self, invalid_value, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::tag;
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::{DhcpOptions, Refusal};
use vpclab_wire::{WireError, ec2};

const FILTERS: &[&str] = &["dhcp-options-id", "key", "owner-id", "tag-key", "tag:", "value"];

/// What stands for the region's default set: the VPC's resolver and the region's private domain.
pub(super) const DEFAULT: &str = "default";

/// `CreateDhcpOptions`.
pub async fn create_dhcp_options(
    cx: &RequestContext,
    req: ec2::CreateDhcpOptionsRequest,
) -> Result<ec2::CreateDhcpOptionsResult, WireError> {
    let tags = tag::of_specifications(&req.tag_specifications, "dhcp-options")?;
    let mut configurations = BTreeMap::new();
    for given in req.dhcp_configurations {
        let name = given.key.unwrap_or_default();
        if configurations.insert(name.clone(), given.values).is_some() {
            return Err(invalid_value(format!("Value ({name}) for parameter name is invalid. The option is given twice.")));
        }
    }
    let dhcp_options = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_dhcp_options(c, configurations, tags)?;
            Ok(cloud.dhcp_options.get(&id).map(|options| show(options)))
        })
        .await?;
    Ok(ec2::CreateDhcpOptionsResult { dhcp_options })
}

/// `DeleteDhcpOptions`.
pub async fn delete_dhcp_options(cx: &RequestContext, req: ec2::DeleteDhcpOptionsRequest) -> Result<(), WireError> {
    let id = parse_id(&req.dhcp_options_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_dhcp_options(c, &id)).await
}

/// `AssociateDhcpOptions`.
pub async fn associate_dhcp_options(cx: &RequestContext, req: ec2::AssociateDhcpOptionsRequest) -> Result<(), WireError> {
    let vpc = parse_id(&req.vpc_id)?;
    let id = if req.dhcp_options_id == DEFAULT { None } else { Some(parse_id(&req.dhcp_options_id)?) };
    cx.change(errors::word, |cloud, c| cloud.associate_dhcp_options(c, &vpc, id.as_ref())).await
}

/// `DescribeDhcpOptions`.
pub async fn describe_dhcp_options(
    cx: &RequestContext,
    req: ec2::DescribeDhcpOptionsRequest,
) -> Result<ec2::DescribeDhcpOptionsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.dhcp_options_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.dhcp_options.values().filter(|found| found.scope == cx.scope);
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::DhcpOptionsNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(found, name)));
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let dhcp_options = page.items.into_iter().map(|options| show(options)).collect();
    Ok(ec2::DescribeDhcpOptionsResult { dhcp_options, next_token: page.next_token })
}

fn show(options: &DhcpOptions) -> ec2::DhcpOptions {
    let value = |value: &String| ec2::AttributeValue { value: Some(value.clone()) };
    let configuration = |(name, values): (&String, &Vec<String>)| ec2::DhcpConfiguration {
        key: Some(name.clone()),
        values: values.iter().map(value).collect(),
    };
    ec2::DhcpOptions {
        owner_id: Some(options.scope.account.to_string()),
        tags: tag::set(&options.tags),
        dhcp_options_id: Some(options.id.to_string()),
        dhcp_configurations: options.configurations.iter().map(configuration).collect(),
    }
}

fn values(options: &DhcpOptions, name: &str) -> Vec<String> {
    match name {
        "dhcp-options-id" => vec![options.id.to_string()],
        "key" => options.configurations.keys().cloned().collect(),
        "owner-id" => vec![options.scope.account.to_string()],
        "value" => options.configurations.values().flatten().cloned().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! Tags.
use super::errors::{self, invalid_value, missing};
use super::filters::{Filters, page};
use crate::engine::clock;
use crate::request::RequestContext;
use std::collections::BTreeMap;
use vpclab_cloud::tag::{TagRemoval, user_tags};
use vpclab_cloud::{Cloud, Scope, Tags, Timestamp};
use vpclab_wire::{WireError, ec2};

/// The tags that a create call gives the one kind of resource it makes.
///
/// # Errors
/// A specification for another kind, or tags that break EC2's rules.
pub fn of_specifications(specifications: &[ec2::TagSpecification], resource_type: &str) -> Result<Tags, WireError> {
    Ok(by_type(specifications, &[resource_type])?.remove(resource_type).unwrap_or_default())
}

/// The tags of a create call that makes several kinds of resources, by kind.
///
/// # Errors
/// A specification for a kind not among `types`, or tags that break EC2's rules.
pub fn by_type(specifications: &[ec2::TagSpecification], types: &[&str]) -> Result<BTreeMap<String, Tags>, WireError> {
    let mut given: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for specification in specifications {
        let kind =
            specification.resource_type.as_deref().ok_or_else(|| invalid_value("Tag specification resource type must have a value"))?;
        if !types.contains(&kind) {
            return Err(invalid_value(format!("'{kind}' is not a valid taggable resource type for this operation.")));
        }
        if specification.tags.is_empty() {
            return Err(invalid_value("Tag specification must have at least one tag"));
        }
        given.entry(kind.to_owned()).or_default().extend(pairs(&specification.tags));
    }
    given.into_iter().map(|(kind, tags)| Ok((kind, user_tags(tags).map_err(|refusal| errors::word(&refusal))?))).collect()
}

/// Tags as answers show them.
#[must_use]
pub fn set(tags: &Tags) -> Vec<ec2::Tag> {
    tags.iter().map(|(key, value)| ec2::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

fn pairs(tags: &[ec2::Tag]) -> impl Iterator<Item = (String, String)> + '_ {
    tags.iter().map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
}

/// `CreateTags`.
pub async fn create_tags(cx: &RequestContext, req: ec2::CreateTagsRequest) -> Result<(), WireError> {
    if req.resources.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    if req.tags.is_empty() {
        return Err(missing("tagSet"));
    }
    let tags = user_tags(pairs(&req.tags)).map_err(|refusal| errors::word(&refusal))?;
    cx.change(errors::word, |cloud, c| cloud.create_tags(c, &req.resources, &tags)).await
}

/// `DeleteTags`.
pub async fn delete_tags(cx: &RequestContext, req: ec2::DeleteTagsRequest) -> Result<(), WireError> {
    if req.resources.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    let removals: Vec<TagRemoval> =
        req.tags.iter().map(|tag| TagRemoval { key: tag.key.clone().unwrap_or_default(), value: tag.value.clone() }).collect();
    cx.change(errors::word, |cloud, c| cloud.delete_tags(c, &req.resources, &removals)).await
}

/// `DescribeTags`.
pub async fn describe_tags(cx: &RequestContext, req: ec2::DescribeTagsRequest) -> Result<ec2::DescribeTagsResult, WireError> {
    let filters = Filters::new(&req.filters, &["key", "resource-id", "resource-type", "value", "tag:"])?;
    let mut found = Vec::new();
    each(&cx.snapshot(), &cx.scope, clock(), |resource_id, resource_type, tags| {
        for (key, value) in tags {
            let one: Tags = [(key.clone(), value.clone())].into();
            let of = |name: &str| match name {
                "key" => vec![key.clone()],
                "value" => vec![value.clone()],
                "resource-id" => vec![resource_id.to_owned()],
                "resource-type" => vec![resource_type.to_owned()],
                _ => Vec::new(),
            };
            if filters.pass(&one, of) {
                found.push(ec2::TagDescription {
                    key: Some(key.clone()),
                    resource_id: Some(resource_id.to_owned()),
                    resource_type: Some(resource_type.to_owned()),
                    value: Some(value.clone()),
                });
            }
        }
    });
    let key = |tag: &ec2::TagDescription| {
        format!("{} {}", tag.resource_id.as_deref().unwrap_or_default(), tag.key.as_deref().unwrap_or_default())
    };
    let page = page(found, key, req.max_results, req.next_token.as_deref(), 5..=1000)?;
    Ok(ec2::DescribeTagsResult { next_token: page.next_token, tags: page.items })
}

/// Shows the id, the type's name and the tags of every resource of a scope that can be tagged.
fn each(cloud: &Cloud, scope: &Scope, now: Timestamp, mut show: impl FnMut(&str, &str, &Tags)) {
    macro_rules! tables {
        ($($table:ident: $kind:literal),*) => {$(
            for item in cloud.$table.values().filter(|item| &item.scope == scope) {
                show(item.id.as_str(), $kind, &item.tags);
            }
        )*};
    }
    tables! {
        vpcs: "vpc", subnets: "subnet", security_groups: "security-group", route_tables: "route-table", network_acls: "network-acl",
        vpc_endpoints: "vpc-endpoint", network_interfaces: "network-interface", instances: "instance",
        dhcp_options: "dhcp-options", key_pairs: "key-pair", launch_templates: "launch-template", internet_gateways: "internet-gateway", nat_gateways: "natgateway",
        flow_logs: "vpc-flow-log", network_insights_paths: "network-insights-path",
        network_insights_analyses: "network-insights-analysis"
    }
    for address in cloud.public_addresses.values().filter(|address| &address.scope == scope) {
        if let Some(id) = &address.allocation {
            show(id.as_str(), "elastic-ip", &address.tags);
        }
    }
    for group in cloud.security_groups.values().filter(|group| &group.scope == scope) {
        for rule in &group.rules {
            show(rule.id.as_str(), "security-group-rule", &rule.tags);
        }
    }
    for peering in cloud.peerings.values() {
        if let Some(side) = peering.seen_from(scope, now) {
            show(peering.id.as_str(), "vpc-peering-connection", &side.tags);
        }
    }
}

#[cfg(test)]
mod tests;

//! VPCs and their attributes.
use super::errors::{self, invalid_combination, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::tag;
use crate::request::RequestContext;
use ipnet::Ipv4Net;
use vpclab_cloud::vpc::{CreateVpc, VpcAttribute};
use vpclab_cloud::{Refusal, Vpc, VpcId};
use vpclab_wire::{WireError, ec2};

pub mod cidr;

const FILTERS: &[&str] = &[
    "cidr",
    "cidr-block-association.association-id",
    "cidr-block-association.cidr-block",
    "cidr-block-association.state",
    "dhcp-options-id",
    "is-default",
    "isDefault",
    "owner-id",
    "state",
    "tag-key",
    "tag:",
    "vpc-id",
];

/// Reads the `CidrBlock` of a request.
pub(crate) fn parse_cidr(text: &str) -> Result<Ipv4Net, WireError> {
    text.parse().map_err(|_| invalid_value(format!("Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.")))
}

/// `CreateVpc`.
pub async fn create_vpc(cx: &RequestContext, req: ec2::CreateVpcRequest) -> Result<ec2::CreateVpcResult, WireError> {
    let Some(cidr) = req.cidr_block.as_deref() else {
        return Err(WireError::new(400, "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."));
    };
    let input = CreateVpc { cidr: parse_cidr(cidr)?, tags: tag::of_specifications(&req.tag_specifications, "vpc")? };
    let vpc = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_vpc(c, input)?;
            let made = cloud.vpcs.get(&id).map(|vpc| show(vpc, "pending"));
            made.ok_or(Refusal::VpcNotFound(id))
        })
        .await?;
    Ok(ec2::CreateVpcResult { vpc: Some(vpc) })
}

/// `DeleteVpc`.
pub async fn delete_vpc(cx: &RequestContext, req: ec2::DeleteVpcRequest) -> Result<(), WireError> {
    let id = parse_id(&req.vpc_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_vpc(c, &id)).await
}

/// `DescribeVpcs`.
pub async fn describe_vpcs(cx: &RequestContext, req: ec2::DescribeVpcsRequest) -> Result<ec2::DescribeVpcsResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids: Vec<VpcId> = parse_ids(&req.vpc_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.vpcs.values().filter(|vpc| vpc.scope == cx.scope);
    let mut found = chosen(seen, |vpc| &vpc.id, &ids, Refusal::VpcNotFound)?;
    found.retain(|vpc| filters.pass(&vpc.tags, |name| property(vpc, name)));
    let page = page(found, |vpc| vpc.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let vpcs = page.items.into_iter().map(|vpc| show(vpc, "available")).collect();
    Ok(ec2::DescribeVpcsResult { next_token: page.next_token, vpcs })
}

/// `ModifyVpcAttribute`: one attribute a call.
pub async fn modify_vpc_attribute(cx: &RequestContext, req: ec2::ModifyVpcAttributeRequest) -> Result<(), WireError> {
    let id = parse_id(&req.vpc_id)?;
    let hostnames = req.enable_dns_hostnames.and_then(|attribute| attribute.value);
    let support = req.enable_dns_support.and_then(|attribute| attribute.value);
    let attribute = match (hostnames, support) {
        (Some(on), None) => VpcAttribute::DnsHostnames(on),
        (None, Some(on)) => VpcAttribute::DnsSupport(on),
        (None, None) => return Err(missing("enableDnsSupport or enableDnsHostnames")),
        (Some(_), Some(_)) => {
            return Err(invalid_combination("Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport"));
        }
    };
    cx.change(errors::word, |cloud, c| cloud.modify_vpc_attribute(c, &id, attribute)).await
}

/// `DescribeVpcAttribute`.
pub async fn describe_vpc_attribute(
    cx: &RequestContext,
    req: ec2::DescribeVpcAttributeRequest,
) -> Result<ec2::DescribeVpcAttributeResult, WireError> {
    let id: VpcId = parse_id(&req.vpc_id)?;
    let cloud = cx.snapshot();
    let vpc = cloud.vpcs.get(&id).filter(|vpc| vpc.scope == cx.scope);
    let vpc = vpc.ok_or_else(|| errors::word(&Refusal::VpcNotFound(id.clone())))?;
    let mut answer = ec2::DescribeVpcAttributeResult { vpc_id: Some(id.to_string()), ..Default::default() };
    let value = |on| Some(ec2::AttributeBooleanValue { value: Some(on) });
    match req.attribute.as_str() {
        "enableDnsSupport" => answer.enable_dns_support = value(vpc.enable_dns_support),
        "enableDnsHostnames" => answer.enable_dns_hostnames = value(vpc.enable_dns_hostnames),
        // There are no such metrics in a lab, so they are off.
        "enableNetworkAddressUsageMetrics" => answer.enable_network_address_usage_metrics = value(false),
        other => {
            return Err(invalid_value(format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.")));
        }
    }
    Ok(answer)
}

/// The state is the one AWS shows: `pending` in the answer that makes a VPC, `available` ever after.
fn show(vpc: &Vpc, state: &str) -> ec2::Vpc {
    ec2::Vpc {
        owner_id: Some(vpc.scope.account.to_string()),
        instance_tenancy: Some("default".into()),
        ipv6_cidr_block_association_set: Vec::new(),
        cidr_block_association_set: vpc.cidrs.iter().map(|block| cidr::show(block, "associated")).collect(),
        is_default: Some(false),
        tags: tag::set(&vpc.tags),
        vpc_id: Some(vpc.id.to_string()),
        state: Some(state.into()),
        cidr_block: Some(vpc.primary_cidr().to_string()),
        dhcp_options_id: Some(dhcp_options(vpc)),
    }
}

fn dhcp_options(vpc: &Vpc) -> String {
    vpc.dhcp_options.as_ref().map_or_else(|| super::dhcp_options::DEFAULT.to_owned(), ToString::to_string)
}

fn property(vpc: &Vpc, name: &str) -> Vec<String> {
    match name {
        "cidr" => vec![vpc.primary_cidr().to_string()],
        "cidr-block-association.association-id" => vpc.cidrs.iter().map(|block| block.association.to_string()).collect(),
        "cidr-block-association.cidr-block" => vpc.cidrs.iter().map(|block| block.cidr.to_string()).collect(),
        "cidr-block-association.state" => vec!["associated".into()],
        "dhcp-options-id" => vec![dhcp_options(vpc)],
        "is-default" | "isDefault" => vec!["false".into()],
        "owner-id" => vec![vpc.scope.account.to_string()],
        "state" => vec!["available".into()],
        "vpc-id" => vec![vpc.id.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

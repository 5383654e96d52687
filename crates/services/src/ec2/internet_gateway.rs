//! Internet gateways.
use super::errors::{self, parse_id, parse_ids};
use super::filters::{Filters, PAGE_SIZES, chosen, page};
use super::tag;
use crate::request::RequestContext;
use vpclab_cloud::{InternetGateway, Refusal};
use vpclab_wire::{WireError, ec2};

const FILTERS: &[&str] = &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id", "tag-key", "tag:"];

/// `CreateInternetGateway`.
pub async fn create_internet_gateway(
    cx: &RequestContext,
    req: ec2::CreateInternetGatewayRequest,
) -> Result<ec2::CreateInternetGatewayResult, WireError> {
    let tags = tag::of_specifications(&req.tag_specifications, "internet-gateway")?;
    let internet_gateway = cx
        .change(errors::word, |cloud, c| {
            let id = cloud.create_internet_gateway(c, tags)?;
            Ok(cloud.internet_gateways.get(&id).map(|gateway| show(gateway)))
        })
        .await?;
    Ok(ec2::CreateInternetGatewayResult { internet_gateway })
}

/// `AttachInternetGateway`.
pub async fn attach_internet_gateway(cx: &RequestContext, req: ec2::AttachInternetGatewayRequest) -> Result<(), WireError> {
    let (id, vpc) = (parse_id(&req.internet_gateway_id)?, parse_id(&req.vpc_id)?);
    cx.change(errors::word, |cloud, c| cloud.attach_internet_gateway(c, &id, &vpc)).await
}

/// `DetachInternetGateway`.
pub async fn detach_internet_gateway(cx: &RequestContext, req: ec2::DetachInternetGatewayRequest) -> Result<(), WireError> {
    let (id, vpc) = (parse_id(&req.internet_gateway_id)?, parse_id(&req.vpc_id)?);
    cx.change(errors::word, |cloud, c| cloud.detach_internet_gateway(c, &id, &vpc)).await
}

/// `DeleteInternetGateway`.
pub async fn delete_internet_gateway(cx: &RequestContext, req: ec2::DeleteInternetGatewayRequest) -> Result<(), WireError> {
    let id = parse_id(&req.internet_gateway_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_internet_gateway(c, &id)).await
}

/// `DescribeInternetGateways`.
pub async fn describe_internet_gateways(
    cx: &RequestContext,
    req: ec2::DescribeInternetGatewaysRequest,
) -> Result<ec2::DescribeInternetGatewaysResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let ids = parse_ids(&req.internet_gateway_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.internet_gateways.values().filter(|found| found.scope == cx.scope);
    let mut found = chosen(seen, |found| &found.id, &ids, Refusal::InternetGatewayNotFound)?;
    found.retain(|found| filters.pass(&found.tags, |name| values(found, name)));
    let page = page(found, |found| found.id.to_string(), req.max_results, req.next_token.as_deref(), PAGE_SIZES)?;
    let internet_gateways = page.items.into_iter().map(|gateway| show(gateway)).collect();
    Ok(ec2::DescribeInternetGatewaysResult { internet_gateways, next_token: page.next_token })
}

/// EC2 words the state of an attachment as `available`.
const ATTACHED: &str = "available";

fn show(gateway: &InternetGateway) -> ec2::InternetGateway {
    let attachment = |vpc| ec2::InternetGatewayAttachment { state: Some(ATTACHED.into()), vpc_id: Some(vpc) };
    ec2::InternetGateway {
        attachments: gateway.vpc.iter().map(|vpc| attachment(vpc.to_string())).collect(),
        internet_gateway_id: Some(gateway.id.to_string()),
        owner_id: Some(gateway.scope.account.to_string()),
        tags: tag::set(&gateway.tags),
    }
}

fn values(gateway: &InternetGateway, name: &str) -> Vec<String> {
    match name {
        "attachment.state" => gateway.vpc.iter().map(|_| ATTACHED.into()).collect(),
        "attachment.vpc-id" => gateway.vpc.iter().map(ToString::to_string).collect(),
        "internet-gateway-id" => vec![gateway.id.to_string()],
        "owner-id" => vec![gateway.scope.account.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! The Reachability Analyzer: paths, and analyses of them.
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/>
pub(crate) mod analyse;
mod component;
pub(crate) mod show;
#[cfg(test)]
mod tests;
mod way;

use super::errors::{self, invalid_value, missing, parse_id, parse_ids};
use super::filters::{Filters, chosen, page};
use super::{network_interface, route_table, tag};
use crate::request::RequestContext;
use std::ops::RangeInclusive;
use vpclab_cloud::network_insights::PathAsked;
use vpclab_cloud::{Cloud, NetworkInsightsAnalysis, NetworkInsightsPath, NetworkInsightsPathId, Refusal, Scope};
use vpclab_wire::{WireError, ec2};

const PATH_FILTERS: &[&str] = &["destination", "protocol", "source", "tag-key", "tag:"];
const ANALYSIS_FILTERS: &[&str] = &["path-found", "status", "tag-key", "tag:"];
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsPaths.html>
const PAGES: RangeInclusive<i32> = 1..=100;

/// `CreateNetworkInsightsPath`.
pub async fn create_network_insights_path(
    cx: &RequestContext,
    req: ec2::CreateNetworkInsightsPathRequest,
) -> Result<ec2::CreateNetworkInsightsPathResult, WireError> {
    let asked = path_asked(&cx.snapshot(), &cx.scope, &req)?;
    let token = route_table::token(Some(&req.client_token), &(&asked, &req.tag_specifications))?;
    let tags = tag::of_specifications(&req.tag_specifications, "network-insights-path")?;
    let made = cx.change(errors::word, |cloud, c| {
        let id = cloud.create_network_insights_path(c, asked, token, tags)?;
        Ok(cloud.network_insights_paths.get(&id).map(|path| show::path(path)))
    });
    Ok(ec2::CreateNetworkInsightsPathResult { network_insights_path: made.await? })
}

/// The path that a request asks for.
///
/// # Errors
/// Ends that are not there, and what is no path.
pub(crate) fn path_asked(cloud: &Cloud, scope: &Scope, req: &ec2::CreateNetworkInsightsPathRequest) -> Result<PathAsked, WireError> {
    let protocol = match req.protocol.to_ascii_lowercase().as_str() {
        "tcp" => 6,
        "udp" => 17,
        _ => {
            return Err(invalid_value(format!(
                "Value ({}) for parameter protocol is invalid. Valid values are tcp and udp.",
                req.protocol
            )));
        }
    };
    let destination = req.destination.as_deref().ok_or_else(|| {
        WireError::new(
            400,
            "MissingParameter",
            "The request must include either the Destination parameter or the FilterAtSource.DestinationAddress parameter. Add the required \
             parameter and retry the request.",
        )
    })?;
    let destination_port = match req.destination_port {
        None => None,
        Some(port) => match u16::try_from(port) {
            Ok(port) if port > 0 => Some(port),
            _ => return Err(invalid_value(format!("Value ({port}) for parameter destinationPort is invalid. A port is 1 to 65535."))),
        },
    };
    let ip = |text: &Option<String>, name: &str| text.as_deref().map(|text| network_interface::parse_address(text, name)).transpose();
    let asked = PathAsked {
        source: resource(cloud, scope, &req.source, "source")?,
        destination: Some(resource(cloud, scope, destination, "destination")?),
        source_ip: ip(&req.source_ip, "sourceIp")?,
        destination_ip: ip(&req.destination_ip, "destinationIp")?,
        protocol,
        destination_port,
    };
    if asked.destination.as_deref() == Some(asked.source.as_str()) {
        return Err(invalid_value("The source and the destination must be different resources."));
    }
    for (end, ip, name) in
        [(Some(&asked.source), asked.source_ip, "SourceIp"), (asked.destination.as_ref(), asked.destination_ip, "DestinationIp")]
    {
        if end.is_some_and(|id| id.starts_with("pcx-")) && ip.is_none() {
            return Err(missing(name));
        }
    }
    if let (Some(id), Some(ip)) = (&asked.destination, asked.destination_ip)
        && !way::has_address(cloud, id, ip)
    {
        return Err(invalid_value(format!("Value ({ip}) for parameter destinationIp is invalid. It is not an address of {id}.")));
    }
    Ok(asked)
}

/// The id of an end of a path, given by id or ARN: a resource of the caller's that is there.
fn resource(cloud: &Cloud, scope: &Scope, text: &str, parameter: &str) -> Result<String, WireError> {
    let id = match text.strip_prefix("arn:") {
        None => text,
        Some(rest) => {
            let own = format!("aws:ec2:{}:{}:", scope.region, scope.account);
            let name = rest.strip_prefix(&own).and_then(|name| name.split_once('/')).map(|(_, id)| id);
            name.ok_or_else(|| invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. vpclab analyses paths between resources of one account and region.")))?
        }
    };
    let known = |refusal: Refusal| errors::word(&refusal);
    match id.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
        "i" => {
            let id = parse_id(id)?;
            if cloud.instances.get(&id).is_none_or(|instance| &instance.scope != scope) {
                return Err(known(Refusal::InstanceNotFound(id)));
            }
        }
        "eni" => {
            let id = parse_id(id)?;
            let found = cloud.network_interfaces.get(&id).is_some_and(|interface| &interface.scope == scope);
            if !found {
                return Err(known(Refusal::NetworkInterfaceNotFound(id)));
            }
        }
        "vpce" => {
            let id = parse_id(id)?;
            let found = cloud.vpc_endpoints.get(&id).is_some_and(|endpoint| &endpoint.scope == scope);
            if !found {
                return Err(known(Refusal::VpcEndpointNotFound(id)));
            }
        }
        "pcx" => {
            let id = parse_id(id)?;
            let found = cloud.peerings.get(&id).is_some_and(|one| [&one.requester.scope, &one.accepter.scope].contains(&scope));
            if !found {
                return Err(known(Refusal::PeeringNotFound(id)));
            }
        }
        "igw" | "tgw" | "vgw" | "vpce-svc" | "tgw-attach" => {
            return Err(invalid_value(format!(
                "Value ({text}) for parameter {parameter} is invalid. vpclab analyses paths between instances, network interfaces, VPC \
                 endpoints and VPC peering connections."
            )));
        }
        _ => return Err(invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. Invalid resource ID."))),
    }
    Ok(id.to_owned())
}

/// `DescribeNetworkInsightsPaths`.
pub async fn describe_network_insights_paths(
    cx: &RequestContext,
    req: ec2::DescribeNetworkInsightsPathsRequest,
) -> Result<ec2::DescribeNetworkInsightsPathsResult, WireError> {
    let filters = Filters::new(&req.filters, PATH_FILTERS)?;
    let ids = parse_ids(&req.network_insights_path_ids)?;
    let cloud = cx.snapshot();
    let seen = cloud.network_insights_paths.values().filter(|path| path.scope == cx.scope);
    let mut found = chosen(seen, |path| &path.id, &ids, Refusal::NetworkInsightsPathNotFound)?;
    found.retain(|path| filters.pass(&path.tags, |name| path_values(path, name)));
    let page = page(found, |path| path.id.to_string(), req.max_results, req.next_token.as_deref(), PAGES)?;
    let network_insights_paths = page.items.into_iter().map(|path| show::path(path)).collect();
    Ok(ec2::DescribeNetworkInsightsPathsResult { network_insights_paths, next_token: page.next_token })
}

fn path_values(path: &NetworkInsightsPath, name: &str) -> Vec<String> {
    match name {
        "destination" => path.asked.destination.iter().cloned().collect(),
        "source" => vec![path.asked.source.clone()],
        "protocol" => vec![show::protocol(path.asked.protocol).into()],
        _ => Vec::new(),
    }
}

/// `DeleteNetworkInsightsPath`.
pub async fn delete_network_insights_path(
    cx: &RequestContext,
    req: ec2::DeleteNetworkInsightsPathRequest,
) -> Result<ec2::DeleteNetworkInsightsPathResult, WireError> {
    let id = parse_id(&req.network_insights_path_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_network_insights_path(c, &id)).await?;
    Ok(ec2::DeleteNetworkInsightsPathResult { network_insights_path_id: Some(id.to_string()) })
}

/// `StartNetworkInsightsAnalysis`: answers `running`; it is done already, with the state of the lab at this moment.
pub async fn start_network_insights_analysis(
    cx: &RequestContext,
    req: ec2::StartNetworkInsightsAnalysisRequest,
) -> Result<ec2::StartNetworkInsightsAnalysisResult, WireError> {
    let path: NetworkInsightsPathId = parse_id(&req.network_insights_path_id)?;
    let token = route_table::token(Some(&req.client_token), &(&path, &req.tag_specifications))?;
    let tags = tag::of_specifications(&req.tag_specifications, "network-insights-analysis")?;
    let made = cx.change(errors::word, |cloud, c| {
        let id = cloud.start_network_insights_analysis(c, &path, token, tags, analyse::analyse)?;
        Ok(cloud.network_insights_analyses.get(&id).map(|analysis| show::started(analysis)))
    });
    Ok(ec2::StartNetworkInsightsAnalysisResult { network_insights_analysis: made.await? })
}

/// `DescribeNetworkInsightsAnalyses`.
pub async fn describe_network_insights_analyses(
    cx: &RequestContext,
    req: ec2::DescribeNetworkInsightsAnalysesRequest,
) -> Result<ec2::DescribeNetworkInsightsAnalysesResult, WireError> {
    let filters = Filters::new(&req.filters, ANALYSIS_FILTERS)?;
    let ids = parse_ids(&req.network_insights_analysis_ids)?;
    let path: Option<NetworkInsightsPathId> = req.network_insights_path_id.as_deref().map(parse_id).transpose()?;
    let cloud = cx.snapshot();
    if let Some(path) = &path {
        cloud.network_insights_path(&cx.scope, path).map_err(|refusal| errors::word(&refusal))?;
    }
    let seen = cloud.network_insights_analyses.values().filter(|analysis| analysis.scope == cx.scope);
    let mut found = chosen(seen, |analysis| &analysis.id, &ids, Refusal::NetworkInsightsAnalysisNotFound)?;
    let (from, until) = (req.analysis_start_time.map(|at| at.0), req.analysis_end_time.map(|at| at.0));
    found.retain(|analysis| {
        let at = analysis.started.0;
        path.as_ref().is_none_or(|path| path == &analysis.path)
            && from.is_none_or(|from| at >= from)
            && until.is_none_or(|until| at <= until)
            && filters.pass(&analysis.tags, |name| analysis_values(analysis, name))
    });
    let page = page(found, |analysis| analysis.id.to_string(), req.max_results, req.next_token.as_deref(), PAGES)?;
    let network_insights_analyses = page.items.into_iter().map(|analysis| show::analysis(analysis)).collect();
    Ok(ec2::DescribeNetworkInsightsAnalysesResult { network_insights_analyses, next_token: page.next_token })
}

fn analysis_values(analysis: &NetworkInsightsAnalysis, name: &str) -> Vec<String> {
    match name {
        "path-found" => analysis.result.iter().map(|findings| findings.found.to_string()).collect(),
        "status" => vec![show::status(analysis).into()],
        _ => Vec::new(),
    }
}

/// `DeleteNetworkInsightsAnalysis`.
pub async fn delete_network_insights_analysis(
    cx: &RequestContext,
    req: ec2::DeleteNetworkInsightsAnalysisRequest,
) -> Result<ec2::DeleteNetworkInsightsAnalysisResult, WireError> {
    let id = parse_id(&req.network_insights_analysis_id)?;
    cx.change(errors::word, |cloud, c| cloud.delete_network_insights_analysis(c, &id)).await?;
    Ok(ec2::DeleteNetworkInsightsAnalysisResult { network_insights_analysis_id: Some(id.to_string()) })
}

//! The public names that a lab publishes: endpoints' own names and the aliases of private APIs.
use crate::{NoAlias, Source};
use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};
use vpclab_cloud::{Cloud, Region, RestApiId, VpcEndpoint, VpcEndpointId, rest_api::EndpointType};

/// One published name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) addresses: Arc<[Ipv4Addr]>,
    pub(crate) source: Source,
}

/// `execute-api.{r}.amazonaws.com`
pub(crate) fn api_zone(region: &Region) -> String {
    format!("execute-api.{region}.amazonaws.com")
}

/// The addresses of an endpoint's interfaces with their availability zones.
pub(crate) fn addresses<'a>(cloud: &'a Cloud, endpoint: &'a VpcEndpoint) -> impl Iterator<Item = (Ipv4Addr, &'a str)> {
    endpoint
        .interfaces
        .values()
        .filter_map(|id| cloud.network_interfaces.get(id))
        .map(|interface| (interface.private_ip, interface.availability_zone.as_str()))
}

/// Every public name of the lab.
pub(crate) fn publish(cloud: &Cloud) -> BTreeMap<String, Published> {
    let mut names = BTreeMap::new();
    for (id, endpoint) in cloud.vpc_endpoints.iter() {
        let mut zones: BTreeMap<&str, Vec<Ipv4Addr>> = BTreeMap::new();
        for (address, zone) in addresses(cloud, endpoint) {
            zones.entry(zone).or_default().push(address);
        }
        let all: Arc<[Ipv4Addr]> = zones.values().flatten().copied().collect();
        if endpoint.service() == "s3" {
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html>
            let source = Source::EndpointName { endpoint: id.clone(), zone: None };
            names.insert(format!("bucket.{}", endpoint.regional_name()), Published { addresses: Arc::clone(&all), source });
        }
        names.insert(
            endpoint.regional_name(),
            Published { addresses: all, source: Source::EndpointName { endpoint: id.clone(), zone: None } },
        );
        for (zone, addresses) in zones {
            names.insert(
                endpoint.zonal_name(zone),
                Published {
                    addresses: addresses.into(),
                    source: Source::EndpointName { endpoint: id.clone(), zone: Some(zone.to_owned()) },
                },
            );
        }
    }
    for ((api, _), stage) in cloud.stages.iter() {
        let Some(deployment) = cloud.deployments.get(&(api.clone(), stage.deployment.clone())) else {
            continue;
        };
        for endpoint in &deployment.snapshot.settings.vpc_endpoint_ids {
            if why_no_alias(cloud, api, endpoint).is_some() {
                continue;
            }
            let (Some(at), Some(rest_api)) = (cloud.vpc_endpoints.get(endpoint), cloud.rest_apis.get(api)) else {
                continue;
            };
            names.insert(
                format!("{api}-{endpoint}.{}", api_zone(&rest_api.scope.region)),
                Published {
                    addresses: addresses(cloud, at).map(|(address, _)| address).collect(),
                    source: Source::ApiAlias { api: api.clone(), endpoint: endpoint.clone() },
                },
            );
        }
    }
    names
}

/// Why the alias of an API at an endpoint is not published; `None` when it is. The association acts with a deployment: the
/// documentation asks for a new one after a change of `vpcEndpointIds`, so a stage must serve a deployment that lists the endpoint.
pub(crate) fn why_no_alias(cloud: &Cloud, api: &RestApiId, endpoint: &VpcEndpointId) -> Option<NoAlias> {
    let Some(rest_api) = cloud.rest_apis.get(api) else {
        return Some(NoAlias::NoApi);
    };
    let there = cloud.vpc_endpoints.get(endpoint).is_some_and(|at| at.scope.region == rest_api.scope.region && at.is_execute_api());
    if !there {
        return Some(NoAlias::NoEndpoint);
    }
    let deployed = cloud
        .stages
        .range((api.clone(), String::new())..)
        .take_while(|((of, _), _)| of == api)
        .filter_map(|(_, stage)| cloud.deployments.get(&(api.clone(), stage.deployment.clone())))
        .any(|deployment| {
            let settings = &deployment.snapshot.settings;
            settings.endpoint_type == EndpointType::Private && settings.vpc_endpoint_ids.contains(endpoint)
        });
    if deployed {
        None
    } else if rest_api.settings.endpoint_type != EndpointType::Private {
        Some(NoAlias::NotPrivate)
    } else if rest_api.settings.vpc_endpoint_ids.contains(endpoint) {
        Some(NoAlias::NotDeployed)
    } else {
        Some(NoAlias::NotAssociated)
    }
}

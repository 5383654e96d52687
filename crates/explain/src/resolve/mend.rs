//! What mends a name: another name first where one works already, else the setting.
use crate::{Fix, fix::quoted, walk::Walk};
use serde_json::json;
use std::sync::Arc;
use vpclab_cloud::{Cloud, HostedZoneId, Region, RestApi, RestApiId, VpcEndpoint, VpcEndpointId, VpcId, rest_api::EndpointType};
use vpclab_names::DomainName;

/// An attribute of a VPC, on.
pub(super) fn attribute(cloud: &Cloud, vpc: &VpcId, option: &str, property: &str) -> Option<Fix> {
    let scope = &cloud.vpcs.get(vpc)?.scope;
    Some(
        Fix::new(&scope.account, format!("turn {property} of {vpc} on"))
            .command(format!("aws ec2 modify-vpc-attribute --vpc-id {vpc} --{option} Value=true --region {}", scope.region))
            .property("AWS::EC2::VPC", vpc, property, json!(true)),
    )
}

/// Private DNS of an endpoint, on.
pub(super) fn private_dns(cloud: &Cloud, endpoint: &VpcEndpointId) -> Option<Fix> {
    let scope = &cloud.vpc_endpoints.get(endpoint)?.scope;
    Some(
        Fix::new(&scope.account, format!("turn private DNS of {endpoint} on"))
            .command(format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled --region {}", scope.region))
            .property("AWS::EC2::VPCEndpoint", endpoint, "PrivateDnsEnabled", json!(true)),
    )
}

/// The same call by a name that resolves everywhere: the alias where it is published, else the endpoint's name with the header that names
/// the API.
pub(super) fn instead(walk: &Walk<'_>, endpoint: &VpcEndpointId) -> Option<Fix> {
    let (call, judge) = (walk.call, walk.judge);
    let endpoint = judge.cloud().vpc_endpoints.get(endpoint)?;
    let api = named(walk)?;
    let tail = format!("{}{}", call.url.path, call.url.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default());
    let alias = format!("{}-{}.execute-api.{}.amazonaws.com", api.id, endpoint.id, endpoint.scope.region);
    let is_published = DomainName::parse(&alias).is_ok_and(|name| judge.names().published(&name).is_some());
    let fix = Fix::new(&endpoint.scope.account, "call it by a name that resolves without private DNS; nothing has to be changed");
    Some(if is_published {
        fix.instead(quoted(&format!("https://{alias}{tail}")))
    } else {
        let url = format!("https://{}{tail}", endpoint.regional_name());
        fix.instead(format!("-H 'x-apigw-api-id: {}' {}", api.id, quoted(&url)))
    })
}

/// The API that the call names by its host or header.
pub(super) fn named(walk: &Walk<'_>) -> Option<Arc<RestApi>> {
    let host = walk.call.host()?;
    let region = host.split('.').nth(2)?;
    let named =
        vpclab_api::host::named_api(walk.call.server_name(), walk.call.header(vpclab_api::host::API_ID_HEADER), Some(host), region).ok()?;
    walk.judge.cloud().rest_apis.get(&named.api_id.parse::<RestApiId>().ok()?).cloned()
}

/// An endpoint by which the named API could be called: one that it lists, else one of its region whose VPC is the client's or its peer's.
pub(super) fn any_endpoint(walk: &Walk<'_>, vpc: Option<&VpcId>) -> Option<VpcEndpointId> {
    let cloud = walk.judge.cloud();
    let api = named(walk).filter(|api| api.settings.endpoint_type == EndpointType::Private)?;
    let service = vpclab_cloud::vpc_endpoint::execute_api(&api.scope.region);
    let is_near = |endpoint: &VpcEndpoint| {
        let linked =
            |vpc: &VpcId| cloud.peerings.values().any(|peering| peering.sides(vpc).is_some_and(|(_, peer)| peer.vpc == endpoint.vpc));
        vpc.is_none_or(|vpc| *vpc == endpoint.vpc || linked(vpc))
    };
    let serves = |endpoint: &&Arc<VpcEndpoint>| endpoint.service_name == service;
    let listed = api.settings.vpc_endpoint_ids.iter().filter_map(|id| cloud.vpc_endpoints.get(id)).filter(serves);
    let near = cloud.vpc_endpoints.values().filter(serves).filter(|endpoint| is_near(endpoint));
    listed.chain(near).next().map(|endpoint| endpoint.id.clone())
}

/// A hosted zone of the API's own name in the client's VPC, with the endpoint behind it. It hides no other name.
pub(super) fn zone_for(walk: &Walk<'_>, cloud: &Cloud, vpc: &VpcId, endpoint: &VpcEndpointId) -> Option<Fix> {
    let at = cloud.vpcs.get(vpc).filter(|vpc| vpc.private_dns_possible())?;
    let endpoint = cloud.vpc_endpoints.get(endpoint)?;
    let name = &walk.call.url.host;
    let region = &at.scope.region;
    Some(
        Fix::new(&at.scope.account, format!("give {vpc} a private hosted zone for {name} that leads to {}", endpoint.id))
            .command(format!(
                "zone=$(aws route53 create-hosted-zone --name {} --caller-reference {} --vpc VPCRegion={region},VPCId={vpc} \
                 --query HostedZone.Id --output text --region {region})",
                quoted(name),
                quoted(&format!("{name}-{vpc}"))
            ))
            .command(format!(
                "aws route53 change-resource-record-sets --hosted-zone-id \"$zone\" --change-batch {} --region {region}",
                quoted(&alias_batch(name, endpoint).to_string())
            ))
            .property(
                "AWS::Route53::HostedZone",
                name,
                "",
                json!({"Name": name, "VPCs": [{"VPCId": vpc.as_str(), "VPCRegion": region.as_str()}]}),
            )
            .property("AWS::Route53::RecordSet", name, "", alias_record(name, endpoint)),
    )
}

/// The record that a hosted zone lacks.
pub(super) fn record(walk: &Walk<'_>, cloud: &Cloud, zone: &HostedZoneId, endpoint: Option<&VpcEndpointId>) -> Vec<Fix> {
    let endpoint = endpoint.cloned().or_else(|| any_endpoint(walk, None));
    let (Some(zone), Some(endpoint)) = (cloud.hosted_zones.get(zone), endpoint.and_then(|id| cloud.vpc_endpoints.get(&id).cloned())) else {
        return Vec::new();
    };
    let name = &walk.call.url.host;
    let region = &endpoint.scope.region;
    let mut fixes = vec![
        Fix::new(&zone.account, format!("give the zone {} a record for {name} that leads to {}", zone.id.as_str(), endpoint.id))
            .command(format!(
                "aws route53 change-resource-record-sets --hosted-zone-id {} --change-batch {} --region {region}",
                quoted(zone.id.as_str()),
                quoted(&alias_batch(name, &endpoint).to_string())
            ))
            .property("AWS::Route53::RecordSet", name, "", alias_record(name, &endpoint)),
    ];
    fixes.extend(instead(walk, &endpoint.id));
    fixes
}

fn alias_record(name: &str, endpoint: &VpcEndpoint) -> serde_json::Value {
    json!({
        "Name": name, "Type": "A",
        "AliasTarget": {"HostedZoneId": endpoint.public_zone(), "DNSName": endpoint.regional_name(), "EvaluateTargetHealth": false},
    })
}

fn alias_batch(name: &str, endpoint: &VpcEndpoint) -> serde_json::Value {
    json!({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": alias_record(name, endpoint)}]})
}

/// An endpoint in the client's subnet, with a group of its own that lets the client in, and private DNS.
pub(super) fn new_endpoint(walk: &Walk<'_>, cloud: &Cloud, vpc: &VpcId) -> Option<Fix> {
    let at = cloud.vpcs.get(vpc)?;
    let region: &Region = &at.scope.region;
    let service = vpclab_cloud::vpc_endpoint::execute_api(region);
    let client = crate::client::interface_of(walk.judge, &walk.call.from)?;
    let group = client.security_groups.first()?;
    let name = format!("endpoint-of-{vpc}");
    let properties = json!({"VpcId": vpc.as_str(), "VpcEndpointType": "Interface", "ServiceName": service, "SubnetIds": [client.subnet.as_str()],
                            "SecurityGroupIds": ["the new group"], "PrivateDnsEnabled": true});
    Some(
        Fix::new(&at.scope.account, format!("make an endpoint in {}, open to members of {group}", client.subnet))
            .command(format!(
                "sg=$(aws ec2 create-security-group --group-name {name} --description 'HTTPS to the endpoint' --vpc-id {vpc} --query GroupId \
                 --output text --region {region})"
            ))
            .command(format!(
                "aws ec2 authorize-security-group-ingress --group-id \"$sg\" --ip-permissions {} --region {region}",
                quoted(&format!("IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{{GroupId={group}}}]"))
            ))
            .command(format!(
                "aws ec2 create-vpc-endpoint --vpc-id {vpc} --vpc-endpoint-type Interface --service-name {service} --subnet-ids {} \
                 --security-group-ids \"$sg\" --private-dns-enabled --region {region}",
                client.subnet
            ))
            .property("AWS::EC2::VPCEndpoint", vpc, "", properties),
    )
}

/// The endpoint in the API's list, deployed.
pub(super) fn associate(walk: &Walk<'_>, api: &RestApiId, endpoint: &VpcEndpointId) -> Vec<Fix> {
    let Some(found) = walk.judge.cloud().rest_apis.get(api) else { return Vec::new() };
    let region = &found.scope.region;
    let patch = format!("op=add,path=/endpointConfiguration/vpcEndpointIds,value={endpoint}");
    let fix = Fix::new(&found.scope.account, format!("associate {endpoint} with {api}, and deploy it"))
        .command(format!("aws apigateway update-rest-api --rest-api-id {api} --patch-operations {} --region {region}", quoted(&patch)));
    let fix = deployed(walk, fix, found).property(
        "AWS::ApiGateway::RestApi",
        api,
        "EndpointConfiguration.VpcEndpointIds",
        json!([endpoint.as_str()]),
    );
    std::iter::once(fix).chain(instead(walk, endpoint)).collect()
}

/// A new deployment of the stage that the call names.
pub(super) fn deploy(walk: &Walk<'_>, api: &RestApiId) -> Vec<Fix> {
    let found = walk.judge.cloud().rest_apis.get(api);
    found.map(|found| deployed(walk, Fix::new(&found.scope.account, format!("deploy {api} as it is now")), found)).into_iter().collect()
}

fn deployed(walk: &Walk<'_>, fix: Fix, api: &RestApi) -> Fix {
    let stage = walk.call.url.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let region = &api.scope.region;
    fix.command(format!("aws apigateway create-deployment --rest-api-id {} --stage-name {} --region {region}", api.id, quoted(stage)))
        .property(
            "AWS::ApiGateway::Deployment",
            format!("{} {stage}", api.id),
            "",
            json!({"RestApiId": api.id.as_str(), "StageName": stage}),
        )
}

/// A snapshot in which the attributes of a VPC are on. Whether there is such a VPC.
pub(super) fn set_attributes(cloud: &mut Cloud, vpc: &VpcId, support: bool, hostnames: Option<bool>) -> bool {
    let Some(found) = cloud.vpcs.get(vpc) else { return false };
    let mut changed = vpclab_cloud::Vpc::clone(found);
    changed.enable_dns_support = support;
    changed.enable_dns_hostnames = hostnames.unwrap_or(changed.enable_dns_hostnames);
    cloud.vpcs.insert(vpc.clone(), Arc::new(changed));
    true
}

/// A snapshot in which an endpoint has private DNS.
pub(super) fn with_private_dns(cloud: &Cloud, endpoint: &VpcEndpointId) -> Option<Cloud> {
    let mut changed = VpcEndpoint::clone(cloud.vpc_endpoints.get(endpoint)?);
    changed.private_dns_enabled = true;
    let mut next = cloud.clone();
    next.vpc_endpoints.insert(endpoint.clone(), Arc::new(changed));
    Some(next)
}

/// A snapshot in which a VPC does not see a zone.
pub(super) fn without_zone(cloud: &Cloud, zone: &HostedZoneId, vpc: &VpcId) -> Option<Cloud> {
    let mut changed = vpclab_cloud::HostedZone::clone(cloud.hosted_zones.get(zone)?);
    changed.vpcs.retain(|at| &at.vpc != vpc);
    let mut next = cloud.clone();
    next.hosted_zones.insert(zone.clone(), Arc::new(changed));
    Some(next)
}

//! `AWS::EC2::VPCEndpoint`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html>
use super::{attributes, physical};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2, wire_by_ec2};
use crate::ec2::vpc_endpoint::{dns_entries, new_endpoint};
use serde_json::{Map, Value, json};
use vpclab_cloud::vpc_endpoint::{CreateVpcEndpoint, ModifyVpcEndpoint, PolicyChange};
use vpclab_cloud::{Cloud, Context, Region, VpcEndpointId};
use vpclab_wire::{Timestamp, ec2};

/// The type.
pub struct VpcEndpoint;

impl ResourceType for VpcEndpoint {
    fn served(&self) -> &'static [&'static str] {
        &[
            "IpAddressType",
            "PolicyDocument",
            "PrivateDnsEnabled",
            "RouteTableIds",
            "SecurityGroupIds",
            "ServiceName",
            "SubnetIds",
            "Tags",
            "VpcEndpointType",
            "VpcId",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let input = CreateVpcEndpoint { tags: want.tags()?, ..read(&c.scope.region, &want.properties)? };
        cloud.create_vpc_endpoint(c, input).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let id: VpcEndpointId = physical(is.physical)?;
        let wanted = read(&c.scope.region, &want.properties)?;
        if let Some(now) = cloud.vpc_endpoints.get(&id).cloned() {
            let groups = if wanted.security_groups.is_empty() {
                // Without any named it has the VPC's default group.
                cloud.vpcs.get(&now.vpc).map(|vpc| vec![vpc.default_security_group.clone()]).unwrap_or_default()
            } else {
                wanted.security_groups
            };
            let change = ModifyVpcEndpoint {
                add_subnets: wanted.subnets.keys().filter(|subnet| !now.interfaces.contains_key(*subnet)).cloned().collect(),
                remove_subnets: now.interfaces.keys().filter(|subnet| !wanted.subnets.contains_key(*subnet)).cloned().collect(),
                add_groups: groups.iter().filter(|group| !now.security_groups.contains(*group)).cloned().collect(),
                remove_groups: now.security_groups.iter().filter(|group| !groups.contains(group)).cloned().collect(),
                policy: match wanted.policy {
                    Some(policy) if now.policy.as_ref() == Some(&policy) => PolicyChange::Keep,
                    Some(policy) => PolicyChange::Set(policy),
                    None => PolicyChange::Reset,
                },
                private_dns: (now.private_dns_enabled != wanted.private_dns).then_some(wanted.private_dns),
            };
            cloud.modify_vpc_endpoint(c, &id, change).map_err(by_ec2)?;
        }
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(id))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_vpc_endpoint(c, &physical(is.physical)?).map_err(by_ec2)
    }

    /// `DnsEntries` are `{hosted zone}:{name}`, the regional name first: templates count on it.
    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = is.physical.parse::<VpcEndpointId>().ok().and_then(|id| cloud.vpc_endpoints.get(&id));
        let Some(endpoint) = found else { return Map::new() };
        let entry = |entry: ec2::DnsEntry| format!("{}:{}", entry.hosted_zone_id.unwrap_or_default(), entry.dns_name.unwrap_or_default());
        attributes(json!({
            "Id": endpoint.id,
            "CreationTimestamp": Timestamp::from_millis(endpoint.created.0).to_string(),
            "DnsEntries": dns_entries(cloud, endpoint).into_iter().map(entry).collect::<Vec<_>>(),
            "NetworkInterfaceIds": endpoint.interfaces.values().collect::<Vec<_>>(),
        }))
    }
}

fn read(region: &Region, properties: &Properties<'_>) -> Result<CreateVpcEndpoint, Failure> {
    properties.only("IpAddressType", &["ipv4"])?;
    let request = ec2::CreateVpcEndpointRequest {
        vpc_id: properties.required("VpcId")?,
        service_name: properties.text("ServiceName")?,
        vpc_endpoint_type: properties.text("VpcEndpointType")?,
        subnet_ids: properties.texts("SubnetIds")?,
        security_group_ids: properties.texts("SecurityGroupIds")?,
        route_table_ids: properties.texts("RouteTableIds")?,
        policy_document: properties.document("PolicyDocument")?,
        // In a template the default is `false`, where EC2's own is `true`.
        private_dns_enabled: Some(properties.truth("PrivateDnsEnabled")?.unwrap_or(false)),
        ..Default::default()
    };
    new_endpoint(region, &request).map_err(wire_by_ec2)
}

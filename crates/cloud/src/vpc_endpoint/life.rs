//! How an endpoint is made, changed and deleted.
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>
use super::{EndpointState, VpcEndpoint, service};
use crate::{ClientToken, Cloud, Context, Refusal, SecurityGroupId, SubnetId, Tags, VpcEndpointId, VpcId};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::Arc,
};

/// The most interface endpoints of a VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html>
const MAX_ENDPOINTS: usize = 50;

/// `PrivateDnsEnabled` of a request that leaves it out. The API reference gives no default that AWS keeps to; of the interface
/// endpoints that people made without the parameter, those reported had it on.
#[must_use]
pub fn private_dns_by_default() -> bool {
    true
}

/// What `CreateVpcEndpoint` takes for an interface endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateVpcEndpoint {
    /// The VPC.
    pub vpc: VpcId,
    /// The service's name.
    pub service_name: String,
    /// The subnets, each with the address asked for.
    pub subnets: BTreeMap<SubnetId, Option<Ipv4Addr>>,
    /// The security groups; the VPC's default one when empty.
    pub security_groups: Vec<SecurityGroupId>,
    /// The policy, already checked; `None` is full access.
    pub policy: Option<String>,
    /// Whether the service's private names lead to it.
    pub private_dns: bool,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

/// What `ModifyVpcEndpoint` changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModifyVpcEndpoint {
    /// Subnets to get an interface in.
    pub add_subnets: Vec<SubnetId>,
    /// Subnets to leave.
    pub remove_subnets: Vec<SubnetId>,
    /// Security groups to add.
    pub add_groups: Vec<SecurityGroupId>,
    /// Security groups to take away.
    pub remove_groups: Vec<SecurityGroupId>,
    /// The policy.
    pub policy: PolicyChange,
    /// Private DNS on or off.
    pub private_dns: Option<bool>,
}

/// What becomes of an endpoint's policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PolicyChange {
    /// It stays.
    #[default]
    Keep,
    /// Full access again.
    Reset,
    /// This one, already checked.
    Set(String),
}

impl Cloud {
    /// `CreateVpcEndpoint` for an interface endpoint.
    ///
    /// # Errors
    /// An unknown service, VPC, subnet or group, or one of another VPC; two subnets in a zone; private names that the VPC's
    /// attributes or another endpoint forbid; too many endpoints; a token used otherwise.
    pub fn create_vpc_endpoint(&mut self, cx: &mut Context, input: CreateVpcEndpoint) -> Result<VpcEndpointId, Refusal> {
        let made = self.vpc_endpoints.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        service::check_service(&cx.scope.region, &input.service_name)?;
        let vpc = self.visible_vpc(&cx.scope, &input.vpc)?;
        if self.vpc_endpoints.values().filter(|found| found.vpc == vpc.id).count() >= MAX_ENDPOINTS {
            return Err(Refusal::EndpointLimit(vpc.id.clone()));
        }
        let id = VpcEndpointId::fresh(&mut cx.ids);
        let mut endpoint = VpcEndpoint {
            id: id.clone(),
            scope: cx.scope.clone(),
            vpc: vpc.id.clone(),
            service_name: input.service_name,
            interfaces: BTreeMap::new(),
            security_groups: self.groups_or_default(vpc, &input.security_groups, |group| foreign(group, &vpc.id))?,
            policy: input.policy,
            private_dns_enabled: input.private_dns,
            dns_suffix: cx.ids.alphanumeric(8),
            state: EndpointState::Available,
            created: cx.now,
            client_token: input.client_token,
            tags: input.tags,
        };
        if endpoint.private_dns_enabled {
            self.check_private_dns(cx, &endpoint)?;
        }
        for (subnet, private_ip) in &input.subnets {
            self.add_endpoint_interface(cx, &mut endpoint, subnet, *private_ip)?;
        }
        self.vpc_endpoints.insert(id.clone(), Arc::new(endpoint));
        Ok(id)
    }

    /// `ModifyVpcEndpoint`. What is taken away goes first, so that a subnet may be exchanged for another of its zone.
    ///
    /// # Errors
    /// As [`Cloud::create_vpc_endpoint`], and when a subnet or group to remove is not there, or no group would be left.
    pub fn modify_vpc_endpoint(&mut self, cx: &mut Context, id: &VpcEndpointId, change: ModifyVpcEndpoint) -> Result<(), Refusal> {
        let mut endpoint = VpcEndpoint::clone(self.visible_endpoint(&cx.scope, id)?);
        for group in &change.remove_groups {
            if !endpoint.security_groups.remove(group) {
                return Err(Refusal::InvalidParameter(format!("The security group {group} is not associated with the VPC endpoint {id}")));
            }
        }
        let groups: BTreeSet<_> = endpoint.security_groups.iter().chain(&change.add_groups).cloned().collect();
        if groups.is_empty() {
            return Err(Refusal::InvalidParameter(format!("The VPC endpoint {id} must have at least one security group")));
        }
        let vpc = self.visible_vpc(&cx.scope, &endpoint.vpc)?;
        let groups: Vec<_> = groups.into_iter().collect();
        endpoint.security_groups = self.groups_or_default(vpc, &groups, |group| foreign(group, &vpc.id))?;
        for subnet in &change.remove_subnets {
            self.remove_endpoint_interface(&mut endpoint, subnet)?;
        }
        for subnet in change.add_subnets.iter().collect::<BTreeSet<_>>() {
            // A subnet that it is in already stays as it is.
            if !endpoint.interfaces.contains_key(subnet) {
                self.add_endpoint_interface(cx, &mut endpoint, subnet, None)?;
            }
        }
        match change.policy {
            PolicyChange::Keep => {}
            PolicyChange::Reset => endpoint.policy = None,
            PolicyChange::Set(policy) => endpoint.policy = Some(policy),
        }
        if let Some(enable) = change.private_dns {
            if enable {
                self.check_private_dns(cx, &endpoint)?;
            }
            endpoint.private_dns_enabled = enable;
        }
        self.regroup_endpoint_interfaces(&endpoint);
        self.vpc_endpoints.insert(id.clone(), Arc::new(endpoint));
        Ok(())
    }

    /// Deletes one endpoint, as `DeleteVpcEndpoints` does for each id. Its interfaces go with it.
    ///
    /// # Errors
    /// An unknown endpoint.
    pub fn delete_vpc_endpoint(&mut self, cx: &mut Context, id: &VpcEndpointId) -> Result<(), Refusal> {
        let endpoint = Arc::clone(self.visible_endpoint(&cx.scope, id)?);
        for interface in endpoint.interfaces.values() {
            self.network_interfaces.remove(interface);
        }
        self.vpc_endpoints.remove(id);
        Ok(())
    }

    /// Private names need both DNS attributes of the VPC, and only one endpoint of the VPC can have them, and no
    /// hosted zone of that name can be associated with it.
    fn check_private_dns(&self, cx: &Context, endpoint: &VpcEndpoint) -> Result<(), Refusal> {
        if !self.visible_vpc(&cx.scope, &endpoint.vpc)?.private_dns_possible() {
            return Err(Refusal::PrivateDnsNeedsAttributes(endpoint.vpc.clone()));
        }
        // Private names of S3 come with a gateway endpoint, which no VPC of a lab has.
        if endpoint.service() == "s3" {
            let (vpc, service) = (&endpoint.vpc, &endpoint.service_name);
            return Err(Refusal::InvalidParameter(format!(
                "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {vpc} must have a Gateway endpoint for the service {service}."
            )));
        }
        let conflicting = self.vpc_endpoints.values().any(|other| {
            other.id != endpoint.id && other.vpc == endpoint.vpc && other.service_name == endpoint.service_name && other.private_dns_enabled
        });
        if conflicting || self.has_zone_of_private_names(endpoint) {
            let domain = endpoint.private_names().pop().unwrap_or_default();
            return Err(Refusal::PrivateDnsConflict { domain, vpc: endpoint.vpc.clone() });
        }
        Ok(())
    }
}

fn foreign(group: &SecurityGroupId, vpc: &VpcId) -> Refusal {
    Refusal::InvalidParameter(format!("The security group {group} does not belong to the VPC {vpc}"))
}

//! Interface VPC endpoints (PrivateLink).
use crate::{
    NetworkInterfaceId, Scope, SecurityGroupId, SubnetId, Tags, Timestamp, VpcEndpointId, VpcId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An interface VPC endpoint for `com.amazonaws.{r}.execute-api`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// `com.amazonaws.{r}.execute-api`
    pub service_name: String,
    /// Its network interfaces, by subnet.
    pub interfaces: BTreeMap<SubnetId, NetworkInterfaceId>,
    /// Its security groups.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// The policy document as it was given; `None` is full access.
    pub policy: Option<String>,
    /// Whether the service's private names resolve to it in its VPC.
    pub private_dns_enabled: bool,
    /// The eight letters and digits behind the id in its public names.
    pub dns_suffix: String,
    /// Its state.
    pub state: EndpointState,
    /// When it was made.
    pub created: Timestamp,
    /// The idempotency token it was made with.
    pub client_token: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// The states an endpoint of an AWS service shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointState {
    /// `pending`: what `CreateVpcEndpoint` answers.
    Pending,
    /// `available`
    Available,
}

impl VpcEndpoint {
    /// The regional public name: `vpce-…-….execute-api.{r}.vpce.amazonaws.com`.
    #[must_use]
    pub fn regional_name(&self) -> String {
        format!(
            "{}-{}.execute-api.{}.vpce.amazonaws.com",
            self.id, self.dns_suffix, self.scope.region
        )
    }
    /// The public name of one zone.
    #[must_use]
    pub fn zonal_name(&self, zone: &str) -> String {
        format!(
            "{}-{}-{zone}.execute-api.{}.vpce.amazonaws.com",
            self.id, self.dns_suffix, self.scope.region
        )
    }
}

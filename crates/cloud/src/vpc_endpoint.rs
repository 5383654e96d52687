//! Interface VPC endpoints (PrivateLink).
use crate::{
    ClientToken, NetworkInterfaceId, Region, Scope, SecurityGroupId, SubnetId, Tags, Timestamp, VpcEndpointId, VpcId, client_token::digest,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod interfaces;
mod life;
mod service;
#[cfg(test)]
mod tests;

pub use life::{CreateVpcEndpoint, ModifyVpcEndpoint, PolicyChange, private_dns_by_default};
pub use service::{check_service, execute_api, host_of, private_names, service_id, services};

/// The policy of an endpoint that was given none: full access.
pub const DEFAULT_POLICY: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// An interface VPC endpoint of a service of AWS.
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
    pub client_token: Option<ClientToken>,
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
        format!("{}-{}.{}", self.id, self.dns_suffix, self.public_domain())
    }
    /// The public name of one zone.
    #[must_use]
    pub fn zonal_name(&self, zone: &str) -> String {
        format!("{}-{}-{zone}.{}", self.id, self.dns_suffix, self.public_domain())
    }
    /// What the public names of all endpoints of its service end with: `execute-api.{r}.vpce.amazonaws.com`.
    #[must_use]
    pub fn public_domain(&self) -> String {
        format!("{}.{}.vpce.amazonaws.com", host_of(self.service()), self.scope.region)
    }
    /// The private names that lead to it in its VPC while private DNS is on: the apex, then its wildcard if the service has one.
    #[must_use]
    pub fn private_names(&self) -> Vec<String> {
        service::private_names(self.service(), &self.scope.region)
    }
    /// The first of them, which is the name of the hidden hosted zone.
    #[must_use]
    pub fn private_apex(&self) -> String {
        format!("{}.{}.amazonaws.com", host_of(self.service()), self.scope.region)
    }
    /// The names of the certificate that is shown at it: the service's own, and the public names of its endpoints.
    #[must_use]
    pub fn certificate_names(&self) -> Vec<String> {
        let public = format!("*.{}", self.public_domain());
        if self.is_execute_api() {
            // Without an API in front there is nobody to talk to.
            return vec![format!("*.{}", self.private_apex()), public];
        }
        let mut names = self.private_names();
        names.push(public);
        if self.service() == "s3" {
            // `bucket.vpce-….s3.{r}.vpce.amazonaws.com` has one label more than a wildcard covers, and a bucket before it one more.
            names.extend(["", "*."].map(|before| format!("{before}bucket.{}", self.regional_name())));
        }
        names
    }
    /// The hosted zone of its public names: one a region.
    #[must_use]
    pub fn public_zone(&self) -> String {
        public_zone_id(&self.scope.region)
    }
    /// The hidden hosted zone of its private names: one a service and VPC, attached to no other.
    #[must_use]
    pub fn private_zone(&self) -> String {
        hosted_zone_id(&format!("{} in {}", self.private_apex(), self.vpc))
    }
}

/// The hosted zone of the public names of all endpoints in a region.
#[must_use]
pub fn public_zone_id(region: &Region) -> String {
    hosted_zone_id(&format!("execute-api.{region}.vpce.amazonaws.com"))
}

/// An id such as `Z0123456789ABCDEFGHIJ`, the same for the same name.
fn hosted_zone_id(name: &str) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = (u128::from(digest(name)) << 64) | u128::from(digest(&format!("{name}.")));
    let digits = (0..20).filter_map(|_| {
        let digit = usize::try_from(rest % 36).ok()?;
        rest /= 36;
        LETTERS.get(digit).map(|letter| char::from(*letter))
    });
    std::iter::once('Z').chain(digits).collect()
}

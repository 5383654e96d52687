//! The options of a peering connection, one set a side.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html>
use super::VpcPeeringConnection;
use crate::{Cloud, Context, Refusal, VpcPeeringConnectionId};
use std::sync::Arc;

/// `AllowDnsResolutionFromRemoteVpc` of each side that the call names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModifyPeeringOptions {
    /// The requester's.
    pub requester: Option<bool>,
    /// The accepter's.
    pub accepter: Option<bool>,
}

impl Cloud {
    /// `ModifyVpcPeeringConnectionOptions`: while active, and each side for itself in its own account and region.
    ///
    /// # Errors
    /// An unknown peering, one that is not active, the other side's options, a VPC without DNS hostnames.
    pub fn modify_peering_options(
        &mut self,
        cx: &mut Context,
        id: &VpcPeeringConnectionId,
        change: ModifyPeeringOptions,
    ) -> Result<(), Refusal> {
        let mut peering = VpcPeeringConnection::clone(self.visible_peering(cx, id)?);
        if !peering.is_active_at(cx.now) {
            return Err(Refusal::PeeringNotActive(id.clone()));
        }
        let sides = [("requester", &mut peering.requester, change.requester), ("accepter", &mut peering.accepter, change.accepter)];
        for (name, side, asked) in sides {
            let Some(allow) = asked else { continue };
            if side.scope != cx.scope {
                return Err(Refusal::OperationNotPermitted(format!(
                    "User {} cannot modify the {name} peering options of {id} in region {}",
                    cx.scope.account, cx.scope.region
                )));
            }
            if allow && !self.vpcs.get(&side.vpc).is_some_and(|vpc| vpc.enable_dns_hostnames) {
                return Err(Refusal::PeeringDnsHostnamesDisabled(side.vpc.clone()));
            }
            side.allow_dns_resolution = allow;
        }
        self.peerings.insert(id.clone(), Arc::new(peering));
        Ok(())
    }
}

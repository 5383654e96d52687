//! Internet gateways. A lab has no internet: what is routed to one is lost.
use crate::{Cloud, Context, InternetGatewayId, Refusal, Scope, Tags, VpcId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// The most internet gateways of an account in a region: one for each VPC.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_GATEWAYS: usize = crate::vpc::MAX_VPCS;

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// Its account and region.
    pub scope: Scope,
    /// The VPC it is attached to.
    pub vpc: Option<VpcId>,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// `CreateInternetGateway`.
    ///
    /// # Errors
    /// Too many gateways.
    pub fn create_internet_gateway(&mut self, cx: &mut Context, tags: Tags) -> Result<InternetGatewayId, Refusal> {
        if self.internet_gateways.values().filter(|gateway| gateway.scope == cx.scope).count() >= MAX_GATEWAYS {
            return Err(Refusal::InternetGatewayLimit);
        }
        let id = InternetGatewayId::fresh(&mut cx.ids);
        let gateway = InternetGateway { id: id.clone(), scope: cx.scope.clone(), vpc: None, tags };
        self.internet_gateways.insert(id.clone(), Arc::new(gateway));
        Ok(id)
    }

    /// `AttachInternetGateway`: one gateway a VPC, one VPC a gateway.
    ///
    /// # Errors
    /// An unknown gateway or VPC; a gateway that is attached; a VPC that has one.
    pub fn attach_internet_gateway(&mut self, cx: &mut Context, id: &InternetGatewayId, vpc: &VpcId) -> Result<(), Refusal> {
        let gateway = self.visible_internet_gateway(&cx.scope, id)?;
        self.visible_vpc(&cx.scope, vpc)?;
        if let Some(attached) = &gateway.vpc {
            return Err(Refusal::AlreadyAttached { resource: id.to_string(), to: attached.clone() });
        }
        if self.internet_gateways.values().any(|other| other.vpc.as_ref() == Some(vpc)) {
            return Err(Refusal::InvalidParameterValue(format!("Network {vpc} already has an internet gateway attached")));
        }
        self.edit_gateway(id, Some(vpc.clone()));
        Ok(())
    }

    /// `DetachInternetGateway`.
    ///
    /// # Errors
    /// An unknown gateway or VPC; a gateway that is not attached to it; public addresses in the VPC.
    pub fn detach_internet_gateway(&mut self, cx: &mut Context, id: &InternetGatewayId, vpc: &VpcId) -> Result<(), Refusal> {
        let gateway = self.visible_internet_gateway(&cx.scope, id)?;
        self.visible_vpc(&cx.scope, vpc)?;
        if gateway.vpc.as_ref() != Some(vpc) {
            return Err(Refusal::GatewayNotAttached(format!("resource {id} is not attached to network {vpc}")));
        }
        let in_vpc = |interface| self.network_interfaces.get(interface).is_some_and(|interface| &interface.vpc == vpc);
        if self.public_addresses.values().filter_map(|address| address.association.as_ref()).any(|at| in_vpc(&at.interface)) {
            return Err(Refusal::DependencyText(format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
            )));
        }
        self.edit_gateway(id, None);
        Ok(())
    }

    /// `DeleteInternetGateway`.
    ///
    /// # Errors
    /// An unknown gateway, or one that is attached.
    pub fn delete_internet_gateway(&mut self, cx: &mut Context, id: &InternetGatewayId) -> Result<(), Refusal> {
        if self.visible_internet_gateway(&cx.scope, id)?.vpc.is_some() {
            return Err(Refusal::DependencyViolation { resource: format!("internetGateway '{id}'") });
        }
        self.internet_gateways.remove(id);
        Ok(())
    }

    fn edit_gateway(&mut self, id: &InternetGatewayId, vpc: Option<VpcId>) {
        if let Some(gateway) = self.internet_gateways.get_mut(id) {
            Arc::make_mut(gateway).vpc = vpc;
        }
    }
}

//! The network interfaces of functions: one for each subnet and set of security groups, shared by the functions that ask for the
//! same, as AWS shares them.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
use super::{check, revision};
use crate::network_interface::{Addresses, NewInterface};
use crate::{Cloud, Context, InterfaceKind, NetworkInterfaceId, Refusal, Scope, SecurityGroupId, SubnetId, Tags, VpcId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most subnets of a function.
pub const MAX_SUBNETS: usize = 16;
/// The most security groups of a function.
const MAX_GROUPS: usize = 5;

/// The VPC of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionVpc {
    /// The VPC.
    pub vpc: VpcId,
    /// Its subnets.
    pub subnets: Vec<SubnetId>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroupId>,
    /// Its interfaces, one a subnet.
    pub interfaces: Vec<NetworkInterfaceId>,
}

/// The subnets and groups that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VpcChoice {
    /// The subnets.
    pub subnets: Vec<SubnetId>,
    /// The security groups.
    pub security_groups: Vec<SecurityGroupId>,
}

impl Cloud {
    /// The VPC of a choice, with its interfaces.
    pub(super) fn function_vpc(&mut self, cx: &mut Context, name: &str, choice: &VpcChoice) -> Result<Option<FunctionVpc>, Refusal> {
        match (choice.subnets.is_empty(), choice.security_groups.is_empty()) {
            (true, true) => return Ok(None),
            (false, false) => {}
            _ => return Err(check::invalid("SubnetIds and SecurityIds must coexist or be both empty list.")),
        }
        for (list, most, member) in [
            (choice.subnets.len(), MAX_SUBNETS, "vpcConfig.subnetIds"),
            (choice.security_groups.len(), MAX_GROUPS, "vpcConfig.securityGroupIds"),
        ] {
            if list > most {
                return Err(check::constraint("[…]", member, format_args!("have length less than or equal to {most}")));
            }
        }
        let mut vpc: Option<VpcId> = None;
        for id in &choice.subnets {
            let found = self.visible_subnet(&cx.scope, id).map_err(|_| {
                check::invalid(format!(
                    "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID \
                     '{id}' does not exist"
                ))
            })?;
            if vpc.get_or_insert_with(|| found.vpc.clone()) != &found.vpc {
                return Err(check::invalid("Subnets are required to be in the same VPC."));
            }
        }
        for id in &choice.security_groups {
            let found = self.visible_group(&cx.scope, id).map_err(|_| {
                check::invalid(format!(
                    "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security \
                     group '{id}' does not exist"
                ))
            })?;
            if vpc.as_ref() != Some(&found.vpc) {
                return Err(check::invalid("Security Groups are required to be in the same VPC."));
            }
        }
        let Some(vpc) = vpc else { return Ok(None) };
        let groups: BTreeSet<SecurityGroupId> = choice.security_groups.iter().cloned().collect();
        let mut interfaces = Vec::new();
        for subnet in &choice.subnets {
            let interface = self.function_interface(cx, name, subnet, &groups)?;
            if !interfaces.contains(&interface) {
                interfaces.push(interface);
            }
        }
        Ok(Some(FunctionVpc { vpc, subnets: choice.subnets.clone(), security_groups: choice.security_groups.clone(), interfaces }))
    }

    fn function_interface(
        &mut self,
        cx: &mut Context,
        name: &str,
        subnet: &SubnetId,
        groups: &BTreeSet<SecurityGroupId>,
    ) -> Result<NetworkInterfaceId, Refusal> {
        let found = self.network_interfaces.values().find(|interface| {
            interface.kind == InterfaceKind::Lambda && &interface.subnet == subnet && &interface.security_groups == groups
        });
        if let Some(found) = found {
            return Ok(found.id.clone());
        }
        let subnet = Arc::clone(self.visible_subnet(&cx.scope, subnet)?);
        let private_ip = Addresses::of(self, &subnet).take(None).map_err(|_| {
            check::invalid(format!(
                "Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for free addresses in subnet {} \
                 has been reached.",
                subnet.id
            ))
        })?;
        let new = NewInterface {
            private_ip,
            security_groups: groups.clone(),
            kind: InterfaceKind::Lambda,
            attachment: None,
            description: format!("AWS Lambda VPC ENI-{name}-{}", revision(&mut cx.ids)),
            client_token: None,
            tags: Tags::new(),
        };
        Ok(self.add_interface(cx, &subnet, new))
    }

    /// Removes the interfaces that no function of the account and region uses any more.
    pub(super) fn sweep_function_interfaces(&mut self, scope: &Scope) {
        let latest = self.functions_of(scope).map(|function| &function.latest);
        let first = (scope.clone(), String::new(), 0);
        let versions = self.function_versions.range(first..).take_while(|((of, ..), _)| of == scope);
        let versions = versions.map(|(_, version)| &version.settings);
        let used: BTreeSet<NetworkInterfaceId> =
            latest.chain(versions).filter_map(|settings| settings.vpc.as_ref()).flat_map(|vpc| vpc.interfaces.clone()).collect();
        let unused: Vec<NetworkInterfaceId> = (self.network_interfaces.values())
            .filter(|interface| interface.kind == InterfaceKind::Lambda && &interface.scope == scope && !used.contains(&interface.id))
            .map(|interface| interface.id.clone())
            .collect();
        for id in unused {
            self.network_interfaces.remove(&id);
        }
    }
}

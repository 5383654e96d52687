//! Network interfaces.
use crate::{
    AttachmentId, ClientToken, Cloud, Context, InstanceId, NatGatewayId, NetworkInterfaceId, Refusal, Scope, SecurityGroupId, Subnet,
    SubnetId, Tags, Timestamp, Vpc, VpcEndpointId, VpcId,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc};

mod address;
#[cfg(test)]
mod tests;

pub(crate) use address::Addresses;

/// The most security groups of an interface.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_GROUPS: usize = 5;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Its account and region.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its availability zone.
    pub availability_zone: String,
    /// Its address, fixed for its life.
    pub private_ip: Ipv4Addr,
    /// Its MAC address.
    pub mac: [u8; 6],
    /// Its security groups.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// What it belongs to.
    pub kind: InterfaceKind,
    /// Its attachment to an instance.
    pub attachment: Option<Attachment>,
    /// Whether packets from or to other addresses are dropped.
    pub source_dest_check: bool,
    /// Its description.
    pub description: String,
    /// The idempotency token it was made with.
    #[serde(default)]
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// What an interface is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InterfaceKind {
    /// The customer's own: `interface`.
    Customer,
    /// Made and kept by a VPC endpoint: `vpc_endpoint`, `requesterManaged`.
    VpcEndpoint(VpcEndpointId),
    /// Made and kept by Lambda for functions: `lambda`, `requesterManaged`.
    Lambda,
    /// Made and kept by a NAT gateway: `nat_gateway`, `requesterManaged`.
    NatGateway(NatGatewayId),
}

/// The attachment of an interface to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The instance.
    pub instance: InstanceId,
    /// 0 for the primary interface.
    pub device_index: u16,
    /// Whether the interface goes when the instance is terminated.
    pub delete_on_termination: bool,
    /// When it was attached.
    #[serde(default)]
    pub since: Timestamp,
}

/// What `CreateNetworkInterface` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateNetworkInterface {
    /// The subnet.
    pub subnet: SubnetId,
    /// The address; the lowest free one when not said.
    pub private_ip: Option<Ipv4Addr>,
    /// The security groups; the VPC's default one when empty.
    pub security_groups: Vec<SecurityGroupId>,
    /// The description.
    pub description: String,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

/// The one thing that `ModifyNetworkInterfaceAttribute` changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModifyNetworkInterface {
    /// Other security groups.
    SecurityGroups(Vec<SecurityGroupId>),
    /// Another description.
    Description(String),
    /// The source/destination check on or off.
    SourceDestCheck(bool),
    /// Whether it goes with the instance.
    DeleteOnTermination {
        /// Its attachment to the instance.
        attachment: AttachmentId,
        /// Whether it does.
        on: bool,
    },
}

/// What differs between the interfaces of customers, instances and endpoints.
pub(crate) struct NewInterface {
    pub(crate) private_ip: Ipv4Addr,
    pub(crate) security_groups: BTreeSet<SecurityGroupId>,
    pub(crate) kind: InterfaceKind,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) description: String,
    pub(crate) client_token: Option<ClientToken>,
    pub(crate) tags: Tags,
}

impl NetworkInterface {
    /// Whether a service made it and keeps it.
    #[must_use]
    pub fn is_requester_managed(&self) -> bool {
        matches!(self.kind, InterfaceKind::VpcEndpoint(_) | InterfaceKind::NatGateway(_) | InterfaceKind::Lambda)
    }
    /// Whether it belongs to an instance or an endpoint now.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.attachment.is_some() || self.is_requester_managed()
    }
}

impl Cloud {
    /// `CreateNetworkInterface`.
    ///
    /// # Errors
    /// An unknown subnet or group, groups of another VPC, an address that is not free, a token used otherwise.
    pub fn create_network_interface(&mut self, cx: &mut Context, input: CreateNetworkInterface) -> Result<NetworkInterfaceId, Refusal> {
        let made = self.network_interfaces.values().filter(|found| found.scope == cx.scope);
        let made = made.map(|found| (found.client_token.as_ref(), &found.id));
        if let Some(id) = ClientToken::find(input.client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        let subnet = Arc::clone(self.visible_subnet(&cx.scope, &input.subnet)?);
        let vpc = self.visible_vpc(&cx.scope, &subnet.vpc)?;
        let security_groups = self.groups_or_default(vpc, &input.security_groups, |_| Refusal::DifferentNetworks)?;
        let private_ip = Addresses::of(self, &subnet).take(input.private_ip)?;
        let new = NewInterface {
            private_ip,
            security_groups,
            kind: InterfaceKind::Customer,
            attachment: None,
            description: input.description,
            client_token: input.client_token,
            tags: input.tags,
        };
        Ok(self.add_interface(cx, &subnet, new))
    }

    /// `DeleteNetworkInterface`.
    ///
    /// # Errors
    /// An unknown interface, or one that an instance or an endpoint uses.
    pub fn delete_network_interface(&mut self, cx: &mut Context, id: &NetworkInterfaceId) -> Result<(), Refusal> {
        if self.visible_interface(&cx.scope, id)?.is_in_use() {
            return Err(Refusal::NetworkInterfaceInUse(id.clone()));
        }
        self.drop_public_address(id);
        self.network_interfaces.remove(id);
        Ok(())
    }

    /// `ModifyNetworkInterfaceAttribute`.
    ///
    /// # Errors
    /// An unknown interface or group, groups of another VPC, or an interface that a service keeps.
    pub fn modify_network_interface(
        &mut self,
        cx: &mut Context,
        id: &NetworkInterfaceId,
        change: ModifyNetworkInterface,
    ) -> Result<(), Refusal> {
        let mut interface = NetworkInterface::clone(self.visible_interface(&cx.scope, id)?);
        if interface.is_requester_managed() {
            return Err(Refusal::OperationNotPermitted("You do not have permission to access the specified resource.".to_owned()));
        }
        match change {
            ModifyNetworkInterface::Description(description) => interface.description = description,
            ModifyNetworkInterface::SourceDestCheck(check) => interface.source_dest_check = check,
            ModifyNetworkInterface::DeleteOnTermination { attachment, on } => match &mut interface.attachment {
                Some(found) if found.id == attachment => found.delete_on_termination = on,
                _ => return Err(Refusal::AttachmentNotFound(attachment)),
            },
            ModifyNetworkInterface::SecurityGroups(groups) => {
                if groups.is_empty() {
                    return Err(Refusal::InvalidParameterValue("An interface must have at least one security group.".to_owned()));
                }
                let vpc = self.visible_vpc(&cx.scope, &interface.vpc)?;
                interface.security_groups = self.groups_or_default(vpc, &groups, |_| Refusal::DifferentNetworks)?;
            }
        }
        self.network_interfaces.insert(id.clone(), Arc::new(interface));
        Ok(())
    }

    /// The groups asked for, or the VPC's default one. `foreign` words that a group is of another VPC.
    pub(crate) fn groups_or_default(
        &self,
        vpc: &Vpc,
        asked: &[SecurityGroupId],
        foreign: impl Fn(&SecurityGroupId) -> Refusal,
    ) -> Result<BTreeSet<SecurityGroupId>, Refusal> {
        for id in asked {
            if self.visible_group(&vpc.scope, id)?.vpc != vpc.id {
                return Err(foreign(id));
            }
        }
        let mut groups: BTreeSet<SecurityGroupId> = asked.iter().cloned().collect();
        if groups.is_empty() {
            groups.insert(vpc.default_security_group.clone());
        }
        if groups.len() > MAX_GROUPS {
            return Err(Refusal::GroupsPerInterfaceLimit);
        }
        Ok(groups)
    }

    /// Adds an interface whose parts have been checked.
    pub(crate) fn add_interface(&mut self, cx: &mut Context, subnet: &Subnet, new: NewInterface) -> NetworkInterfaceId {
        let id = NetworkInterfaceId::fresh(&mut cx.ids);
        let [a, b, c, d, e, ..] = cx.ids.next_u64().to_be_bytes();
        let interface = NetworkInterface {
            id: id.clone(),
            scope: subnet.scope.clone(),
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            availability_zone: subnet.availability_zone.clone(),
            private_ip: new.private_ip,
            // Locally administered and unicast, as EC2's are.
            mac: [0x02, a, b, c, d, e],
            security_groups: new.security_groups,
            kind: new.kind,
            attachment: new.attachment,
            source_dest_check: true,
            description: new.description,
            client_token: new.client_token,
            tags: new.tags,
        };
        self.network_interfaces.insert(id.clone(), Arc::new(interface));
        id
    }
}

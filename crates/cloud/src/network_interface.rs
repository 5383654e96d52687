//! Network interfaces.
use crate::{
    AttachmentId, InstanceId, NetworkInterfaceId, Scope, SecurityGroupId, SubnetId, Tags,
    VpcEndpointId, VpcId,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, net::Ipv4Addr};

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
}

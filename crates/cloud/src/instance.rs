//! Instances.
use crate::{
    ImageId, InstanceId, NetworkInterfaceId, ReservationId, Scope, SubnetId, Tags, Timestamp, VpcId,
};
use serde::{Deserialize, Serialize};

/// An instance: a set of namespaces with one network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its account and region.
    pub scope: Scope,
    /// The launch that made it.
    pub reservation: ReservationId,
    /// Its number in that launch.
    pub launch_index: u32,
    /// Its image.
    pub image: ImageId,
    /// Its type, such as `t3.micro`. Recorded; it sets no limit.
    pub instance_type: String,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its primary network interface; gone when terminated.
    pub interface: Option<NetworkInterfaceId>,
    /// Its state.
    pub state: InstanceState,
    /// Why it left the running state, as EC2 words it.
    pub state_reason: Option<String>,
    /// The key pair's name. Recorded; there is no SSH daemon in a lab.
    pub key_name: Option<String>,
    /// Base64 as it was given.
    pub user_data: Option<String>,
    /// When it was last started.
    pub launched: Timestamp,
    /// When it was terminated; it is shown for an hour after.
    pub terminated: Option<Timestamp>,
    /// The idempotency token of the launch.
    pub client_token: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// The states of an instance that outlast a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InstanceState {
    /// `running` (16)
    Running,
    /// `stopped` (80)
    Stopped,
    /// `terminated` (48)
    Terminated,
}

//! Instances.
use crate::{ClientToken, ImageId, InstanceId, NetworkInterfaceId, ReservationId, Scope, SubnetId, Tags, Timestamp, VpcId};
use serde::{Deserialize, Serialize};

mod launch;
mod states;
#[cfg(test)]
mod tests;

pub use launch::{LaunchInterface, RunInstances};
pub use states::{ModifyInstance, StateChange};

/// How long a terminated instance is shown.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html>
pub const SHOWN_AFTER_TERMINATION: i64 = 60 * 60 * 1000;

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
    /// Whether it is lent a public address whenever it starts.
    #[serde(default)]
    pub has_public_address: bool,
    /// Its state.
    pub state: InstanceState,
    /// Why it left the running state, as EC2 words it.
    pub state_reason: Option<String>,
    /// The key pair's name. Recorded; there is no SSH daemon in a lab.
    pub key_name: Option<String>,
    /// Base64 as it was given.
    pub user_data: Option<String>,
    /// The instance profile that it was launched with. Recorded; nothing in a lab hands out its credentials.
    #[serde(default)]
    pub profile: Option<LaunchedProfile>,
    /// When it was last started.
    pub launched: Timestamp,
    /// When it was terminated; it is shown for an hour after.
    pub terminated: Option<Timestamp>,
    /// The idempotency token of the launch.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// The instance profile of an instance, which may be gone since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchedProfile {
    /// Its ARN.
    pub arn: String,
    /// Its id.
    pub id: String,
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

impl Instance {
    /// Whether a describe call shows it: a terminated one for an hour.
    #[must_use]
    pub fn is_shown(&self, now: Timestamp) -> bool {
        self.terminated.is_none_or(|at| now.0.saturating_sub(at.0) < SHOWN_AFTER_TERMINATION)
    }
}

impl InstanceState {
    /// Its code as EC2 numbers it.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Running => 16,
            Self::Terminated => 48,
            Self::Stopped => 80,
        }
    }
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Terminated => "terminated",
            Self::Stopped => "stopped",
        }
    }
}

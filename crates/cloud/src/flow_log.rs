//! VPC flow logs: which interfaces' flows are written down, how, and where.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html>
use crate::{ClientToken, Cloud, FlowLogId, NetworkInterface, NetworkInterfaceId, Scope, SubnetId, Tags, Timestamp, VpcId};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

mod format;
mod life;
#[cfg(test)]
mod tests;

pub use format::{Field, LogFormat};
pub use life::{CreateFlowLogs, FlowLogsMade};

/// The most flow logs of one VPC, subnet or network interface.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub const MAX_PER_RESOURCE: usize = 2;
/// The most resources of one call.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>
pub const MAX_RESOURCES: usize = 1000;

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// Its id.
    pub id: FlowLogId,
    /// Its account and region.
    pub scope: Scope,
    /// Whose flows.
    pub resource: FlowLogResource,
    /// Which flows.
    pub traffic: TrafficType,
    /// The log group, of the same account and region.
    pub group: String,
    /// Whether the caller named the group by its ARN.
    pub by_arn: bool,
    /// The role in whose name the records are delivered.
    pub role: String,
    /// The form of the records.
    pub format: LogFormat,
    /// The longest time that one record stands for, in seconds: 60 or 600.
    pub max_interval: u32,
    /// When it was made.
    pub created: Timestamp,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// What a flow log is of: every interface of a VPC or a subnet, or one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FlowLogResource {
    /// A VPC.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
    /// A network interface.
    NetworkInterface(NetworkInterfaceId),
}

/// Which flows are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TrafficType {
    /// Those that passed.
    Accept,
    /// Those that were dropped.
    Reject,
    /// Both.
    All,
}

/// What became of a flow's packets at an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowAction {
    /// They passed.
    Accept,
    /// They were dropped.
    Reject,
}

impl FlowLogResource {
    /// Its id as text.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Vpc(id) => id.as_str(),
            Self::Subnet(id) => id.as_str(),
            Self::NetworkInterface(id) => id.as_str(),
        }
    }
    /// Whether an interface is meant.
    #[must_use]
    pub fn covers(&self, interface: &NetworkInterface) -> bool {
        match self {
            Self::Vpc(id) => id == &interface.vpc,
            Self::Subnet(id) => id == &interface.subnet,
            Self::NetworkInterface(id) => id == &interface.id,
        }
    }
}

impl TrafficType {
    /// `ACCEPT`, `REJECT` or `ALL`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
            Self::All => "ALL",
        }
    }
    /// Whether flows with this action are written down.
    #[must_use]
    pub fn takes(self, action: FlowAction) -> bool {
        match self {
            Self::All => true,
            Self::Accept => action == FlowAction::Accept,
            Self::Reject => action == FlowAction::Reject,
        }
    }
}

impl fmt::Display for FlowAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
        })
    }
}

impl FlowLog {
    /// The stream of an interface's records: `eni-…-all`, `-accept` or `-reject`.
    #[must_use]
    pub fn stream(&self, interface: &NetworkInterfaceId) -> String {
        format!("{interface}-{}", self.traffic.name().to_ascii_lowercase())
    }
    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`.
    #[must_use]
    pub fn destination(&self) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{}", self.scope.region, self.scope.account, self.group)
    }
}

impl Cloud {
    /// The flow logs of an account and region; one ends with its resource.
    pub fn flow_logs_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Arc<FlowLog>> {
        self.flow_logs.values().filter(move |log| &log.scope == scope && self.has_flow_resource(&log.resource))
    }

    /// The flow logs that an interface's flows are written to.
    pub fn flow_logs_on<'a>(&'a self, interface: &'a NetworkInterface) -> impl Iterator<Item = &'a Arc<FlowLog>> {
        self.flow_logs.values().filter(move |log| log.scope == interface.scope && log.resource.covers(interface))
    }

    fn has_flow_resource(&self, resource: &FlowLogResource) -> bool {
        match resource {
            FlowLogResource::Vpc(id) => self.vpcs.contains_key(id),
            FlowLogResource::Subnet(id) => self.subnets.contains_key(id),
            FlowLogResource::NetworkInterface(id) => self.network_interfaces.contains_key(id),
        }
    }
}

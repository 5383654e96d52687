//! The form of a flow log's records: fields by name.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $version:literal;)*) => {
        /// A field of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its name, as `srcaddr`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// The version of the records in which AWS added it.
            #[must_use]
            pub fn version(self) -> u8 {
                match self { $(Self::$name => $version,)* }
            }
        }
    };
}

fields! {
    /// The highest version among the fields; 2 in the default format.
    Version = "version", 2;
    /// The account of the interface.
    AccountId = "account-id", 2;
    /// The interface.
    InterfaceId = "interface-id", 2;
    /// The source; of outgoing flows the interface's own address.
    SrcAddr = "srcaddr", 2;
    /// The destination; of incoming flows the interface's own address.
    DstAddr = "dstaddr", 2;
    /// The source's port.
    SrcPort = "srcport", 2;
    /// The destination's port.
    DstPort = "dstport", 2;
    /// The IP protocol's number.
    Protocol = "protocol", 2;
    /// Packets.
    Packets = "packets", 2;
    /// Bytes.
    Bytes = "bytes", 2;
    /// When the first packet came, in seconds.
    Start = "start", 2;
    /// When the last one came, in seconds.
    End = "end", 2;
    /// `ACCEPT` or `REJECT`.
    Action = "action", 2;
    /// `OK`, `NODATA` or `SKIPDATA`.
    LogStatus = "log-status", 2;
    /// The VPC.
    VpcId = "vpc-id", 3;
    /// The subnet.
    SubnetId = "subnet-id", 3;
    /// The instance.
    InstanceId = "instance-id", 3;
    /// FIN 1, SYN 2, RST 4, SYN-ACK 18, together.
    TcpFlags = "tcp-flags", 3;
    /// `IPv4`.
    Type = "type", 3;
    /// The packet's own source.
    PktSrcAddr = "pkt-srcaddr", 3;
    /// The packet's own destination.
    PktDstAddr = "pkt-dstaddr", 3;
    /// The region.
    Region = "region", 4;
    /// The availability zone's id.
    AzId = "az-id", 4;
    /// Of Wavelength, Outposts and local zones.
    SublocationType = "sublocation-type", 4;
    /// Of Wavelength, Outposts and local zones.
    SublocationId = "sublocation-id", 4;
    /// The service whose public address the source is.
    PktSrcAwsService = "pkt-src-aws-service", 5;
    /// The service whose public address the destination is.
    PktDstAwsService = "pkt-dst-aws-service", 5;
    /// `ingress` or `egress`.
    FlowDirection = "flow-direction", 5;
    /// By which way outgoing flows leave.
    TrafficPath = "traffic-path", 5;
    /// Of ECS.
    EcsClusterArn = "ecs-cluster-arn", 7;
    /// Of ECS.
    EcsClusterName = "ecs-cluster-name", 7;
    /// Of ECS.
    EcsContainerInstanceArn = "ecs-container-instance-arn", 7;
    /// Of ECS.
    EcsContainerInstanceId = "ecs-container-instance-id", 7;
    /// Of ECS.
    EcsContainerId = "ecs-container-id", 7;
    /// Of ECS.
    EcsSecondContainerId = "ecs-second-container-id", 7;
    /// Of ECS.
    EcsServiceName = "ecs-service-name", 7;
    /// Of ECS.
    EcsTaskDefinitionArn = "ecs-task-definition-arn", 7;
    /// Of ECS.
    EcsTaskArn = "ecs-task-arn", 7;
    /// Of ECS.
    EcsTaskId = "ecs-task-id", 7;
    /// Why a flow was rejected, when it was by VPC block public access or encryption controls.
    RejectReason = "reject-reason", 8;
}

/// The fields of the default format.
const DEFAULT: &[Field] = &[
    Field::Version,
    Field::AccountId,
    Field::InterfaceId,
    Field::SrcAddr,
    Field::DstAddr,
    Field::SrcPort,
    Field::DstPort,
    Field::Protocol,
    Field::Packets,
    Field::Bytes,
    Field::Start,
    Field::End,
    Field::Action,
    Field::LogStatus,
];

/// The fields of a record, in order: `${version} ${account-id} …`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogFormat(Vec<Field>);

impl LogFormat {
    /// Reads `${field} ${field} …`, one blank between two fields.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let field = |word: &str| {
            let name = word.strip_prefix("${")?.strip_suffix('}')?;
            Field::ALL.iter().copied().find(|field| field.name() == name)
        };
        text.split(' ').map(field).collect::<Option<Vec<Field>>>().map(Self)
    }
    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.0
    }
    /// The version that its records carry.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.0.iter().map(|field| field.version()).max().unwrap_or(2)
    }
}

impl Default for LogFormat {
    fn default() -> Self {
        Self(DEFAULT.to_vec())
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(|field| format!("${{{}}}", field.name())).collect();
        f.write_str(&words.join(" "))
    }
}

impl TryFrom<String> for LogFormat {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or(text)
    }
}

impl From<LogFormat> for String {
    fn from(format: LogFormat) -> Self {
        format.to_string()
    }
}

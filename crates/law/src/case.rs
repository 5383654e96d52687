//! A topology and a call as plain data: made by chance, written to fixtures, cut down step by step.
//!
//! Steps name things by labels (`v1`, `s1`); a step whose labels are not there is passed over, so that any part of a case is a case.
//! In policies, names and URLs, `<vpce:e1>` and the like stand for what only building tells (see [`crate::world::World::fill`]).
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A topology and one call in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it showed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The seed of its ids.
    pub seed: u64,
    /// How the topology is made, in order.
    pub steps: Vec<Step>,
    /// The call.
    pub call: CallSpec,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// The label of an instance or function.
    pub from: String,
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The label of the user or role that signs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// What is wrong with the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<WrongSignature>,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrongSignature {
    /// It is made with another secret.
    Secret,
    /// It is for another region.
    Region,
    /// The session token is missing, or one is too many.
    Token,
}

/// What becomes of a peering connection after it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeeringEnd {
    /// It is accepted.
    Accepted,
    /// It is rejected.
    Rejected,
    /// It waits.
    Pending,
}

/// One operation. A label in it is made by it when it is called `is`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A VPC.
    Vpc { is: String, region: String, account: String, cidr: String },
    /// `enableDnsSupport` and `enableDnsHostnames`.
    Dns { vpc: String, support: bool, hostnames: bool },
    /// Another block of a VPC.
    Block { vpc: String, cidr: String },
    /// DHCP options of a VPC: its name servers, `AmazonProvidedDNS` among them or not.
    Servers { vpc: String, servers: Vec<String> },
    /// A subnet.
    Subnet { is: String, vpc: String, cidr: String, zone: String },
    /// A security group, with the egress rule that every group begins with.
    Group { is: String, vpc: String },
    /// Takes that egress rule away.
    NoEgress { group: String },
    /// A rule of a group; `peer` is a block or another group's label.
    Rule { group: String, egress: bool, protocol: String, ports: Option<(i32, i32)>, peer: String },
    /// A network ACL of a subnet's own, without entries.
    Acl { is: String, subnet: String },
    /// An entry of it.
    Entry { acl: String, number: u16, egress: bool, allow: bool, protocol: String, ports: Option<(i32, i32)>, cidr: String },
    /// A route table of a subnet's own.
    Table { is: String, subnet: String },
    /// A peering connection.
    Peering { is: String, from: String, to: String, end: PeeringEnd },
    /// It is deleted.
    EndPeering { peering: String },
    /// A route of a table, or of a VPC's main table, to a peering connection or, without one, to an internet gateway.
    Route { table: String, cidr: String, peering: Option<String> },
    /// A running instance.
    Instance { is: String, subnet: String, groups: Vec<String> },
    /// A function in a VPC.
    Function { is: String, subnet: String, groups: Vec<String> },
    /// An interface endpoint for execute-api.
    Endpoint { is: String, vpc: String, subnets: Vec<String>, groups: Vec<String>, private_dns: bool, policy: Option<Value> },
    /// It is deleted.
    EndEndpoint { endpoint: String },
    /// A private hosted zone.
    Zone { is: String, vpc: String, name: String },
    /// Another VPC of it.
    ZoneVpc { zone: String, vpc: String },
    /// A record: `a`, `cname` or `alias` to an endpoint's name or one of the zone.
    Record { zone: String, name: String, kind: String, value: String },
    /// A user, or a role that signs by a session, with an inline policy or a managed one.
    Identity { is: String, account: String, role: bool, policy: Option<Value>, managed: bool },
    /// Its permissions boundary: `execute-api` and no more, or nothing of it.
    Boundary { identity: String, execute_api: bool },
    /// A REST API without resources but the root.
    Api { is: String, region: String, account: String, kind: String, endpoints: Vec<String> },
    /// A method; the resources of its path are made. `answer` is a status that a MOCK answers, or the label of a function.
    Method {
        api: String,
        path: String,
        name: String,
        answer: String,
        /// Bodies of a type that no template is for are refused.
        #[serde(default)]
        strict: bool,
        /// It asks for a signature.
        #[serde(default)]
        signed: bool,
    },
    /// Lets API Gateway invoke a function: by any call of the API, or by the ARN that is given.
    Permission { function: String, source: String },
    /// Its resource policy.
    Policy { api: String, policy: Value },
    /// `disableExecuteApiEndpoint`
    Disable { api: String },
    /// A deployment to a stage.
    Deploy { api: String, stage: String },
    /// The stage's burst limit of every method.
    Limit { api: String, stage: String, burst: u32 },
    /// A stage is deleted.
    EndStage { api: String, stage: String },
    /// An API is deleted.
    EndApi { api: String },
}

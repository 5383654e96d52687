//! What a version of a function is made of, as far as running it needs to know.
use crate::Runtime;
use std::{collections::BTreeMap, net::Ipv4Addr, path::PathBuf, time::Duration};
use vpclab_cloud::{NetworkInterfaceId, Scope};

/// A version of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionVersion {
    /// The account and region.
    pub scope: Scope,
    /// The function's name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Another one whenever the code or a setting changes: environments of an earlier one take no more events.
    pub revision: String,
    /// The language.
    pub runtime: Runtime,
    /// `app.handler`
    pub handler: String,
    /// The function's code.
    pub code: Archive,
    /// The layers, in the order in which they are merged into `/opt`.
    pub layers: Vec<Archive>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// `MemorySize` in MB.
    pub memory_mb: u32,
    /// The size of `/tmp` in MB.
    pub storage_mb: u32,
    /// The customer's variables.
    pub variables: BTreeMap<String, String>,
    /// What signs its calls to AWS.
    pub keys: FunctionKeys,
    /// Where it lives.
    pub network: FunctionNetwork,
    /// `/aws/lambda/NAME`
    pub log_group: String,
    /// The levels of a log in the format JSON; none for the format Text.
    pub json_log: Option<vpclab_cloud::function::JsonLog>,
    /// `ReservedConcurrentExecutions` of the function, for all its versions together.
    pub reserved: Option<u32>,
}

/// Credentials of a session of a function's role.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FunctionKeys {
    /// `AWS_ACCESS_KEY_ID`
    pub access_key: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret: String,
    /// `AWS_SESSION_TOKEN`
    pub token: String,
}

impl std::fmt::Debug for FunctionKeys {
    /// Secrets are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionKeys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// A zip file, named by what is in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Archive {
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
    /// The file.
    pub path: PathBuf,
}

/// The network of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionNetwork {
    /// A loopback interface: there is no way into a VPC.
    Isolated,
    /// The network interfaces that Lambda made for it; an environment lives in one of them.
    Vpc {
        /// One a subnet.
        interfaces: Vec<NetworkInterfaceId>,
        /// The resolvers that the VPC names.
        nameservers: Vec<Ipv4Addr>,
        /// The domains in which plain names are looked up.
        search_domains: Vec<String>,
    },
}

impl FunctionVersion {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
    #[must_use]
    pub fn function_arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.scope.region, self.scope.account, self.name)
    }
}

/// A version that is wanted, and in which revision: environments of others end, and code that none of these names is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The account and region.
    pub scope: Scope,
    /// The function's name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// [`FunctionVersion::revision`]
    pub revision: String,
    /// The SHA-256 of its code, in hex.
    pub code: String,
    /// Those of its layers.
    pub layers: Vec<String>,
}

/// One event for a function.
#[derive(Clone, Debug)]
pub struct Event {
    /// The request's id, a UUID.
    pub request_id: String,
    /// The ARN that was invoked, with its qualifier.
    pub invoked_arn: String,
    /// The JSON text.
    pub payload: bytes::Bytes,
    /// `X-Amzn-Trace-Id`
    pub trace_id: Option<String>,
    /// The decoded `X-Amz-Client-Context`.
    pub client_context: Option<String>,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The answer, or the error's description.
    pub payload: bytes::Bytes,
    /// `Unhandled` when the function failed.
    pub error: Option<&'static str>,
    /// The end of the invocation's log; complete once the report was written.
    pub tail: Option<Vec<u8>>,
}

/// Why an event was not given to a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// The concurrency of the account (`false`) or what is reserved for the function (`true`) is used up.
    #[error("Rate Exceeded.")]
    Throttled {
        /// Whether the function's own limit was reached.
        reserved: bool,
    },
    /// An environment could not be made.
    #[error("{0}")]
    Failed(String),
}

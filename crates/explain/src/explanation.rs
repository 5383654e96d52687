//! What comes of explaining a call.
use crate::{Call, Cause, Fix};

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The call.
    pub call: Call,
    /// Whether it is answered.
    pub verdict: Verdict,
    /// What the client sees; `None` when that hangs on something that is not known.
    pub outcome: Option<Outcome>,
    /// The way, in the order in which the call meets it.
    pub steps: Vec<Step>,
    /// Everything that keeps the call from being answered, in order.
    pub blockers: Vec<Blocker>,
    /// The smallest set of changes that mends all blockers.
    pub fixes: Vec<Fix>,
    /// What fails now and then, or will after the next deployment, while this call is answered: an address of several that is
    /// blocked, an edit that is not deployed.
    pub warnings: Vec<Blocker>,
    /// What would have to be known for a verdict.
    pub missing: Vec<String>,
}

/// Whether the API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The integration answers.
    Reachable,
    /// Something keeps the call from it.
    Blocked,
    /// It hangs on what is not known.
    Undetermined,
}

/// What the client sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The integration's answer.
    Answered {
        /// Its status; `None` where the integration alone knows it.
        status: Option<u16>,
    },
    /// There is no client that could make the call.
    NoClient,
    /// The resolver says that the name does not exist or has no address: `curl` ends with 6.
    NoSuchName,
    /// The resolver does not answer: `curl` ends with 28, "Resolving timed out".
    NoResolver,
    /// The TCP connection times out: `curl` ends with 28.
    Timeout,
    /// The certificate does not carry the name: `curl` ends with 60.
    TlsNameMismatch,
    /// The TLS handshake does not come about, or the connection is closed before an answer.
    TlsFailed,
    /// An error of API Gateway.
    Http {
        /// The status.
        status: u16,
        /// `x-amzn-ErrorType`
        error_type: String,
        /// The body.
        body: String,
    },
}

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// Whether it lets the call pass.
    pub verdict: StepVerdict,
    /// What was found, in one line.
    pub summary: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// The page of AWS's documentation it rests on.
    pub cites: &'static str,
}

/// What a step says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepVerdict {
    /// It lets the call pass.
    Pass,
    /// It does not.
    Block,
    /// It hangs on what is not known.
    Undetermined,
    /// There is nothing to judge: an earlier block leaves open what would come here, even once it is mended.
    Skipped,
}

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $name:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $($(#[$of])* $name,)* }
        impl $kind {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its stable word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

words! {
    /// The hops, in the order in which a call meets them.
    StepKind {
        /// The client: is there one, and does it run.
        Client = "client",
        /// Which address the name has, and who said so.
        NameResolution = "name-resolution",
        /// The egress rules of the client's groups.
        EgressGroups = "egress-groups",
        /// The network ACL out of the client's subnet.
        AclOut = "acl-out",
        /// The client's route table.
        Route = "route",
        /// The peering connection.
        Peering = "peering",
        /// The network ACL into the destination's subnet.
        AclIn = "acl-in",
        /// The interface that has the address.
        DestinationInterface = "destination-interface",
        /// The ingress rules of its groups.
        IngressGroups = "ingress-groups",
        /// The network ACL out of the destination's subnet, for the reply.
        ReturnAclOut = "return-acl-out",
        /// The destination's route table, for the reply.
        ReturnRoute = "return-route",
        /// The network ACL into the client's subnet, for the reply.
        ReturnAclIn = "return-acl-in",
        /// TLS and the name on the certificate.
        Tls = "tls",
        /// Which API the request names, its type.
        Api = "api",
        /// The endpoint's policy.
        EndpointPolicy = "endpoint-policy",
        /// The stage and the deployment it serves.
        Stage = "stage",
        /// Resource and method in that deployment.
        Method = "method",
        /// The API's resource policy.
        ResourcePolicy = "resource-policy",
        /// The method's authorisation type.
        Authorization = "authorization",
        /// The integration.
        Integration = "integration",
        /// Whether API Gateway may call the integration.
        IntegrationPermission = "integration-permission",
    }
}

words! {
    /// What a piece of evidence is.
    EvidenceKind {
        /// An instance.
        Instance = "instance",
        /// A function.
        Function = "function",
        /// A network interface.
        NetworkInterface = "network-interface",
        /// A VPC.
        Vpc = "vpc",
        /// A subnet.
        Subnet = "subnet",
        /// A security group.
        SecurityGroup = "security-group",
        /// A rule of a security group.
        SecurityGroupRule = "security-group-rule",
        /// A network ACL; the detail names the entry.
        NetworkAcl = "network-acl",
        /// A route table; the detail names the route.
        RouteTable = "route-table",
        /// A peering connection.
        Peering = "vpc-peering-connection",
        /// An interface endpoint.
        VpcEndpoint = "vpc-endpoint",
        /// A hosted zone; the detail names the record.
        HostedZone = "hosted-zone",
        /// A resolver, by its address.
        Resolver = "resolver",
        /// A name.
        Name = "name",
        /// An address.
        Address = "address",
        /// A REST API.
        RestApi = "rest-api",
        /// A stage, `api/stage`.
        Stage = "stage",
        /// A deployment.
        Deployment = "deployment",
        /// A resource of an API, by its id.
        Resource = "resource",
        /// A method of an API, `api/METHOD/path`.
        Method = "method",
        /// A statement of a policy, by its index from 0; the detail says what it is and why it did or did not apply.
        Statement = "statement",
        /// A condition of a statement: the key; the detail has the operator, what is written, and the value seen.
        Condition = "condition",
        /// A header of the request.
        Header = "header",
    }
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its id.
    pub id: String,
    /// What about it.
    pub detail: String,
}

/// Something that keeps the call from being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Why.
    pub cause: Cause,
    /// Where.
    pub step: StepKind,
    /// What exactly, in one line.
    pub detail: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What mends it: each of them alone, the narrowest first. Empty where no setting does.
    pub fixes: Vec<Fix>,
}

impl Step {
    /// A step that lets the call pass.
    #[must_use]
    pub fn new(kind: StepKind, summary: impl Into<String>, cites: &'static str) -> Self {
        Self { kind, verdict: StepVerdict::Pass, summary: summary.into(), evidence: Vec::new(), cites }
    }
    /// With a piece of evidence.
    #[must_use]
    pub fn with(mut self, kind: EvidenceKind, id: impl ToString, detail: impl Into<String>) -> Self {
        self.evidence.push(Evidence { kind, id: id.to_string(), detail: detail.into() });
        self
    }
}

impl Blocker {
    /// A blocker that rests on the evidence of its step.
    #[must_use]
    pub fn of(step: &Step, cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, step: step.kind, detail: detail.into(), evidence: step.evidence.clone(), fixes: Vec::new() }
    }
    /// With one more way to mend it, wider than those before.
    #[must_use]
    pub fn mended_by(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }
}

impl Verdict {
    /// `reachable`, `blocked` or `undetermined`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Blocked => "blocked",
            Self::Undetermined => "undetermined",
        }
    }
}

impl StepVerdict {
    /// `pass`, `block`, `undetermined` or `skipped`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Block => "block",
            Self::Undetermined => "undetermined",
            Self::Skipped => "skipped",
        }
    }
}

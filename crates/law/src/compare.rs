//! What was judged and what happened, in one vocabulary.
use std::fmt;
use vpclab_explain::Outcome as Judged;
use vpclab_probe::{HttpFailure, Outcome as Seen, Probe, TlsFailure};

/// How a call ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The integration answers; the status is `None` where the judge leaves it open.
    Answered(Option<u16>),
    /// API Gateway answers with an error.
    Error {
        /// The status.
        status: u16,
        /// `x-amzn-ErrorType`
        kind: String,
        /// The body.
        body: String,
    },
    /// The name does not exist, or the name server cannot tell.
    NoSuchName,
    /// No name server answers.
    NoResolver,
    /// The connection times out.
    Timeout,
    /// The connection is refused.
    Refused,
    /// The certificate is not for the name.
    TlsName,
    /// TLS fails otherwise, or no answer comes.
    Broken,
    /// There is no client to make the call.
    NoClient,
    /// The judge does not know.
    Unknown,
}

impl End {
    /// As it was judged.
    pub fn judged(outcome: Option<&Judged>) -> Self {
        match outcome {
            None => Self::Unknown,
            Some(Judged::Answered { status }) => Self::Answered(*status),
            Some(Judged::NoClient) => Self::NoClient,
            Some(Judged::NoSuchName) => Self::NoSuchName,
            Some(Judged::NoResolver) => Self::NoResolver,
            Some(Judged::Timeout) => Self::Timeout,
            Some(Judged::TlsNameMismatch) => Self::TlsName,
            Some(Judged::TlsFailed) => Self::Broken,
            Some(Judged::Http { status, error_type, body }) => {
                Self::Error { status: *status, kind: error_type.clone(), body: body.clone() }
            }
        }
    }

    /// As it happened.
    pub fn seen(probe: &Probe) -> Self {
        match &probe.outcome {
            Seen::Answered { status, error_type: None } => Self::Answered(Some(*status)),
            Seen::Answered { status, error_type: Some(kind) } => {
                let body = probe.http.as_ref().and_then(|http| http.response.as_ref()).map_or("", |response| &response.body);
                Self::Error { status: *status, kind: kind.clone(), body: body.to_owned() }
            }
            // To `curl` both are names that it could not resolve.
            Seen::NoSuchName | Seen::NameRefused { .. } => Self::NoSuchName,
            Seen::NoResolver => Self::NoResolver,
            Seen::ConnectTimeout | Seen::NoRoute => Self::Timeout,
            Seen::ConnectRefused => Self::Refused,
            Seen::Tls { why: TlsFailure::WrongName } => Self::TlsName,
            Seen::Tls { why: TlsFailure::Untrusted | TlsFailure::Timeout | TlsFailure::Broken } => Self::Broken,
            Seen::Http { why: HttpFailure::Timeout | HttpFailure::Broken } => Self::Broken,
        }
    }

    /// Whether what was seen is what was judged.
    pub fn is_as_judged(&self, judged: &Self) -> bool {
        matches!((self, judged), (Self::Answered(_), Self::Answered(None))) || self == judged
    }

    /// The word for counting.
    pub fn word(&self) -> String {
        match self {
            Self::Error { status, kind, .. } => format!("{status} {kind}"),
            Self::Answered(_) => "answered".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { status, kind, body } => write!(f, "{status} {kind} {body}"),
            Self::Answered(Some(status)) => write!(f, "answered {status}"),
            other => f.write_str(&other.word()),
        }
    }
}

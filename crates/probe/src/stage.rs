//! What happened, stage by stage, as data. Serialised, it is the JSON of `vpclab probe --json` (version 1).
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// As much of a response's body is kept, in bytes.
pub const MAX_RESPONSE: usize = 64 * 1024;

/// One call as it went. A stage that was not reached is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// What came of it.
    pub outcome: Outcome,
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The interface that the call was made from.
    pub interface: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The name; absent when the URL's host is an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Name>,
    /// One attempt an address, until one connects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tcp: Vec<Attempt>,
    /// The TLS handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The request and its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<Exchange>,
}

/// All ends that a call can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// An HTTP answer came, of whatever status.
    Answered {
        /// Its status.
        status: u16,
        /// Its `x-amzn-ErrorType`.
        error_type: Option<String>,
    },
    /// The name servers said that the name does not exist, or has no IPv4 address.
    NoSuchName,
    /// No name server answered.
    NoResolver,
    /// A name server answered that it cannot or will not tell.
    NameRefused {
        /// `SERVFAIL`, `REFUSED` and the like.
        rcode: String,
    },
    /// No address answered in time: what a silent drop looks like.
    ConnectTimeout,
    /// An address refused the connection: it is reached, and nothing listens on the port.
    ConnectRefused,
    /// The source knows no way to an address, or nobody in its subnet has it.
    NoRoute,
    /// The connection was made, and TLS was not.
    Tls {
        /// Why.
        why: TlsFailure,
    },
    /// The request was sent, and no whole answer came.
    Http {
        /// Why.
        why: HttpFailure,
    },
}

/// Why there is no TLS session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TlsFailure {
    /// The certificate is not for the name in the URL.
    WrongName,
    /// The certificate is not signed by an authority that the source trusts.
    Untrusted,
    /// The handshake did not end in time.
    Timeout,
    /// The other side does not speak TLS, or broke off.
    Broken,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HttpFailure {
    /// It did not come in time.
    Timeout,
    /// The connection ended, or what came is no HTTP.
    Broken,
}

/// How the name was resolved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    /// What the URL asks for.
    pub name: String,
    /// Every question, in order: names with the search domains' suffixes are questions of their own.
    pub asked: Vec<NameServer>,
    /// The addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// How long all of it took.
    pub millis: f64,
}

/// One question to one server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NameServer {
    /// The server.
    pub server: IpAddr,
    /// The name asked.
    pub name: String,
    /// What came.
    pub answer: NameAnswer,
    /// How long it took.
    pub millis: f64,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum NameAnswer {
    /// It answered.
    Answered {
        /// `NOERROR`, `NXDOMAIN` and the like.
        rcode: String,
        /// The records of the answer section, `name ttl type data`.
        records: Vec<String>,
    },
    /// It did not answer in time.
    Silent,
    /// Nothing listens there.
    Refused,
    /// The question could not be sent or the answer not be read.
    Failed {
        /// Why.
        why: String,
    },
}

/// An attempt to connect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// To where.
    pub address: SocketAddr,
    /// What came of it.
    pub result: Connected,
    /// How long it took.
    pub millis: f64,
}

/// What came of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Connected {
    /// It is connected.
    Connected,
    /// No answer in time.
    TimedOut,
    /// Refused.
    Refused,
    /// No way there, or no such neighbour.
    NoRoute,
}

/// The TLS handshake.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// The server name sent; absent for an address, which is never sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// `TLSv1.3`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The names on the certificate shown.
    pub certificate_names: Vec<String>,
    /// Whether it is the lab's authority's, and for the name.
    pub verified: bool,
    /// Why there is no session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took.
    pub millis: f64,
}

/// The request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took from sending the request to the answer's last byte.
    pub millis: f64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its headers in order.
    pub headers: Vec<(String, String)>,
    /// Its body as text; bytes that are none are shown as `\u{fffd}`.
    pub body: String,
    /// Whether the body was longer than [`MAX_RESPONSE`].
    pub truncated: bool,
}

impl Response {
    /// `x-amzn-ErrorType`
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == "x-amzn-errortype").map(|(_, value)| value.as_str())
    }
}

impl Outcome {
    /// Whether an answer below 400 came.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if *status < 400)
    }
}

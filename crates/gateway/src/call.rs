//! One request whose API is known: what the gates see of it, and the values that templates ask for.

use crate::authorizer::Authorized;
use crate::request_id::RequestId;
use crate::view::{ApiView, EndpointView, Served, StageView};
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use vpclab_api::identity::Signer;
use vpclab_api::judge::{Authorization, Headers, Identified, Request};
use vpclab_api::template::{Reference, Values};

/// The connection a request came in on.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) endpoint: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) peer: SocketAddr,
    /// The peer's address as policies see it.
    pub(crate) peer_ip: String,
    /// The TLS server name.
    pub(crate) server_name: Option<String>,
}

/// The headers of a request, for the gates.
pub(crate) struct Fields<'a>(pub(crate) &'a HeaderMap);

impl Headers for Fields<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|v| v.to_str().ok())
    }
    fn count(&self, name: &str) -> usize {
        self.0.get_all(name).iter().count()
    }
    fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
    }
}

/// A request whose API is known.
pub(crate) struct Call<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) connection: &'a Connection,
    /// As the gates see it.
    pub(crate) request: Request<'a>,
    pub(crate) endpoint: &'a EndpointView,
    pub(crate) api: &'a ApiView,
    pub(crate) id: RequestId,
    /// Milliseconds since 1970.
    pub(crate) now: u64,
    /// The first segment of the path; empty when there is none.
    pub(crate) stage: &'a str,
    /// The rest of the path, not decoded, always with a leading slash.
    pub(crate) path: &'a str,
    /// The method, or what `X-HTTP-Method-Override` puts in its place.
    pub(crate) method: &'a str,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        parts: &'a Parts,
        connection: &'a Connection,
        request: Request<'a>,
        called: Identified<'a, Served>,
        id: RequestId,
        now: u64,
    ) -> Self {
        let Request { stage, path, method, .. } = request;
        let Identified { endpoint, api } = called;
        Self { parts, connection, request, endpoint, api, id, now, stage, path, method }
    }

    pub(crate) fn called(&self) -> Identified<'a, Served> {
        Identified { endpoint: self.endpoint, api: self.api }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.parts.headers.get(name).and_then(|v| v.to_str().ok())
    }

    pub(crate) fn query(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.request.query_pairs()
    }
}

/// A header as text, when it is there once and is text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// A call that was let in, with what routing found: the values of its templates.
pub(crate) struct Routed<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) stage: &'a StageView,
    pub(crate) resource_id: &'a str,
    pub(crate) resource_path: &'a str,
    /// The method as routed.
    pub(crate) method: &'a str,
    pub(crate) path_parameters: &'a [(&'a str, Cow<'a, str>)],
    /// What the method asks for.
    pub(crate) authorization: &'a Authorization,
    pub(crate) body: &'a [u8],
    /// What a Lambda authorizer said of the caller.
    pub(crate) authorized: Option<&'a Authorized>,
}

impl Values for Routed<'_> {
    fn append(&self, reference: &Reference, out: &mut String) -> bool {
        match reference {
            Reference::Body => push(out, std::str::from_utf8(self.body).ok()),
            Reference::StageVariable(name) => push(out, self.stage.variables.get(name).map(String::as_str)),
            Reference::Context(path) => self.context(path, out),
            Reference::Param(name) => {
                if let Some((_, value)) = self.path_parameters.iter().find(|(n, _)| n == name) {
                    return push(out, Some(value));
                }
                if let Some((_, value)) = self.call.query().find(|(n, _)| n == name) {
                    return push(out, Some(&value));
                }
                push(out, self.call.header(name))
            }
        }
    }
}

impl<'a> Routed<'a> {
    /// Who signed the call, where the method asks for it.
    pub(crate) fn signer(&self) -> Option<&'a Signer> {
        self.call.request.seen_by(self.authorization).signer()
    }

    fn context(&self, path: &str, out: &mut String) -> bool {
        let call = self.call;
        let host = text(&call.parts.headers, &header::HOST).unwrap_or_default();
        let written = match path {
            "accountId" => write!(out, "{}", call.api.account),
            "apiId" => write!(out, "{}", call.api.id),
            "deploymentId" => write!(out, "{}", self.stage.deployment.id),
            "domainName" => write!(out, "{host}"),
            "domainPrefix" => write!(out, "{}", host.split('.').next().unwrap_or_default()),
            "extendedRequestId" => write!(out, "{}", call.id.gateway_id()),
            "httpMethod" => write!(out, "{}", call.method),
            "identity.accountId" | "identity.accessKey" | "identity.caller" | "identity.user" | "identity.userArn" => {
                return push(out, self.signer().and_then(|signer| identity(signer, path)));
            }
            "identity.sourceIp" => write!(out, "{}", call.connection.peer_ip),
            "identity.userAgent" => {
                write!(out, "{}", text(&call.parts.headers, &header::USER_AGENT).unwrap_or_default())
            }
            "identity.vpcId" => write!(out, "{}", call.endpoint.vpc),
            "identity.vpceId" => write!(out, "{}", call.endpoint.id),
            "path" => write!(out, "{}", call.parts.uri.path()),
            "protocol" => write!(out, "HTTP/1.1"),
            "requestId" => write!(out, "{}", call.id.uuid()),
            "requestTime" => write!(out, "{}", log_time(call.now)),
            "requestTimeEpoch" => write!(out, "{}", call.now),
            "resourceId" => write!(out, "{}", self.resource_id),
            "resourcePath" => write!(out, "{}", self.resource_path),
            "stage" => write!(out, "{}", self.stage.name),
            _ => {
                let value = path.strip_prefix("authorizer.").and_then(|name| self.authorized?.value(name));
                return push(out, value);
            }
        };
        written.is_ok()
    }
}

/// What `$context.identity` says of who signed.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>
fn identity<'s>(signer: &'s Signer, path: &str) -> Option<&'s str> {
    match path {
        "identity.accountId" => Some(&signer.account),
        "identity.accessKey" => signer.access_key.as_deref(),
        "identity.caller" | "identity.user" => signer.user_id.as_deref(),
        "identity.userArn" => Some(&signer.arn),
        _ => None,
    }
}

fn push(out: &mut String, value: Option<&str>) -> bool {
    value.map(|v| out.push_str(v)).is_some()
}

fn at(milliseconds: u64) -> time::OffsetDateTime {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or(0);
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

/// `23/Nov/2026:10:00:00 +0000`
pub(crate) fn log_time(milliseconds: u64) -> String {
    let t = at(milliseconds);
    let month = t.month().to_string();
    let month = month.get(..3).unwrap_or(&month);
    format!("{:02}/{month}/{:04}:{:02}:{:02}:{:02} +0000", t.day(), t.year(), t.hour(), t.minute(), t.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(log_time(1_372_550_401_000), "30/Jun/2013:00:00:01 +0000");
    }
}

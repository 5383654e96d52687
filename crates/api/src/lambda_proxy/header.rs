//! Header names, as functions and clients see them.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
use std::borrow::Cow;

/// Headers that belong to one connection and are not handed on.
const OF_CONNECTION: &[&str] =
    &["connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
/// Headers that the gateway sets itself.
const ADDED: &[&str] = &[
    "x-amzn-trace-id",
    "x-amzn-vpc-id",
    "x-amzn-vpce-id",
    "x-amzn-vpce-config",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
];
/// Answer headers that are renamed, because the gateway's own stand in their place.
const REMAPPED: &[&str] =
    &["authorization", "connection", "content-length", "content-md5", "date", "host", "server", "user-agent", "www-authenticate"];
/// Answer headers that are dropped.
const DROPPED: &[&str] =
    &["expect", "keep-alive", "max-forwards", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "via"];
/// Headers that clients send capitalised, although their names come in lower case here.
const CAPITALISED: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "cookie",
    "date",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pragma",
    "range",
    "referer",
    "user-agent",
];

pub(super) fn is_of_connection(name: &str) -> bool {
    OF_CONNECTION.contains(&name)
}

/// Whether the gateway sets a header itself, whatever the client sends; the name is in lower case.
#[must_use]
pub fn is_added(name: &str) -> bool {
    ADDED.contains(&name)
}

/// A request header's name in the event. HTTP names have no case, and the case a client wrote is not kept; those that clients
/// send capitalised are shown so, all others in lower case.
pub(super) fn shown(name: &str) -> Cow<'_, str> {
    if !CAPITALISED.contains(&name) {
        return Cow::Borrowed(name);
    }
    let part = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    Cow::Owned(name.split('-').map(part).collect::<Vec<_>>().join("-"))
}

/// An answer header's name as the client sees it; `None` when it is dropped.
pub(super) fn answered(name: &str) -> Option<Cow<'_, str>> {
    let lower = name.to_ascii_lowercase();
    if DROPPED.contains(&lower.as_str()) {
        return None;
    }
    Some(if REMAPPED.contains(&lower.as_str()) { Cow::Owned(format!("x-amzn-Remapped-{name}")) } else { Cow::Borrowed(name) })
}

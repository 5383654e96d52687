//! The call to make: what `curl` would be told.
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, uri::PathAndQuery};
use std::time::Duration;

/// The largest body of a request, in bytes: what API Gateway takes.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const MAX_BODY: usize = 10 * 1024 * 1024;
/// The most headers of a request.
pub const MAX_HEADERS: usize = 100;
/// The longest URL, so that the gateway's own limit (8192) can be met and passed.
const MAX_URL: usize = 32 * 1024;

/// A call, checked.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The URL as it was given, without its fragment.
    pub url: String,
    /// With TLS or without.
    pub scheme: Scheme,
    /// The URL's host: the name that is resolved, and the TLS server name.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What the request line asks for.
    pub target: PathAndQuery,
    /// The headers as they are sent, `Host` among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// With TLS or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `https`, port 443.
    Https,
    /// `http`, port 80.
    Http,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For each name server, each address and the TLS handshake.
    pub connect: Duration,
    /// For the whole answer, from the moment the request is sent.
    pub answer: Duration,
}

impl Default for Patience {
    /// Three seconds to connect; an answer may take as long as the slowest integration (29 s), and a little more.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), answer: Duration::from_secs(35) }
    }
}

/// Why a call cannot be made as it was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCall {
    /// The URL cannot be read.
    #[error("`{0}` is no URL")]
    Url(String),
    /// Another scheme.
    #[error("`{0}` is neither an https nor an http URL")]
    Scheme(String),
    /// A user or a password stands in the URL.
    #[error("a user in the URL is not served")]
    UserInfo,
    /// The method cannot be read.
    #[error("`{0}` is no HTTP method")]
    Method(String),
    /// A header cannot be read.
    #[error("`{0}` is no header: write `Name: value`")]
    Header(String),
    /// Too much of something.
    #[error("the {what} is larger than {most}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// The most.
        most: usize,
    },
}

impl Call {
    /// Reads a call as `curl` would: `method` is `GET`, or `POST` with a body; the headers that `curl` adds are added, with this
    /// program's name as the user agent.
    ///
    /// # Errors
    /// What cannot be read, and what is too large.
    pub fn new(method: Option<&str>, url: &str, headers: &[(String, String)], body: Option<Vec<u8>>) -> Result<Self, InvalidCall> {
        if url.len() > MAX_URL {
            return Err(InvalidCall::TooLarge { what: "URL", most: MAX_URL });
        }
        if headers.len() > MAX_HEADERS {
            return Err(InvalidCall::TooLarge { what: "number of headers", most: MAX_HEADERS });
        }
        if body.as_ref().is_some_and(|body| body.len() > MAX_BODY) {
            return Err(InvalidCall::TooLarge { what: "body", most: MAX_BODY });
        }
        let url = url.split_once('#').map_or(url, |(before, _)| before);
        let unreadable = || InvalidCall::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| unreadable())?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            Some(_) => return Err(InvalidCall::Scheme(url.to_owned())),
            None => return Err(unreadable()),
        };
        let authority = uri.authority().ok_or_else(unreadable)?;
        if authority.as_str().contains('@') {
            return Err(InvalidCall::UserInfo);
        }
        let host = authority.host().to_owned();
        if host.is_empty() || host.starts_with('[') {
            return Err(unreadable());
        }
        let method = match method {
            Some(text) => Method::from_bytes(text.as_bytes()).map_err(|_| InvalidCall::Method(text.to_owned()))?,
            None if body.is_some() => Method::POST,
            None => Method::GET,
        };
        let target = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let unreadable = || InvalidCall::Header(format!("{name}: {value}"));
            let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| unreadable())?;
            sent.append(name, HeaderValue::from_str(value.trim()).map_err(|_| unreadable())?);
        }
        let mut add = |name: HeaderName, value: &str| {
            if let (false, Ok(value)) = (sent.contains_key(&name), HeaderValue::from_str(value)) {
                sent.insert(name, value);
            }
        };
        add(header::HOST, authority.as_str());
        add(header::USER_AGENT, concat!("vpclab-probe/", env!("CARGO_PKG_VERSION")));
        add(header::ACCEPT, "*/*");
        if body.is_some() {
            add(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let port = authority.port_u16().unwrap_or(match scheme {
            Scheme::Https => 443,
            Scheme::Http => 80,
        });
        Ok(Self { method, url: url.to_owned(), scheme, host, port, target, headers: sent, body: body.unwrap_or_default() })
    }

    /// Reads `Name: value`.
    ///
    /// # Errors
    /// Text without a colon.
    pub fn header(text: &str) -> Result<(String, String), InvalidCall> {
        let (name, value) = text.split_once(':').ok_or_else(|| InvalidCall::Header(text.to_owned()))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    }

    /// The headers as they are sent, in order of arrival.
    #[must_use]
    pub fn sent_headers(&self) -> Vec<(String, String)> {
        self.headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_as_curl_reads_it() {
        let call = Call::new(None, "https://abc.execute-api.us-west-2.amazonaws.com/dev/pets?x=1#top", &[], None).unwrap();
        assert_eq!((call.method.as_str(), call.port, call.target.as_str()), ("GET", 443, "/dev/pets?x=1"));
        assert_eq!(call.headers[header::HOST], "abc.execute-api.us-west-2.amazonaws.com");
        let own = [Call::header("Host: other.example").unwrap(), Call::header("Accept:application/json").unwrap()];
        let call = Call::new(None, "http://name:8080", &own, Some(b"x".to_vec())).unwrap();
        assert_eq!((call.method.as_str(), call.scheme, call.port, call.target.as_str()), ("POST", Scheme::Http, 8080, "/"));
        assert_eq!(
            (&call.headers[header::HOST], &call.headers[header::ACCEPT]),
            (&"other.example".parse().unwrap(), &"application/json".parse().unwrap())
        );
        assert_eq!(call.headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let refused = |url: &str| Call::new(None, url, &[], None).unwrap_err();
        assert_eq!(refused("name/path"), InvalidCall::Url("name/path".into()));
        assert_eq!(refused("ftp://name/"), InvalidCall::Scheme("ftp://name/".into()));
        assert_eq!(refused("https://user@name/"), InvalidCall::UserInfo);
        assert_eq!(refused("https://[::1]/"), InvalidCall::Url("https://[::1]/".into()));
        assert!(matches!(Call::new(Some("GE T"), "https://n/", &[], None), Err(InvalidCall::Method(_))));
        assert!(matches!(Call::header("nothing"), Err(InvalidCall::Header(_))));
        assert!(matches!(Call::new(None, "https://n/", &[], Some(vec![0; MAX_BODY + 1])), Err(InvalidCall::TooLarge { .. })));
    }
}

//! A call: who makes it, and what it asks for.
use std::{net::Ipv4Addr, str::FromStr};
use vpclab_cloud::{AccountId, InstanceId, NetworkInterfaceId, Scope, Timestamp, VpcPeeringConnectionId};

/// One call to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who makes it.
    pub from: Source,
    /// `GET`, `POST`, …
    pub method: String,
    /// What it is made to.
    pub url: Url,
    /// Its headers, names as written. A `Host` here goes before the one of the URL, as with `curl -H`.
    pub headers: Vec<(String, String)>,
    /// Connects to this address instead of asking for the name, as `curl --resolve` does.
    pub connect_to: Option<Ipv4Addr>,
    /// Who signs it, if it is signed; headers that hold a signature which can be verified say more, and go first.
    pub credentials: Option<Credentials>,
    /// When it is made.
    pub now: Timestamp,
}

/// Where a call comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An instance, by its primary network interface.
    Instance(InstanceId),
    /// A Lambda function, by any of its interfaces.
    Function(Scope, String),
    /// A network interface.
    Interface(NetworkInterfaceId),
    /// An address in a network that a peering connection leads to and that is not described further. Its names are asked of the public DNS.
    Address {
        /// The address.
        ip: Ipv4Addr,
        /// The peering connection by which its packets come.
        via: VpcPeeringConnectionId,
    },
}

/// Who signs a call. The signature is taken to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account of the identity.
    pub account: AccountId,
    /// The ARN of the user or role session.
    pub arn: String,
    /// For a role session, the role's ARN.
    pub role: Option<String>,
}

/// The schemes a call can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

/// A URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// As it was written.
    pub text: String,
    /// The scheme.
    pub scheme: Scheme,
    /// Host name or address, in lower case, without a last dot.
    pub host: String,
    /// The port, written or the scheme's own.
    pub port: u16,
    /// The path, never empty.
    pub path: String,
    /// What stands behind `?`.
    pub query: Option<String>,
}

/// Text that is no call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No `http://` or `https://` URL.
    #[error("`{0}` is no URL that begins with https:// or http://")]
    Url(String),
    /// No HTTP method.
    #[error("`{0}` is no HTTP method")]
    Method(String),
    /// No ARN of a user, a role session or an account's root.
    #[error("`{0}` is no ARN of a user, a role, a role session or an account's root")]
    Signer(String),
    /// No `Name: value`.
    #[error("`{0}` is no header: write `Name: value`")]
    Header(String),
    /// More than 64 headers, or 32 KB of them and the URL.
    #[error("the call is too large")]
    TooLarge,
}

/// The most headers of a call.
const MAX_HEADERS: usize = 64;
/// The most bytes of headers and URL together.
const MAX_BYTES: usize = 32 * 1024;

impl Call {
    /// A GET of a URL.
    #[must_use]
    pub fn get(from: Source, url: Url, now: Timestamp) -> Self {
        Self { from, method: "GET".to_owned(), url, headers: Vec::new(), connect_to: None, credentials: None, now }
    }

    /// The value of a header, if it is there once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The `Host` that the request carries: the header's, else the URL's. `None` when two are given.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        if self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) { self.header("host") } else { Some(&self.url.host) }
    }

    /// The server name that a TLS client asks for: the URL's host, unless that is an address.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.url.address().is_none().then_some(self.url.host.as_str())
    }

    /// Whether method and headers are such, and not too many.
    ///
    /// # Errors
    /// Names what is not.
    pub fn check(&self) -> Result<(), CallError> {
        check(&self.method, &self.url, &self.headers)
    }
}

/// Whether method and headers are such, and not too many.
pub(crate) fn check(method: &str, url: &Url, headers: &[(String, String)]) -> Result<(), CallError> {
    http_types::check_method(method)?;
    let bytes = url.text.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    if headers.len() > MAX_HEADERS || bytes > MAX_BYTES {
        return Err(CallError::TooLarge);
    }
    headers.iter().try_for_each(|(name, value)| http_types::check_header(name, value))
}

impl FromStr for Credentials {
    type Err = CallError;
    /// Reads the ARN of a user, a role or one of its sessions, or an account's root.
    fn from_str(arn: &str) -> Result<Self, CallError> {
        let wrong = || CallError::Signer(arn.chars().take(200).collect());
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, "", account, resource] = parts.as_slice() else { return Err(wrong()) };
        let of = AccountId::from_str(account).map_err(|_| wrong())?;
        let role = match (*service, resource.split_once('/')) {
            ("sts", Some(("assumed-role", rest))) => rest.split_once('/').map(|(role, _)| format!("arn:aws:iam::{account}:role/{role}")),
            ("iam", Some(("role", _))) => Some(arn.to_owned()),
            ("iam", Some(("user", _))) => None,
            ("iam", None) if *resource == "root" => None,
            _ => return Err(wrong()),
        };
        Ok(Self { account: of, arn: arn.to_owned(), role })
    }
}

impl Url {
    /// The host, if it is an address.
    #[must_use]
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.host.parse().ok()
    }
}

impl FromStr for Url {
    type Err = CallError;
    fn from_str(text: &str) -> Result<Self, CallError> {
        let wrong = || CallError::Url(text.chars().take(200).collect());
        let uri: http::Uri = text.split('#').next().unwrap_or_default().parse().map_err(|_| wrong())?;
        let scheme = match uri.scheme_str() {
            Some(name) if name.eq_ignore_ascii_case("https") => Scheme::Https,
            Some(name) if name.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => return Err(wrong()),
        };
        let host =
            uri.host().map(|host| host.trim_end_matches('.').to_ascii_lowercase()).filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let usual = match scheme {
            Scheme::Https => 443,
            Scheme::Http => 80,
        };
        let path = if uri.path().is_empty() { "/" } else { uri.path() };
        Ok(Self {
            text: text.to_owned(),
            scheme,
            host,
            port: uri.port_u16().unwrap_or(usual),
            path: path.to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }
}

/// The grammar of HTTP.
mod http_types {
    use super::CallError;

    pub(super) fn check_method(method: &str) -> Result<(), CallError> {
        let wrong = || CallError::Method(method.chars().take(40).collect());
        if method.len() > 40 {
            return Err(wrong());
        }
        http::Method::from_bytes(method.as_bytes()).map(|_| ()).map_err(|_| wrong())
    }

    pub(super) fn check_header(name: &str, value: &str) -> Result<(), CallError> {
        let wrong = || CallError::Header(format!("{name}: {value}").chars().take(80).collect());
        http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        http::HeaderValue::from_str(value).map(|_| ()).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let url: Url = "https://ABC.execute-api.us-west-2.amazonaws.com./dev/pets?a=b#c".parse().unwrap();
        assert_eq!(
            (url.scheme, url.host.as_str(), url.port, url.path.as_str(), url.query.as_deref()),
            (Scheme::Https, "abc.execute-api.us-west-2.amazonaws.com", 443, "/dev/pets", Some("a=b"))
        );
        let url: Url = "http://10.0.1.4:8080".parse().unwrap();
        assert_eq!((url.port, url.path.as_str(), url.address()), (8080, "/", Some([10, 0, 1, 4].into())));
        for wrong in ["", "example.com", "ftp://a/", "https://", "https:///x", "/dev"] {
            assert!(wrong.parse::<Url>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn signers() {
        let of = |arn: &str| arn.parse::<Credentials>().map(|found| (found.account.to_string(), found.role));
        let account = "111122223333".to_owned();
        assert_eq!(of("arn:aws:iam::111122223333:user/ann"), Ok((account.clone(), None)));
        let role = Some("arn:aws:iam::111122223333:role/caller".to_owned());
        assert_eq!(of("arn:aws:sts::111122223333:assumed-role/caller/session"), Ok((account, role)));
        assert!(of("arn:aws:s3:::bucket").is_err() && of("ann").is_err());
    }

    #[test]
    fn a_host_header_goes_first() {
        let mut call = Call::get(Source::Instance("i-0123456789abcdef0".parse().unwrap()), "https://a.b/".parse().unwrap(), Timestamp(0));
        assert_eq!(call.host(), Some("a.b"));
        call.headers.push(("host".into(), "c".into()));
        assert_eq!((call.host(), call.server_name()), (Some("c"), Some("a.b")));
        call.headers.push(("Host".into(), "d".into()));
        assert_eq!(call.host(), None);
        assert!(call.check().is_ok());
        call.method = "G T".into();
        assert!(call.check().is_err());
    }
}

//! A request as the gates see it.
use super::SignatureRefusal;
use super::decoded;
use super::view::{ApiView, Authorization, Kept};
use crate::host::API_ID_HEADER;
use crate::identity::Signer;
use std::fmt::Write as _;
use vpclab_policy::CallerPrincipal;

/// The headers of a request; names are given in lower case.
pub trait Headers: Sync {
    /// The first header of a name, when it is text.
    fn text(&self, name: &str) -> Option<&str>;
    /// How many headers have a name.
    fn count(&self, name: &str) -> usize;
    /// The bytes of all names and values together.
    fn bytes(&self) -> usize;
    /// Whether it is known that a header which is not here is not sent either.
    fn is_known(&self, _name: &str) -> bool {
        true
    }
}

/// Headers in a list, in the order in which they are sent.
impl Headers for Vec<(String, String)> {
    fn text(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
    fn count(&self, name: &str) -> usize {
        self.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count()
    }
    fn bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// What connection and HTTP say of a request, before any gate is asked.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The endpoint that carried it, `vpce-…`.
    pub endpoint: &'r str,
    /// The endpoint's region.
    pub region: &'r str,
    /// The TLS server name.
    pub server_name: Option<&'r str>,
    /// The address it comes from as policies see it; `None` when that is not known.
    pub peer: Option<&'r str>,
    /// Milliseconds since 1970; `None` when that is not known.
    pub now: Option<u64>,
    /// The value of `x-apigw-api-id`.
    pub api_id: Option<&'r str>,
    /// `Host`. Two `Host` fields could mean two APIs: such a request names none.
    pub host: Option<&'r str>,
    /// The method, or what `X-HTTP-Method-Override` puts in its place.
    pub method: &'r str,
    /// The first segment of the path; empty when there is none.
    pub stage: &'r str,
    /// The rest of the path, not decoded, always with a leading slash.
    pub path: &'r str,
    /// The whole path, not decoded.
    pub whole_path: &'r str,
    /// The query without its question mark.
    pub query: Option<&'r str>,
    /// The headers.
    pub headers: &'r dyn Headers,
    /// Who signed it.
    pub signed: Signed<'r>,
}

/// What is known of a request's signature.
#[derive(Clone, Copy, Debug)]
pub enum Signed<'r> {
    /// Nothing was said of one: there is none, or it is not known whose it is.
    Unsaid,
    /// It is right, and this is who signed.
    By(&'r Signer),
    /// It is refused.
    Refused(&'r SignatureRefusal),
}

/// The connection that carries a request.
#[derive(Debug, Clone, Copy)]
pub struct Carrier<'r> {
    /// The endpoint, `vpce-…`.
    pub endpoint: &'r str,
    /// Its region.
    pub region: &'r str,
    /// The TLS server name.
    pub server_name: Option<&'r str>,
    /// The address it comes from; `None` when that is not known.
    pub peer: Option<&'r str>,
}

impl<'r> Request<'r> {
    /// Reads a request: its method, its path with the stage in front, its query, its headers.
    pub fn new(
        carrier: Carrier<'r>,
        method: &'r str,
        whole_path: &'r str,
        query: Option<&'r str>,
        headers: &'r dyn Headers,
        now: Option<u64>,
    ) -> Self {
        let inside = whole_path.strip_prefix('/').unwrap_or(whole_path);
        let (stage, path) = match inside.find('/') {
            Some(slash) => inside.split_at_checked(slash).unwrap_or((inside, "/")),
            None => (inside, "/"),
        };
        Self {
            endpoint: carrier.endpoint,
            region: carrier.region,
            server_name: carrier.server_name,
            peer: carrier.peer,
            now,
            api_id: (headers.count(API_ID_HEADER) > 0).then(|| headers.text(API_ID_HEADER).unwrap_or_default()),
            host: headers.text("host").filter(|_| headers.count("host") == 1),
            method: headers.text("x-http-method-override").unwrap_or(method),
            stage,
            path,
            whole_path,
            query,
            headers,
            signed: Signed::Unsaid,
        }
    }

    /// The same, signed.
    #[must_use]
    pub fn signed(self, signed: Signed<'r>) -> Self {
        Self { signed, ..self }
    }

    /// Who signed it.
    #[must_use]
    pub fn signer(&self) -> Option<&'r Signer> {
        match self.signed {
            Signed::By(signer) => Some(signer),
            Signed::Unsaid | Signed::Refused(_) => None,
        }
    }

    /// The request as a method's resource policy is asked about it: whoever signed, a caller is anonymous where no signature is asked for.
    /// Source: "Troubleshoot … VPC endpoint policies" in
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-create.html>
    #[must_use]
    pub fn seen_by(self, authorization: &Authorization) -> Self {
        match authorization {
            Authorization::Iam => self,
            Authorization::Open | Authorization::Custom(_) | Authorization::NotBuilt(_) => self.signed(Signed::Unsaid),
        }
    }

    /// Who calls, for policies.
    #[must_use]
    pub fn principal(&self) -> CallerPrincipal<'r> {
        match self.signer() {
            None => CallerPrincipal::Anonymous,
            Some(Signer { account, arn, role, .. }) => CallerPrincipal::Aws { account, arn, role: role.as_deref() },
        }
    }

    pub(super) fn url_length(&self) -> usize {
        self.whole_path.len() + self.query.map_or(0, |query| query.len() + 1)
    }

    /// The ARN that policies are asked about. The path in it is the one that is routed, decoded and without empty
    /// segments, so that no other spelling of a path slips past a `Deny`.
    pub fn arn<K: Kept>(&self, api: &ApiView<K>) -> String {
        let ApiView { region, account, id, .. } = api;
        let mut arn = String::with_capacity(64 + self.stage.len() + self.path.len());
        let _ = write!(arn, "arn:aws:execute-api:{region}:{account}:{id}/{}/{}/", self.stage, self.method);
        let mut first = true;
        for segment in self.path.split('/').filter(|s| !s.is_empty()) {
            if !first {
                arn.push('/');
            }
            first = false;
            arn.push_str(&decoded(segment));
        }
        arn
    }

    /// Whether the request carries a signature: in `Authorization`, or in the query.
    pub fn is_signed(&self) -> bool {
        let header = self.headers.text("authorization");
        header.is_some_and(|h| h.trim_start().get(..5).is_some_and(|p| p.eq_ignore_ascii_case("AWS4-")))
            || self.query.is_some_and(|query| {
                let names = query.split(['&', ';']).map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
                names.into_iter().any(|name| decoded(name).eq_ignore_ascii_case("X-Amz-Algorithm"))
            })
    }
}

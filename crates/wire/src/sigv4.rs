//! Who calls, in which region, which service: read from the request's signature.
//!
//! The control plane verifies no signature: any credentials work there. [`SigningKeys`] makes them, [`canonical`] says what they sign and
//! compares them, [`AccessKeySecrets`] knows the secrets of a lab's own keys.

use http::{HeaderMap, Uri, header};

use crate::{WireError, form};

pub mod canonical;
mod secrets;
mod sign;

pub use secrets::AccessKeySecrets;
pub use sign::{SigningContext, SigningKeys, Unsendable};

/// The parts of a Signature Version 4 (header or presigned query).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The access key id; a 12-digit one names the account.
    pub access_key: String,
    /// The date of the credential scope, `YYYYMMDD`.
    pub date: String,
    /// The region of the credential scope.
    pub region: String,
    /// The service of the credential scope, `ec2` or `apigateway`.
    pub service: String,
    /// The names of the signed headers, in lower case.
    pub signed_headers: Vec<String>,
    /// The signature in hexadecimal.
    pub signature: String,
    /// The session token that came with temporary credentials.
    pub token: Option<String>,
}

impl Signature {
    /// The signature of a request, from its `Authorization` header or its query string.
    pub fn of(headers: &HeaderMap, uri: &Uri) -> Result<Self, WireError> {
        match headers.get(header::AUTHORIZATION) {
            Some(value) => {
                let token = headers.get("x-amz-security-token").and_then(|token| token.to_str().ok()).map(str::to_owned);
                let signature = value.to_str().ok().and_then(from_header).ok_or_else(incomplete)?;
                Ok(Self { token, ..signature })
            }
            None => from_query(uri.query().unwrap_or_default()),
        }
    }

    /// The account that the access key names: its 12 digits, else `000000000000`.
    #[must_use]
    pub fn account(&self) -> &str {
        let digits = self.access_key.len() == 12 && self.access_key.bytes().all(|byte| byte.is_ascii_digit());
        if digits { &self.access_key } else { "000000000000" }
    }
}

fn from_header(text: &str) -> Option<Signature> {
    let rest = text.trim().strip_prefix("AWS4-HMAC-SHA256")?;
    let (mut credential, mut signed, mut signature) = (None, None, None);
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        match name {
            "Credential" => credential = Some(value),
            "SignedHeaders" => signed = Some(value),
            "Signature" => signature = Some(value),
            _ => {}
        }
    }
    build(credential?, signed?, signature?)
}

fn from_query(query: &str) -> Result<Signature, WireError> {
    let find = |wanted: &str| form::pairs(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let Some(credential) = find("X-Amz-Credential") else {
        return Err(WireError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"));
    };
    let signed = find("X-Amz-SignedHeaders").unwrap_or_default();
    let signature = find("X-Amz-Signature").ok_or_else(incomplete)?;
    let token = find("X-Amz-Security-Token");
    build(&credential, &signed, &signature).map(|signature| Signature { token, ..signature }).ok_or_else(incomplete)
}

/// `AKID/20261123/us-east-1/ec2/aws4_request`; an access key may itself hold slashes.
fn build(credential: &str, signed: &str, signature: &str) -> Option<Signature> {
    let mut parts = credential.rsplitn(5, '/');
    if parts.next()? != "aws4_request" {
        return None;
    }
    let (service, region, date) = (parts.next()?, parts.next()?, parts.next()?);
    let access_key = parts.next()?;
    if [service, region, date, access_key].contains(&"") {
        return None;
    }
    Some(Signature {
        access_key: access_key.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: signed.split(';').map(str::to_ascii_lowercase).collect(),
        signature: signature.to_owned(),
        token: None,
    })
}

fn incomplete() -> WireError {
    WireError::new(400, "IncompleteSignature", "The request's signature is not a complete Signature Version 4")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(header: &str) -> Result<Signature, WireError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, header.parse().unwrap());
        Signature::of(&headers, &Uri::from_static("/"))
    }

    #[test]
    fn reads_the_authorization_header() {
        let signature = signed(
            "AWS4-HMAC-SHA256 Credential=111122223333/20261123/ap-northeast-2/ec2/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature=abc123",
        )
        .unwrap();
        assert_eq!(signature.account(), "111122223333");
        assert_eq!(signature.region, "ap-northeast-2");
        assert_eq!(signature.service, "ec2");
        assert_eq!(signature.signed_headers, ["content-type", "host", "x-amz-date"]);
    }

    #[test]
    fn other_access_keys_are_account_zero() {
        let signature = signed("AWS4-HMAC-SHA256 Credential=test/20261123/us-west-2/sts/aws4_request,SignedHeaders=host,Signature=0");
        assert_eq!(signature.unwrap().account(), "000000000000");
    }

    #[test]
    fn reads_a_presigned_query() {
        let uri = Uri::from_static(
            "/?Action=GetCallerIdentity&X-Amz-Credential=AK%2F20261123%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=1",
        );
        let signature = Signature::of(&HeaderMap::new(), &uri).unwrap();
        assert_eq!((signature.region.as_str(), signature.service.as_str()), ("eu-west-1", "sts"));
    }

    #[test]
    fn unsigned_and_broken_requests_are_refused() {
        let error = Signature::of(&HeaderMap::new(), &Uri::from_static("/")).unwrap_err();
        assert_eq!((error.status, error.code.as_ref()), (403, "MissingAuthenticationToken"));
        for broken in ["Bearer x", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=s"] {
            assert_eq!(signed(broken).unwrap_err().code, "IncompleteSignature");
        }
    }
}

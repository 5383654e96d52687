//! What a signed request says of its signature, read and checked as far as that needs no secret.
use super::{Sent, time};
use http::header;
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_wire::form;
use vpclab_wire::sigv4::AccessKeySecrets;
use vpclab_wire::sigv4::canonical::{CanonicalRequest, CredentialScope, sha256_hex};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "execute-api";
/// The service whose path is signed as it is sent, and whose body is not at hand when its signature is verified.
const STREAMED: &str = "s3";
/// Headers that choose which API and which method is called. A signature that leaves them out is good for other calls than the signer's.
pub(super) const CHOOSING: [&str; 2] = ["x-apigw-api-id", "x-http-method-override"];
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// The longest that a presigned request may be used: a week.
const LASTING_MOST: i64 = 604_800;

/// A signature and what it was made of; whether it is right is not known yet.
pub(crate) struct Claim<'r> {
    sent: Sent<'r>,
    service: &'r str,
    access_key: String,
    token: Option<String>,
    date: String,
    region: String,
    /// `20150830T123600Z`
    time: String,
    signed_headers: Vec<String>,
    signature: String,
    /// The query as it is signed.
    query: String,
}

/// The parameters of a signature, from wherever they stand.
struct Parameters {
    credential: String,
    signed_headers: String,
    signature: String,
    date: String,
    token: Option<String>,
    lasting: Option<i64>,
    query: String,
}

fn incomplete(text: impl Into<String>) -> SignatureRefusal {
    SignatureRefusal::Incomplete(text.into())
}

fn scope(text: impl Into<String>) -> SignatureRefusal {
    SignatureRefusal::Scope(text.into())
}

impl<'r> Claim<'r> {
    /// Reads the signature; `None` when the request carries none. Whether it does is asked as the gates ask.
    pub(crate) fn read(sent: Sent<'r>, region: &str, now: u64) -> Result<Option<Self>, SignatureRefusal> {
        Self::read_for(sent, SERVICE, region, now)
    }

    /// The same of a request for another service.
    pub(crate) fn read_for(sent: Sent<'r>, service: &'r str, region: &str, now: u64) -> Result<Option<Self>, SignatureRefusal> {
        let header = sent.headers.get(header::AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        let by_header = header.filter(|text| text.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("AWS4-")));
        // Signed as it is routed, where a semicolon parts parameters too.
        let query = sent.uri.query().unwrap_or_default();
        let query = if service == SERVICE { query.replace(';', "&") } else { query.to_owned() };
        let parameters = match by_header {
            Some(text) => from_header(sent, &text, query)?,
            None if query.split('&').any(|pair| names(pair, "X-Amz-Algorithm")) => from_query(&query)?,
            None => return Ok(None),
        };
        Self::checked(sent, parameters, (service, region), now).map(Some)
    }

    fn checked(sent: Sent<'r>, given: Parameters, (service, region): (&'r str, &str), now: u64) -> Result<Self, SignatureRefusal> {
        let parts: Vec<&str> = given.credential.split('/').collect();
        let [access_key, date, of_region, of_service, term] = parts.as_slice() else {
            return Err(incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
                given.credential
            )));
        };
        let (time, made) = time::basic(&given.date).ok_or_else(|| {
            incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601", given.date))
        })?;
        let mut wrong = Vec::new();
        if *of_region != region {
            wrong.push("Credential should be scoped to a valid region.".to_owned());
        }
        if *of_service != service {
            wrong.push(format!("Credential should be scoped to correct service: '{service}'."));
        }
        if *term != "aws4_request" {
            wrong.push(format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{term}'."));
        }
        if !time.starts_with(date) || date.len() != 8 {
            let day = time.get(..8).unwrap_or_default();
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{day}', from '{time}'."
            ));
        }
        if !wrong.is_empty() {
            return Err(scope(wrong.join(" ")));
        }
        let signed_headers: Vec<String> = given.signed_headers.split(';').map(str::to_owned).collect();
        // So each name stands there once, and what is signed is no longer than what was sent.
        if !signed_headers.windows(2).all(|pair| matches!(pair, [one, next] if one < next)) {
            return Err(incomplete("SignedHeaders must be in the order of their names, each of them once."));
        }
        if !signed_headers.iter().any(|name| name == "host") {
            return Err(scope("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
        }
        for name in CHOOSING {
            if service == SERVICE && sent.headers.contains_key(name) && !signed_headers.iter().any(|signed| signed == name) {
                return Err(scope(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
            }
        }
        // A path is signed without them and routed with them.
        if service == SERVICE && sent.uri.path().split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(scope("The path of a signed request must not have '.' or '..' segments."));
        }
        time::check(&time, made, now, given.lasting)?;
        Ok(Self {
            sent,
            service,
            access_key: (*access_key).to_owned(),
            token: given.token,
            date: (*date).to_owned(),
            region: (*of_region).to_owned(),
            time,
            signed_headers,
            signature: given.signature,
            query: given.query,
        })
    }

    /// Who signed it, if the signature is right.
    pub(crate) fn signer(&self, identities: &Identities, now: u64) -> Result<Signer, SignatureRefusal> {
        identities.of_credentials(&self.access_key, self.token.as_deref(), now)
    }

    /// The access key and the session token that it was made with.
    pub(crate) fn credentials(&self) -> (&str, Option<&str>) {
        (&self.access_key, self.token.as_deref())
    }

    /// What is signed in place of the body where the service does not take its hash as given: `x-amz-content-sha256`, which S3 compares
    /// with the body that it streams to disk.
    fn announced(&self) -> String {
        let value = self.sent.headers.get("x-amz-content-sha256").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        value.unwrap_or_else(|| UNSIGNED.to_owned())
    }

    /// Whether the signature is that of the request with this body.
    pub(crate) fn verify(&self, body: &[u8], secrets: &AccessKeySecrets) -> Result<(), SignatureRefusal> {
        let all = |name: &String| {
            let values: Vec<_> = self.sent.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (name.clone(), values.join(","))
        };
        let headers: Vec<(String, String)> = self.signed_headers.iter().map(all).collect();
        let announced = self.sent.headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes() == UNSIGNED.as_bytes());
        let streamed = self.service == STREAMED;
        let payload = match announced {
            true => UNSIGNED.to_owned(),
            false if streamed => self.announced(),
            false => sha256_hex(body),
        };
        let canonical = CanonicalRequest {
            method: self.sent.method.as_str(),
            path: self.sent.uri.path(),
            query: &self.query,
            headers: &headers,
            payload: &payload,
            encode_path: !streamed,
        }
        .text();
        let secret = secrets.secret(&self.access_key, self.token.as_deref());
        let scope = CredentialScope { date: &self.date, region: &self.region, service: self.service };
        if scope.verify(&secret, &self.time, &canonical, &self.signature) {
            return Ok(());
        }
        let to_sign = scope.to_sign(&self.time, &canonical);
        Err(SignatureRefusal::Mismatch { canonical, to_sign })
    }
}

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
fn from_header(sent: Sent<'_>, text: &str, query: String) -> Result<Parameters, SignatureRefusal> {
    let (algorithm, rest) = text.split_once(' ').unwrap_or((text, ""));
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'")));
    }
    let (mut credential, mut signed, mut signature) = (None, None, None);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("Credential", value)) => credential = Some(value.to_owned()),
            Some(("SignedHeaders", value)) => signed = Some(value.to_owned()),
            Some(("Signature", value)) => signature = Some(value.to_owned()),
            Some(_) => {}
            None => {
                let hash = base64_sha256(part);
                return Err(incomplete(format!(
                    "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{hash}'."
                )));
            }
        }
    }
    let value = |name: &str| sent.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let date = value("x-amz-date").or_else(|| value("date"));
    if let (Some(credential), Some(signed_headers), Some(signature), Some(date)) = (&credential, &signed, &signature, &date) {
        return Ok(Parameters {
            credential: credential.clone(),
            signed_headers: signed_headers.clone(),
            signature: signature.clone(),
            date: date.clone(),
            token: value("x-amz-security-token"),
            lasting: None,
            query,
        });
    }
    let mut missing = String::new();
    for (name, there) in [("Credential", credential.is_some()), ("Signature", signature.is_some()), ("SignedHeaders", signed.is_some())] {
        if !there {
            missing.push_str(&format!("Authorization header requires '{name}' parameter. "));
        }
    }
    if date.is_none() {
        missing.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    Err(incomplete(format!("{missing}(Hashed with SHA-256 and encoded with Base64) Authorization={}", base64_sha256(text))))
}

/// A presigned request: `X-Amz-Algorithm=…&X-Amz-Credential=…` and so on.
fn from_query(query: &str) -> Result<Parameters, SignatureRefusal> {
    let find = |wanted: &str| form::pairs(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let need = |name: &str| {
        let text = || incomplete(format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."));
        find(name).ok_or_else(text)
    };
    let algorithm = need("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'")));
    }
    let lasting = match find("X-Amz-Expires") {
        None => None,
        Some(text) => match text.parse::<i64>().ok().filter(|seconds| (1..=LASTING_MOST).contains(seconds)) {
            Some(seconds) => Some(seconds),
            None => return Err(incomplete(format!("X-Amz-Expires must be a number of seconds from 1 to {LASTING_MOST}. Got '{text}'."))),
        },
    };
    let signed: Vec<&str> = query.split('&').filter(|pair| !names(pair, "X-Amz-Signature")).collect();
    Ok(Parameters {
        credential: need("X-Amz-Credential")?,
        signed_headers: need("X-Amz-SignedHeaders")?,
        signature: need("X-Amz-Signature")?,
        date: need("X-Amz-Date")?,
        token: find("X-Amz-Security-Token"),
        lasting,
        query: signed.join("&"),
    })
}

/// Whether a pair of a query has a name, however that is written.
fn names(pair: &str, wanted: &str) -> bool {
    form::pairs(pair.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case(wanted))
}

/// So that what was sent is not shown.
fn base64_sha256(text: &str) -> String {
    vpclab_wire::sigv4::canonical::sha256_base64(text.as_bytes())
}

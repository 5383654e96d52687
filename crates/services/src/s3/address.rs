//! Which bucket and key a request names, and who asks: path style and virtual-host style, headers and presigned URLs.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
use super::errors::{Fault, denied};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use vpclab_cloud::AccountId;
use vpclab_wire::form;
use vpclab_wire::sigv4::Signature;

/// The longest time for which a URL can be presigned: a week.
const MAX_EXPIRES: i64 = 604_800;
/// How far a presigned URL's time may lie in the future.
const SKEW: i64 = 900;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that is known: the request is not signed.
    Anonymous,
    /// An account, and the region that the signature is for, if it names one.
    Account(AccountId, Option<String>),
}

/// The bucket that the host names, if it names one.
#[must_use]
pub fn bucket_of_host(host: &str) -> Option<&str> {
    let host = host.rsplit_once(':').map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host });
    if let Some(name) = host.strip_suffix(".vpce.amazonaws.com") {
        // An interface endpoint: `{bucket}.bucket.vpce-0a-b1.s3.{region}`, and without a bucket before it no host style.
        let (bucket, rest) = name.rsplit_once(".bucket.vpce-")?;
        return Some(bucket).filter(|bucket| !bucket.is_empty() && rest.contains(".s3."));
    }
    let bucket = match (host.rfind(".s3."), host.rfind(".s3-")) {
        (Some(at), _) => host.get(..at),
        (None, Some(at)) if host.ends_with(".amazonaws.com") => host.get(..at),
        _ => host.strip_suffix(".localhost").filter(|rest| *rest != "s3" && !rest.starts_with("s3.")),
    };
    bucket.filter(|bucket| !bucket.is_empty())
}

fn host(parts: &Parts) -> Option<&str> {
    let given = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    given.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str))
}

/// Whether a request is S3's: signed for it, or not signed and at a bucket.
pub(super) fn is_s3(parts: &Parts, is_bucket: impl Fn(&str) -> bool) -> bool {
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let query = parts.uri.query().unwrap_or_default();
    let asks = |name: &str| form::pairs(query.as_bytes()).any(|(found, _)| found == name);
    match (Signature::of(&parts.headers, &parts.uri), authorization) {
        (Ok(signature), _) => signature.service == "s3",
        (Err(_), Some(authorization)) => authorization.starts_with("AWS ") && !asks("Action"),
        (Err(_), None) if asks("AWSAccessKeyId") => asks("Signature") && !asks("Action"),
        (Err(_), None) => {
            let first = parts.uri.path().split('/').nth(1).unwrap_or_default();
            host(parts).and_then(bucket_of_host).is_some() || is_bucket(first)
        }
    }
}

/// Who asks, when the signature says so; presigned URLs expire. `now` is in milliseconds since the epoch.
pub(super) fn caller(parts: &Parts, now: i64) -> Result<Caller, Fault> {
    let query: Vec<_> = form::pairs(parts.uri.query().unwrap_or_default().as_bytes()).collect();
    let find = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if let Some(authorization) = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
        && let Some(rest) = authorization.strip_prefix("AWS ")
    {
        let key = rest.split(':').next().unwrap_or_default();
        return Ok(Caller::Account(account(key), None));
    }
    if let (Some(key), Some(expires), false) = (find("AWSAccessKeyId"), find("Expires"), find("X-Amz-Credential").is_some()) {
        let expires: i64 = expires.parse().map_err(|_| Fault::new(403, "AccessDenied", "Invalid date (should be seconds since epoch)"))?;
        not_expired(now, expires.saturating_mul(1000))?;
        return Ok(Caller::Account(account(key), None));
    }
    let signature = match Signature::of(&parts.headers, &parts.uri) {
        Ok(signature) => signature,
        Err(error) if error.code == "MissingAuthenticationToken" => return Ok(Caller::Anonymous),
        Err(_) => {
            let message = "The authorization header is malformed; it is not a complete Signature Version 4.";
            return Err(Fault::new(400, "AuthorizationHeaderMalformed", message));
        }
    };
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        let wrong = |text: &str| Fault::new(400, "AuthorizationQueryParametersError", text);
        let missing = || {
            wrong(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            )
        };
        let date = find("X-Amz-Date").ok_or_else(missing)?;
        let date = moment(date).ok_or_else(|| wrong("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""))?;
        let expires = find("X-Amz-Expires").ok_or_else(missing)?;
        let expires: i64 = expires.parse().map_err(|_| wrong("X-Amz-Expires should be a number"))?;
        if !(0..=MAX_EXPIRES).contains(&expires) {
            return Err(wrong(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        if date > now + SKEW * 1000 {
            return Err(Fault::new(403, "AccessDenied", "Request is not yet valid"));
        }
        not_expired(now, date + expires * 1000)?;
    }
    Ok(Caller::Account(account(&signature.access_key), Some(signature.region)))
}

/// The credentials of a request, of version 4 or 2; `None` when it is not signed.
pub(super) fn credentials(parts: &Parts) -> Option<Signature> {
    if let Ok(signature) = Signature::of(&parts.headers, &parts.uri) {
        return Some(signature);
    }
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let query = |wanted: &str| {
        form::pairs(parts.uri.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value)
    };
    let key = match authorization {
        Some(authorization) => authorization.strip_prefix("AWS ")?.split(':').next()?.to_owned(),
        None => query("AWSAccessKeyId")?,
    };
    let header = parts.headers.get("x-amz-security-token").and_then(|value| value.to_str().ok()).map(str::to_owned);
    Some(Signature {
        access_key: key,
        date: String::new(),
        region: String::new(),
        service: "s3".to_owned(),
        signed_headers: Vec::new(),
        signature: String::new(),
        token: header.or_else(|| query("x-amz-security-token")),
    })
}

fn not_expired(now: i64, until: i64) -> Result<(), Fault> {
    if now <= until {
        return Ok(());
    }
    let time = |millis| vpclab_wire::Timestamp::from_millis(millis).whole_seconds().to_string();
    let mut fault = denied();
    "Request has expired".clone_into(&mut fault.error.message);
    Err(fault.with("Expires", time(until)).with("ServerTime", time(now)))
}

/// `20261123T100000Z` in milliseconds since the epoch.
fn moment(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let iso = format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13), part(13, 15));
    let well_formed = text.len() == 16 && text.as_bytes().get(8) == Some(&b'T') && text.ends_with('Z');
    well_formed.then(|| vpclab_wire::Timestamp::parse(&iso)).flatten().map(|time| time.0)
}

fn account(access_key: &str) -> AccountId {
    crate::caller::account_of_key(access_key)
}

/// The request in path style, without the parameters of its signature. What a presigned URL holds instead of headers
/// (`x-amz-meta-…` and the like) becomes headers again.
pub(super) fn normalise(parts: &mut Parts) {
    let path = match host(parts).and_then(bucket_of_host) {
        Some(bucket) => format!("/{bucket}{}", parts.uri.path()),
        None => parts.uri.path().to_owned(),
    };
    let mut query = Vec::new();
    let mut moved = Vec::new();
    for (name, value) in form::pairs(parts.uri.query().unwrap_or_default().as_bytes()) {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "x-amz-algorithm"
            | "x-amz-credential"
            | "x-amz-date"
            | "x-amz-expires"
            | "x-amz-signedheaders"
            | "x-amz-signature"
            | "x-amz-security-token"
            | "x-amz-user-agent"
            | "awsaccesskeyid"
            | "signature" => {}
            // Version 2's; of S3's own parameters none has the name.
            "expires" => {}
            _ if lower.starts_with("x-amz-") => moved.push((lower, value)),
            _ => query.push((name, value)),
        }
    }
    for (name, value) in moved {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_maybe_shared(bytes::Bytes::from(value))) {
            parts.headers.entry(name).or_insert(value);
        }
    }
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let whole = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    if let Ok(whole) = whole.parse::<PathAndQuery>() {
        parts.uri = Uri::from(whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_name_buckets() {
        for (host, bucket) in [
            ("b.s3.ap-northeast-2.amazonaws.com", Some("b")),
            ("b.c.s3.amazonaws.com:443", Some("b.c")),
            ("b.s3-us-west-2.amazonaws.com", Some("b")),
            ("b.c.bucket.vpce-0abc-xyz.s3.us-west-2.vpce.amazonaws.com", Some("b.c")),
            ("b.bucket.vpce-0abc-xyz-us-west-2a.s3.us-west-2.vpce.amazonaws.com:443", Some("b")),
            ("bucket.vpce-0abc-xyz.s3.us-west-2.vpce.amazonaws.com", None),
            ("vpce-0abc-xyz.s3.us-west-2.vpce.amazonaws.com", None),
            ("b.localhost:4566", Some("b")),
            ("b.s3.localhost:4566", Some("b")),
            ("b.s3.us-west-2.localhost", Some("b")),
            ("s3.localhost", None),
            ("s3.us-west-2.localhost", None),
            ("s3.us-west-2.amazonaws.com", None),
            ("localhost:4566", None),
            ("127.0.0.1:4566", None),
        ] {
            assert_eq!(bucket_of_host(host), bucket, "{host}");
        }
    }

    fn parts(uri: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn presigned_urls_expire() {
        let url = |date: &str, expires: &str| {
            parts(
                &format!(
                    "/b/k?X-Amz-Credential=111122223333%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
                ),
                &[],
            )
        };
        let now = moment("20261123T100000Z").unwrap();
        let caller = |date: &str, expires: &str| caller(&url(date, expires), now);
        let known = Caller::Account("111122223333".parse().unwrap(), Some("eu-west-1".into()));
        assert_eq!(caller("20261123T095900Z", "60"), Ok(known));
        assert_eq!(caller("20261123T095859Z", "60").unwrap_err().error.message, "Request has expired");
        assert_eq!(caller("20261123T101501Z", "60").unwrap_err().error.message, "Request is not yet valid");
        assert_eq!(caller("20261123T095900Z", "604801").unwrap_err().error.code, "AuthorizationQueryParametersError");
        assert_eq!(caller("today", "60").unwrap_err().error.code, "AuthorizationQueryParametersError");
    }

    #[test]
    fn version_2_names_an_account_too() {
        let url = |expires: i64| parts(&format!("/b/k?AWSAccessKeyId=111122223333&Signature=x&Expires={expires}"), &[]);
        let known = Caller::Account("111122223333".parse().unwrap(), None);
        assert_eq!(caller(&url(10), 10_000), Ok(known.clone()));
        assert!(caller(&url(10), 10_001).is_err());
        assert_eq!(caller(&parts("/b/k", &[("authorization", "AWS 111122223333:x")]), 0), Ok(known));
        assert_eq!(caller(&parts("/b/k", &[]), 0), Ok(Caller::Anonymous));
    }

    #[test]
    fn the_bucket_of_the_host_goes_into_the_path() {
        let mut parts = parts("/k%20/?X-Amz-Signature=0&versionId=1&X-Amz-Tagging=a%3Db&list-type=2", &[("host", "b.s3.localhost:1")]);
        normalise(&mut parts);
        assert_eq!(parts.uri, "/b/k%20/?versionId=1&list%2Dtype=2");
        assert_eq!(parts.headers["x-amz-tagging"], "a=b");
    }
}

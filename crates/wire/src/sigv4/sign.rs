//! Signing a request, by its headers.
use super::canonical::{CanonicalRequest, CredentialScope, sha256_hex};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use std::fmt;

/// The keys that sign.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeys {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The token of temporary keys.
    pub session_token: Option<String>,
}

/// Where and when a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningContext<'a> {
    /// The region.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
    /// The time, `20150830T123600Z`.
    pub time: &'a str,
}

/// A header that cannot be sent, such as a token with a line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsendable(
    /// The header's name.
    pub &'static str,
);

impl SigningKeys {
    /// Adds `x-amz-date`, `x-amz-security-token` and `authorization`. All headers that are there are signed, so `host` has to be.
    ///
    /// # Errors
    /// Keys that no header can carry.
    pub fn sign(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
        at: &SigningContext<'_>,
    ) -> Result<(), Unsendable> {
        let value = |name, text: &str| HeaderValue::from_str(text).map_err(|_| Unsendable(name));
        headers.insert("x-amz-date", value("x-amz-date", at.time)?);
        if let Some(token) = &self.session_token {
            headers.insert("x-amz-security-token", value("x-amz-security-token", token)?);
        }
        let mut signed: Vec<(String, String)> = (headers.iter())
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        signed.sort();
        let canonical = CanonicalRequest {
            method: method.as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &signed,
            payload: &sha256_hex(body),
            encode_path: at.service != "s3",
        };
        let scope = CredentialScope { date: at.time.get(..8).unwrap_or_default(), region: at.region, service: at.service };
        let signature = scope.signature(&self.secret_key, at.time, &canonical.text());
        let text = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.access_key,
            scope.text(),
            canonical.signed_headers()
        );
        headers.insert(header::AUTHORIZATION, value("authorization", &text)?);
        Ok(())
    }
}

impl fmt::Debug for SigningKeys {
    /// Secrets are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the header `{}` would hold what no header can", self.0)
    }
}

impl std::error::Error for Unsendable {}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

    fn signed(method: &str, url: &str, header: Option<(&'static str, &str)>, body: &str, of: (&str, &str), token: Option<&str>) -> String {
        let uri: Uri = url.parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, uri.host().unwrap().parse().unwrap());
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        let keys = SigningKeys {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: token.map(str::to_owned),
        };
        let at = SigningContext { service: of.0, region: of.1, time: "20150830T123600Z" };
        keys.sign(&method.parse().unwrap(), &uri, &mut headers, body.as_bytes(), &at).unwrap();
        headers[header::AUTHORIZATION].to_str().unwrap().to_owned()
    }

    /// The first is AWS's own example; the others were signed by botocore.
    #[test]
    fn signatures_are_those_of_others() {
        let users =
            signed("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", Some(FORM), "", ("iam", "us-east-1"), None);
        assert_eq!(
            users,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
        let ec2 = ("ec2", "us-west-2");
        let vpcs = signed(
            "POST",
            "https://ec2.us-west-2.amazonaws.com/",
            Some(FORM),
            "Action=DescribeVpcs&Version=2016-11-15",
            ec2,
            Some("TOKEN"),
        );
        assert!(vpcs.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"), "{vpcs}");
        assert!(vpcs.ends_with("=48e06e77ccd8a68a4be1696daabcb84b2c92f2da8a0c2357b9669eda03566a6d"), "{vpcs}");
        let url = "https://lambda.us-west-2.amazonaws.com/2015-03-31/functions/pets%3Alive/policy";
        let policy = signed("GET", url, None, "", ("lambda", "us-west-2"), None);
        assert!(policy.ends_with("=72b117c1ce8cf0c642e4ca7a94e20dab7a0f332c920fc03ab29c4a2817dc354b"), "{policy}");
        let url = "https://apigateway.eu-west-1.amazonaws.com/restapis/abc/stages/dev/exports/oas30?extensions=apigateway&b=%2Fx&a=2";
        let export = signed("GET", url, Some(("accept", "application/json")), "", ("apigateway", "eu-west-1"), None);
        assert!(export.contains("SignedHeaders=accept;host;x-amz-date"), "{export}");
        assert!(export.ends_with("=8a76d10afe26d6e70d6474cce9b3f0a8b86db88a13972597990656b573babc88"), "{export}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let keys = SigningKeys { access_key: "AK".into(), secret_key: "SECRET".into(), session_token: Some("TOKEN".into()) };
        assert_eq!(format!("{keys:?}"), "SigningKeys { access_key: \"AK\", .. }");
        let token = SigningKeys { session_token: Some("a\nb".into()), ..keys };
        let at = SigningContext { region: "r", service: "s", time: "20150830T123600Z" };
        let refused = token.sign(&Method::GET, &Uri::from_static("/"), &mut HeaderMap::new(), b"", &at);
        assert_eq!(refused, Err(Unsendable("x-amz-security-token")));
    }
}

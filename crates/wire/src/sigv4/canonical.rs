//! What Signature Version 4 signs: the canonical request, the string made of it, and its signature. The same for those who sign and for
//! those who verify.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode};
use std::borrow::Cow;
use std::fmt::Write as _;

/// All but the unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// In a path, slashes stay.
const PATH: &AsciiSet = &ENCODED.remove(b'/');

/// A request as it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalRequest<'a> {
    /// `GET`
    pub method: &'a str,
    /// The path as it is sent, encoded once.
    pub path: &'a str,
    /// The query string as it is sent, without the signature itself.
    pub query: &'a str,
    /// The signed headers by name in lower case, in order of name.
    pub headers: &'a [(String, String)],
    /// The SHA-256 of the body in hexadecimal, or what stands for it.
    pub payload: &'a str,
    /// Every service but S3 signs the path without its dots and empty segments, encoded once more.
    pub encode_path: bool,
}

/// The day, region and service that a signature is valid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    /// `20150830`
    pub date: &'a str,
    /// `us-east-1`
    pub region: &'a str,
    /// `iam`
    pub service: &'a str,
}

impl CanonicalRequest<'_> {
    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        let path = if self.encode_path { utf8_percent_encode(&plain(path), PATH).to_string() } else { path.to_owned() };
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut pairs: Vec<(String, String)> = pairs.map(|(name, value)| (recoded(name), recoded(value))).collect();
        pairs.sort();
        let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for (name, value) in self.headers {
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            let _ = writeln!(headers, "{name}:{}", words.join(" "));
        }
        format!("{}\n{path}\n{}\n{headers}\n{}\n{}", self.method, query.join("&"), self.signed_headers(), self.payload)
    }

    /// `content-type;host;x-amz-date`
    #[must_use]
    pub fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }
}

impl CredentialScope<'_> {
    /// `20150830/us-east-1/iam/aws4_request`
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }

    /// The text that is signed for a canonical request made at a time, `20150830T123600Z`.
    #[must_use]
    pub fn to_sign(&self, time: &str, canonical: &str) -> String {
        format!("AWS4-HMAC-SHA256\n{time}\n{}\n{}", self.text(), sha256_hex(canonical.as_bytes()))
    }

    /// Whether a signature is the one of a canonical request; how long the answer takes does not tell how much of it is right.
    #[must_use]
    pub fn verify(&self, secret: &str, time: &str, canonical: &str, signature: &str) -> bool {
        let right = self.signature(secret, time, canonical);
        constant_time::verify_slices_are_equal(right.as_bytes(), signature.as_bytes()).is_ok()
    }

    /// The signature of a canonical request made at a time, `20150830T123600Z`, in hexadecimal.
    #[must_use]
    pub fn signature(&self, secret: &str, time: &str, canonical: &str) -> String {
        let to_sign = self.to_sign(time, canonical);
        let mut key = mac(format!("AWS4{secret}").as_bytes(), self.date);
        for part in [self.region, self.service, "aws4_request", &to_sign] {
            key = mac(key.as_ref(), part);
        }
        hex(key.as_ref())
    }
}

/// The SHA-256 of bytes in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// The SHA-256 of bytes in base64, by which error messages name what they do not show.
#[must_use]
pub fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, bytes))
}

/// Text with all but the unreserved characters encoded, as Signature Version 4 wants it in query strings.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A part of a query string encoded as [`encode`] does it, whatever bytes it stands for; a plus is a space.
fn recoded(part: &str) -> String {
    let text = part.replace('+', " ");
    let bytes: Cow<'_, [u8]> = percent_decode_str(&text).into();
    percent_encode(&bytes, ENCODED).to_string()
}

/// A path without `.`, `..` and empty segments; a slash at its end stays.
fn plain(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let last = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{last}", segments.join("/"))
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore's `normalize_url_path` does it.
    #[test]
    fn paths_are_signed_without_dots_and_empty_segments() {
        for (path, wanted) in [
            ("/", "/"),
            ("//", "/"),
            ("/a/", "/a/"),
            ("/a//b", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/../a", "/a"),
            ("/a/..", "/"),
            ("/a%2Fb", "/a%2Fb"),
        ] {
            assert_eq!(plain(path), wanted, "{path}");
        }
    }

    /// Bytes that are no UTF-8 are signed as they are: no two of them are one.
    #[test]
    fn queries_are_signed_by_their_bytes() {
        for (query, wanted) in [("a=%ff", "a=%FF"), ("b&a=1=2", "a=1%3D2&b="), ("a=1+2&a=%7e", "a=1%202&a=~"), ("a=%zz", "a=%25zz")] {
            let request = CanonicalRequest { method: "GET", path: "/", query, headers: &[], payload: "", encode_path: true };
            assert_eq!(request.text().lines().nth(2), Some(wanted), "{query}");
        }
    }

    #[test]
    fn only_the_right_signature_is_right() {
        let scope = CredentialScope { date: "20150830", region: "us-west-2", service: "execute-api" };
        let right = scope.signature("secret", "20150830T123600Z", "canonical");
        assert!(scope.verify("secret", "20150830T123600Z", "canonical", &right));
        for (secret, canonical, signature) in [
            ("secreT", "canonical", right.as_str()),
            ("secret", "other", &right),
            ("secret", "canonical", ""),
            ("secret", "canonical", &right[1..]),
        ] {
            assert!(!scope.verify(secret, "20150830T123600Z", canonical, signature));
        }
    }
}

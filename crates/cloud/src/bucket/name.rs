//! Names of buckets.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, net::Ipv4Addr, str::FromStr, sync::Arc};

/// The name of a general purpose bucket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(Arc<str>);

/// Text that no bucket can be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no valid name of a bucket")]
pub struct InvalidBucketName(pub String);

const RESERVED_BEGINNINGS: &[&str] = &["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: &[&str] = &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BucketName {
    type Err = InvalidBucketName;
    fn from_str(text: &str) -> Result<Self, InvalidBucketName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ends = |end: Option<u8>| end.is_some_and(plain);
        let valid = (3..=63).contains(&text.len())
            && text.bytes().all(|b| plain(b) || b == b'-' || b == b'.')
            && ends(text.bytes().next())
            && ends(text.bytes().next_back())
            && !text.contains("..")
            && text.parse::<Ipv4Addr>().is_err()
            && !RESERVED_BEGINNINGS.iter().any(|begin| text.starts_with(begin))
            && !RESERVED_ENDS.iter().any(|end| text.ends_with(end));
        if valid { Ok(Self(text.into())) } else { Err(InvalidBucketName(text.to_owned())) }
    }
}
impl TryFrom<String> for BucketName {
    type Error = InvalidBucketName;
    fn try_from(text: String) -> Result<Self, InvalidBucketName> {
        text.parse()
    }
}
impl From<BucketName> for String {
    fn from(name: BucketName) -> String {
        name.0.as_ref().to_owned()
    }
}
impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Borrow<str> for BucketName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

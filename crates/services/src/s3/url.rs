//! URLs of objects, as templates and packages name them.
use super::address::bucket_of_host;
use http::Uri;
use vpclab_wire::form;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version, when one is named.
    pub version: Option<String>,
}

/// Reads `s3://bucket/key`, `https://bucket.s3.region.amazonaws.com/key`, `https://s3.region.amazonaws.com/bucket/key`, and the path style
/// of the lab's own port, all with an optional `?versionId=`. `None` is no URL of an object.
#[must_use]
pub fn parse_s3_url(url: &str) -> Option<S3Location> {
    let (scheme, rest) = url.split_once("://")?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/')?;
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    let (bucket, key) = match scheme {
        // Keys in these are as they are.
        "s3" => (host.to_owned(), path.to_owned()),
        "http" | "https" => {
            host.parse::<Uri>().ok()?;
            match bucket_of_host(host) {
                Some(bucket) => (bucket.to_owned(), decode(path)?),
                None => {
                    let (bucket, key) = path.split_once('/')?;
                    (decode(bucket)?, decode(key)?)
                }
            }
        }
        _ => return None,
    };
    let version = form::pairs(query.as_bytes()).find(|(name, _)| name == "versionId").map(|(_, id)| id);
    (!bucket.is_empty() && !key.is_empty()).then_some(S3Location { bucket, key, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_objects() {
        let at = |bucket: &str, key: &str, version: Option<&str>| {
            Some(S3Location { bucket: bucket.into(), key: key.into(), version: version.map(str::to_owned) })
        };
        assert_eq!(parse_s3_url("s3://b-1/a/b.zip"), at("b-1", "a/b.zip", None));
        assert_eq!(parse_s3_url("s3://b-1/a?versionId=v"), at("b-1", "a", Some("v")));
        assert_eq!(parse_s3_url("https://b-1.s3.us-west-2.amazonaws.com/a%20b?versionId=v"), at("b-1", "a b", Some("v")));
        assert_eq!(parse_s3_url("https://s3.us-west-2.amazonaws.com/b-1/a/b"), at("b-1", "a/b", None));
        assert_eq!(parse_s3_url("http://127.0.0.1:4566/b-1/template.yaml"), at("b-1", "template.yaml", None));
        assert_eq!(parse_s3_url("http://b-1.localhost:4566/template.yaml"), at("b-1", "template.yaml", None));
        for none in ["", "b-1/a", "s3://b-1", "s3://b-1/", "ftp://b-1/a", "https://s3.amazonaws.com/b-1"] {
            assert_eq!(parse_s3_url(none), None, "{none}");
        }
    }
}

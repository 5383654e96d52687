//! Where code, layers and definitions lie in S3.
use crate::{
    fault::{Fault, Out},
    text::Text,
    value::{Dict, Val},
};

/// Bucket, key and version.
pub(crate) struct Location {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

/// `s3://bucket/key?versionId=x`.
pub(crate) fn parse(uri: &str) -> Option<Location> {
    let (scheme, rest) = uri.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("s3") {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or("");
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (bucket, key) = rest.split_once('/')?;
    if bucket.is_empty() {
        return None;
    }
    let pairs =
        query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, value)| !value.is_empty() && decode(name) == "versionId");
    let versions: Vec<String> = pairs.map(|(_, value)| decode(value)).collect();
    let version = if let [one] = versions.as_slice() { Some(one.clone()) } else { None };
    Some(Location { bucket: bucket.to_owned(), key: key.trim_start_matches('/').to_owned(), version })
}

/// `%2F` and `+`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        let code = hex(after.first()).zip(hex(after.get(1))).filter(|_| *first == b'%');
        rest = if code.is_some() { after.get(2..).unwrap_or(&[]) } else { after };
        bytes.push(code.map_or(if *first == b'+' { b' ' } else { *first }, |(high, low)| high * 16 + low));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The code of a function or the content of a layer: from a text or a map of `Bucket`, `Key` and `Version`.
pub(crate) fn code(uri: Option<&Val>, id: &Text, property: &str) -> Out<Dict> {
    let wrong = |message: &str| Err(Fault::resource(id, format!("'{property}' {message}")));
    let uri = uri.unwrap_or(&Val::NULL);
    if let Some(map) = uri.dict() {
        let (Some(bucket), Some(key)) = (map.truthy("Bucket"), map.truthy("Key")) else {
            return wrong("requires Bucket and Key properties to be specified.");
        };
        let mut out = Dict::of("S3Bucket", bucket).with("S3Key", key);
        for (from, to) in [("Version", "S3ObjectVersion"), ("StorageMode", "S3ObjectStorageMode")] {
            if let Some(val) = map.raw(from) {
                out.insert(to, val);
            }
        }
        return Ok(out);
    }
    let Some(text) = uri.text() else { return wrong("must be of type dict or string.") };
    if has_dynamic_reference(text) {
        let message = format!(
            "Unsupported dynamic reference detected in '{property}'. Please consider using alternative 'FunctionCode' object format."
        );
        return Err(Fault::resource(id, message));
    }
    let Some(location) = parse(text) else {
        return wrong("is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.");
    };
    let mut out = Dict::of("S3Bucket", location.bucket).with("S3Key", location.key);
    if let Some(version) = location.version {
        out.insert("S3ObjectVersion", version);
    }
    Ok(out)
}

/// `{{resolve:ssm:/a/path}}`: a name with a slash would be read as a part of the URI.
fn has_dynamic_reference(text: &str) -> bool {
    text.match_indices("{{resolve:").any(|(start, mark)| {
        let inside = text.get(start + mark.len()..).and_then(|rest| rest.split_once("}}")).map(|(inside, _)| inside);
        let service = inside.and_then(|inside| inside.split_once(':'));
        service.is_some_and(|(service, name)| matches!(service, "ssm" | "ssm-secure" | "secretsmanager") && name.contains('/'))
    })
}

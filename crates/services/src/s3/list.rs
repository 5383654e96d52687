//! Lists of objects, versions and uploads.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
use super::bucket::{canonical_id, owner};
use super::errors::{Fault, invalid_argument};
use super::object::{kind_of, quoted};
use super::serve::{S3Call, bucket_name};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vpclab_cloud::AccountId;
use vpclab_cloud::bucket::{Entry, ListAsked, Object, ObjectVersion};
use vpclab_wire::{Timestamp, s3 as wire};

const MAX_KEYS: i32 = 1000;
/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// Keys as the request wants them written.
#[derive(Clone, Copy)]
struct Encoding(bool);

impl Encoding {
    fn of(asked: Option<&str>) -> Result<Self, Fault> {
        match asked {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(_) => Err(invalid_argument("Invalid Encoding Method specified in Request").with("ArgumentName", "encoding-type")),
        }
    }
    fn write(self, text: &str) -> String {
        if self.0 { utf8_percent_encode(text, PLAIN).to_string() } else { text.to_owned() }
    }
    fn option(self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.write(text))
    }
    fn prefixes<T>(self, entries: &[Entry<T>]) -> Vec<wire::CommonPrefix> {
        let prefixes = entries.iter().filter_map(|entry| match entry {
            Entry::Prefix(prefix) => Some(wire::CommonPrefix { prefix: Some(self.write(prefix)) }),
            Entry::One(..) => None,
        });
        prefixes.collect()
    }
}

fn most(asked: Option<i32>, name: &'static str) -> Result<(i32, usize), Fault> {
    match asked.unwrap_or(MAX_KEYS) {
        max @ 0.. => Ok((max.min(MAX_KEYS), usize::try_from(max.min(MAX_KEYS)).unwrap_or_default())),
        _ => Err(invalid_argument(format!("Argument {name} must be an integer between 0 and 2147483647")).with("ArgumentName", name)),
    }
}

/// The key or prefix at the end of a page, after which the next begins.
fn last<T>(entries: &[Entry<T>]) -> Option<String> {
    entries.last().map(|entry| match entry {
        Entry::One(key, _) | Entry::Prefix(key) => key.clone(),
    })
}

fn algorithms(object: &Object) -> (Vec<String>, Option<String>) {
    match &object.checksum {
        None => (Vec::new(), None),
        Some(checksum) => {
            let kind = if checksum.composite { "COMPOSITE" } else { "FULL_OBJECT" };
            (vec![super::body::name(kind_of(checksum.algorithm)).to_owned()], Some(kind.to_owned()))
        }
    }
}

fn size(object: &Object) -> Option<i64> {
    i64::try_from(object.size).ok()
}

fn class(object: &Object) -> Option<String> {
    Some(object.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned()))
}

fn contents(key: String, version: &ObjectVersion, account: Option<&AccountId>) -> Option<wire::Object> {
    let object = version.object.as_ref()?;
    let (checksum_algorithm, checksum_type) = algorithms(object);
    Some(wire::Object {
        key: Some(key),
        last_modified: Some(Timestamp(version.modified.0)),
        e_tag: Some(quoted(&object.etag)),
        checksum_algorithm,
        checksum_type,
        size: size(object),
        storage_class: class(object),
        owner: account.map(owner),
    })
}

/// `ListObjects`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html>
pub async fn list_objects(call: &S3Call, input: wire::ListObjectsRequest) -> Result<wire::ListObjectsOutput, Fault> {
    let (encoding, (max, limit)) = (Encoding::of(input.encoding_type.as_deref())?, most(input.max_keys, "max-keys")?);
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let account = &cloud.bucket(&name)?.scope.account;
    let asked = ListAsked {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.marker.as_deref(),
        after_id: None,
        max: limit,
    };
    let page = cloud.list_objects(&name, &asked);
    let delimited = asked.delimiter.is_some_and(|delimiter| !delimiter.is_empty());
    Ok(wire::ListObjectsOutput {
        is_truncated: Some(page.truncated),
        // Without a delimiter the next page begins after the last key.
        next_marker: last(&page.entries).filter(|_| page.truncated && delimited).map(|marker| encoding.write(&marker)),
        marker: Some(encoding.write(input.marker.as_deref().unwrap_or_default())),
        name: Some(name.to_string()),
        prefix: Some(encoding.write(asked.prefix)),
        delimiter: encoding.option(input.delimiter.as_ref()),
        max_keys: Some(max),
        common_prefixes: encoding.prefixes(&page.entries),
        encoding_type: input.encoding_type.clone(),
        contents: page
            .entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::One(key, version) => contents(encoding.write(&key), &version, Some(account)),
                Entry::Prefix(_) => None,
            })
            .collect(),
    })
}

/// `ListObjectsV2`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub async fn list_objects_v2(call: &S3Call, input: wire::ListObjectsV2Request) -> Result<wire::ListObjectsV2Output, Fault> {
    let (encoding, (max, limit)) = (Encoding::of(input.encoding_type.as_deref())?, most(input.max_keys, "max-keys")?);
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let account = &cloud.bucket(&name)?.scope.account;
    let token = match &input.continuation_token {
        None => None,
        Some(token) => {
            let read = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let wrong = || invalid_argument("The continuation token provided is incorrect").with("ArgumentName", "continuation-token");
            Some(read.ok_or_else(wrong)?)
        }
    };
    let asked = ListAsked {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: token.as_deref().or(input.start_after.as_deref()),
        after_id: None,
        max: limit,
    };
    let page = cloud.list_objects(&name, &asked);
    Ok(wire::ListObjectsV2Output {
        is_truncated: Some(page.truncated),
        name: Some(name.to_string()),
        prefix: Some(encoding.write(asked.prefix)),
        delimiter: encoding.option(input.delimiter.as_ref()),
        max_keys: Some(max),
        common_prefixes: encoding.prefixes(&page.entries),
        encoding_type: input.encoding_type.clone(),
        key_count: i32::try_from(page.entries.len()).ok(),
        continuation_token: input.continuation_token.clone(),
        next_continuation_token: last(&page.entries).filter(|_| page.truncated).map(|key| URL_SAFE_NO_PAD.encode(key)),
        start_after: encoding.option(input.start_after.as_ref()),
        contents: page
            .entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::One(key, version) => {
                    contents(encoding.write(&key), &version, Some(account).filter(|_| input.fetch_owner == Some(true)))
                }
                Entry::Prefix(_) => None,
            })
            .collect(),
    })
}

/// `ListObjectVersions`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>
pub async fn list_object_versions(call: &S3Call, input: wire::ListObjectVersionsRequest) -> Result<wire::ListObjectVersionsOutput, Fault> {
    let (encoding, (max, limit)) = (Encoding::of(input.encoding_type.as_deref())?, most(input.max_keys, "max-keys")?);
    if input.version_id_marker.is_some() && input.key_marker.is_none() {
        return Err(invalid_argument("A version-id marker cannot be specified without a key marker."));
    }
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let account = &cloud.bucket(&name)?.scope.account;
    let asked = ListAsked {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.key_marker.as_deref(),
        after_id: input.version_id_marker.as_deref(),
        max: limit,
    };
    let page = cloud.list_versions(&name, &asked);
    let next_version_id_marker = match page.entries.last() {
        Some(Entry::One(_, entry)) if page.truncated => Some(entry.version.shown_id().to_owned()),
        _ => None,
    };
    let mut output = wire::ListObjectVersionsOutput {
        is_truncated: Some(page.truncated),
        key_marker: Some(encoding.write(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.clone().unwrap_or_default()),
        next_key_marker: last(&page.entries).filter(|_| page.truncated).map(|key| encoding.write(&key)),
        next_version_id_marker,
        name: Some(name.to_string()),
        prefix: Some(encoding.write(asked.prefix)),
        delimiter: encoding.option(input.delimiter.as_ref()),
        max_keys: Some(max),
        common_prefixes: encoding.prefixes(&page.entries),
        encoding_type: input.encoding_type.clone(),
        ..Default::default()
    };
    for entry in page.entries {
        let Entry::One(key, found) = entry else { continue };
        let (key, version_id) = (Some(encoding.write(&key)), Some(found.version.shown_id().to_owned()));
        let (is_latest, last_modified) = (Some(found.latest), Some(Timestamp(found.version.modified.0)));
        match &found.version.object {
            None => {
                output.delete_markers.push(wire::DeleteMarkerEntry {
                    owner: Some(owner(account)),
                    key,
                    version_id,
                    is_latest,
                    last_modified,
                });
            }
            Some(object) => {
                let (checksum_algorithm, checksum_type) = algorithms(object);
                output.versions.push(wire::ObjectVersion {
                    e_tag: Some(quoted(&object.etag)),
                    checksum_algorithm,
                    checksum_type,
                    size: size(object),
                    storage_class: class(object),
                    key,
                    version_id,
                    is_latest,
                    last_modified,
                    owner: Some(owner(account)),
                });
            }
        }
    }
    Ok(output)
}

/// `ListMultipartUploads`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>
pub async fn list_multipart_uploads(
    call: &S3Call,
    input: wire::ListMultipartUploadsRequest,
) -> Result<wire::ListMultipartUploadsOutput, Fault> {
    let (encoding, (max, limit)) = (Encoding::of(input.encoding_type.as_deref())?, most(input.max_uploads, "max-uploads")?);
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let account = &cloud.bucket(&name)?.scope.account;
    let asked = ListAsked {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.key_marker.as_deref(),
        after_id: input.upload_id_marker.as_deref(),
        max: limit,
    };
    let page = cloud.list_uploads(&name, &asked);
    let next_upload_id_marker = match page.entries.last() {
        Some(Entry::One(_, (id, _))) if page.truncated => Some(id.clone()),
        _ => None,
    };
    Ok(wire::ListMultipartUploadsOutput {
        bucket: Some(name.to_string()),
        key_marker: Some(encoding.write(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.clone().unwrap_or_default()),
        next_key_marker: last(&page.entries).filter(|_| page.truncated).map(|key| encoding.write(&key)),
        prefix: Some(encoding.write(asked.prefix)),
        delimiter: encoding.option(input.delimiter.as_ref()),
        next_upload_id_marker,
        max_uploads: Some(max),
        is_truncated: Some(page.truncated),
        common_prefixes: encoding.prefixes(&page.entries),
        encoding_type: input.encoding_type.clone(),
        uploads: page
            .entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::One(key, (id, upload)) => Some(wire::MultipartUpload {
                    upload_id: Some(id),
                    key: Some(encoding.write(&key)),
                    initiated: Some(Timestamp(upload.initiated.0)),
                    storage_class: class(&upload.object),
                    owner: Some(owner(account)),
                    initiator: Some(wire::Initiator { id: Some(canonical_id(account)), display_name: None }),
                    checksum_algorithm: upload.named.then(|| super::body::name(kind_of(upload.algorithm)).to_owned()),
                    checksum_type: upload.named.then(|| if upload.composite { "COMPOSITE" } else { "FULL_OBJECT" }.to_owned()),
                    ..Default::default()
                }),
                Entry::Prefix(_) => None,
            })
            .collect(),
    })
}

//! Putting objects, and what objects have beside their bytes.
use super::body::Received;
use super::errors::{Fault, internal, invalid_argument, invalid_request, not_served};
use super::serve::{S3Call, bucket_name};
use super::tagging::header_tags;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use vpclab_cloud::Scope;
use vpclab_cloud::bucket::{
    Bucket, Checksum, ChecksumAlgorithm, Encryption, Object, ObjectHeaders, ObjectVersion, Piece, Precondition, Versioning,
};
use vpclab_store::{Blob, ChecksumKind};
use vpclab_wire::s3 as wire;

/// The most metadata of a caller's own, in bytes of names and values.
const MAX_METADATA: usize = 2048;
/// Classes from which objects are read without being restored first.
const STORAGE_CLASSES: &[&str] = &["REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];

/// Sets `checksum_…` and `checksum_type` of an answer.
macro_rules! show_checksum {
    ($output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            $output.checksum_type = Some(if checksum.composite { "COMPOSITE" } else { "FULL_OBJECT" }.to_owned());
            $crate::s3::object::show_checksum_value!($output, checksum.algorithm, Some(checksum.value.clone()));
        }
    };
}
/// Sets one of `checksum_…` of an answer.
macro_rules! show_checksum_value {
    ($output:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            vpclab_cloud::bucket::ChecksumAlgorithm::Crc32 => $output.checksum_crc32 = $value,
            vpclab_cloud::bucket::ChecksumAlgorithm::Crc32c => $output.checksum_crc32_c = $value,
            vpclab_cloud::bucket::ChecksumAlgorithm::Crc64nvme => $output.checksum_crc64_nvme = $value,
            vpclab_cloud::bucket::ChecksumAlgorithm::Sha1 => $output.checksum_sha1 = $value,
            vpclab_cloud::bucket::ChecksumAlgorithm::Sha256 => $output.checksum_sha256 = $value,
        }
    };
}
/// `ObjectHeaders` of a request that has them as members.
macro_rules! headers_of {
    ($input:expr) => {
        vpclab_cloud::bucket::ObjectHeaders {
            content_type: $input.content_type,
            cache_control: $input.cache_control,
            content_disposition: $input.content_disposition,
            content_encoding: $input.content_encoding,
            content_language: $input.content_language,
            expires: $input.expires,
        }
    };
}
pub(super) use {headers_of, show_checksum, show_checksum_value};

pub(super) fn kind_of(algorithm: ChecksumAlgorithm) -> ChecksumKind {
    match algorithm {
        ChecksumAlgorithm::Crc32 => ChecksumKind::Crc32,
        ChecksumAlgorithm::Crc32c => ChecksumKind::Crc32c,
        ChecksumAlgorithm::Crc64nvme => ChecksumKind::Crc64nvme,
        ChecksumAlgorithm::Sha1 => ChecksumKind::Sha1,
        ChecksumAlgorithm::Sha256 => ChecksumKind::Sha256,
    }
}

pub(super) fn algorithm_of(kind: ChecksumKind) -> ChecksumAlgorithm {
    match kind {
        ChecksumKind::Crc32 => ChecksumAlgorithm::Crc32,
        ChecksumKind::Crc32c => ChecksumAlgorithm::Crc32c,
        ChecksumKind::Crc64nvme => ChecksumAlgorithm::Crc64nvme,
        ChecksumKind::Sha1 => ChecksumAlgorithm::Sha1,
        ChecksumKind::Sha256 => ChecksumAlgorithm::Sha256,
    }
}

pub(super) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The id that an answer shows: none in a bucket that never kept versions.
pub(super) fn shown_version(bucket: &Bucket, version: &ObjectVersion) -> Option<String> {
    (bucket.settings.versioning != Versioning::Never).then(|| version.shown_id().to_owned())
}

/// `If-Match` and `If-None-Match` of a write.
pub(super) fn precondition(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Precondition, Fault> {
    match if_none_match {
        Some(value) if value != "*" => Err(not_served("If-None-Match of a write with a value other than `*`")),
        _ => Ok(Precondition { etag: if_match.map(|etag| etag.trim_matches('"').to_owned()), absent: if_none_match.is_some() }),
    }
}

/// The members of a request by which an object says how it is encrypted.
pub(super) fn encryption(
    bucket: &Bucket,
    algorithm: Option<&str>,
    key: Option<String>,
    bucket_key: Option<bool>,
) -> Result<(Encryption, bool), Fault> {
    let default = &bucket.settings.encryption;
    let encryption = match (algorithm, key) {
        (None, None) => default.default.clone(),
        (Some("AES256"), None) => Encryption::Aes256,
        (Some("aws:kms"), key) => Encryption::Kms(key),
        (None | Some("AES256"), Some(_)) => {
            return Err(invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            ));
        }
        (Some("aws:kms:dsse" | "aws:fsx"), _) => return Err(not_served("encryption by `aws:kms:dsse` or `aws:fsx`")),
        (Some(_), _) => return Err(invalid_argument("The encryption method specified is not supported")),
    };
    let kms = matches!(encryption, Encryption::Kms(_));
    Ok((encryption, kms && bucket_key.unwrap_or(default.bucket_key)))
}

/// What answers say of an object's encryption: method, key, whether it is the bucket's key.
pub(super) fn shown_encryption(scope: &Scope, object: &Object) -> (Option<String>, Option<String>, Option<bool>) {
    match &object.encryption {
        Encryption::Aes256 => (Some("AES256".to_owned()), None, None),
        Encryption::Kms(key) => {
            let key = key.as_deref().unwrap_or("alias/aws/s3");
            let arn = if key.starts_with("arn:") {
                key.to_owned()
            } else {
                let kind = if key.starts_with("alias/") { "" } else { "key/" };
                format!("arn:aws:kms:{}:{}:{kind}{key}", scope.region, scope.account)
            };
            (Some("aws:kms".to_owned()), Some(arn), object.bucket_key.then_some(true))
        }
    }
}

pub(super) fn storage_class(asked: Option<String>) -> Result<Option<String>, Fault> {
    match asked.as_deref() {
        None | Some("STANDARD") => Ok(None),
        Some(class) if STORAGE_CLASSES.contains(&class) => Ok(asked),
        Some(class @ ("GLACIER" | "DEEP_ARCHIVE" | "OUTPOSTS" | "SNOW" | "EXPRESS_ONEZONE" | "FSX_OPENZFS" | "FSX_ONTAP")) => {
            Err(not_served(&format!("the storage class `{class}`")))
        }
        Some(_) => Err(Fault::new(400, "InvalidStorageClass", "The storage class you specified is not valid")),
    }
}

pub(super) fn metadata(metadata: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Fault> {
    let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_METADATA {
        let fault = Fault::new(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
        return Err(fault.with("Size", size.to_string()).with("MaxSizeAllowed", MAX_METADATA.to_string()));
    }
    Ok(metadata)
}

/// `Content-Type` as S3 keeps it.
pub(super) fn with_type(headers: ObjectHeaders) -> ObjectHeaders {
    let content_type = headers.content_type.filter(|text| !text.is_empty()).unwrap_or_else(|| "binary/octet-stream".to_owned());
    ObjectHeaders { content_type: Some(content_type), ..headers }
}

/// The one piece that a blob is; an empty one needs none.
pub(super) fn pieces(blob: &Blob) -> Vec<Piece> {
    match blob.size {
        0 => Vec::new(),
        size => vec![Piece { sha256: blob.sha256, size, checksum: None }],
    }
}

/// The bytes, ETag and checksum of an object that is one blob.
pub(super) fn of_blob(blob: &Blob, kind: ChecksumKind, rest: Object) -> Object {
    let value = blob.checksums.iter().find(|(computed, _)| *computed == kind).map(|(_, value)| STANDARD.encode(value));
    let checksum = value.map(|value| Checksum { algorithm: algorithm_of(kind), value, composite: false });
    Object { size: blob.size, etag: hex(&blob.md5), pieces: pieces(blob), in_parts: false, checksum, ..rest }
}

pub(super) fn received(call: &S3Call) -> Result<&Received, Fault> {
    call.received.as_ref().ok_or_else(|| internal(&"the body was not received"))
}

/// `PutObject`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub async fn put_object(call: &S3Call, input: wire::PutObjectRequest) -> Result<wire::PutObjectOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&name)?;
    let received = received(call)?;
    let kind = received.claimed.or_else(|| received.blob.checksums.first().map(|(kind, _)| *kind)).unwrap_or(ChecksumKind::Crc64nvme);
    if let Some(asked) = &input.checksum_algorithm
        && super::body::kind(asked)? != kind
    {
        return Err(invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid."));
    }
    let (encryption, bucket_key) =
        encryption(bucket, input.server_side_encryption.as_deref(), input.ssekms_key_id, input.bucket_key_enabled)?;
    let tags = header_tags(input.tagging.as_deref())?;
    if !tags.is_empty() {
        call.allowed(&cloud, &input.bucket, "s3:PutObjectTagging", Some(&input.key))?;
    }
    let rest = Object {
        headers: with_type(headers_of!(input)),
        metadata: metadata(input.metadata)?,
        tags,
        storage_class: storage_class(input.storage_class)?,
        encryption,
        bucket_key,
        ..Object::default()
    };
    let object = of_blob(&received.blob, kind, rest);
    let precondition = precondition(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let shown = object.clone();
    let version = call.change(|cloud, cx| cloud.put_object(cx, &name, &input.key, object, &precondition)).await?;
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&bucket.scope, &shown);
    let mut output = wire::PutObjectOutput {
        e_tag: Some(quoted(&shown.etag)),
        version_id: version.id.clone(),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        ..Default::default()
    };
    show_checksum!(output, &shown.checksum);
    Ok(output)
}

/// `GetObjectAcl`: with ACLs disabled, the owner's full control.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html>
pub async fn get_object_acl(call: &S3Call, input: wire::GetObjectAclRequest) -> Result<wire::GetObjectAclOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    cloud.object(&name, &input.key, input.version_id.as_deref())?;
    let owner = &cloud.bucket(&name)?.scope.account;
    Ok(wire::GetObjectAclOutput { owner: Some(super::bucket::owner(owner)), grants: super::bucket::full_control(owner) })
}

//! Copies inside S3: of an object, or of a stretch of one as a part of an upload.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
use super::body::MAX_PUT;
use super::conditions::{Conditions, range};
use super::errors::{Fault, denied, invalid_argument, invalid_request, not_served};
use super::multipart::{part, part_number};
use super::object::{
    encryption, headers_of, kind_of, metadata, of_blob, precondition, quoted, show_checksum, show_checksum_value, shown_encryption,
    shown_version, storage_class, with_type,
};
use super::pieces;
use super::serve::{S3Call, bucket_name, hide_absence, of_version};
use super::tagging::header_tags;
use std::sync::Arc;
use vpclab_cloud::Cloud;
use vpclab_cloud::bucket::{Bucket, BucketName, Object, ObjectVersion};
use vpclab_store::ChecksumKind;
use vpclab_wire::{Timestamp, form, s3 as wire};

/// The object that a copy is made of.
struct Source<'c> {
    bucket: &'c Arc<Bucket>,
    key: String,
    version: &'c Arc<ObjectVersion>,
    object: &'c Object,
}

/// Reads `bucket/key?versionId=…` and finds the object, if the caller may read it and the conditions hold.
fn source<'c>(
    call: &S3Call,
    cloud: &'c Cloud,
    text: &str,
    expected_owner: Option<&str>,
    conditions: &Conditions<'_>,
) -> Result<Source<'c>, Fault> {
    let malformed = || {
        invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
            .with("ArgumentName", "x-amz-copy-source")
    };
    if text.starts_with("arn:") {
        return Err(not_served("copies from access points"));
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let path = percent_encoding::percent_decode_str(path.trim_start_matches('/')).decode_utf8().map_err(|_| malformed())?;
    let (bucket, key) = path.split_once('/').filter(|(_, key)| !key.is_empty()).ok_or_else(malformed)?;
    let id = form::pairs(query.as_bytes()).find(|(name, _)| name == "versionId").map(|(_, id)| id);
    let action = if id.is_some() { of_version("s3:GetObject") } else { "s3:GetObject".to_owned() };
    let bucket = call.allowed(cloud, bucket, &action, Some(key))?;
    if expected_owner.is_some_and(|expected| expected != bucket.scope.account.as_str()) {
        return Err(denied());
    }
    let found = cloud.object(&bucket.name, key, id.as_deref());
    let (version, object) = found.map_err(|refusal| hide_absence(call, cloud, &bucket.name, &refusal))?;
    conditions.check_source(&object.etag, Timestamp(version.modified.0))?;
    Ok(Source { bucket, key: key.to_owned(), version, object })
}

/// Whether a directive replaces what the source has.
fn replaces(directive: Option<&str>, header: &'static str) -> Result<bool, Fault> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(invalid_argument("Unknown metadata directive.").with("ArgumentName", header)),
    }
}

/// `CopyObject`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub async fn copy_object(call: &S3Call, input: wire::CopyObjectRequest) -> Result<wire::CopyObjectOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&name)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let source = source(call, &cloud, &input.copy_source, input.expected_source_bucket_owner.as_deref(), &conditions)?;
    if source.object.size > MAX_PUT {
        return Err(invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        )));
    }
    let new_metadata = replaces(input.metadata_directive.as_deref(), "x-amz-metadata-directive")?;
    let new_tags = replaces(input.tagging_directive.as_deref(), "x-amz-tagging-directive")?;
    let itself = source.bucket.name == name && source.key == input.key && !input.copy_source.contains("versionId=");
    if itself && !new_metadata && input.storage_class.is_none() && input.server_side_encryption.is_none() {
        let text = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(invalid_request(text));
    }
    let (encryption, bucket_key) =
        encryption(bucket, input.server_side_encryption.as_deref(), input.ssekms_key_id.clone(), input.bucket_key_enabled)?;
    let (headers, own) = match new_metadata {
        true => (with_type(headers_of!(input)), metadata(input.metadata)?),
        false => (source.object.headers.clone(), source.object.metadata.clone()),
    };
    let tags = if new_tags { header_tags(input.tagging.as_deref())? } else { source.object.tags.clone() };
    if !tags.is_empty() {
        call.allowed(&cloud, &input.bucket, "s3:PutObjectTagging", Some(&input.key))?;
    }
    let rest = Object {
        headers,
        metadata: own,
        tags,
        storage_class: storage_class(input.storage_class)?,
        encryption,
        bucket_key,
        ..Object::default()
    };
    let asked = input.checksum_algorithm.as_deref().map(super::body::kind).transpose()?;
    let (object, _held) = copied(call, source.object, asked, rest).await?;
    let precondition = precondition(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let shown = object.clone();
    let version = call.change(|cloud, cx| cloud.put_object(cx, &name, &input.key, object, &precondition)).await?;
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&bucket.scope, &shown);
    let mut result = wire::CopyObjectResult {
        e_tag: Some(quoted(&shown.etag)),
        last_modified: Some(Timestamp(version.modified.0).whole_seconds()),
        ..Default::default()
    };
    show_checksum!(result, &shown.checksum);
    Ok(wire::CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: shown_version(source.bucket, source.version),
        version_id: version.id.clone(),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        ..Default::default()
    })
}

/// The copy, and what holds its files. The file is shared; one that came in parts, or is to get another checksum, is written anew.
async fn copied(
    call: &S3Call,
    source: &Object,
    asked: Option<ChecksumKind>,
    rest: Object,
) -> Result<(Object, Vec<vpclab_store::Blob>), Fault> {
    let kept = source.checksum.as_ref().map(|checksum| kind_of(checksum.algorithm));
    let blobs = call.cx.engine.blobs();
    if !source.in_parts && (asked.is_none() || asked == kept) {
        let held =
            source.pieces.iter().map(|piece| blobs.hold(&piece.sha256).ok_or_else(|| super::errors::internal(&"a file is not there")));
        let held = held.collect::<Result<Vec<_>, _>>()?;
        let same = Object {
            size: source.size,
            etag: source.etag.clone(),
            pieces: source.pieces.clone(),
            checksum: source.checksum.clone(),
            ..rest
        };
        return Ok((same, held));
    }
    let kind = asked.or(kept).unwrap_or(ChecksumKind::Crc64nvme);
    let spans = pieces::spans(blobs, &source.pieces, 0, source.size)?;
    let blob = pieces::copy(blobs, spans, vec![kind]).await?;
    Ok((of_blob(&blob, kind, rest), vec![blob]))
}

/// `UploadPartCopy`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
pub async fn upload_part_copy(call: &S3Call, input: wire::UploadPartCopyRequest) -> Result<wire::UploadPartCopyOutput, Fault> {
    let (name, number): (BucketName, u16) = (bucket_name(&input.bucket)?, part_number(input.part_number)?);
    let cloud = call.snapshot();
    let upload = cloud.upload(&name, &input.key, &input.upload_id)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let source = source(call, &cloud, &input.copy_source, input.expected_source_bucket_owner.as_deref(), &conditions)?;
    let (from, len) = match &input.copy_source_range {
        None => (0, source.object.size),
        Some(text) => {
            let wrong = || {
                invalid_argument(
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
                )
            };
            let (from, len) = range(Some(text), source.object.size)?.ok_or_else(wrong)?;
            // Unlike in `Range`, both ends are named and lie within the object.
            if !text.ends_with(&format!("-{}", from + len - 1)) {
                return Err(invalid_argument(format!("Range specified is not valid for source object of size: {}", source.object.size)));
            }
            (from, len)
        }
    };
    if len > MAX_PUT {
        return Err(invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        )));
    }
    let blobs = call.cx.engine.blobs();
    let spans = pieces::spans(blobs, &source.object.pieces, from, len)?;
    let blob = pieces::copy(blobs, spans, vec![kind_of(upload.algorithm)]).await?;
    let part = part(&blob, upload.algorithm);
    let shown = part.clone();
    call.change(|cloud, cx| cloud.put_part(cx, (&name, &input.key, &input.upload_id), number, part)).await?;
    let modified = crate::engine::clock().0;
    let mut result = wire::CopyPartResult {
        e_tag: Some(quoted(&shown.etag)),
        last_modified: Some(Timestamp(modified).whole_seconds()),
        ..Default::default()
    };
    if upload.named {
        show_checksum_value!(result, upload.algorithm, shown.piece.checksum);
    }
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&cloud.bucket(&name)?.scope, &upload.object);
    Ok(wire::UploadPartCopyOutput {
        copy_source_version_id: shown_version(source.bucket, source.version),
        copy_part_result: Some(result),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        ..Default::default()
    })
}

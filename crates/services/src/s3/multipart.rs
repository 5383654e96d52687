//! Uploads in parts.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>
use super::bucket::{canonical_id, owner};
use super::errors::{Fault, invalid_argument, invalid_request, malformed};
use super::object::{
    algorithm_of, encryption, headers_of, hex, kind_of, metadata, precondition, quoted, received, show_checksum, show_checksum_value,
    shown_encryption, shown_version, storage_class, with_type,
};
use super::serve::{S3Call, bucket_name};
use super::tagging::header_tags;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use vpclab_cloud::bucket::upload::MAX_PART;
use vpclab_cloud::bucket::{Checksum, ChecksumAlgorithm, CompletedPart, MultipartUpload, Object, Piece, UploadPart};
use vpclab_store::{Blob, ChecksumKind, md5};
use vpclab_wire::{Timestamp, s3 as wire};

/// `CreateMultipartUpload`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
pub async fn create_multipart_upload(
    call: &S3Call,
    input: wire::CreateMultipartUploadRequest,
) -> Result<wire::CreateMultipartUploadOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&name)?;
    let (encryption, bucket_key) =
        encryption(bucket, input.server_side_encryption.as_deref(), input.ssekms_key_id, input.bucket_key_enabled)?;
    let named = input.checksum_algorithm.is_some();
    let kind = input.checksum_algorithm.as_deref().map_or(Ok(ChecksumKind::Crc64nvme), super::body::kind)?;
    let composite = composite(kind, input.checksum_type.as_deref())?;
    let tags = header_tags(input.tagging.as_deref())?;
    if !tags.is_empty() {
        call.allowed(&cloud, &input.bucket, "s3:PutObjectTagging", Some(&input.key))?;
    }
    let object = Object {
        headers: with_type(headers_of!(input)),
        metadata: metadata(input.metadata)?,
        tags,
        storage_class: storage_class(input.storage_class)?,
        encryption,
        bucket_key,
        in_parts: true,
        ..Object::default()
    };
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&bucket.scope, &object);
    let algorithm = algorithm_of(kind);
    let upload = MultipartUpload { initiated: vpclab_cloud::Timestamp(0), object, algorithm, named, composite };
    let id = call.change(|cloud, cx| cloud.begin_upload(cx, &name, &input.key, upload)).await?;
    Ok(wire::CreateMultipartUploadOutput {
        bucket: Some(name.to_string()),
        key: Some(input.key),
        upload_id: Some(id),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        checksum_algorithm: named.then(|| super::body::name(kind).to_owned()),
        checksum_type: named.then(|| checksum_type(composite).to_owned()),
        ..Default::default()
    })
}

fn checksum_type(composite: bool) -> &'static str {
    if composite { "COMPOSITE" } else { "FULL_OBJECT" }
}

/// Whether the object's checksum is made of its parts': the usual for all but CRC-64, which has no other than the whole object's.
fn composite(kind: ChecksumKind, asked: Option<&str>) -> Result<bool, Fault> {
    let whole_only = kind == ChecksumKind::Crc64nvme;
    let parts_only = matches!(kind, ChecksumKind::Sha1 | ChecksumKind::Sha256);
    match asked {
        None => Ok(!whole_only),
        Some("COMPOSITE") if !whole_only => Ok(true),
        Some("FULL_OBJECT") if !parts_only => Ok(false),
        Some(asked @ ("COMPOSITE" | "FULL_OBJECT")) => {
            let algorithm = super::body::name(kind).to_ascii_lowercase();
            Err(invalid_request(format!("The {asked} checksum type cannot be used with the {algorithm} checksum algorithm.")))
        }
        Some(_) => Err(invalid_request("Value for x-amz-checksum-type header is invalid.")),
    }
}

pub(super) fn part_number(number: i32) -> Result<u16, Fault> {
    let wrong = || invalid_argument("Part number must be an integer between 1 and 10000, inclusive").with("ArgumentName", "partNumber");
    u16::try_from(number).ok().filter(|number| (1..=MAX_PART).contains(number)).ok_or_else(wrong)
}

/// A blob as a part of an upload.
pub(super) fn part(blob: &Blob, algorithm: ChecksumAlgorithm) -> UploadPart {
    let kind = kind_of(algorithm);
    let checksum = blob.checksums.iter().find(|(computed, _)| *computed == kind).map(|(_, value)| STANDARD.encode(value));
    let piece = Piece { sha256: blob.sha256, size: blob.size, checksum };
    UploadPart { piece, etag: hex(&blob.md5), modified: vpclab_cloud::Timestamp(0) }
}

/// `UploadPart`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
pub async fn upload_part(call: &S3Call, input: wire::UploadPartRequest) -> Result<wire::UploadPartOutput, Fault> {
    let (name, number) = (bucket_name(&input.bucket)?, part_number(input.part_number)?);
    let cloud = call.snapshot();
    let upload = cloud.upload(&name, &input.key, &input.upload_id)?;
    let received = received(call)?;
    if let Some(claimed) = received.claimed.filter(|claimed| upload.named && algorithm_of(*claimed) != upload.algorithm) {
        let (expected, actual) = (super::body::name(kind_of(upload.algorithm)).to_lowercase(), super::body::name(claimed).to_lowercase());
        let text = format!("Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}");
        return Err(invalid_request(text));
    }
    let part = part(&received.blob, upload.algorithm);
    let shown = part.clone();
    call.change(|cloud, cx| cloud.put_part(cx, (&name, &input.key, &input.upload_id), number, part)).await?;
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&cloud.bucket(&name)?.scope, &upload.object);
    let mut output = wire::UploadPartOutput {
        e_tag: Some(quoted(&shown.etag)),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        ..Default::default()
    };
    show_checksum_value!(output, upload.algorithm, shown.piece.checksum);
    Ok(output)
}

/// `CompleteMultipartUpload`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
pub async fn complete_multipart_upload(
    call: &S3Call,
    input: wire::CompleteMultipartUploadRequest,
) -> Result<wire::CompleteMultipartUploadOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let upload = cloud.upload(&name, &input.key, &input.upload_id)?;
    let mut named = Vec::new();
    for asked in input.multipart_upload.unwrap_or_default().parts {
        let values =
            [&asked.checksum_crc32, &asked.checksum_crc32_c, &asked.checksum_crc64_nvme, &asked.checksum_sha1, &asked.checksum_sha256];
        let (Some(number), Some(etag)) = (asked.part_number, &asked.e_tag) else { return Err(malformed()) };
        let checksum = values.into_iter().flatten().next().cloned();
        named.push(CompletedPart { number: part_number(number)?, etag: etag.trim_matches('"').to_owned(), checksum });
    }
    if named.is_empty() {
        return Err(malformed());
    }
    let parts = cloud.chosen_parts(&input.upload_id, &named)?;
    // Held until the object names them: another request could give the upload up meanwhile.
    let _held: Vec<_> = parts.iter().map(|part| call.cx.engine.blobs().hold(&part.piece.sha256)).collect();
    let object = assembled(upload, &parts);
    check_claims(&input.mpu_object_size, input.checksum_type.as_deref(), &object)?;
    let values = [input.checksum_crc32, input.checksum_crc32_c, input.checksum_crc64_nvme, input.checksum_sha1, input.checksum_sha256];
    if let (Some(claimed), Some(made)) = (values.into_iter().flatten().next(), &object.checksum)
        && claimed != made.value
        && made.value.split('-').next() != Some(claimed.as_str())
    {
        let kind = super::body::name(kind_of(made.algorithm)).to_ascii_lowercase();
        return Err(Fault::new(400, "BadDigest", format!("The {kind} you specified did not match the calculated checksum.")));
    }
    let precondition = precondition(input.if_match.as_deref(), input.if_none_match.as_deref())?;
    let shown = object.clone();
    let place = (&name, input.key.as_str(), input.upload_id.as_str());
    let version = call.change(|cloud, cx| cloud.complete_upload(cx, place, object, &precondition)).await?;
    let bucket = cloud.bucket(&name)?;
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&bucket.scope, &shown);
    let mut output = wire::CompleteMultipartUploadOutput {
        location: Some(format!("https://{name}.s3.{}.amazonaws.com/{}", bucket.scope.region, input.key)),
        bucket: Some(name.to_string()),
        key: Some(input.key.clone()),
        e_tag: Some(quoted(&shown.etag)),
        version_id: shown_version(bucket, &version).filter(|id| id != "null"),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        ..Default::default()
    };
    show_checksum!(output, &shown.checksum);
    Ok(output)
}

fn check_claims(size: &Option<i64>, kind: Option<&str>, object: &Object) -> Result<(), Fault> {
    if size.is_some_and(|size| u64::try_from(size).ok() != Some(object.size)) {
        let text = format!(
            "The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
            size.unwrap_or(0),
            object.size
        );
        return Err(invalid_request(text));
    }
    let composite = object.checksum.as_ref().is_some_and(|checksum| checksum.composite);
    match kind {
        Some(kind) if kind != checksum_type(composite) => Err(invalid_request(format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
            checksum_type(composite)
        ))),
        _ => Ok(()),
    }
}

/// The object that the parts make: its ETag is the MD5 of the parts' MD5s, with their number.
fn assembled(upload: &MultipartUpload, parts: &[Arc<UploadPart>]) -> Object {
    let digests: Vec<u8> = parts.iter().flat_map(|part| unhex(&part.etag)).collect();
    let etag = format!("{}-{}", hex(&md5(&digests)), parts.len());
    let kind = kind_of(upload.algorithm);
    let values: Option<Vec<(Vec<u8>, u64)>> =
        parts.iter().map(|part| Some((STANDARD.decode(part.piece.checksum.as_ref()?).ok()?, part.piece.size))).collect();
    let value = values.and_then(|values| {
        if upload.composite {
            let all: Vec<u8> = values.into_iter().flat_map(|(value, _)| value).collect();
            return Some(format!("{}-{}", STANDARD.encode(kind.of(&all)), parts.len()));
        }
        let mut values = values.into_iter();
        let first = values.next()?.0;
        values.try_fold(first, |whole, (value, size)| kind.combine(&whole, &value, size)).map(|whole| STANDARD.encode(whole))
    });
    Object {
        size: parts.iter().map(|part| part.piece.size).sum(),
        etag,
        pieces: parts.iter().map(|part| part.piece.clone()).collect(),
        checksum: value.map(|value| Checksum { algorithm: upload.algorithm, value, composite: upload.composite }),
        ..upload.object.clone()
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).filter_map(|digit| u8::try_from(digit).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

/// `AbortMultipartUpload`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
pub async fn abort_multipart_upload(
    call: &S3Call,
    input: wire::AbortMultipartUploadRequest,
) -> Result<wire::AbortMultipartUploadOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    call.change(|cloud, _| cloud.abort_upload(&name, &input.key, &input.upload_id)).await?;
    Ok(wire::AbortMultipartUploadOutput::default())
}

/// `ListParts`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
pub async fn list_parts(call: &S3Call, input: wire::ListPartsRequest) -> Result<wire::ListPartsOutput, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let upload = cloud.upload(&name, &input.key, &input.upload_id)?;
    let max = match input.max_parts.unwrap_or(1000) {
        max @ 0.. => usize::try_from(max.min(1000)).unwrap_or_default(),
        _ => return Err(invalid_argument("Argument max-parts must be an integer between 0 and 2147483647")),
    };
    let after = u16::try_from(input.part_number_marker.unwrap_or(0)).unwrap_or(u16::MAX);
    let mut found = cloud.parts_after(&input.upload_id, after);
    let mut parts = Vec::new();
    for (number, part) in found.by_ref().take(max) {
        let mut shown = wire::Part {
            part_number: Some(i32::from(number)),
            last_modified: Some(Timestamp(part.modified.0)),
            e_tag: Some(quoted(&part.etag)),
            size: i64::try_from(part.piece.size).ok(),
            ..Default::default()
        };
        if upload.named {
            show_checksum_value!(shown, upload.algorithm, part.piece.checksum.clone());
        }
        parts.push(shown);
    }
    let more = max > 0 && found.next().is_some();
    let account = &cloud.bucket(&name)?.scope.account;
    Ok(wire::ListPartsOutput {
        bucket: Some(name.to_string()),
        key: Some(input.key.clone()),
        upload_id: Some(input.upload_id.clone()),
        part_number_marker: Some(i32::from(after)),
        next_part_number_marker: Some(parts.last().and_then(|part| part.part_number).unwrap_or(0)),
        max_parts: i32::try_from(max).ok(),
        is_truncated: Some(more),
        parts,
        initiator: Some(wire::Initiator { id: Some(canonical_id(account)), display_name: None }),
        owner: Some(owner(account)),
        storage_class: Some(upload.object.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned())),
        checksum_algorithm: upload.named.then(|| super::body::name(kind_of(upload.algorithm)).to_owned()),
        checksum_type: upload.named.then(|| checksum_type(upload.composite).to_owned()),
        ..Default::default()
    })
}

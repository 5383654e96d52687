//! Reading objects.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
use super::address::Caller;
use super::conditions::{Conditions, range};
use super::errors::{Fault, invalid_argument, invalid_request};
use super::object::{quoted, show_checksum, shown_encryption, shown_version};
use super::pieces::{PiecesBody, spans};
use super::serve::{S3Call, bucket_name, hide_absence};
use crate::http::{AnswerBody, full};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use vpclab_cloud::bucket::{Bucket, Object, ObjectVersion};
use vpclab_wire::{Call as _, Timestamp, s3 as wire};

/// `GetObject`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub async fn get_object(call: &S3Call, input: wire::GetObjectRequest) -> Result<Response<AnswerBody>, Fault> {
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let bucket = cloud.bucket(&name)?;
    let found = cloud.object(&name, &input.key, input.version_id.as_deref());
    let (version, object) = found.map_err(|refusal| hide_absence(call, &cloud, &name, &refusal))?;
    let modified = Timestamp(version.modified.0);
    let conditions = Conditions {
        if_match: input.if_match.as_deref(),
        if_none_match: input.if_none_match.as_deref(),
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&object.etag, modified)?;
    let part = stretch(object, input.range.as_deref(), input.part_number)?;
    let (from, len) = part.unwrap_or((0, object.size));

    let mut output = shown(bucket, version, object);
    output.content_length = i64::try_from(len).ok();
    output.content_range = part.map(|(from, len)| content_range(from, len, object.size));
    output.parts_count = input.part_number.filter(|_| object.in_parts).and_then(|_| i32::try_from(object.pieces.len()).ok());
    if input.checksum_mode.as_deref() == Some("ENABLED") && part.is_none() {
        show_checksum!(output, &object.checksum);
    }
    let overrides = [
        (&input.response_cache_control, &mut output.cache_control),
        (&input.response_content_disposition, &mut output.content_disposition),
        (&input.response_content_encoding, &mut output.content_encoding),
        (&input.response_content_language, &mut output.content_language),
        (&input.response_content_type, &mut output.content_type),
        (&input.response_expires.map(Timestamp::http_date), &mut output.expires),
    ];
    for (asked, header) in overrides {
        if asked.is_some() {
            if call.caller == Caller::Anonymous {
                return Err(invalid_request("Request specific response headers cannot be used for anonymous GET requests."));
            }
            asked.clone_into(header);
        }
    }
    let blobs = call.cx.engine.blobs();
    let body = if call.head || len == 0 { None } else { Some(spans(blobs, &object.pieces, from, len)?) };
    let mut answer = wire::GetObjectRequest::encode(&output, &call.cx.request_id);
    if part.is_some() {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(answer.map(|_| match body {
        None => full(Bytes::new()),
        Some(spans) => PiecesBody::new(blobs.clone(), spans).boxed_unsync(),
    }))
}

/// `HeadObject`: `GetObject` without the bytes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
pub async fn head_object(call: &S3Call, input: wire::HeadObjectRequest) -> Result<Response<AnswerBody>, Fault> {
    let input = wire::GetObjectRequest {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
        part_number: input.part_number,
        range: input.range,
        checksum_mode: input.checksum_mode,
        expected_bucket_owner: input.expected_bucket_owner,
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
        response_cache_control: input.response_cache_control,
        response_content_disposition: input.response_content_disposition,
        response_content_encoding: input.response_content_encoding,
        response_content_language: input.response_content_language,
        response_content_type: input.response_content_type,
        response_expires: input.response_expires,
    };
    get_object(call, input).await
}

/// What is asked of an object: its first byte and length; `None` is all of it.
fn stretch(object: &Object, asked: Option<&str>, part: Option<i32>) -> Result<Option<(u64, u64)>, Fault> {
    let Some(number) = part else { return range(asked, object.size) };
    if asked.is_some() {
        return Err(invalid_request("Cannot specify both Range header and partNumber query parameter"));
    }
    if !(1..=10_000).contains(&number) {
        return Err(invalid_argument("Part number must be an integer between 1 and 10000, inclusive"));
    }
    let index = usize::try_from(number).unwrap_or_default().saturating_sub(1);
    if !object.in_parts && index == 0 {
        return Ok((object.size > 0).then_some((0, object.size)));
    }
    match object.pieces.get(index).filter(|_| object.in_parts) {
        Some(piece) => Ok(Some((object.pieces.iter().take(index).map(|piece| piece.size).sum(), piece.size))),
        None => {
            let fault = Fault::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
            let count = if object.in_parts { object.pieces.len() } else { 1 };
            Err(fault.with("PartNumberRequested", number.to_string()).with("ActualPartCount", count.to_string()))
        }
    }
}

pub(super) fn content_range(from: u64, len: u64, size: u64) -> String {
    format!("bytes {from}-{}/{size}", (from + len).saturating_sub(1))
}

/// The headers of an object.
fn shown(bucket: &Bucket, version: &ObjectVersion, object: &Object) -> wire::GetObjectOutput {
    let (server_side_encryption, ssekms_key_id, bucket_key_enabled) = shown_encryption(&bucket.scope, object);
    wire::GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        last_modified: Some(Timestamp(version.modified.0)),
        e_tag: Some(quoted(&object.etag)),
        version_id: shown_version(bucket, version),
        cache_control: object.headers.cache_control.clone(),
        content_disposition: object.headers.content_disposition.clone(),
        content_encoding: object.headers.content_encoding.clone(),
        content_language: object.headers.content_language.clone(),
        content_type: object.headers.content_type.clone(),
        expires: object.headers.expires.clone(),
        server_side_encryption,
        ssekms_key_id,
        bucket_key_enabled,
        metadata: object.metadata.clone(),
        storage_class: object.storage_class.clone(),
        tag_count: (!object.tags.is_empty()).then(|| i32::try_from(object.tags.len()).unwrap_or(i32::MAX)),
        ..Default::default()
    }
}

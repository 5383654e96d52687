//! Some of what an object has, as a document.
use super::errors::{Fault, invalid_argument};
use super::object::{show_checksum, show_checksum_value, shown_version};
use super::serve::{S3Call, bucket_name};
use vpclab_cloud::bucket::Object;
use vpclab_wire::{Timestamp, s3 as wire};

const ATTRIBUTES: &[&str] = &["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

/// `GetObjectAttributes`
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>
pub async fn get_object_attributes(
    call: &S3Call,
    input: wire::GetObjectAttributesRequest,
) -> Result<wire::GetObjectAttributesOutput, Fault> {
    if input.object_attributes.is_empty() || input.object_attributes.iter().any(|asked| !ATTRIBUTES.contains(&asked.as_str())) {
        return Err(invalid_argument("Invalid attribute name specified."));
    }
    let name = bucket_name(&input.bucket)?;
    let cloud = call.snapshot();
    let (version, object) = cloud.object(&name, &input.key, input.version_id.as_deref())?;
    let asked = |name: &str| input.object_attributes.iter().any(|asked| asked == name);
    let checksum = object.checksum.as_ref().filter(|_| asked("Checksum")).map(|checksum| {
        let mut shown = wire::Checksum::default();
        show_checksum!(shown, Some(checksum));
        shown
    });
    Ok(wire::GetObjectAttributesOutput {
        last_modified: Some(Timestamp(version.modified.0)),
        version_id: shown_version(cloud.bucket(&name)?, version),
        e_tag: asked("ETag").then(|| object.etag.clone()),
        checksum,
        object_parts: (asked("ObjectParts") && object.in_parts).then(|| parts(object, &input)),
        storage_class: asked("StorageClass").then(|| object.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned())),
        object_size: asked("ObjectSize").then(|| i64::try_from(object.size).unwrap_or(i64::MAX)),
        ..Default::default()
    })
}

fn parts(object: &Object, input: &wire::GetObjectAttributesRequest) -> wire::GetObjectAttributesParts {
    let max = usize::try_from(input.max_parts.unwrap_or(1000)).unwrap_or_default().min(1000);
    let after = usize::try_from(input.part_number_marker.unwrap_or(0)).unwrap_or_default();
    let number = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
    let mut shown = wire::GetObjectAttributesParts {
        total_parts_count: Some(number(object.pieces.len())),
        part_number_marker: Some(number(after)),
        max_parts: Some(number(max)),
        is_truncated: Some(object.pieces.len() > after.saturating_add(max)),
        next_part_number_marker: Some(number(after.saturating_add(max).min(object.pieces.len()))),
        ..Default::default()
    };
    // Parts are shown with checksums only.
    if let Some(checksum) = object.checksum.as_ref().filter(|checksum| checksum.composite) {
        for (index, piece) in object.pieces.iter().enumerate().skip(after).take(max) {
            let size = i64::try_from(piece.size).ok();
            let mut part = wire::ObjectPart { part_number: Some(number(index + 1)), size, ..Default::default() };
            show_checksum_value!(part, checksum.algorithm, piece.checksum.clone());
            shown.parts.push(part);
        }
    }
    shown
}
